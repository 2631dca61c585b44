package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// String is a percentage that reads back as exactly p, such as 2.5%; below a
// millionth it is a plain number, such as 1e-09.
func (p Ratio) String() string {
	f := float64(p)
	if f == 0 {
		return "0%"
	}
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) < 1e-6 {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	frac += strings.Repeat("0", max(0, 2-len(frac)))
	whole = strings.TrimLeft(whole+frac[:2], "0")
	if whole == "" {
		whole = "0"
	}
	if frac = frac[2:]; frac != "" {
		frac = "." + frac
	}
	return sign + whole + frac + "%"
}

// MarshalText writes String. It never fails.
func (p Ratio) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a percentage from 0% to 100% or a number from 0 to 1.
// The error says what was found and what is allowed.
func (p *Ratio) UnmarshalText(text []byte) error {
	s := string(text)
	number, percent := strings.CutSuffix(s, "%")
	mantissa, exponent, scientific := strings.Cut(number, "e-")
	switch {
	case strings.HasPrefix(s, "-") && isDecimal(number[1:]):
		return fmt.Errorf("%s is negative: a ratio lies between 0%% and 100%%", found(s))
	case !isDecimal(mantissa), scientific && (percent || !isDigits(exponent)):
		return fmt.Errorf("%s is not a ratio: write it like 5%% or 0.05", found(s))
	}
	if percent {
		number += "e-2" // moves the point in the text, so that nothing is rounded twice
	}
	f, err := strconv.ParseFloat(number, 64)
	switch {
	case err == nil && f <= 1:
		*p = Ratio(f)
		return nil
	case percent:
		return fmt.Errorf("%s is above 100%%: a ratio lies between 0%% and 100%%", found(s))
	case f > 100, scientific:
		return fmt.Errorf("%s is above 1: a ratio lies between 0%% and 100%%", found(s))
	}
	return fmt.Errorf("%s is above 1: write %s%% or a number from 0 to 1", s, s)
}

// Pattern is the regular expression of the text form, for a schema. A schema
// also allows a plain number from 0 to 1.
func (Ratio) Pattern() string {
	return `^[0-9]+(\.[0-9]+)?(%|e-[0-9]+)?$`
}

// Example is a text that UnmarshalText reads, for documentation.
func (Ratio) Example() string { return "5%" }

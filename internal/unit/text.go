package unit

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A scale is one name of a unit and how many of the smallest unit it holds.
type scale struct {
	name string
	size uint64
}

// The names of each quantity's units, smallest first within a family. The
// order is the one that messages and patterns list.
var (
	rateScales = []scale{{"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}}
	sizeScales = []scale{{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}
	weiScales = []scale{{"wei", 1}, {"gwei", 1e9}, {"ETH", 1e18}}
)

// usdScale is how many nano-dollars a dollar holds.
const usdScale = 1e9

// maxDigits bounds the length of a number in text; the longest exact one in
// use is 18.446744073709551615ETH.
const maxDigits = 40

// String is the shortest text that reads back as r, such as 1.5Mbit/s.
func (r Rate) String() string { return signed(int64(r), rateScales) }

// String is the shortest text that reads back as n, such as 64KiB.
func (n Size) String() string { return signed(int64(n), sizeScales) }

// String is the shortest text that reads back as w, such as 0.01ETH.
func (w Wei) String() string { return shortest(uint64(w), weiScales) }

// String is the shortest text that reads back as u, such as $0.085.
func (u USD) String() string {
	if u < 0 {
		return "-$" + decimal(-uint64(u), usdScale)
	}
	return "$" + decimal(uint64(u), usdScale)
}

// MarshalText writes String. It never fails.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalText writes String. It never fails.
func (n Size) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// MarshalText writes String. It never fails.
func (w Wei) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// MarshalText writes String. It never fails.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads a number with a unit, such as 1.5Mbit/s. The error says
// what was found and lists what is allowed.
func (r *Rate) UnmarshalText(text []byte) error {
	n, err := read(string(text), rateScales, math.MaxInt64)
	if err == nil {
		*r = Rate(n)
	}
	return err
}

// UnmarshalText reads a number with a unit, such as 64KiB or 1.5MB. The error
// says what was found and lists what is allowed.
func (n *Size) UnmarshalText(text []byte) error {
	v, err := read(string(text), sizeScales, math.MaxInt64)
	if err == nil {
		*n = Size(v)
	}
	return err
}

// UnmarshalText reads a number with a unit, such as 0.01ETH, exactly. The
// error says what was found and lists what is allowed.
func (w *Wei) UnmarshalText(text []byte) error {
	n, err := read(string(text), weiScales, math.MaxUint64)
	if err == nil {
		*w = Wei(n)
	}
	return err
}

// UnmarshalText reads a dollar sign and a number with at most nine decimals,
// such as $0.085, exactly. The error says what was found and what is allowed.
func (u *USD) UnmarshalText(text []byte) error {
	s := string(text)
	number, dollar := strings.CutPrefix(s, "$")
	switch {
	case !dollar && isDecimal(s):
		return fmt.Errorf("%s has no unit: write $%s", s, s)
	case strings.HasPrefix(s, "-") || strings.HasPrefix(number, "-"):
		return fmt.Errorf("%s is negative: write an amount of at least $0", found(s))
	case !dollar || !isDecimal(number):
		return fmt.Errorf("%s is not an amount of dollars: write it like $0.085", found(s))
	}
	n, whole, fits := times(number, usdScale, math.MaxInt64)
	switch {
	case !fits:
		return fmt.Errorf("%s is too large: the most is %v", found(s), USD(math.MaxInt64))
	case !whole:
		return fmt.Errorf("%s has more than nine decimals: the smallest amount is %v", found(s), USD(1))
	}
	*u = USD(n)
	return nil
}

// Pattern is the regular expression of the text form, for a schema.
func (Rate) Pattern() string { return pattern(rateScales) }

// Pattern is the regular expression of the text form, for a schema.
func (Size) Pattern() string { return pattern(sizeScales) }

// Pattern is the regular expression of the text form, for a schema.
func (Wei) Pattern() string { return pattern(weiScales) }

// Pattern is the regular expression of the text form, for a schema.
func (USD) Pattern() string { return `^\$[0-9]+(\.[0-9]+)?$` }

// Example is a text that UnmarshalText reads, for documentation.
func (Rate) Example() string { return "50Mbit/s" }

// Example is a text that UnmarshalText reads, for documentation.
func (Size) Example() string { return "64KiB" }

// Example is a text that UnmarshalText reads, for documentation.
func (Wei) Example() string { return "0.01ETH" }

// Example is a text that UnmarshalText reads, for documentation.
func (USD) Example() string { return "$0.085" }

// signed is shortest with a sign.
func signed(n int64, scales []scale) string {
	if n < 0 {
		return "-" + shortest(-uint64(n), scales)
	}
	return shortest(uint64(n), scales)
}

// shortest writes n in the unit that takes the fewest letters. Of equals, the
// one without a decimal point wins, then the larger unit. Zero is written in
// the smallest unit.
func shortest(n uint64, scales []scale) string {
	best := ""
	for _, sc := range scales {
		s := decimal(n, sc.size) + sc.name
		switch {
		case n == 0 && best != "":
		case best == "" || len(s) < len(best):
			best = s
		case len(s) == len(best) && (strings.Contains(best, ".") || !strings.Contains(s, ".")):
			best = s
		}
	}
	return best
}

// decimal writes n/size exactly. It ends because every size is a product of
// twos and fives, and does not overflow because size <= 1e18.
func decimal(n, size uint64) string {
	buf := strconv.AppendUint(nil, n/size, 10)
	rest := n % size
	if rest > 0 {
		buf = append(buf, '.')
	}
	for rest > 0 {
		rest *= 10
		buf = append(buf, byte('0'+rest/size))
		rest %= size
	}
	return string(buf)
}

// read parses a number followed by one of the units.
func read(s string, scales []scale, most uint64) (uint64, error) {
	end := strings.IndexFunc(s, func(c rune) bool { return c != '.' && (c < '0' || c > '9') })
	if end < 0 {
		end = len(s)
	}
	number, name := s[:end], s[end:]
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("%s is negative: write a quantity of at least 0%s", found(s), scales[0].name)
	case !isDecimal(number):
		return 0, fmt.Errorf("%s is not a number with a unit: write %s", found(s), list("5", scales))
	case name == "":
		return 0, fmt.Errorf("%s has no unit: write %s", s, list(number, scales))
	}
	for _, sc := range scales {
		if sc.name != name {
			continue
		}
		n, whole, fits := times(number, sc.size, most)
		switch {
		case !fits:
			return 0, fmt.Errorf("%s is too large: the most is %s", s, ceiling(most, scales))
		case !whole:
			return 0, fmt.Errorf("%s is not a whole number of %s", s, scales[0].name)
		}
		return n, nil
	}
	if strings.TrimSpace(name) != name {
		return 0, fmt.Errorf("%s has a space: write the unit right after the number, like 5%s", found(s), scales[1].name)
	}
	if len(s) > maxDigits {
		return 0, fmt.Errorf("%s is not a number with a unit: write %s", found(s), list("5", scales))
	}
	return 0, fmt.Errorf("%s has the unknown unit %q: write %s", found(s), name, list(number, scales))
}

// ceiling words the largest quantity: in digits, but about where the largest
// unit says it in few.
func ceiling(most uint64, scales []scale) string {
	if top := scales[len(scales)-1]; most/top.size < 1000 {
		tenths := most / (top.size / 10)
		return fmt.Sprintf("about %d.%d%s", tenths/10, tenths%10, top.name)
	}
	return shortest(most, scales)
}

// times is number*size, and whether that is whole and at most most.
func times(number string, size, most uint64) (n uint64, whole, fits bool) {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		panic("unit: not a decimal: " + number)
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).SetUint64(size)))
	if r.Cmp(new(big.Rat).SetInt(new(big.Int).SetUint64(most))) > 0 {
		return 0, false, false
	}
	if !r.IsInt() {
		return 0, false, true
	}
	return r.Num().Uint64(), true, true
}

// isDecimal reports whether s is digits, or digits, a point and digits.
func isDecimal(s string) bool {
	whole, frac, point := strings.Cut(s, ".")
	return len(s) <= maxDigits && isDigits(whole) && (!point || isDigits(frac))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// found quotes what was found where it could be mistaken for the sentence
// around it, and cuts it where it is long.
func found(s string) string {
	if len(s) > maxDigits {
		return strconv.Quote(s[:maxDigits]) + "..."
	}
	if s == "" || strings.TrimFunc(s, isPlain) != "" {
		return strconv.Quote(s)
	}
	return s
}

func isPlain(c rune) bool { return c > ' ' && c < 127 && c != '"' }

// list writes number with each unit, for "write 5bit/s, 5kbit/s or ...".
func list(number string, scales []scale) string {
	forms := make([]string, len(scales))
	for i, sc := range scales {
		forms[i] = number + sc.name
	}
	last := len(forms) - 1
	return strings.Join(forms[:last], ", ") + " or " + forms[last]
}

// pattern matches a decimal number and one of the units.
func pattern(scales []scale) string {
	names := make([]string, len(scales))
	for i, sc := range scales {
		names[i] = sc.name
	}
	return `^[0-9]+(\.[0-9]+)?(` + strings.Join(names, "|") + `)$`
}

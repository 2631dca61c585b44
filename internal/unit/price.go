package unit

import (
	"fmt"
	"strings"
)

// A Price is what one Of costs, in nano-dollars. Its text form is "$0.085/GB".
type Price[Of Good] int64

// A Good is what a price is for. Its methods are those of an empty value.
type Good interface{ Per() string }

// Goods that are sold by the piece.
type (
	// A GB is 10⁹ bytes.
	GB struct{}
	// A GBMonth is 10⁹ bytes kept for MonthHours.
	GBMonth struct{}
	// A CoreHour is an hour of one core.
	CoreHour struct{}
	// A Payment is one by card.
	Payment struct{}
)

// Per names the good in a price.
func (GB) Per() string { return "/GB" }

// Per names the good in a price.
func (GBMonth) Per() string { return "/GB-month" }

// Per names the good in a price.
func (CoreHour) Per() string { return "/core-hour" }

// Per names the good in a price.
func (Payment) Per() string { return "/payment" }

// Dollars is the price as a number.
func (p Price[Of]) Dollars() float64 { return float64(p) / usdScale }

func (p Price[Of]) per() string { var of Of; return of.Per() }

// String is a text that reads back as p, such as $0.085/GB.
func (p Price[Of]) String() string { return USD(p).String() + p.per() }

// MarshalText writes String. It never fails.
func (p Price[Of]) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads an amount of dollars with what it is for, such as
// $0.085/GB. The error says what was found and what is allowed.
func (p *Price[Of]) UnmarshalText(text []byte) error {
	amount, found := strings.CutSuffix(string(text), p.per())
	var u USD
	err := u.UnmarshalText([]byte(amount))
	if !found && err == nil {
		return fmt.Errorf("%s does not say what it is for: write %s%s", text, text, p.per())
	}
	if err != nil {
		return fmt.Errorf("%w; with what it is for, like %s", err, p.Example())
	}
	*p = Price[Of](u)
	return nil
}

// Pattern is the regular expression of the text form, for a schema.
func (p Price[Of]) Pattern() string { return strings.TrimSuffix(USD(0).Pattern(), "$") + p.per() + "$" }

// Example is a text that UnmarshalText reads, for documentation.
func (p Price[Of]) Example() string { return "$0.085" + p.per() }

// A Yearly is a share of an amount for each year, as interest is. Its text form
// is "5%/year".
type Yearly float64

// perYear ends the text of a Yearly.
const perYear = "/year"

// String is a text that reads back as y, such as 5%/year.
func (y Yearly) String() string { return Ratio(y).String() + perYear }

// MarshalText writes String. It never fails.
func (y Yearly) MarshalText() ([]byte, error) { return []byte(y.String()), nil }

// UnmarshalText reads a percentage a year, such as 5%/year. The error says what
// was found and what is allowed.
func (y *Yearly) UnmarshalText(text []byte) error {
	share, found := strings.CutSuffix(string(text), perYear)
	var r Ratio
	err := r.UnmarshalText([]byte(share))
	if !found && err == nil {
		return fmt.Errorf("%s does not say for how long: write %v%s", text, r, perYear)
	}
	if err != nil {
		return fmt.Errorf("%w; for a year, like %s", err, y.Example())
	}
	*y = Yearly(r)
	return nil
}

// Pattern is the regular expression of the text form, for a schema.
func (Yearly) Pattern() string { return `^[0-9]+(\.[0-9]+)?%/year$` }

// Example is a text that UnmarshalText reads, for documentation.
func (Yearly) Example() string { return "5%/year" }

// Of is what d of an amount of dollars cost: dollars × time ÷ a year of 365 days.
func (y Yearly) Of(dollarHours float64) float64 {
	return float64(y) * dollarHours / (365 * 24)
}

// MonthHours is how many hours a GB-month has: a twelfth of a year.
const MonthHours = 365 * 24 / 12

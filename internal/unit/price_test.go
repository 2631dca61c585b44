package unit

import "testing"

func TestPrice(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"$0.085/GB", "$0.085/GB"},
		{"$0/GB", "$0/GB"},
		{"$0.085", "$0.085 does not say what it is for: write $0.085/GB"},
		{"0.085/GB", "0.085 has no unit: write $0.085; with what it is for, like $0.085/GB"},
		{"$0.085/GB-month", "$0.085/GB-month is not an amount of dollars: write it like $0.085; with what it is for, like $0.085/GB"},
		{"€0.08/GB", "\"€0.08\" is not an amount of dollars: write it like $0.085; with what it is for, like $0.085/GB"},
		{"-$1/GB", "-$1 is negative: write an amount of at least $0; with what it is for, like $0.085/GB"},
		{"", "\"\" is not an amount of dollars: write it like $0.085; with what it is for, like $0.085/GB"},
	} {
		var p Price[GB]
		got := ""
		if err := p.UnmarshalText([]byte(c.text)); err != nil {
			got = err.Error()
		} else {
			got = p.String()
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
}

func TestYearly(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"5%/year", "5%/year"},
		{"5%", "5% does not say for how long: write 5%/year"},
		{"5/year", "5 is above 1: write 5% or a number from 0 to 1; for a year, like 5%/year"},
	} {
		var y Yearly
		got := ""
		if err := y.UnmarshalText([]byte(c.text)); err != nil {
			got = err.Error()
		} else {
			got = y.String()
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
	if got := Yearly(0.05).Of(1000 * 365 * 24); got != 50 {
		t.Errorf("a thousand dollars cost %v a year at 5%%", got)
	}
}

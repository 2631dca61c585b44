package payment

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Divide splits amount among shares given in basis points by the largest
// remainder (Hamilton's method): everyone gets the floor of its part, and what
// is left goes one wei each to the largest remainders, the earlier payee first
// on ties. The parts sum to amount exactly.
func Divide(amount *big.Int, bps []int) []*big.Int {
	parts := make([]*big.Int, len(bps))
	rests := make([]int64, len(bps))
	left := new(big.Int).Set(amount)
	whole, m := big.NewInt(10_000), new(big.Int)
	for i, b := range bps {
		parts[i], m = new(big.Int).DivMod(new(big.Int).Mul(amount, big.NewInt(int64(b))), whole, m)
		rests[i] = m.Int64()
		left.Sub(left, parts[i])
	}
	for n := left.Int64(); n > 0; n-- {
		most := 0
		for i := range rests {
			if rests[i] > rests[most] {
				most = i
			}
		}
		parts[most].Add(parts[most], big.NewInt(1))
		rests[most] = -1
	}
	return parts
}

// A Rounding names how the central ledger divides what a payer has paid.
type Rounding string

// Ways to round.
const (
	LargestRemainder Rounding = "largest-remainder" // Divide, of all that came in
	Floor            Rounding = "floor"             // whole wei of each payer's, the rest is the platform's
	Percent          Rounding = "percent"           // and shares in whole percents, as Theta's split rules have them
)

// Names lists the ways.
func (Rounding) Names() []string {
	return []string{string(LargestRemainder), string(Floor), string(Percent)}
}

// UnmarshalText accepts the names in Names.
func (r *Rounding) UnmarshalText(b []byte) error {
	if !slices.Contains(r.Names(), string(b)) {
		return fmt.Errorf("unknown rounding %q: use one of %s", b, strings.Join(r.Names(), ", "))
	}
	*r = Rounding(b)
	return nil
}

// parts divides amounts, each by itself where the rounding loses something each
// time; they sum to no more than the amounts.
func (r Rounding) parts(amounts []*big.Int, bps []int) []*big.Int {
	if r == LargestRemainder {
		sum := new(big.Int)
		for _, a := range amounts {
			sum.Add(sum, a)
		}
		return Divide(sum, bps)
	}
	parts := make([]*big.Int, len(bps))
	for i, b := range bps {
		parts[i] = new(big.Int)
		if r == Percent {
			b -= b % 100
		}
		for _, a := range amounts {
			part := new(big.Int).Mul(a, big.NewInt(int64(b)))
			parts[i].Add(parts[i], part.Div(part, big.NewInt(10_000)))
		}
	}
	return parts
}

package payment

import "math/big"

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

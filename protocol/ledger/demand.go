package ledger

import "math/bits"

// demand is other people's gas in the next block. They spend the same ether on
// base fees in every block, so their gas goes with one over the base fee
// (elasticity one), up to a full block. It is never executed; its fees are
// nobody's here and in no sum of wei.
//
// Left alone, the base fee comes to rest where demand equals the target, half a
// block: at 2 x Background times the starting base fee.
func (c *Chain) demand() uint64 {
	return elastic(c.others, uint64(c.cfg.BaseFee), c.baseFee, c.cfg.GasLimit)
}

// elastic is min(limit, gas*start/now), rounded down, for now above zero.
func elastic(gas, start, now, limit uint64) uint64 {
	hi, lo := bits.Mul64(gas, start)
	if hi >= now {
		return limit
	}
	q, _ := bits.Div64(hi, lo, now)
	return min(limit, q)
}

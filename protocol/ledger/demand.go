package ledger

import (
	"math/bits"
	"time"
)

// demand is other people's gas in the next block. With an elasticity of one
// they spend the same ether on base fees in every block, so their gas goes with
// one over the base fee, up to a full block; a higher elasticity is as many
// times that. It is never executed; its fees are nobody's here and in no sum of
// wei.
//
// Left alone, the base fee comes to rest where demand equals the target, half a
// block: for an elasticity of one at 2 x Background times the starting base
// fee, or times that of the series.
func (c *Chain) demand(at time.Duration) uint64 {
	return elastic(c.others, uint64(c.fees.at(at, c.cfg.BaseFee)), c.baseFee, c.cfg.GasLimit, c.cfg.Elasticity)
}

// blobDemand is how many blobs other people have in the next block.
func (c *Chain) blobDemand() int {
	most := uint64(c.maxBlobs) * blobGas
	return int(elastic(c.otherBlobs, uint64(c.cfg.BlobFee), c.blobFee, most, c.cfg.Elasticity) / blobGas)
}

// elastic is gas*(start/now)^power, rounded down after each power and never
// above limit, for now above zero. Where the fee has fallen it stops at the first
// product that is above limit.
func elastic(gas, start, now, limit uint64, power int) uint64 {
	for range power {
		hi, lo := bits.Mul64(gas, start)
		if hi >= now {
			return limit
		}
		if gas, _ = bits.Div64(hi, lo, now); gas >= limit && start >= now {
			return limit
		}
	}
	return min(limit, gas)
}

package ledger

import (
	"fmt"
	"math/bits"
)

// Blobs of EIP-4844.
const (
	blobGas       = 131_072   // of one blob
	blobBytes     = 4096 * 31 // that one blob can carry: 31 of the 32 bytes of each field element
	maxBlobsOfOne = 6         // that one transaction may carry
)

// reckon sets the blob base fee from the excess. Demand is elastic, so that the
// fee fits.
func (c *Chain) reckon() {
	fee, fits := exponential(c.excess, c.world.fraction())
	if !fits {
		panic(fmt.Sprintf("ledger: a blob base fee beyond 64 bits, of an excess of %d", c.excess))
	}
	c.blobFee = fee
}

// exponential is fake_exponential of EIP-4844 for a factor of one: the whole part
// of e^(excess/fraction) by its Taylor series, each term rounded down. It reports
// false where a term or the sum does not fit 64 bits. It is what most of an empty
// block costs, and this is 20 times as fast as with big numbers.
func exponential(excess, fraction uint64) (fee uint64, fits bool) {
	var sum, carry uint64
	for term, i := fraction, uint64(1); term > 0; i++ {
		if sum, carry = bits.Add64(sum, term, 0); carry > 0 {
			return 0, false
		}
		hi, lo := bits.Mul64(term, excess)
		over, by := bits.Mul64(fraction, i)
		if over > 0 || hi >= by {
			return 0, false
		}
		term, _ = bits.Div64(hi, lo, by)
	}
	return sum / fraction, true
}

// nextExcess is the excess blob gas after a block, by EIP-4844 and, from Osaka
// on, with the floor of EIP-7918: while a blob is cheaper than what it takes to
// execute, the excess grows as fast as blobs come, and never falls.
func (c *Chain) nextExcess(used uint64) uint64 {
	target := uint64(c.target) * blobGas
	if c.excess+used < target {
		return 0
	}
	if c.cfg.Fork.floors() {
		hi, cost := bits.Mul64(blobExecution, c.baseFee)
		also, price := bits.Mul64(blobGas, c.blobFee)
		if hi > also || hi == also && cost > price {
			return c.excess + used*uint64(c.maxBlobs-c.target)/uint64(c.maxBlobs)
		}
	}
	return c.excess + used - target
}

// blobExecution is the gas whose base fee a blob costs at least (EIP-7918).
const blobExecution = 1 << 13

package ledger

import "fmt"

// Blobs of EIP-4844.
const (
	blobGas       = 131_072   // of one blob
	blobBytes     = 4096 * 31 // that one blob can carry: 31 of the 32 bytes of each field element
	maxBlobsOfOne = 6         // that one transaction may carry
)

// reckon sets the blob base fee from the excess. Demand is elastic, so that the
// fee fits.
func (c *Chain) reckon() {
	fee := c.world.blobFee(c.excess)
	if !fee.IsUint64() {
		panic(fmt.Sprintf("ledger: a blob base fee of %v wei", fee))
	}
	c.blobFee = fee.Uint64()
}

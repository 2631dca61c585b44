package ledger

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// Stats is what a chain has counted.
type Stats struct {
	Blocks                  int // built, those taken back included
	Missed                  int // turns at which no block came
	Reorgs                  int // times that blocks were taken back
	BlocksTakenBack         int
	Reorged                 int             // transactions in them
	Replaced                int             // offers that were raised
	Deepest                 int             // most transactions that waited after a block
	LowestFee, HighestFee   unit.Wei        // base fee
	LowestBlob, HighestBlob unit.Wei        // blob base fee
	Delays                  []time.Duration // of each transaction in a block: its block's time - submitted
}

// Stats is what the chain has counted so far. The delays are the chain's own:
// do not change them.
func (c *Chain) Stats() Stats { return c.stats }

// Delay is a quantile of the delays, by nearest rank; 0 if there are none.
func (s *Stats) Delay(q float64) time.Duration {
	if len(s.Delays) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.Delays))
	return sorted[min(len(sorted)-1, max(0, int(float64(float64(len(sorted))*q)+0.999999)-1))]
}

// count notes how a block leaves the chain.
func (c *Chain) count() {
	s, fee, blob := &c.stats, unit.Wei(c.baseFee), unit.Wei(c.blobFee)
	if s.Blocks == 0 {
		s.LowestFee, s.LowestBlob = fee, blob
	}
	s.Blocks++
	s.Deepest = max(s.Deepest, c.Pending())
	s.LowestFee, s.HighestFee = min(s.LowestFee, fee), max(s.HighestFee, fee)
	s.LowestBlob, s.HighestBlob = min(s.LowestBlob, blob), max(s.HighestBlob, blob)
}

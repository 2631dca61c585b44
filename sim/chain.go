package sim

import (
	"kinetoscope/internal/unit"
	"kinetoscope/sim/result"
)

// measureChain says how the chain was.
func (w *world) measureChain(r *result.Run) {
	if w.chain == nil {
		return
	}
	s := w.chain.Stats()
	gwei := func(n unit.Wei) float64 { return float64(n) / 1e9 }
	count := func(id result.MetricID, n int) { r.Values[id] = float64(n) }
	if len(s.Delays) > 0 {
		r.Values[result.InclusionP50] = s.Delay(0.50).Seconds()
		r.Values[result.InclusionP95] = s.Delay(0.95).Seconds()
		r.Values[result.FinalP50] = (s.Delay(0.50) + w.scenario.Ledger.Finality).Seconds()
	}
	r.Values[result.BaseFeeLow], r.Values[result.BaseFeeHigh] = gwei(s.LowestFee), gwei(s.HighestFee)
	r.Values[result.BlobFeeLow], r.Values[result.BlobFeeHigh] = gwei(s.LowestBlob), gwei(s.HighestBlob)
	count(result.PoolDepth, s.Deepest)
	count(result.MissedBlocks, s.Missed)
	count(result.Reorged, s.Reorged)
	count(result.Raised, s.Replaced)
}

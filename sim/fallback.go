package sim

import (
	"math/big"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/result"
)

// measureFallback says what became of what could not be shown, and of what
// nobody paid for.
func (w *world) measureFallback(r *result.Run) {
	now, _ := w.within()
	var shown, gap, due, unpaid time.Duration
	var started, affected int
	over := new(big.Int)
	for i := range w.viewers {
		v := &w.viewers[i]
		claim := w.claim(i)
		unpaid += w.unpaidTime(v, claim)
		// What was paid ahead is for what comes; what a lottery brings is not what was promised.
		if paid, most := min(claim, v.promised), v.due+w.stream.Terms.Ahead(); paid > most {
			over.Add(over, new(big.Int).SetUint64(uint64(paid-most)))
		}
		if c := v.measured(); v.started && w.counted(v) {
			started++
			played := c.played(w)
			shown += played
			odd := c.oddities()
			due += played + odd.gap + odd.jumped + odd.stuck
			gap += odd.gap
			affected += one(c.affected)
		}
	}
	r.Values[result.Survival] = ratio(shown.Seconds(), due.Seconds())
	r.Values[result.GapTime] = ratio(gap.Seconds(), float64(started))
	r.Values[result.AffectedViewers] = ratio(float64(affected), float64(started))
	r.Values[result.UndecodableBytes] = float64(now.wasted)
	r.Values[result.DiscardedBytes] = float64(now.discarded)
	r.Values[result.PaidUndecodable] = float64(w.scenario.Ledger.USD(over)) / 1e9
	r.Values[result.UnpaidTime] = unpaid.Seconds()
}

// gapped is how many viewers had nothing to show at the end of each bucket.
func (w *world) gapped() []int {
	n := make([]int, len(w.series))
	for _, g := range w.gaps {
		for b := int(g.from / w.bucket); b < len(n); b++ {
			end := min(time.Duration(b+1)*w.bucket, w.end)
			if end > g.to || end >= g.viewer.leave && g.viewer.leave < w.end {
				break
			}
			if end > g.from {
				n[b]++
			}
		}
	}
	return n
}

// unpaidTime is how much a viewer has shown beyond what it has paid.
func (w *world) unpaidTime(v *visitor, claim unit.Wei) time.Duration {
	if v.due == 0 || claim >= v.due {
		return 0
	}
	return time.Duration(float64(v.played(w)) * (1 - float64(claim)/float64(v.due)))
}

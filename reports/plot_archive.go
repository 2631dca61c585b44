package reports

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// finite is the least and the most of what a histogram of any run counts, in days,
// but for what never came; not ok without any.
func finite(s *result.Set, of func(*result.Run) *result.Histogram) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), 0
	for _, r := range s.Runs {
		of(r).Each(func(sec float64, _ uint64) {
			if sec < never {
				lo, hi = min(lo, max(sec, 60)/day), max(hi, sec/day)
			}
		})
	}
	return lo, hi, lo <= hi
}

// never is beyond what can be drawn: centuries, in seconds.
const never = 4e9

// assetsPlot is the share of an archive's assets that can still be put together so long
// after they were stored: the estimate of Kaplan and Meier, which is the plain share
// since all are stored at once and followed to the end.
func assetsPlot(s *result.Set) *picture {
	of := func(r *result.Run) *result.Histogram { return &r.Assets }
	_, hi, ok := finite(s, of)
	if !ok {
		return nil
	}
	panel := newPanel("days since the assets were stored")
	panel.X.Min, panel.X.Max = 0, hi // what comes later was not watched
	panel.Y.Min, panel.Y.Max = 0, 100
	grid := make([]float64, maxPoints)
	for i := range grid {
		grid[i] = panel.X.Max * float64(i) / (maxPoints - 1)
	}
	pic := &picture{height: 235, header: []string{"variant", "days", "share_median", "share_lo", "share_hi", "n"}}
	pic.shares(panel, s, "d", func(runs []*result.Run) band {
		b := reachedBand(runs, grid, of)
		for i := range b.mid {
			b.mid[i], b.lo[i], b.hi[i] = 100-b.mid[i], 100-b.hi[i], 100-b.lo[i]
		}
		return b
	})
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s)), [][]*plot.Plot{{panel}}, [][]string{{"assets of which k shards are left, %"}})
	}
	pic.caption = overSeeds(s) + " Survival by Kaplan and Meier: all assets are stored at the start, and those that are left at the end are followed until then."
	return pic
}

// unseenPlot is the share of lost shards that audits have shown so long after the
// loss.
func unseenPlot(s *result.Set) *picture {
	of := func(r *result.Run) *result.Histogram { return &r.Unseen }
	lo, hi, ok := finite(s, of)
	audited := slices.ContainsFunc(s.Runs, func(r *result.Run) bool { return !math.IsNaN(r.Values[result.AuditFailures]) })
	if !ok || !audited {
		return nil
	}
	panel := newPanel("days since the loss (logarithmic)")
	fitLog(&panel.X, lo, hi)
	panel.Y.Min, panel.Y.Max = 0, 100
	grid := logGrid(&panel.X)
	pic := &picture{height: 235, header: []string{"variant", "days", "share_median", "share_lo", "share_hi", "n"}}
	pic.shares(panel, s, "d", func(runs []*result.Run) band { return reachedBand(runs, grid, of) })
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s)), [][]*plot.Plot{{panel}}, [][]string{{"lost shards whose loss is known, %"}})
	}
	pic.caption = overSeeds(s) + " Without audits a loss is known once another provider stands in the place of the one that left. " +
		"A curve that ends below 100 % has losses that nothing has shown by the end."
	return pic
}

package reports

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// startupPlot is the share of all viewers that have a picture so many seconds
// after they joined. Viewers that never start keep a curve below 100 %.
func startupPlot(s *result.Set) *picture {
	lo, hi := startupRange(s)
	if hi == 0 {
		return nil
	}
	panel := newPanel("seconds after joining (logarithmic)")
	fitLog(&panel.X, lo, hi)
	grid := make([]float64, maxPoints)
	for i := range grid {
		grid[i] = panel.X.Min * math.Pow(panel.X.Max/panel.X.Min, float64(i)/(maxPoints-1))
	}
	panel.Y.Min, panel.Y.Max = 0, 100
	pic := &picture{height: 235, header: []string{"variant", "seconds", "share_median", "share_lo", "share_hi", "n"}}
	pic.shares(panel, s, "s", func(runs []*result.Run) band { return startupBand(runs, grid) })
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s)), [][]*plot.Plot{{panel}}, [][]string{{"viewers that have their first frame, % of those that joined"}})
	}
	pic.caption = overSeeds(s) + " A curve that ends below 100 % has viewers who never saw a frame."
	return pic
}

// startupRange is the shortest and the longest startup of the Set, but at
// least a millisecond; both are useless if the second is 0: nobody started.
func startupRange(s *result.Set) (lo, hi float64) {
	lo = math.Inf(1)
	for _, r := range s.Runs {
		for i := range r.Viewers {
			if v := &r.Viewers[i]; v.Started() {
				t := max(v.Startup.Seconds(), 1e-3)
				lo, hi = min(lo, t), max(hi, t)
			}
		}
	}
	return lo, hi
}

// startupBand is the percentage of viewers started by each time of the grid.
func startupBand(runs []*result.Run, grid []float64) band {
	times := make([][]float64, len(runs))
	for j, r := range runs {
		for i := range r.Viewers {
			if v := &r.Viewers[i]; v.Started() {
				times[j] = append(times[j], v.Startup.Seconds())
			}
		}
		slices.Sort(times[j])
	}
	var b band
	samples := make([]float64, len(runs))
	for _, x := range grid {
		for j, r := range runs {
			n, _ := slices.BinarySearchFunc(times[j], x, func(t, x float64) int {
				if t <= x {
					return -1
				}
				return 1
			})
			samples[j] = 100 * float64(n) / float64(len(r.Viewers)) // NaN without viewers
		}
		b.add(x, samples)
	}
	return b
}

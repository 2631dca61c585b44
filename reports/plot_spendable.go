package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// invoices are after how many days invoices are said to be paid.
var invoices = []float64{30, 60, 90}

const day = 86_400 // s

// spendablePlot is the share of the dollars earned that their payees can spend so
// many days after the view, beside the days after which invoices are paid. Dollars
// that never come keep a curve below 100 %.
func spendablePlot(s *result.Set) *picture {
	lo := math.Inf(1)
	for _, r := range s.Runs {
		r.Money.Each(func(sec float64, _ uint64) { lo = min(lo, max(sec, 60)/day) })
	}
	if math.IsInf(lo, 1) {
		return nil
	}
	panel := newPanel("days after the view (logarithmic)")
	fitLog(&panel.X, lo, invoices[len(invoices)-1])
	grid := logGrid(&panel.X)
	panel.Y.Min, panel.Y.Max = 0, 100
	pic := &picture{height: 235, header: []string{"variant", "days", "share_median", "share_lo", "share_hi", "n"}}
	for _, at := range invoices {
		line := curve(draw.LineStyle{Color: ink, Width: hairline}, []float64{at, at}, []float64{0, 100})
		panel.Add(piece{variant: none, says: fmt.Sprintf("an invoice of %.0f days", at)}.of(line))
	}
	pic.shares(panel, s, "d", func(runs []*result.Run) band {
		return reachedBand(runs, grid, func(r *result.Run) *result.Histogram { return &r.Money })
	})
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s)), [][]*plot.Plot{{panel}}, [][]string{{"dollars that can be spent on the first layer, % of those earned"}})
	}
	pic.caption = overSeeds(s) + " Upright lines: invoices of 30, 60 and 90 days. " +
		"A curve that ends below 100 % has dollars that nobody takes out, since the fee would eat them."
	return pic
}

// reachedBand is the percentage of what a histogram counts that is at most each value
// of a grid of days; NaN where it counts nothing.
func reachedBand(runs []*result.Run, grid []float64, of func(*result.Run) *result.Histogram) band {
	sums := make([][]float64, len(runs)) // by time of the grid
	for j, r := range runs {
		sums[j] = make([]float64, len(grid))
		of(r).Each(func(sec float64, n uint64) {
			for i := len(grid) - 1; i >= 0 && grid[i]*day >= sec; i-- {
				sums[j][i] += float64(n)
			}
		})
	}
	var b band
	samples := make([]float64, len(runs))
	for i, x := range grid {
		for j, r := range runs {
			samples[j] = 100 * sums[j][i] / float64(of(r).Count())
		}
		b.add(x, samples)
	}
	return b
}

// logGrid is maxPoints days from the axis' least to its most, evenly by their
// logarithms.
func logGrid(a *plot.Axis) []float64 {
	grid := make([]float64, maxPoints)
	for i := range grid {
		grid[i] = a.Min * math.Pow(a.Max/a.Min, float64(i)/(maxPoints-1))
	}
	return grid
}

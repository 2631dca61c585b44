package reports

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// A quantity of viewers is what a Q-Q plot compares.
var paired = []struct {
	heading, column string
	of              func(*result.Viewer) float64 // NaN where the viewer has none
}{
	{"time to the first frame, s", "startup_sec", func(v *result.Viewer) float64 { return only(v.Started(), v.Startup.Seconds()) }},
	{"bitrate, Mbit/s", "bitrate_mbps", func(v *result.Viewer) float64 { return only(v.Bitrate > 0, v.Bitrate/1e6) }},
}

// only is v where something holds.
func only(holds bool, v float64) float64 {
	if holds {
		return v
	}
	return math.NaN()
}

// quantileSteps is how many quantiles a Q-Q plot compares, from 2.5 % on in
// steps of 2.5 %.
const quantileSteps = 39

// parityPlot is a Q-Q plot: each quantile of a variant's viewers over the same
// quantile of the baseline's. On the diagonal both fare alike.
func parityPlot(s *result.Set) *picture {
	if s.Baseline == "" || len(s.Variants) < 2 {
		return nil
	}
	pic := &picture{height: 250, header: []string{"quantity", "variant", "quantile", "baseline_median", "median", "lo", "hi", "n"}}
	row, names := []*plot.Plot{}, []string{}
	for _, q := range paired {
		base := quantilesOf(s.RunsOf(s.Baseline), q.of)
		panel := newPanel("the same of " + short(s.Baseline))
		panel.Add(gridDown{}, paint(func(c draw.Canvas, x, y func(float64) vg.Length) {
			lo, hi := math.Max(panel.X.Min, panel.Y.Min), math.Min(panel.X.Max, panel.Y.Max)
			c.StrokeLine2(draw.LineStyle{Color: border, Width: hairline}, x(lo), y(lo), x(hi), y(hi))
		}))
		top, any := base.top(), false
		for i, v := range s.Variants {
			if v.Name == s.Baseline {
				continue
			}
			b := quantilesOf(s.RunsOf(v.Name), q.of)
			top = math.Max(top, b.top())
			for k := range b.xs {
				any = any || !math.IsNaN(b.mid[k]+base.mid[k])
				pic.rows = append(pic.rows, []string{q.column, v.Name, num(b.xs[k]), num(base.mid[k]), num(b.mid[k]), num(b.lo[k]), num(b.hi[k]), fmt.Sprint(len(s.Seeds))})
			}
			b.xs = base.mid
			panel.Add(piece{variant: i}.of(ribbon(translucent(variantLine(i).Color, 0x26), b.xs, b.lo, b.hi)))
			panel.Add(piece{variant: i, says: v.Name, band: b, xUnit: "of " + s.Baseline}.of(curve(variantLine(i), b.xs, b.mid)))
		}
		if !any {
			continue
		}
		fitZero(&panel.X, top)
		fitZero(&panel.Y, top)
		row, names = append(row, panel), append(names, q.heading)
	}
	if len(row) == 0 {
		return nil
	}
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s, s.Baseline)), [][]*plot.Plot{row}, [][]string{names})
	}
	pic.caption = fmt.Sprintf("Q-Q plot: the quantiles of a variant's viewers, 2.5 %% to 97.5 %%, over the same quantiles of %s; on the diagonal both fare alike. "+
		"%s", s.Baseline, overSeeds(s))
	return pic
}

// quantilesOf is the quantiles of what viewers have, each over runs.
func quantilesOf(runs []*result.Run, of func(*result.Viewer) float64) (b band) {
	values := make([][]float64, len(runs))
	for j, r := range runs {
		for i := range r.Viewers {
			if v := of(&r.Viewers[i]); !math.IsNaN(v) {
				values[j] = append(values[j], v)
			}
		}
		slices.Sort(values[j])
	}
	samples := make([]float64, len(runs))
	for k := range quantileSteps {
		p := float64(k+1) / (quantileSteps + 1)
		for j := range runs {
			samples[j] = result.Quantile(values[j], p)
		}
		b.add(p, samples)
	}
	return b
}

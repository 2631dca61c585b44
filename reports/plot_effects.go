package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// mostFactors bounds a factorial: seven keys have 28 effects and pairs.
const mostFactors = 7

// An effect is what changing keys from their first to their second value does
// to a metric: one key, or two of them beyond what each does alone.
type effect struct {
	name string
	keys uint // bit k: the k-th axis
}

// effectsOf lists keys, then pairs.
func effectsOf(axes []sweepAxis) (list []effect) {
	for k, a := range axes {
		list = append(list, effect{fmt.Sprintf("%s: %s to %s", a.key, a.values[0], a.values[1]), 1 << k})
	}
	for k := range axes {
		for l := k + 1; l < len(axes); l++ {
			list = append(list, effect{axes[k].key + " × " + axes[l].key, 1<<k | 1<<l})
		}
	}
	return list
}

// of is the effect in one world each: for every seed the mean over the half of
// the grid where the keys agree less that where they differ (for one key: where
// it has its second value less where it has its first).
func (e effect) of(grid []Point, axes int, id result.MetricID, variant string) []float64 {
	sums := make([]float64, len(grid[0].Set.Seeds))
	for i, p := range grid {
		sign := -1.0
		for k := range axes {
			if second := i>>(axes-1-k)&1 == 1; e.keys>>k&1 == 1 && second {
				sign = -sign
			}
		}
		if e.keys&(e.keys-1) != 0 { // two keys: both first counts as agreeing
			sign = -sign
		}
		for j, v := range p.Set.Values(id, variant) {
			sums[j] += sign * v * 2 / float64(len(grid))
		}
	}
	return sums
}

// factorialPlot shows the effects of keys with two values each, and of their
// pairs, on a variant's metrics; nil if the grid is none of that kind.
func factorialPlot(grid []Point, axes []sweepAxis, ids []result.MetricID) *picture {
	if grid == nil || len(axes) < 2 || len(axes) > mostFactors {
		return nil
	}
	for _, a := range axes {
		if len(a.values) != 2 {
			return nil
		}
	}
	for _, p := range grid {
		if len(p.Set.Seeds) != len(grid[0].Set.Seeds) {
			return nil
		}
	}
	first, effects := grid[0].Set, effectsOf(axes)
	pic := &picture{header: []string{"metric", "unit", "effect", "variant", "mean", "lo95", "hi95", "n"}}
	names := make([]string, len(effects))
	for i, e := range effects {
		names[i] = e.name
	}
	var panelsOf [][]*plot.Plot
	var headings [][]string
	for _, id := range ids {
		panel, unit := effectPanel(grid, axes, effects, id, pic)
		if panel == nil {
			continue
		}
		panel.Y.Tick.Marker = nameTicks(names)
		panelsOf, headings = append(panelsOf, []*plot.Plot{panel}), append(headings, []string{"change of " + result.Metrics[id].Name + ", " + unit})
	}
	if len(panelsOf) == 0 {
		return nil
	}
	pic.height = vg.Length(len(panelsOf)) * (46 + 13*vg.Length(len(effects)))
	pic.draw = func(c draw.Canvas) { panels(legend(c, variantKeys(first)), panelsOf, headings) }
	pic.caption = fmt.Sprintf("Dot: mean over %s, paired by seed; bar: 95 %% interval (Student's t). A key's effect is the mean over the half of the grid where it has its second value, less the other half. "+
		"Of two keys (×) it is what they change together beyond that. Intervals are not adjusted for their number.", sampleOf(grid))
	return pic
}

// effectPanel draws the effects on one metric and adds its rows to pic; nil if
// the metric does not apply.
func effectPanel(grid []Point, axes []sweepAxis, effects []effect, id result.MetricID, pic *picture) (*plot.Plot, string) {
	m, first := &result.Metrics[id], grid[0].Set
	type bar struct {
		st    result.Stat
		at    float64
		i     int
		label string
	}
	var bars []bar
	most := 0.0
	for k, e := range effects {
		for i, v := range first.Variants {
			st := result.NewStat(e.of(grid, len(axes), id, v.Name))
			if st.N == 0 {
				continue
			}
			for _, x := range []float64{st.Mean, st.Lo, st.Hi} {
				if !math.IsNaN(x) {
					most = max(most, math.Abs(x))
				}
			}
			pic.rows = append(pic.rows, []string{m.Name, m.Unit, e.name, v.Name, num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
			offset := 0.5 * (float64(i) - float64(len(first.Variants)-1)/2) / float64(len(first.Variants))
			bars = append(bars, bar{st, -float64(k) - offset, i, fmt.Sprintf("%s, %s: %s", v.Name, e.name, m.DeltaText(st))})
		}
	}
	if len(bars) == 0 {
		return nil, ""
	}
	factor, unit := m.DeltaAxis(most)
	panel := aboutZero(len(effects), most*factor)
	for _, b := range bars {
		panel.Add(piece{variant: b.i, says: b.label}.of(whisker(nil, b.st, factor, b.at, solid(b.i))))
	}
	return panel, unit
}

// aboutZero is a panel of n rows whose bars go left and right of an upright line,
// as far as most.
func aboutZero(n int, most float64) *plot.Plot {
	panel := newPanel("")
	panel.Y.Min, panel.Y.Max = -float64(n)+0.5, 0.5
	panel.Y.Tick.Label.Color = ink
	fitLoose(&panel.X, -most, most)
	panel.Add(gridDown{}, paint(func(c draw.Canvas, x, _ func(float64) vg.Length) {
		c.StrokeLine2(draw.LineStyle{Color: border, Width: hairline}, x(0), c.Min.Y, x(0), c.Max.Y)
	}))
	return panel
}

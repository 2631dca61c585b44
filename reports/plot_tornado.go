package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// shaken is the metrics of the tornado chart, from above.
var shaken = []result.MetricID{result.StartupP95, result.DownloadP95, result.RebufferRatio, result.PeerShare}

// tornadoPlot shows what each variant changes against the baseline, the largest
// change on top: bars from nothing to the mean, with intervals. It takes two
// variants beside the baseline to have an order.
func tornadoPlot(s *result.Set) *picture {
	if len(s.Variants) < 3 || s.Baseline == "" {
		return nil
	}
	pic := &picture{header: []string{"metric", "unit", "variant", "change", "lo95", "hi95", "n"}}
	var grid [][]*plot.Plot
	var headings [][]string
	for _, id := range shaken {
		if panel, unit := tornadoPanel(s, id, pic); panel != nil {
			grid, headings = append(grid, []*plot.Plot{panel}), append(headings, []string{"change of " + result.Metrics[id].Name + ", " + unit})
		}
	}
	if len(grid) == 0 {
		return nil
	}
	pic.height = vg.Length(len(grid)) * (46 + 15*vg.Length(len(s.Variants)-1))
	pic.draw = func(c draw.Canvas) { panels(c, grid, headings) }
	pic.caption = fmt.Sprintf("Bar: mean change against %s over %s, paired by seed, the largest on top; line: 95 %% interval (Student's t), not adjusted for the number of bars.", s.Baseline, seeds(s))
	return pic
}

// A gust is what one variant changes.
type gust struct {
	variant int
	change  result.Stat
}

// gusts are the changes of a metric by variant, the largest first.
func gusts(s *result.Set, id result.MetricID) (list []gust) {
	base := s.Values(id, s.Baseline)
	for i, v := range s.Variants {
		if v.Name == s.Baseline {
			continue
		}
		diff := s.Values(id, v.Name)
		for k := range diff {
			diff[k] -= base[k]
		}
		if st := result.NewStat(diff); st.N > 0 {
			list = append(list, gust{i, st})
		}
	}
	slices.SortStableFunc(list, func(a, b gust) int { return cmp.Compare(math.Abs(b.change.Mean), math.Abs(a.change.Mean)) })
	return list
}

// tornadoPanel draws one metric and adds its rows to pic; nil if it does not
// apply or nothing changes it.
func tornadoPanel(s *result.Set, id result.MetricID, pic *picture) (*plot.Plot, string) {
	m, list := &result.Metrics[id], gusts(s, id)
	most := 0.0
	for _, g := range list {
		for _, x := range []float64{g.change.Mean, g.change.Lo, g.change.Hi} {
			if !math.IsNaN(x) {
				most = max(most, math.Abs(x))
			}
		}
	}
	if most == 0 {
		return nil, ""
	}
	factor, unit := m.DeltaAxis(most)
	panel := aboutZero(len(list), most*factor)
	var names []string
	for k, g := range list {
		name := s.Variants[g.variant].Name
		names = append(names, name)
		pic.rows = append(pic.rows, []string{m.Name, m.Unit, name, num(g.change.Mean), num(g.change.Lo), num(g.change.Hi), fmt.Sprint(g.change.N)})
		says := fmt.Sprintf("%s, %s: %s against %s", name, m.Name, m.DeltaText(g.change), s.Baseline)
		panel.Add(piece{variant: g.variant, says: says}.of(g.bar(factor, -float64(k))))
	}
	panel.Y.Tick.Marker = nameTicks(names)
	return panel, unit
}

// bar draws a change as a pale bar with its interval at height at.
func (g gust) bar(factor, at float64) paint {
	style := solid(g.variant)
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		from, to, low, high := x(0), x(g.change.Mean*factor), y(at-0.3), y(at+0.3)
		c.FillPolygon(translucent(style.Color, 0x60), []vg.Point{{X: from, Y: low}, {X: to, Y: low}, {X: to, Y: high}, {X: from, Y: high}})
		whisker(nil, g.change, factor, at, style)(c, x, y)
	}
}

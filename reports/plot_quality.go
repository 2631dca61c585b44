package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// noticed is the metrics of the quality plot, row by row.
var noticed = [][]result.MetricID{
	{result.StartupP95, result.RebufferRatio},
	{result.Bitrate, result.LatencyP50},
}

// qualityPlot shows what a viewer notices, a dot for each variant: mean with
// interval, and each seed as a speck.
func qualityPlot(s *result.Set) *picture {
	pic := &picture{header: []string{"metric", "unit", "variant", "mean", "lo95", "hi95", "n"}}
	var grid [][]*plot.Plot
	var headings [][]string
	for _, ids := range noticed {
		var row []*plot.Plot
		var names []string
		for i, id := range ids {
			if !s.Applies(id) {
				row, names = append(row, nil), append(names, "")
				continue
			}
			panel, unit := dotPanel(s, id, pic)
			if i > 0 {
				panel.Y.Tick.Marker = noLabels{panel.Y.Tick.Marker}
			}
			row, names = append(row, panel), append(names, fmt.Sprintf("%s, %s", result.Metrics[id].Name, unit))
		}
		grid, headings = append(grid, row), append(headings, names)
	}
	if len(pic.rows) == 0 {
		return nil
	}
	rowHeight := vg.Length(44 + 15*len(s.Variants))
	pic.height = rowHeight*vg.Length(len(grid)) + 6
	pic.draw = func(c draw.Canvas) { panels(c, grid, headings) }
	pic.caption = fmt.Sprintf("Dot: mean over %s; bar: 95 %% interval (Student's t); pale specks: the seeds.", seeds(s))
	return pic
}

// dotPanel draws one metric of all variants and adds its rows to pic. It
// returns the unit of the axis.
func dotPanel(s *result.Set, id result.MetricID, pic *picture) (*plot.Plot, string) {
	m := &result.Metrics[id]
	lo, hi := math.Inf(1), math.Inf(-1)
	include := func(v float64) {
		if !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	for _, v := range s.Variants {
		st := s.Summary(id, v.Name)
		for _, x := range append(s.Values(id, v.Name), st.Lo, st.Hi) {
			include(x)
		}
		pic.rows = append(pic.rows, []string{m.Name, m.Unit, v.Name, num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
	}
	factor, unit := m.Axis(hi)
	panel := newPanel("")
	panel.X.Tick.Marker = ticks{want: 4}
	panel.Y.Tick.Marker = nameTicks(s.VariantNames())
	panel.Y.Min, panel.Y.Max = -float64(len(s.Variants))+0.5, 0.5
	panel.Y.Tick.Label.Color = ink
	fitLoose(&panel.X, lo*factor, hi*factor)
	panel.Add(gridDown{})
	for i, v := range s.Variants {
		says := fmt.Sprintf("%s, %s: %s", v.Name, m.Name, m.StatText(s.Summary(id, v.Name)))
		panel.Add(piece{variant: i, says: says}.of(whisker(s.Values(id, v.Name), s.Summary(id, v.Name), factor, -float64(i), solid(i))))
	}
	return panel, unit
}

// whisker draws a mean with its interval and its seeds at height at.
func whisker(seeds []float64, st result.Stat, factor, at float64, style draw.LineStyle) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		for _, v := range seeds {
			if !math.IsNaN(v) {
				speck(c, style.Color, vg.Point{X: x(v * factor), Y: y(at) - 4})
			}
		}
		if st.HasInterval() {
			c.StrokeLine2(style, x(st.Lo*factor), y(at), x(st.Hi*factor), y(at))
		}
		if st.N > 0 {
			dot(c, style.Color, 2.6, vg.Point{X: x(st.Mean * factor), Y: y(at)})
		}
	}
}

// tradeoffPlot puts each variant in the plane of cost and stalling.
func tradeoffPlot(s *result.Set) *picture {
	p := planes[0]
	if !s.Applies(p.across) || !s.Applies(p.up) {
		return nil
	}
	var xs, ys [][]float64
	for _, v := range s.VariantNames() {
		xs, ys = append(xs, s.Values(p.across, v)), append(ys, s.Values(p.up, v))
	}
	pic := planePicture(s, p, xs, ys)
	pic.caption = fmt.Sprintf("Shape: mean over %s; cross: its 95 %% intervals both ways; pale specks: the seeds. Down and to the left is better; a grey variant is dominated: another is better in one and no worse in the other.", seeds(s))
	return pic
}

// highest is the largest of the values and the upper end of their interval, NaN
// left out.
func highest(values []float64, st result.Stat) float64 {
	top := 0.0
	for _, v := range append(values, st.Hi) {
		if v > top {
			top = v
		}
	}
	return top
}

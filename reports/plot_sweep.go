package reports

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// sweepFigures is the pictures of a sweep: what each headline metric does along
// the axes, on a grid of two axes as a map, and on a grid of two values each
// the effects.
func sweepFigures(points []Point) (list []figure) {
	list = planeFigures(points)
	axes := sweepAxes(points)
	if len(axes) == 0 {
		return list
	}
	grid := cells(points, axes)
	ids := slices.DeleteFunc(sweepHeadlines(points), func(id result.MetricID) bool { return flat(points, id) })
	if p := factorialPlot(grid, axes, ids); p != nil {
		list = append(list, figure{plotRow{name: "effects", title: "What each key changes, and what two change together"}, p})
	}
	for _, id := range ids {
		name := result.Metrics[id].Name
		if grid != nil && len(axes) == 2 {
			list = append(list, figure{plotRow{name: "map-" + name, title: name + " over the grid"}, mapPlot(grid, axes, id)})
		} else {
			list = append(list, figure{plotRow{name: "along-" + name, title: name + " along " + alongWhat(axes)}, alongPlot(points, axes, id)})
		}
	}
	return list
}

// sweepHeadlines is the metrics that head the summary of a point.
func sweepHeadlines(points []Point) (ids []result.MetricID) {
	for _, p := range points {
		for _, id := range shown(p.Set, true) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// alongWhat words the axes for a title.
func alongWhat(axes []sweepAxis) string {
	if len(axes) == 1 {
		return axes[0].key
	}
	return "each axis"
}

// flat says that a metric is the same at all points and in all variants, but
// for rounding: there is nothing to draw.
func flat(points []Point, id result.MetricID) bool {
	lo, hi := extremes(points, id, false)
	return hi-lo <= 1e-5*max(math.Abs(lo), math.Abs(hi))
}

// extremes is the least and the largest of a metric over all points, intervals
// included if so asked.
func extremes(points []Point, id result.MetricID, intervals bool) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		for _, v := range p.Set.Variants {
			st := p.Set.Summary(id, v.Name)
			for _, x := range []float64{st.Mean, st.Lo, st.Hi} {
				if !math.IsNaN(x) && (intervals || x == st.Mean) {
					lo, hi = min(lo, x), max(hi, x)
				}
			}
		}
	}
	if lo > hi {
		return 0, 0
	}
	return lo, hi
}

// sampleOf words the sample that every number of a sweep rests on.
func sampleOf(points []Point) string {
	least, most := math.MaxInt, 0
	for _, p := range points {
		least, most = min(least, len(p.Set.Seeds)), max(most, len(p.Set.Seeds))
	}
	switch {
	case least != most:
		return fmt.Sprintf("n=%d to %d seeds", least, most)
	default:
		return seeds(points[0].Set)
	}
}

// sweepRow is the CSV row of one point and variant.
func sweepRow(p Point, axes []sweepAxis, variant string, st result.Stat) []string {
	row := []string{p.Name}
	for _, a := range axes {
		row = append(row, a.value(p))
	}
	return append(row, variant, num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N))
}

func sweepHeader(axes []sweepAxis) []string {
	header := []string{"point"}
	for _, a := range axes {
		header = append(header, a.key)
	}
	return append(header, "variant", "mean", "lo95", "hi95", "n")
}

// alongPlot shows a metric at every point along each axis, mean with interval;
// along a single axis a line joins the means of a variant.
func alongPlot(points []Point, axes []sweepAxis, id result.MetricID) *picture {
	m := &result.Metrics[id]
	lo, hi := extremes(points, id, true)
	factor, unit := m.Axis(hi)
	pic := &picture{header: sweepHeader(axes)}
	first := points[0].Set
	var grid [][]*plot.Plot
	var headings [][]string
	for k := range axes {
		panel := newPanel(axes[k].label())
		fitLoose(&panel.Y, lo*factor, hi*factor)
		axes[k].fit(&panel.X)
		for i, v := range first.Variants {
			panel.Add(along(points, &axes[k], id, v.Name, i, factor, len(axes) == 1, len(first.Variants)))
		}
		if k%2 == 0 {
			grid, headings = append(grid, make([]*plot.Plot, min(2, len(axes)))), append(headings, make([]string, min(2, len(axes))))
		}
		grid[k/2][k%2], headings[k/2][k%2] = panel, m.Name+", "+unit
	}
	for _, p := range points {
		for _, v := range p.Set.Variants {
			pic.rows = append(pic.rows, sweepRow(p, axes, v.Name, p.Set.Summary(id, v.Name)))
		}
	}
	pic.height = 200 * vg.Length(len(grid))
	pic.draw = func(c draw.Canvas) { panels(legend(c, variantKeys(first)), grid, headings) }
	pic.caption = fmt.Sprintf("Dot: mean of a point over %s; bar: 95 %% interval (Student's t).", sampleOf(points))
	if len(axes) > 1 {
		pic.caption += " Points differ in the other keys too."
	}
	return pic
}

// fit sets a panel's axis to the values.
func (a *sweepAxis) fit(axis *plot.Axis) {
	lo, hi := slices.Min(a.at), slices.Max(a.at)
	switch {
	case a.names:
		axis.Tick.Marker = valueTicks{a}
		axis.Min, axis.Max = -0.5, hi+0.5
	case lo > 0 && hi >= 20*lo:
		fitLog(axis, lo, hi)
	default:
		air := 0.06 * (hi - lo)
		axis.Min, axis.Max = lo-air, hi+air
		if len(a.values) <= 8 {
			axis.Tick.Marker = valueTicks{a}
		}
	}
}

// valueTicks labels the values of an axis.
type valueTicks struct{ axis *sweepAxis }

// Ticks implements plot.Ticker.
func (v valueTicks) Ticks(float64, float64) []plot.Tick {
	var marks []plot.Tick
	for i, at := range v.axis.at {
		label := v.axis.values[i]
		if m := measured.FindStringSubmatch(label); m != nil && v.axis.unit != "" {
			label = m[1]
		}
		marks = append(marks, plot.Tick{Value: at, Label: short(label)})
	}
	return marks
}

// along is one variant's points of a panel.
func along(points []Point, a *sweepAxis, id result.MetricID, variant string, i int, factor float64, joined bool, of int) paint {
	m := &result.Metrics[id]
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		dodge := 3 * (vg.Length(i) - vg.Length(of-1)/2) // side by side, where they would hide each other
		xs, ys := make([]float64, len(a.values)), make([]float64, len(a.values))
		for k := range ys {
			xs[k], ys[k] = a.at[k], math.NaN()
		}
		if joined {
			for _, p := range points {
				ys[a.of(p)] = p.Set.Summary(id, variant).Mean * factor
			}
			shifted := func(v float64) vg.Length { return x(v) + dodge }
			piece{variant: i}.of(func(c draw.Canvas, _, y func(float64) vg.Length) { curve(variantLine(i), xs, ys)(c, shifted, y) })(c, x, y)
		}
		for _, p := range points {
			st := p.Set.Summary(id, variant)
			if st.N == 0 {
				continue
			}
			at := x(a.at[a.of(p)]) + dodge
			says := fmt.Sprintf("%s, %s=%s: %s", variant, a.key, a.value(p), m.StatText(st))
			piece{variant: i, says: says}.of(func(c draw.Canvas, _, y func(float64) vg.Length) {
				if st.HasInterval() {
					c.StrokeLine2(solid(i), at, y(st.Lo*factor), at, y(st.Hi*factor))
				}
				dot(c, variantLine(i).Color, 2.4, vg.Point{X: at, Y: y(st.Mean * factor)})
			})(c, x, y)
		}
	}
}

// mapPlot is a grid of two axes as a map with numbers, one for each variant.
func mapPlot(grid []Point, axes []sweepAxis, id result.MetricID) *picture {
	m := &result.Metrics[id]
	first := grid[0].Set
	lo, hi := extremes(grid, id, false)
	down, across := &axes[0], &axes[1]
	pic := &picture{header: sweepHeader(axes)}
	columns := min(2, len(first.Variants))
	if len(across.values) > 6 {
		columns = 1
	}
	var rows [][]*plot.Plot
	var headings [][]string
	for i, v := range first.Variants {
		panel := newPanel(across.label())
		panel.X.Tick.Marker = nameRow(across.values)
		panel.X.Min, panel.X.Max = -0.5, float64(len(across.values))-0.5
		panel.Y.Tick.Marker = nameTicks(down.values)
		panel.Y.Min, panel.Y.Max = -float64(len(down.values))+0.5, 0.5
		for k, p := range grid {
			st := p.Set.Summary(id, v.Name)
			pic.rows = append(pic.rows, sweepRow(p, axes, v.Name, st))
			panel.Add(cell(st, m, k%len(across.values), k/len(across.values), (st.Mean-lo)/(hi-lo),
				fmt.Sprintf("%s, %s=%s, %s=%s: %s", v.Name, down.key, down.values[k/len(across.values)], across.key, across.values[k%len(across.values)], m.StatText(st)), i))
		}
		if i%columns == 0 {
			rows, headings = append(rows, make([]*plot.Plot, columns)), append(headings, make([]string, columns))
		}
		rows[i/columns][i%columns], headings[i/columns][i%columns] = panel, v.Name
	}
	pic.height = vg.Length(len(rows)) * (58 + 26*vg.Length(len(down.values)))
	pic.draw = func(c draw.Canvas) { panels(c, rows, headings) }
	pic.caption = fmt.Sprintf("%s: mean over %s with half its 95 %% interval (Student's t); the darker the larger, from %s to %s. Downwards: %s.",
		m.Name, sampleOf(grid), m.Text(lo), m.Text(hi), down.key)
	return pic
}

// nameRow labels 0, 1, 2, ... with names.
type nameRow []string

// Ticks implements plot.Ticker.
func (n nameRow) Ticks(float64, float64) []plot.Tick {
	var marks []plot.Tick
	for i, name := range n {
		marks = append(marks, plot.Tick{Value: float64(i), Label: short(name)})
	}
	return marks
}

// cell is one field of a map, tinted by a level between 0 and 1.
func cell(st result.Stat, m *result.Metric, column, row int, level float64, says string, variant int) paint {
	return piece{variant: variant, says: says}.of(func(c draw.Canvas, x, y func(float64) vg.Length) {
		if st.N == 0 {
			return
		}
		if math.IsNaN(level) {
			level = 0
		}
		left, right := x(float64(column)-0.5)+1, x(float64(column)+0.5)-1
		bottom, top := y(-float64(row)-0.5)+1, y(-float64(row)+0.5)-1
		c.FillPolygon(tint(level), []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
		style := words(tickSize, onTint)
		if level > 0.55 {
			style.Color = color.White
		}
		style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
		text := m.StatText(st)
		if style.Width(text) > 0.9*(right-left) { // a browser's font may be wider
			text = m.Text(st.Mean)
		}
		c.FillText(style, vg.Point{X: (left + right) / 2, Y: (bottom + top) / 2}, text)
	})
}

// tint is a colour between a pale and a deep blue.
func tint(level float64) color.Color {
	mix := func(pale, deep uint8) uint8 {
		return uint8(math.Round(float64(pale)*(1-level) + float64(float64(deep)*level)))
	}
	return color.NRGBA{mix(0xea, 0x08), mix(0xf2, 0x3f), mix(0xf9, 0x6b), 0xff}
}

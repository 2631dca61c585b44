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

// comparisonFigures are the pictures of what changed between records.
func comparisonFigures(c *result.Comparison) (list []figure) {
	if p := changePlot(c); p != nil {
		list = append(list, figure{plotRow{name: "changes", title: "What changed"}, p})
	}
	if p := seedsPlot(c); p != nil {
		list = append(list, figure{plotRow{name: "seeds", title: "Seed by seed"}, p})
	}
	return list
}

// ComparisonPlots is the figures of a comparison as files, with their numbers.
func ComparisonPlots(c *result.Comparison) (files []result.File) {
	for _, f := range comparisonFigures(c) {
		files = append(files, ready(f.name+".svg", f.alone()), result.File{Name: f.name + ".csv", Write: f.csv})
	}
	return files
}

// comparedSeeds words the sample of a comparison.
func comparedSeeds(c *result.Comparison) string {
	least, most := math.MaxInt, 0
	for _, e := range c.Effects {
		if e.Change.N > 0 {
			least, most = min(least, e.Change.N), max(most, e.Change.N)
		}
	}
	switch {
	case most <= 1:
		return "one seed (n=1, no interval)"
	case least < most:
		return fmt.Sprintf("n=%d to %d seeds (of %s)", least, most, seedRange(commonSeeds(c)))
	}
	return fmt.Sprintf("n=%d seeds (%s)", most, seedRange(commonSeeds(c)))
}

// commonSeeds is the seeds that the first record shares with any other.
func commonSeeds(c *result.Comparison) (common []uint64) {
	for _, seed := range c.Before.Seeds {
		if slices.ContainsFunc(c.After, func(s *result.Set) bool { return slices.Contains(s.Seeds, seed) }) {
			common = append(common, seed)
		}
	}
	return common
}

// changePlot shows every relative change with its interval, the gravest on top.
func changePlot(c *result.Comparison) *picture {
	effects := slices.DeleteFunc(sorted(c), func(e result.Effect) bool {
		return !e.Ratio || e.Change.N == 0 || e.Outcome == result.Same
	})
	if len(effects) == 0 {
		return nil
	}
	pic := &picture{height: 62 + 15*vg.Length(len(effects)), header: []string{"metric", "variant", "in", "outcome", "change_percent", "lo95", "hi95", "p_holm", "n"}}
	panel := newPanel("change, %")
	panel.Y.Min, panel.Y.Max = -float64(len(effects))+0.5, 0.5
	panel.Y.Tick.Label.Color = ink
	panel.Add(gridDown{}, paint(func(c draw.Canvas, x, _ func(float64) vg.Length) {
		c.StrokeLine2(draw.LineStyle{Color: border, Width: hairline}, x(0), c.Min.Y, x(0), c.Max.Y)
	}))
	lo, hi := 0.0, 0.0
	var names []string
	for k := range effects {
		e := &effects[k]
		name := fmt.Sprintf("%s, %s", result.Metrics[e.Metric].Name, short(e.Variant))
		if len(c.After) > 1 {
			name += " in " + short(c.After[e.After].From)
		}
		names = append(names, name)
		for _, x := range []float64{e.Change.Mean, e.Change.Lo, e.Change.Hi} {
			if !math.IsNaN(x) {
				lo, hi = min(lo, 100*x), max(hi, 100*x)
			}
		}
		pic.rows = append(pic.rows, []string{result.Metrics[e.Metric].Name, e.Variant, c.After[e.After].From, string(e.Outcome),
			num(100 * e.Change.Mean), num(100 * e.Change.Lo), num(100 * e.Change.Hi), num(e.Adjusted), fmt.Sprint(e.Change.N)})
		style := draw.LineStyle{Color: outcomeInk(e.Outcome), Width: lineWidth}
		panel.Add(piece{variant: variantOf(c, e), says: fmt.Sprintf("%s: %s, %s", name, changeText(e), e.Outcome)}.of(whisker(nil, e.Change, 100, -float64(k), style)))
	}
	panel.Y.Tick.Marker = nameTicks(names)
	panel.X.Min, panel.X.Max = lo-0.05*(hi-lo), hi+0.05*(hi-lo)
	pic.draw = func(c draw.Canvas) { panels(c, [][]*plot.Plot{{panel}}, [][]string{{"change of each metric"}}) }
	pic.caption = fmt.Sprintf("Dot: mean change over %s, paired by seed, on log ratios; line: 95 %% interval (Student's t), not adjusted for their number. "+
		"Coloured is what counts after Holm's correction over %d tests. What has no ratio stands in the table alone.", comparedSeeds(c), c.Tests())
	return pic
}

// outcomeInk is the colour of what became of a metric.
func outcomeInk(o result.Outcome) color.Color {
	return map[sense]color.Color{better: blue, worse: vermillion, neutral: purple, unclear: soft}[senseOf(o)]
}

// variantOf is the place of an effect's variant in the record before, or none.
func variantOf(c *result.Comparison, e *result.Effect) int {
	if i := slices.Index(c.Before.VariantNames(), e.Variant); i >= 0 {
		return i
	}
	return none
}

// paritied is the metrics of the parity plot.
var paritied = []result.MetricID{result.StartupP95, result.RebufferRatio, result.Bitrate, result.LatencyP50, result.CostPerViewerHour, result.SourceRate}

// seedsPlot puts each seed of the first changed record over the same seed of the
// one before; on the diagonal nothing changed.
func seedsPlot(c *result.Comparison) *picture {
	pic := &picture{header: []string{"metric", "variant", "seed", "before", "after"}}
	var grid [][]*plot.Plot
	var headings [][]string
	for _, id := range paritied {
		panel, heading := seedsPanel(c, id, pic)
		switch {
		case panel == nil:
		case len(grid) > 0 && grid[len(grid)-1][1] == nil:
			grid[len(grid)-1][1], headings[len(grid)-1][1] = panel, heading
		default:
			grid, headings = append(grid, []*plot.Plot{panel, nil}), append(headings, []string{heading, ""})
		}
	}
	if len(grid) == 0 {
		return nil
	}
	pic.height = 40 + 190*vg.Length(len(grid))
	var keys []key
	for i, v := range c.Before.VariantNames() {
		keys = append(keys, key{name: v, variant: i + 1})
	}
	pic.draw = func(canvas draw.Canvas) { panels(legend(canvas, keys), grid, headings) }
	pic.caption = fmt.Sprintf("Speck: one seed, after over before; on the diagonal nothing changed. Mark: the means over %s, with 95 %% intervals both ways (Student's t), "+
		"which are those of each record alone: the change of a seed is surer than they look.", comparedSeeds(c))
	return pic
}

// seedsPanel is one metric of all variants; nil where there is nothing to see.
func seedsPanel(c *result.Comparison, id result.MetricID, pic *picture) (*plot.Plot, string) {
	m := &result.Metrics[id]
	type cloud struct {
		variant  int
		was, now []float64
	}
	var clouds []cloud
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, v := range c.Before.VariantNames() {
		seeds, was, now := c.Common(id, v, 0)
		for k := range seeds {
			pic.rows = append(pic.rows, []string{m.Name, v, fmt.Sprint(seeds[k]), num(was[k]), num(now[k])})
			lo, hi = min(lo, was[k], now[k]), max(hi, was[k], now[k])
		}
		for _, st := range []result.Stat{result.NewStat(was), result.NewStat(now)} {
			if st.HasInterval() {
				lo, hi = min(lo, st.Lo), max(hi, st.Hi)
			}
		}
		if len(seeds) > 0 {
			clouds = append(clouds, cloud{i, was, now})
		}
	}
	if len(clouds) == 0 || hi == 0 && lo == 0 {
		return nil, ""
	}
	factor, unit := m.Axis(max(math.Abs(lo), math.Abs(hi)))
	panel := newPanel("before, " + unit)
	fitLoose(&panel.X, lo*factor, hi*factor)
	panel.Y.Min, panel.Y.Max = panel.X.Min, panel.X.Max
	panel.Add(gridDown{}, paint(func(c draw.Canvas, x, y func(float64) vg.Length) {
		from, to := panel.X.Min, panel.X.Max
		c.StrokeLine2(draw.LineStyle{Color: border, Width: hairline}, x(from), y(from), x(to), y(to))
	}))
	for _, d := range clouds {
		says := fmt.Sprintf("%s, %s: %s, was %s", c.Before.Variants[d.variant].Name, m.Name, m.StatText(result.NewStat(d.now)), m.StatText(result.NewStat(d.was)))
		panel.Add(piece{variant: d.variant, says: says}.of(crossAt(d.was, d.now, factor, factor, d.variant, false)))
	}
	return panel, m.Name + " after, " + unit
}

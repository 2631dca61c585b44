package reports

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// A source is one origin of bytes in the sources plot.
type source struct {
	name, column string
	of           func(*result.Point) float64
}

// sources are stacked in this order; the publisher is drawn as a line, as its
// bytes reach viewers only through the others.
var (
	sources = []source{
		{"from viewers", "viewers", func(p *result.Point) float64 { return p.PeerRate }},
		{"from edges", "edges", func(p *result.Point) float64 { return p.EdgeRate }},
		{"from providers", "providers", func(p *result.Point) float64 { return p.ProviderRate }},
	}
	publisher = source{"publisher", "publisher", func(p *result.Point) float64 { return p.SourceRate }}

	publisherLine = draw.LineStyle{Color: black, Width: 1.2, Dashes: []vg.Length{3, 2}}
)

// maxColumns is how many small multiples stand side by side.
const maxColumns = 3

// sourcesPlot shows for each variant who sends how much over time.
func sourcesPlot(s *result.Set) *picture {
	top := 0.0
	for _, v := range s.Variants {
		all := stack(s, v.Name, 1)[len(sources)]
		top = max(top, all.top())
		b := overTime(s, v.Name, 1, publisher.of)
		top = max(top, b.top())
	}
	if top == 0 {
		return nil
	}
	unit, perSecond := clock(s.Duration)
	factor, rateUnit := result.Metrics[result.Goodput].Axis(top)
	pic := &picture{header: []string{"variant", "source", unit, "bps_mean", "lo95", "hi95", "n"}}
	columns := min(maxColumns, len(s.Variants))
	rows := (len(s.Variants) + columns - 1) / columns
	grid, headings := make([][]*plot.Plot, rows), make([][]string, rows)
	for i := range grid {
		grid[i], headings[i] = make([]*plot.Plot, columns), make([]string, columns)
	}
	for i, v := range s.Variants {
		panel := sourcePanel(s, v.Name, pic, unit, perSecond, factor)
		fitZero(&panel.Y, top*factor)
		grid[i/columns][i%columns], headings[i/columns][i%columns] = panel, short(v.Name)
	}
	headings[0][0] += ", " + rateUnit
	pic.height = vg.Length(40 + 130*rows)
	pic.draw = func(c draw.Canvas) { panels(legend(c, sourceKeys()), grid, headings) }
	pic.caption = fmt.Sprintf("Rates leaving each kind of node, stacked; dashed: what leaves the publisher, who feeds the others. "+
		"Mean over %s; grey lines: 95 %% interval of the sum (Student's t); all panels have the same scale.%s", seeds(s), faultsShaded(s))
	return pic
}

// sourceKeys is the legend of the sources plot.
func sourceKeys() []key {
	var keys []key
	for i, src := range sources {
		keys = append(keys, key{name: src.name, fill: sourceColors[i]})
	}
	return append(keys, key{name: publisher.name, line: publisherLine})
}

// stack is the running totals of the sources of a variant, averaged over
// seeds, as curves in mid; the first is 0.
func stack(s *result.Set, variant string, perSecond float64) []band {
	totals := make([]band, len(sources)+1)
	for i := range totals {
		totals[i] = meanOverTime(s, variant, perSecond, func(p *result.Point) float64 {
			sum := 0.0
			for _, src := range sources[:i] {
				sum += src.of(p)
			}
			return sum
		})
	}
	return totals
}

// sourcePanel draws one variant and adds its rows to pic.
func sourcePanel(s *result.Set, variant string, pic *picture, unit string, perSecond, factor float64) *plot.Plot {
	panel := newPanel(unit)
	panel.X.Tick.Marker, panel.Y.Tick.Marker = ticks{want: 3}, ticks{want: 4}
	panel.X.Min, panel.X.Max = 0, s.Duration.Seconds()*perSecond
	panel.Add(shaded(marksOf(s, variant), perSecond, false))
	totals := stack(s, variant, perSecond)
	for i, src := range sources {
		lo, hi := scaled(totals[i].mid, factor), scaled(totals[i+1].mid, factor)
		alone := meanOverTime(s, variant, perSecond, src.of) // what it adds
		pic.rates(s, variant, src.column, alone)
		alone = band{xs: alone.xs, mid: scaled(alone.mid, factor), lo: scaled(alone.lo, factor), hi: scaled(alone.hi, factor)}
		panel.Add(piece{variant: none, says: src.name, band: alone, xUnit: unit, tops: hi}.of(ribbon(sourceColors[i], totals[i].xs, lo, hi)))
	}
	all := totals[len(sources)]
	for _, edge := range [][]float64{all.lo, all.hi} {
		panel.Add(curve(draw.LineStyle{Color: soft, Width: hairline}, all.xs, scaled(edge, factor)))
	}
	feed := meanOverTime(s, variant, perSecond, publisher.of)
	panel.Add(curve(publisherLine, feed.xs, scaled(feed.mid, factor)))
	pic.rates(s, variant, publisher.column, feed)
	return panel
}

// rates adds the rows of one source to pic.
func (p *picture) rates(s *result.Set, variant, column string, b band) {
	for i, x := range b.xs {
		p.rows = append(p.rows, []string{variant, column, num(x), num(b.mid[i]), num(b.lo[i]), num(b.hi[i]), fmt.Sprint(len(s.Seeds))})
	}
}

// scaled is values times a factor.
func scaled(values []float64, factor float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v * factor
	}
	return out
}

package reports

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"kinetoscope/sim/result"
)

// A paint draws data on a panel; x and y map data to the canvas.
type paint func(c draw.Canvas, x, y func(float64) vg.Length)

// Plot implements plot.Plotter.
func (f paint) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	f(c, x, y)
}

// gridAcross draws a faint line at each label of the vertical axis.
type gridAcross struct{}

// Plot implements plot.Plotter.
func (gridAcross) Plot(c draw.Canvas, p *plot.Plot) {
	style := draw.LineStyle{Color: faint, Width: hairline}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := c.Y(p.Y.Norm(t.Value)); c.ContainsY(y) {
			c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
		}
	}
}

// gridDown draws a faint line at each label of the horizontal axis.
type gridDown struct{}

// Plot implements plot.Plotter.
func (gridDown) Plot(c draw.Canvas, p *plot.Plot) {
	style := draw.LineStyle{Color: faint, Width: hairline}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if x := c.X(p.X.Norm(t.Value)); c.ContainsX(x) {
			c.StrokeLine2(style, x, c.Min.Y, x, c.Max.Y)
		}
	}
}

// curve joins points with a line; a NaN leaves a gap.
func curve(style draw.LineStyle, xs, ys []float64) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		var line []vg.Point
		flush := func() {
			if len(line) > 1 {
				c.StrokeLines(style, c.ClipLinesXY(line)...)
			}
			line = nil
		}
		for i := range xs {
			if math.IsNaN(ys[i]) {
				flush()
				continue
			}
			line = append(line, vg.Point{X: x(xs[i]), Y: y(ys[i])})
		}
		flush()
	}
}

// ribbon fills between two curves; a NaN leaves a gap.
func ribbon(fill color.Color, xs, lo, hi []float64) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		start := 0
		for i := 0; i <= len(xs); i++ {
			if i < len(xs) && !math.IsNaN(lo[i]) && !math.IsNaN(hi[i]) {
				continue
			}
			var around []vg.Point
			for j := start; j < i; j++ {
				around = append(around, vg.Point{X: x(xs[j]), Y: y(hi[j])})
			}
			for j := i - 1; j >= start; j-- {
				around = append(around, vg.Point{X: x(xs[j]), Y: y(lo[j])})
			}
			if len(around) > 2 {
				c.FillPolygon(fill, c.ClipPolygonXY(around))
			}
			start = i + 1
		}
	}
}

// shaded marks spans of the stream; labels are written above the heading of the
// panel, one over the other where they would meet.
func shaded(marks []result.Mark, perSecond float64, labels bool) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		var shown []result.Mark
		var mids []vg.Length
		for _, m := range marks {
			from := max(x(m.At.Seconds()*perSecond), c.Min.X)
			to := min(x(m.Until.Seconds()*perSecond), c.Max.X)
			if from >= to {
				continue
			}
			c.FillPolygon(shade, []vg.Point{{X: from, Y: c.Min.Y}, {X: to, Y: c.Min.Y}, {X: to, Y: c.Max.Y}, {X: from, Y: c.Max.Y}})
			shown, mids = append(shown, m), append(mids, (from+to)/2)
		}
		if labels {
			labelled(c, shown, mids)
		}
	}
}

// labelled writes the label of each mark, as near to the middle of its span as
// there is room for, and returns how many rows that takes.
func labelled(c draw.Canvas, marks []result.Mark, mids []vg.Length) (rows int) {
	style := words(tickSize, soft)
	style.XAlign = draw.XCenter
	var ends []vg.Length // of the rows
	for i, m := range marks {
		text := labelOf(m, func(text string) bool {
			return style.Width(text)*vg.Length(min(len(marks), 2)) <= c.Max.X-c.Min.X
		})
		half := style.Width(text) / 2
		mid := max(c.Min.X+half, min(mids[i], c.Max.X-half))
		row := slices.IndexFunc(ends, func(end vg.Length) bool { return end < mid-half })
		if row < 0 {
			row, ends = len(ends), append(ends, 0)
		}
		ends[row] = mid + half + tickSize
		c.FillText(style, vg.Point{X: mid, Y: c.Max.Y + headingRoom + footRow*vg.Length(row)}, text)
	}
	return len(ends)
}

// labelRoom is what the labels of marks need above a panel, by a panel that is
// narrower than any.
func labelRoom(s *result.Set) vg.Length {
	c := draw.NewCanvas(&recorder.Canvas{}, figureWidth*5/6, 1)
	mids := make([]vg.Length, len(s.Marks))
	for i, m := range s.Marks {
		mids[i] = c.Max.X * vg.Length(((m.At+min(m.Until, s.Duration))/2).Seconds()/s.Duration.Seconds())
	}
	return footRow * vg.Length(labelled(c, s.Marks, mids))
}

// faultsShaded is a sentence of captions of figures over time.
func faultsShaded(s *result.Set) string {
	if len(s.Marks) == 0 {
		return ""
	}
	return " Grey: faults, where they happen."
}

// labelOf is the label of a mark with the variants that it happens to, or with
// their number where their names do not fit.
func labelOf(m result.Mark, fits func(string) bool) string {
	if len(m.Variants) == 0 {
		return m.Label
	}
	if text := m.Label + ", in " + strings.Join(m.Variants, ", "); fits(text) {
		return text
	}
	return fmt.Sprintf("%s, in %d variants", m.Label, len(m.Variants))
}

// marksOf is the marks that happen to a variant.
func marksOf(s *result.Set, variant string) []result.Mark {
	return slices.DeleteFunc(slices.Clone(s.Marks), func(m result.Mark) bool { return !m.Concerns(variant) })
}

// dot draws one filled circle with a white rim.
func dot(c draw.Canvas, fill color.Color, radius vg.Length, at vg.Point) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: color.White, Radius: radius + 0.8, Shape: draw.CircleGlyph{}}, at)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: fill, Radius: radius, Shape: draw.CircleGlyph{}}, at)
}

// marker draws the hollow shape of the i-th variant: where several meet, each
// can still be seen. Grey is for one that is dominated.
func marker(c draw.Canvas, i int, at vg.Point, grey bool) {
	const radius = 4.4
	m := markers[(i+i/len(variantColors))%len(markers)]
	around := make([]vg.Point, m.corners+1)
	for k := range around {
		angle := m.turn + 2*math.Pi*float64(k%m.corners)/float64(m.corners)
		around[k] = vg.Point{X: at.X + vg.Length(radius*math.Cos(angle)), Y: at.Y + vg.Length(radius*math.Sin(angle))}
	}
	style := solid(i)
	if grey {
		style.Color = border
	}
	c.StrokeLines(style, around)
}

// speck draws the value of one seed.
func speck(c draw.Canvas, fill color.Color, at vg.Point) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: translucent(fill, 0x66), Radius: 1.5, Shape: draw.CircleGlyph{}}, at)
}

// A key is one entry of a legend: a line, or a filled box if fill is set, or
// the marker of a variant.
type key struct {
	name    string
	line    draw.LineStyle
	fill    color.Color
	variant int  // of the marker, from 1; 0: no marker
	grey    bool // the marker is
}

// legendRow is how high one row of a legend is.
const legendRow = vg.Length(15)

// legend draws keys in rows from the top left of the canvas and returns the
// canvas that is left below. Data never lies under it.
func legend(c draw.Canvas, keys []key) draw.Canvas {
	const swatch, gap, between = 20, 5, 16
	style := words(textSize, ink)
	style.YAlign = draw.YCenter
	x, y := c.Min.X, c.Max.Y-legendRow/2
	for _, k := range keys {
		k.name = short(k.name)
		width := swatch + gap + style.Width(k.name)
		if x+width > c.Max.X && x > c.Min.X {
			x, y = c.Min.X, y-legendRow
		}
		switch {
		case k.variant > 0:
			marker(c, k.variant-1, vg.Point{X: x + swatch/2, Y: y}, k.grey)
		case k.fill != nil:
			c.FillPolygon(k.fill, []vg.Point{{X: x, Y: y - 4}, {X: x + swatch, Y: y - 4}, {X: x + swatch, Y: y + 4}, {X: x, Y: y + 4}})
		default:
			c.StrokeLine2(k.line, x, y, x+swatch, y)
		}
		c.FillText(style, vg.Point{X: x + swatch + gap, Y: y}, k.name)
		x += width + between
	}
	c.Max.Y = y - legendRow/2
	return c
}

// short cuts a name that would push the data off the plot.
func short(name string) string {
	const most = 28
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}

// variantKeys is the legend of the variants of a Set but for those left out.
func variantKeys(s *result.Set, leftOut ...string) []key {
	var keys []key
	for i, v := range s.Variants {
		if !slices.Contains(leftOut, v.Name) {
			keys = append(keys, key{name: v.Name, line: variantLine(i)})
		}
	}
	return keys
}

// headingRoom is what a row of panels leaves free above it for headings.
const headingRoom = vg.Length(22)

// panels draws rows of plots of equal size, aligned, each below its heading.
// A plot may be nil.
func panels(c draw.Canvas, grid [][]*plot.Plot, headings [][]string) {
	tiles := draw.Tiles{Rows: len(grid), Cols: len(grid[0]), PadTop: headingRoom, PadX: 18, PadY: headingRoom + 4, PadRight: 8}
	style := words(textSize, ink)
	aligned := plot.Align(grid, tiles, c)
	for j, row := range aligned {
		for i, tile := range row {
			if grid[j][i] == nil {
				continue
			}
			grid[j][i].Draw(tile)
			left := tile.Min.X
			for _, other := range aligned {
				left = min(left, other[i].Min.X)
			}
			c.FillText(style, vg.Point{X: left, Y: tile.Max.Y + 7}, headings[j][i])
		}
	}
}

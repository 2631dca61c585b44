package reports

import (
	"bytes"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// A Panel is one line of numbers to draw: what its axes show, and the points.
type Panel struct {
	X, Y   string
	Xs, Ys []float64
}

// Sketch draws panels below each other as an SVG and a PNG file of this name,
// with a caption. What is not finite is left out.
func Sketch(name, caption string, shown []Panel) ([]result.File, error) {
	pic := &picture{height: 175 * vg.Length(max(len(shown), 1)), caption: caption}
	var grid [][]*plot.Plot
	var headings [][]string
	for _, s := range shown {
		grid = append(grid, []*plot.Plot{s.panel()})
		headings = append(headings, []string{s.Y})
	}
	pic.draw = func(c draw.Canvas) {
		if len(grid) > 0 {
			panels(c, grid, headings)
		}
	}
	var raster bytes.Buffer
	if err := pic.encode(&raster, "png"); err != nil {
		return nil, err
	}
	return []result.File{ready(name+".svg", pic.alone()), ready(name+".png", raster.Bytes())}, nil
}

// A Match is what is real and what was made like it, on the same axes.
type Match struct {
	Real, Made Panel
	Marks      bool // the real one is some points, not a line
}

// Matches draws rows of matches as one SVG file of this name, with a caption.
func Matches(name, caption string, rows [][]Match) result.File {
	pic := &picture{height: 120 * vg.Length(len(rows)), caption: caption}
	var grid [][]*plot.Plot
	var headings [][]string
	for _, row := range rows {
		var plots []*plot.Plot
		var names []string
		for i := range row {
			plots, names = append(plots, row[i].plot()), append(names, row[i].Real.Y)
		}
		grid, headings = append(grid, plots), append(headings, names)
	}
	keys := []key{{name: "real", line: variantLine(0)}, {name: "generated", line: variantLine(1)}}
	pic.draw = func(c draw.Canvas) { panels(legend(c, keys), grid, headings) }
	return ready(name, pic.alone())
}

// plot is both lines with their axes.
func (m *Match) plot() *plot.Plot {
	p := m.Real.panel()
	if m.Marks {
		xs, ys := m.Real.Xs, m.Real.Ys
		p.Add(paint(func(c draw.Canvas, x, y func(float64) vg.Length) {
			for i := range xs {
				dot(c, solid(0).Color, 2.6, vg.Point{X: x(xs[i]), Y: y(ys[i])})
			}
		}))
	}
	p.Add(curve(variantLine(1), m.Made.Xs, m.Made.Ys))
	fitZero(&p.Y, 1)
	return p
}

// panel is the line with its axes.
func (s *Panel) panel() *plot.Plot {
	p := newPanel(s.X)
	lo, hi, top := math.Inf(1), math.Inf(-1), 0.0
	for i := range s.Xs {
		if x, y := s.Xs[i], s.Ys[i]; !math.IsNaN(x-x) && !math.IsNaN(y-y) {
			lo, hi, top = min(lo, x), max(hi, x), max(top, y)
		}
	}
	if lo < hi {
		p.X.Min, p.X.Max = lo, hi
	}
	style := variantLine(0)
	style.Width = 1
	p.Add(curve(style, s.Xs, s.Ys))
	fitZero(&p.Y, top)
	return p
}

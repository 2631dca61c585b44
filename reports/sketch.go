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

package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// attacksPlot puts each variant in the plane of what attacks cost and what they
// took: above the line where both are the same, an attack pays. Whoever takes
// nothing stands on the lower edge.
func attacksPlot(s *result.Set) *picture {
	const across, up = result.AttackCost, result.AttackStolen
	pic := &picture{height: 260, header: []string{"variant",
		"cost_mean", "cost_lo95", "cost_hi95", "stolen_mean", "stolen_lo95", "stolen_hi95", "n"}}
	lo, hi := math.Inf(1), 0.0
	for _, v := range s.Variants {
		cost, stolen := s.Summary(across, v.Name), s.Summary(up, v.Name)
		for _, x := range []float64{cost.Mean, stolen.Mean} {
			if x > 0 {
				lo, hi = min(lo, x), max(hi, x)
			}
		}
		pic.rows = append(pic.rows, []string{v.Name, num(cost.Mean), num(cost.Lo), num(cost.Hi),
			num(stolen.Mean), num(stolen.Lo), num(stolen.Hi), fmt.Sprint(min(cost.N, stolen.N))})
	}
	if hi == 0 {
		return nil
	}
	panel := newPanel("attack-cost, ETH")
	fitLog(&panel.X, lo/2, hi)
	fitLog(&panel.Y, lo/2, hi)
	panel.Add(gridDown{}, breakEven{})
	var keys []key
	for i, v := range s.Variants {
		panel.Add(attackAt(s, v.Name, i, panel.Y.Min))
		keys = append(keys, key{name: v.Name, variant: i + 1})
	}
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, keys), [][]*plot.Plot{{panel}}, [][]string{{"attack-stolen, ETH"}})
	}
	pic.caption = fmt.Sprintf("Shape: mean over %s; cross: its 95 %% intervals both ways; on the lower edge: nothing was taken. Above the dashed line an attack takes more than it costs.", seeds(s))
	return pic
}

// breakEven is the line where an attack takes what it costs.
type breakEven struct{}

// Plot implements plot.Plotter.
func (breakEven) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: soft, Width: 1, Dashes: []vg.Length{4, 3}}
	c.StrokeLine2(style, x(p.X.Min), y(p.X.Min), x(p.X.Max), y(p.X.Max))
}

// attackAt draws one variant in the plane of attacks; floor stands for nothing.
func attackAt(s *result.Set, variant string, i int, floor float64) paint {
	cost, stolen := s.Summary(result.AttackCost, variant), s.Summary(result.AttackStolen, variant)
	style := solid(i)
	style.Width = 1
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if cost.N > 0 && cost.Mean > 0 {
			at := vg.Point{X: x(cost.Mean), Y: y(max(stolen.Mean, floor))}
			if cost.HasInterval() && stolen.HasInterval() {
				c.StrokeLines(style, c.ClipLinesXY(
					[]vg.Point{{X: x(max(cost.Lo, cost.Mean/1e6)), Y: at.Y}, {X: x(cost.Hi), Y: at.Y}},
					[]vg.Point{{X: at.X, Y: y(max(stolen.Lo, floor))}, {X: at.X, Y: y(max(stolen.Hi, floor))}})...)
			}
			marker(c, i, at, false)
		}
	}
}

package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// costParts is what a viewer-hour costs, in the order of the bars.
var costParts = []struct {
	id   result.MetricID
	name string
}{{result.EgressCost, "egress"}, {result.GasCost, "gas"}, {result.StorageCost, "storage"}, {result.ComputeCost, "compute"},
	{result.CapitalCost, "capital"}, {result.CardCost, "card or exchange"}}

// costsPlot shows for each variant what a viewer-hour costs, and for what.
func costsPlot(s *result.Set) *picture {
	sums := make([]float64, len(s.Variants))
	means := make([][]float64, len(s.Variants))
	most := 0.0
	pic := &picture{height: vg.Length(62 + 24*len(s.Variants)), header: []string{"variant", "part", "usd_per_viewer_hour_mean", "lo95", "hi95", "n"}}
	for i, v := range s.Variants {
		for _, part := range costParts {
			st := s.Summary(part.id, v.Name)
			pic.rows = append(pic.rows, []string{v.Name, part.name, num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
			if math.IsNaN(st.Mean) {
				st.Mean = 0
			}
			means[i], sums[i] = append(means[i], st.Mean), sums[i]+st.Mean
		}
		most = max(most, sums[i])
	}
	if most == 0 {
		return nil
	}
	panel := newPanel("dollars for each hour watched")
	panel.X.Min, panel.X.Max = 0, most
	panel.Y.Tick.Marker = nameTicks(s.VariantNames())
	panel.Y.Tick.Label.Color = ink
	panel.Y.Min, panel.Y.Max = -float64(len(s.Variants))+0.5, 0.5
	for i := range s.Variants {
		panel.Add(piece{variant: i}.of(costBar(s.Variants[i].Name, means[i], sums[i], -float64(i))))
	}
	var keys []key
	for i, p := range costParts {
		keys = append(keys, key{name: p.name, fill: payeeColors[i]})
	}
	pic.height += legendHeight(keys)
	pic.draw = func(c draw.Canvas) {
		below := draw.Crop(legend(c, keys), 0, -totalRoom, 0, 0)
		panels(below, [][]*plot.Plot{{panel}}, [][]string{{"cost of a viewer-hour"}})
	}
	pic.caption = fmt.Sprintf("What a viewer-hour costs all who take part, by the scenario's price sheet, mean over %s; to the right of a bar, the whole. "+
		"95 %% intervals are in the CSV file.", seeds(s))
	return pic
}

// costBar draws the bar of one variant at height at.
func costBar(variant string, means []float64, sum, at float64) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		from := 0.0
		for i, usd := range means {
			if usd > 0 {
				says := fmt.Sprintf("%s, %s: %s", variant, costParts[i].name, result.Metrics[result.CostPerViewerHour].Text(usd))
				piece{variant: none, says: says}.of(func(c draw.Canvas, x, y func(float64) vg.Length) {
					box(c, payeeColors[i], x(from), x(from+usd), y(at), 6)
				})(c, x, y)
				from += usd
			}
		}
		style := words(tickSize, ink)
		style.YAlign = draw.YCenter
		c.FillText(style, vg.Point{X: c.Max.X + 6, Y: y(at)}, result.Metrics[result.CostPerViewerHour].Text(sum))
	}
}

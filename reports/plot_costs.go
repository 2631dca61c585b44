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
	most := 0.0
	pic := &picture{height: vg.Length(62 + 24*len(s.Variants)), header: []string{"variant", "part", "usd_per_viewer_hour_mean", "lo95", "hi95", "n"}}
	panel := newPanel("dollars for each hour watched")
	for i, v := range s.Variants {
		sums, parts := make([]float64, len(s.RunsOf(v.Name))), make([]result.Stat, len(costParts))
		for k, part := range costParts {
			st := s.Summary(part.id, v.Name)
			pic.rows = append(pic.rows, []string{v.Name, part.name, num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
			parts[k] = st
			for j, usd := range s.Values(part.id, v.Name) {
				if !math.IsNaN(usd) {
					sums[j] += usd
				}
			}
		}
		whole := result.NewStat(sums)
		if most = max(most, whole.Mean); whole.HasInterval() {
			most = max(most, whole.Hi)
		}
		panel.Add(piece{variant: i}.of(costBar(v.Name, parts, whole, -float64(i))))
	}
	if most == 0 {
		return nil
	}
	fitZero(&panel.X, most)
	panel.Y.Tick.Marker = nameTicks(s.VariantNames())
	panel.Y.Tick.Label.Color = ink
	panel.Y.Min, panel.Y.Max = -float64(len(s.Variants))+0.5, 0.5
	var keys []key
	for i, p := range costParts {
		keys = append(keys, key{name: p.name, fill: payeeColors[i]})
	}
	pic.height += legendHeight(keys)
	pic.draw = func(c draw.Canvas) {
		below := draw.Crop(legend(c, keys), 0, -totalRoom, 0, 0)
		panels(below, [][]*plot.Plot{{panel}}, [][]string{{"cost of a viewer-hour"}})
	}
	pic.caption = fmt.Sprintf("What a viewer-hour costs all who take part, by the scenario's price sheet, mean over %s; line: 95 %% interval of the whole (Student's t), which stands to the right. "+
		"Point at a part for its own.", seeds(s))
	return pic
}

// costBar draws the bar of one variant at height at.
func costBar(variant string, parts []result.Stat, whole result.Stat, at float64) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		from := 0.0
		for i, part := range parts {
			if part.Mean > 0 {
				says := fmt.Sprintf("%s, %s: %s", variant, costParts[i].name, result.Metrics[result.CostPerViewerHour].StatText(part))
				piece{variant: none, says: says}.of(func(c draw.Canvas, x, y func(float64) vg.Length) {
					box(c, payeeColors[i], x(from), x(from+part.Mean), y(at), 6)
				})(c, x, y)
				from += part.Mean
			}
		}
		total(c, x, y, at, result.CostPerViewerHour, whole)
	}
}

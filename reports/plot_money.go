package reports

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"kinetoscope/sim/result"
)

// totalRoom is what plots of stacked bars leave free to the right of them.
const totalRoom = vg.Length(76)

// total draws the interval of a whole bar, and writes the whole beside it.
func total(c draw.Canvas, x, y func(float64) vg.Length, at float64, of result.MetricID, whole result.Stat) {
	if whole.HasInterval() {
		c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1}, x(whole.Lo), y(at), x(whole.Hi), y(at))
	}
	totalText(c, y(at), of, whole)
}

// totalText writes the whole of a bar to the right of it.
func totalText(c draw.Canvas, y vg.Length, of result.MetricID, whole result.Stat) {
	style := words(tickSize, ink)
	style.YAlign = draw.YCenter
	c.FillText(style, vg.Point{X: c.Max.X + 6, Y: y}, result.Metrics[of].StatText(whole))
}

// moneyPlot shows for each variant who ends up with what share of the money.
func moneyPlot(s *result.Set) *picture {
	payees := payeesOf(s)
	if len(payees) == 0 {
		return nil
	}
	panel := newPanel("cents of each dollar")
	panel.X.Min, panel.X.Max = 0, 100
	panel.Y.Tick.Marker = nameTicks(s.VariantNames())
	panel.Y.Tick.Label.Color = ink
	panel.Y.Min, panel.Y.Max = -float64(len(s.Variants))+0.5, 0.5
	pic := &picture{height: vg.Length(62 + 24*len(s.Variants)), header: []string{"variant", "payee", "usd_mean", "usd_lo95", "usd_hi95", "share_mean", "n"}}
	for i, v := range s.Variants {
		panel.Add(piece{variant: i}.of(moneyBar(s, v.Name, payees, -float64(i), pic)))
	}
	var keys []key
	for i, name := range payees {
		keys = append(keys, key{name: name, fill: payeeColors[i%len(payeeColors)]})
	}
	pic.height += legendHeight(keys)
	pic.draw = func(c draw.Canvas) {
		below := draw.Crop(legend(c, keys), 0, -totalRoom, 0, 0)
		panels(below, [][]*plot.Plot{{panel}}, [][]string{{"share of all money that moved"}})
	}
	pic.caption = fmt.Sprintf("Money that ended with each payee ÷ all money that moved, mean over %s; to the right of a bar, what a run moved in all, "+
		"with half its 95 %% interval (Student's t). Point at a part for its dollars with theirs.", seeds(s))
	return pic
}

// payeesOf is the payees of all runs in the order of their first mention.
func payeesOf(s *result.Set) []string {
	var names []string
	known := map[string]bool{}
	for _, r := range s.Runs {
		for _, f := range r.Flows {
			if !known[f.Payee] {
				known[f.Payee] = true
				names = append(names, f.Payee)
			}
		}
	}
	return names
}

// earned is what a payee got in each run of a variant.
func earned(s *result.Set, variant, payee string) []float64 {
	runs := s.RunsOf(variant)
	sums := make([]float64, len(runs))
	for i, r := range runs {
		for _, f := range r.Flows {
			if f.Payee == payee {
				sums[i] += f.USD
			}
		}
	}
	return sums
}

// moneyBar draws the bar of one variant at height at and adds its rows to pic.
func moneyBar(s *result.Set, variant string, payees []string, at float64, pic *picture) paint {
	means, parts := make([]float64, len(payees)), make([]result.Stat, len(payees))
	sums := make([]float64, len(s.RunsOf(variant)))
	for i, name := range payees {
		dollars := earned(s, variant, name)
		parts[i] = result.NewStat(dollars)
		means[i] = parts[i].Mean
		for j, usd := range dollars {
			sums[j] += usd
		}
	}
	whole := result.NewStat(sums)
	all := whole.Mean
	for i, name := range payees {
		st := parts[i]
		share := math.NaN()
		if all > 0 {
			share = means[i] / all
		}
		pic.rows = append(pic.rows, []string{variant, name, num(st.Mean), num(st.Lo), num(st.Hi), num(share), fmt.Sprint(st.N)})
	}
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		from := 0.0
		for i, usd := range means {
			if all == 0 || usd <= 0 {
				continue
			}
			to := from + 100*usd/all
			says := fmt.Sprintf("%s, %s: %s, %.1f%%", variant, payees[i], result.Metrics[result.Paid].StatText(parts[i]), to-from)
			piece{variant: none, says: says}.of(func(c draw.Canvas, x, y func(float64) vg.Length) {
				box(c, payeeColors[i%len(payeeColors)], x(from), x(to), y(at), 6)
			})(c, x, y)
			from = to
		}
		totalText(c, y(at), result.Paid, whole)
	}
}

// box fills a bar of a stacked row with a thin white edge to the next one.
func box(c draw.Canvas, fill color.Color, from, to, mid, half vg.Length) {
	around := []vg.Point{{X: from, Y: mid - half}, {X: to, Y: mid - half}, {X: to, Y: mid + half}, {X: from, Y: mid + half}}
	c.FillPolygon(fill, around)
	c.StrokeLine2(draw.LineStyle{Color: color.White, Width: 0.8}, to, mid-half, to, mid+half)
}

// legendHeight is how much a legend takes from a figure.
func legendHeight(keys []key) vg.Length {
	c := draw.NewCanvas(&recorder.Canvas{}, figureWidth, 1000)
	return 1000 - legend(c, keys).Max.Y
}

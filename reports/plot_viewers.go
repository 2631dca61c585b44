package reports

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// stayingPlot is the Kaplan-Meier estimate of how long viewers stay: who is
// there when the stream ends has left nobody knows when. Nil where all stay.
func stayingPlot(s *result.Set) *picture {
	left := func(v *result.Viewer) bool { return v.Leave < s.Duration }
	if !slices.ContainsFunc(s.Runs, func(r *result.Run) bool {
		return slices.ContainsFunc(r.Viewers, func(v result.Viewer) bool { return left(&v) })
	}) {
		return nil
	}
	unit, perSecond := clock(s.Duration)
	panel := newPanel(unit + " after joining")
	panel.X.Min, panel.X.Max = 0, s.Duration.Seconds()*perSecond
	panel.Y.Min, panel.Y.Max = 0, 100
	pic := &picture{height: 235, header: []string{"variant", "seconds", "share_median", "share_lo", "share_hi", "n"}}
	grid := make([]time.Duration, maxPoints)
	for i := range grid {
		grid[i] = s.Duration / (maxPoints - 1) * time.Duration(i)
	}
	var bands []band
	for _, v := range s.Variants {
		var b band
		var curves [][]float64
		for _, r := range s.RunsOf(v.Name) {
			curves = append(curves, survival(r.Viewers, left, grid))
		}
		for i, at := range grid {
			var samples []float64
			for _, c := range curves {
				samples = append(samples, 100*c[i])
			}
			if slices.ContainsFunc(samples, math.IsNaN) { // the others alone would not be the same sample
				samples = nil
			}
			b.add(at.Seconds()*perSecond, samples)
			pic.rows = append(pic.rows, []string{v.Name, num(at.Seconds()), num(b.mid[i] / 100), num(b.lo[i] / 100), num(b.hi[i] / 100), fmt.Sprint(len(s.Seeds))})
		}
		bands = append(bands, b)
	}
	drawBands(panel, s, bands, unit)
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s)), [][]*plot.Plot{{panel}}, [][]string{{"viewers still there, %"}})
	}
	pic.caption = "Kaplan-Meier estimate: who is still there at the end of the stream counts up to then; a line ends where a seed has nobody left to tell. " + overSeeds(s)
	return pic
}

// shares draws the band of each variant, in percent, and writes its numbers down.
func (p *picture) shares(panel *plot.Plot, s *result.Set, unit string, of func([]*result.Run) band) {
	var bands []band
	for _, v := range s.Variants {
		b := of(s.RunsOf(v.Name))
		for i, x := range b.xs {
			p.rows = append(p.rows, []string{v.Name, num(x), num(b.mid[i] / 100), num(b.lo[i] / 100), num(b.hi[i] / 100), fmt.Sprint(len(s.Seeds))})
		}
		bands = append(bands, b)
	}
	drawBands(panel, s, bands, unit)
}

// drawBands adds a ribbon and a line for each variant.
func drawBands(panel *plot.Plot, s *result.Set, bands []band, unit string) {
	for i, b := range bands {
		panel.Add(piece{variant: i}.of(ribbon(translucent(variantLine(i).Color, 0x26), b.xs, b.lo, b.hi)))
	}
	for i, b := range bands {
		panel.Add(piece{variant: i, says: s.Variants[i].Name, band: b, xUnit: unit}.of(curve(variantLine(i), b.xs, b.mid)))
	}
}

// survival is the estimate of Kaplan and Meier (1958) of the share of viewers
// that stay longer than each time of an ascending grid, NaN once nobody is left
// to tell. Left says whose visit ended by itself.
func survival(viewers []result.Viewer, left func(*result.Viewer) bool, grid []time.Duration) []float64 {
	type visit struct {
		length time.Duration
		ended  bool
	}
	var visits []visit
	for i := range viewers {
		visits = append(visits, visit{viewers[i].Leave - viewers[i].Join, left(&viewers[i])})
	}
	slices.SortFunc(visits, func(a, b visit) int { return int(a.length - b.length) })
	shares := make([]float64, len(grid))
	share, next := 1.0, 0
	for k, at := range grid {
		for next < len(visits) && visits[next].length <= at {
			risk, ends, t := len(visits)-next, 0, visits[next].length
			for next < len(visits) && visits[next].length == t {
				if visits[next].ended {
					ends++
				}
				next++
			}
			share *= 1 - float64(ends)/float64(risk)
		}
		if shares[k] = share; next == len(visits) && share > 0 {
			shares[k] = math.NaN()
		}
	}
	return shares
}

// carriersPlot is the Lorenz curve of what viewers upload: which share of the
// bytes the least generous share of them carries. Nil where nobody uploads.
func carriersPlot(s *result.Set) *picture {
	panel := newPanel("viewers, from who uploads least, %")
	panel.X.Min, panel.X.Max, panel.Y.Min, panel.Y.Max = 0, 100, 0, 100
	pic := &picture{height: 250, header: []string{"variant", "viewers_percent", "bytes_median_percent", "bytes_lo_percent", "bytes_hi_percent", "n"}}
	panel.Add(curve(draw.LineStyle{Color: border, Width: hairline, Dashes: dashes[2]}, []float64{0, 100}, []float64{0, 100}))
	bands := make([]band, len(s.Variants))
	ginis, idle := "", []string{}
	for i, v := range s.Variants {
		var curves [][]float64
		var gini []float64
		for _, r := range s.RunsOf(v.Name) {
			if c := lorenz(r.Viewers); c != nil {
				curves, gini = append(curves, c), append(gini, giniOf(c))
			}
		}
		if len(curves) == 0 {
			idle = append(idle, v.Name)
			continue
		}
		for k := range curves[0] {
			var samples []float64
			for _, c := range curves {
				samples = append(samples, 100*c[k])
			}
			x := 100 * float64(k) / float64(len(curves[0])-1)
			bands[i].add(x, samples)
			pic.rows = append(pic.rows, []string{v.Name, num(x), num(bands[i].mid[k]), num(bands[i].lo[k]), num(bands[i].hi[k]), fmt.Sprint(len(curves))})
		}
		ginis += fmt.Sprintf(" %s %s.", v.Name, gini95(result.NewStat(gini)))
	}
	if ginis == "" {
		return nil
	}
	drawBands(panel, s, bands, "%")
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, variantKeys(s, idle...)), [][]*plot.Plot{{panel}}, [][]string{{"bytes sent to other viewers, %"}})
	}
	pic.caption = fmt.Sprintf("Lorenz curve; on the dotted line all would carry the same. %s Gini coefficient with half its 95 %% interval:%s", overSeeds(s), ginis)
	return pic
}

// gini95 words a coefficient with half its interval.
func gini95(st result.Stat) string {
	if !st.HasInterval() {
		return fmt.Sprintf("%.2f (n=1)", st.Mean)
	}
	return fmt.Sprintf("%.2f ± %.2f", st.Mean, (st.Hi-st.Lo)/2)
}

// lorenzSteps is how finely a Lorenz curve is drawn.
const lorenzSteps = 100

// lorenz is the share of all uploaded bytes that the least generous k of 100
// parts of the viewers carry, k from 0; nil if nobody uploads.
func lorenz(viewers []result.Viewer) []float64 {
	up := make([]int64, len(viewers))
	total := int64(0)
	for i := range viewers {
		up[i] = viewers[i].Uploaded
		total += up[i]
	}
	if total == 0 {
		return nil
	}
	slices.Sort(up)
	shares := make([]float64, lorenzSteps+1)
	sum, next := int64(0), 0
	for k := range shares {
		whole := k * len(up) / lorenzSteps
		for ; next < whole; next++ {
			sum += up[next]
		}
		part := float64(k*len(up)%lorenzSteps) / lorenzSteps // of the next viewer
		shares[k] = float64(sum)
		if part > 0 {
			shares[k] += float64(part * float64(up[next]))
		}
		shares[k] /= float64(total)
	}
	return shares
}

// giniOf is twice the area between a Lorenz curve and the line of equality.
func giniOf(shares []float64) float64 {
	area := 0.0
	for k := 1; k < len(shares); k++ {
		area += (shares[k-1] + shares[k]) / 2 / float64(len(shares)-1)
	}
	return 1 - 2*area
}

// fares is what the plot of viewers shows of each: a quantity of a viewer, and
// for whom it has one.
var fares = []struct {
	heading, column string
	of              func(*result.Viewer) float64 // NaN: none
}{
	{"startup, s", "startup_sec", func(v *result.Viewer) float64 { return among(v.Started(), v.Startup.Seconds()) }},
	{"bitrate, Mbit/s", "bitrate_mbps", func(v *result.Viewer) float64 { return among(v.Watched > 0, v.Bitrate/1e6) }},
	{"stalled, % of watching", "stalled_percent", func(v *result.Viewer) float64 {
		return among(v.Watched+v.Stalled > 0, 100*v.Stalled.Seconds()/(v.Watched+v.Stalled).Seconds())
	}},
	{"live latency, s", "latency_sec", func(v *result.Viewer) float64 { return among(v.Watched > 0, v.Latency.Seconds()) }},
}

// among is a value where there is one.
func among(is bool, v float64) float64 {
	if !is {
		return math.NaN()
	}
	return v
}

// boxQuantiles are those of a box with its whiskers.
var boxQuantiles = []float64{0.05, 0.25, 0.5, 0.75, 0.95}

// viewersPlot shows how unequally viewers fare: for each variant the quantiles
// over viewers, each a mean over seeds.
func viewersPlot(s *result.Set) *picture {
	pic := &picture{header: []string{"quantity", "variant", "quantile", "mean", "lo95", "hi95", "n"}}
	var grid [][]*plot.Plot
	var headings [][]string
	for k, f := range fares {
		panel := newPanel("")
		panel.X.Tick.Marker = ticks{want: 4}
		panel.Y.Tick.Marker = nameTicks(s.VariantNames())
		panel.Y.Min, panel.Y.Max = -float64(len(s.Variants))+0.5, 0.5
		panel.Y.Tick.Label.Color = ink
		panel.Add(gridDown{})
		top := 0.0
		for i, v := range s.Variants {
			box := boxOf(s.RunsOf(v.Name), f.of)
			if box[2].N == 0 {
				continue
			}
			for q, st := range box {
				pic.rows = append(pic.rows, []string{f.column, v.Name, num(boxQuantiles[q]), num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
			}
			top = max(top, box[4].Mean, highest(nil, box[2]))
			says := fmt.Sprintf("%s: median viewer %.3g, middle half %.3g to %.3g, nine of ten %.3g to %.3g", v.Name, box[2].Mean, box[1].Mean, box[3].Mean, box[0].Mean, box[4].Mean)
			panel.Add(piece{variant: i, says: says}.of(boxed(box, -float64(i), i)))
		}
		fitZero(&panel.X, top)
		if k%2 == 0 {
			grid, headings = append(grid, make([]*plot.Plot, 2)), append(headings, make([]string, 2))
		} else {
			panel.Y.Tick.Marker = noLabels{panel.Y.Tick.Marker}
		}
		grid[k/2][k%2], headings[k/2][k%2] = panel, f.heading
	}
	if len(pic.rows) == 0 {
		return nil
	}
	pic.height = vg.Length(44+18*len(s.Variants))*vg.Length(len(grid)) + 6
	pic.draw = func(c draw.Canvas) { panels(c, grid, headings) }
	pic.caption = fmt.Sprintf("Over the viewers of a run. Box: the middle half, with the median; whiskers: 5 %% to 95 %%. Each is a mean over %s; "+
		"the bar through the median is its 95 %% interval (Student's t).", seeds(s))
	return pic
}

// boxOf is the quantiles over the viewers of each run, as means over runs.
func boxOf(runs []*result.Run, of func(*result.Viewer) float64) (box [5]result.Stat) {
	samples := make([][]float64, len(boxQuantiles))
	for _, r := range runs {
		var values []float64
		for i := range r.Viewers {
			if v := of(&r.Viewers[i]); !math.IsNaN(v) {
				values = append(values, v)
			}
		}
		slices.Sort(values)
		for q, p := range boxQuantiles {
			if n := len(values); n > 0 {
				samples[q] = append(samples[q], values[min(n-1, int(p*float64(n)))])
			}
		}
	}
	for q := range box {
		box[q] = result.NewStat(samples[q])
	}
	return box
}

// boxed draws a box at height at.
func boxed(box [5]result.Stat, at float64, i int) paint {
	const half = 4.2
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		style := solid(i)
		style.Width = 1
		mid := y(at)
		left, right := x(box[1].Mean), x(box[3].Mean)
		c.StrokeLine2(style, x(box[0].Mean), mid, left, mid)
		c.StrokeLine2(style, right, mid, x(box[4].Mean), mid)
		around := []vg.Point{{X: left, Y: mid - half}, {X: right, Y: mid - half}, {X: right, Y: mid + half}, {X: left, Y: mid + half}, {X: left, Y: mid - half}}
		c.FillPolygon(translucent(style.Color, 0x26), around)
		c.StrokeLines(style, around)
		style.Width = 2
		c.StrokeLine2(style, x(box[2].Mean), mid-half, x(box[2].Mean), mid+half)
		if box[2].HasInterval() {
			style.Width = 1.6
			c.StrokeLine2(style, x(box[2].Lo), mid, x(box[2].Hi), mid)
		}
	}
}

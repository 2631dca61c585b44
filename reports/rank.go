package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// rankLevel is the family-wise error of a ranking.
const rankLevel = 0.05

// A rankTable is who does best over all points of a sweep.
type rankTable struct {
	Heads   []string
	Rows    []rankRow
	Caption string
}

type rankRow struct {
	Name  string
	Score int
	Cells []sweepCell
	order int
}

// ranked is the table over the headline metrics; nil if there is nothing to
// rank.
func ranked(points []Point) *rankTable {
	var worlds []*result.Set
	for _, p := range points {
		worlds = append(worlds, p.Set)
	}
	first := worlds[0]
	rankings := result.Rank(worlds, sweepHeadlines(points), rankLevel)
	if len(first.Variants) < 2 || len(rankings) == 0 {
		return nil
	}
	t := &rankTable{Heads: []string{"variant", "wins − losses"}}
	tests := 0
	for i, v := range first.VariantNames() {
		row := rankRow{Name: v, order: i}
		for _, r := range rankings {
			wins := r.Wins(i)
			row.Score += wins
			row.Cells = append(row.Cells, sweepCell{result.Metrics[r.Metric].Name, minus(fmt.Sprintf("%.1f (%+d)", r.MeanRank[i], wins)), num(r.MeanRank[i])})
		}
		t.Rows = append(t.Rows, row)
	}
	for _, r := range rankings {
		t.Heads = append(t.Heads, result.Metrics[r.Metric].Name)
		tests += len(r.Variants) * (len(r.Variants) - 1) / 2
	}
	slices.SortStableFunc(t.Rows, func(a, b rankRow) int { return b.Score - a.Score })
	t.Caption = fmt.Sprintf("Mean rank, 1 being the best, over %s × %s; in parentheses how many others a variant beats less how many beat it. "+
		"Every two variants were compared, paired by point and seed, on log ratios (Student's t); a win has p < %v by Holm over all %d tests.",
		count(len(points), "point"), sampled(first), rankLevel, tests)
	return t
}

// pairedTable says for every two variants how much surer their difference is
// because both met the same worlds; nil where there is one world or variant.
func pairedTable(points []Point) *rankTable {
	var worlds []*result.Set
	for _, p := range points {
		worlds = append(worlds, p.Set)
	}
	pairs := result.Pairings(worlds)
	if len(worlds) < 2 || len(pairs) == 0 {
		return nil
	}
	slices.SortStableFunc(pairs, func(a, b result.Pairing) int { return cmp.Compare(b.Given.Median, a.Given.Median) })
	t := &rankTable{Heads: []string{"variants", "narrower in these worlds", "of that tenfold", "narrower in worlds like these", "of those tenfold", "metrics"}}
	names := worlds[0].VariantNames()
	tenfold := [2]int{}
	for _, p := range pairs {
		row := rankRow{Name: names[p.A] + ", " + names[p.B]}
		for k, n := range []result.Narrowing{p.Given, p.Sampled} {
			times := "without spread"
			if n.Median >= 10 {
				tenfold[k]++
			}
			if !math.IsInf(n.Median, 0) {
				times = fmt.Sprintf("%.3g×", n.Median)
			}
			row.Cells = append(row.Cells, sweepCell{t.Heads[2*k+1], times, fmt.Sprint(min(n.Median, 1e9))},
				sweepCell{t.Heads[2*k+2], fmt.Sprintf("%.0f%%", 100*n.Tenfold), num(n.Tenfold)})
		}
		t.Rows = append(t.Rows, rankRow{Name: row.Name, Cells: append(row.Cells, sweepCell{t.Heads[5], fmt.Sprint(p.Metrics), fmt.Sprint(p.Metrics)})})
	}
	t.Caption = fmt.Sprintf("How many times narrower the 95 %% interval of the difference of two variants is because both met the same %s × %s, "+
		"instead of other draws of both: on log ratios, of every metric above zero, the median of these and the share for which it is ten or more. "+
		"In these worlds: of the mean over the points that there are, so that seeds alone are chance. In worlds like these: the points are a sample too, "+
		"and what two variants do differently with the same world, which no pairing takes out, widens the interval. "+
		"The median metric is ten times surer or more in %d of %s of variants in these worlds, in %d in worlds like these.",
		count(len(points), "point"), sampled(worlds[0]), tenfold[0], count(len(pairs), "pair"), tenfold[1])
	return t
}

// csvRows is the ranking as a table for programs.
func (t *rankTable) csvRows() (header []string, rows [][]string) {
	for _, r := range t.Rows {
		row := []string{r.Name, strconv.Itoa(r.Score)}
		for _, c := range r.Cells {
			row = append(row, c.Text)
		}
		rows = append(rows, row)
	}
	return t.Heads, rows
}

// A plane is two metrics of which less is better.
type plane struct{ across, up result.MetricID }

// planes are those in which a sweep's variants are weighed.
var planes = []plane{
	{result.CostPerViewerHour, result.RebufferRatio},
	{result.LatencyP50, result.RebufferRatio},
}

// planeFigures puts each variant, as its mean over all points, into planes.
func planeFigures(points []Point) (list []figure) {
	if len(points[0].Set.Variants) < 2 {
		return nil
	}
	for _, p := range planes {
		xs, ys := overPoints(points, p.across), overPoints(points, p.up)
		if xs == nil || ys == nil {
			continue
		}
		a, b := result.Metrics[p.across].Name, result.Metrics[p.up].Name
		pic := planePicture(points[0].Set, p, xs, ys)
		pic.caption = fmt.Sprintf("Mean over %s and %s; cross: its 95 %% intervals both ways; pale specks: the seeds. Down and to the left is better; a grey variant is dominated: another is better in one and no worse in the other.",
			count(len(points), "point"), sampleOf(points))
		list = append(list, figure{plotRow{name: "plane-" + a + "-" + b, title: a + " against " + b}, pic})
	}
	return list
}

// overPoints is for each variant, for each seed, the mean over points; nil if
// one of them has none.
func overPoints(points []Point, id result.MetricID) [][]float64 {
	first := points[0].Set
	sums := make([][]float64, len(first.Variants))
	for i, v := range first.VariantNames() {
		sums[i] = make([]float64, len(first.Seeds))
		for _, p := range points {
			for k, x := range p.Set.Values(id, v) {
				sums[i][k] += x / float64(len(points))
			}
		}
		if slices.ContainsFunc(sums[i], math.IsNaN) {
			return nil
		}
	}
	return sums
}

// dominated says whether another variant's means are no worse in both and
// better in one.
func dominated(xs, ys [][]float64, i int) bool {
	x, y := result.NewStat(xs[i]).Mean, result.NewStat(ys[i]).Mean
	for k := range xs {
		if ox, oy := result.NewStat(xs[k]).Mean, result.NewStat(ys[k]).Mean; ox <= x && oy <= y && (ox < x || oy < y) {
			return true
		}
	}
	return false
}

// planePicture draws variants in a plane, with a value for each seed.
func planePicture(s *result.Set, p plane, xs, ys [][]float64) *picture {
	across, up := &result.Metrics[p.across], &result.Metrics[p.up]
	pic := &picture{height: 235, header: []string{"variant", across.Name + "_mean", across.Name + "_lo95", across.Name + "_hi95",
		up.Name + "_mean", up.Name + "_lo95", up.Name + "_hi95", "n", "dominated"}}
	right, top := 0.0, 0.0
	for i := range s.Variants {
		right, top = max(right, highest(xs[i], result.NewStat(xs[i]))), max(top, highest(ys[i], result.NewStat(ys[i])))
	}
	xf, xUnit := across.Axis(right)
	yf, yUnit := up.Axis(top)
	panel := newPanel(across.Name + ", " + xUnit)
	fitZero(&panel.X, right*xf)
	fitZero(&panel.Y, top*yf)
	panel.Add(gridDown{})
	var keys []key
	for i, v := range s.VariantNames() {
		x, y, grey := result.NewStat(xs[i]), result.NewStat(ys[i]), dominated(xs, ys, i)
		pic.rows = append(pic.rows, []string{v, num(x.Mean), num(x.Lo), num(x.Hi), num(y.Mean), num(y.Lo), num(y.Hi), fmt.Sprint(x.N), fmt.Sprint(grey)})
		says := fmt.Sprintf("%s: %s %s, %s %s", v, across.Name, across.StatText(x), up.Name, up.StatText(y))
		panel.Add(piece{variant: i, says: says}.of(crossAt(xs[i], ys[i], xf, yf, i, grey)))
		keys = append(keys, key{name: v, variant: i + 1, grey: grey})
	}
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, keys), [][]*plot.Plot{{panel}}, [][]string{{up.Name + ", " + yUnit}})
	}
	return pic
}

// crossAt draws one variant in a plane: its seeds, its means and their
// intervals.
func crossAt(xs, ys []float64, xf, yf float64, i int, grey bool) paint {
	style := solid(i)
	style.Width = 1
	if grey {
		style.Color = border
	}
	a, b := result.NewStat(xs), result.NewStat(ys)
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		for k := range xs {
			if !math.IsNaN(xs[k] + ys[k]) {
				speck(c, style.Color, vg.Point{X: x(xs[k] * xf), Y: y(ys[k] * yf)})
			}
		}
		if a.N == 0 || b.N == 0 {
			return
		}
		at := vg.Point{X: x(a.Mean * xf), Y: y(b.Mean * yf)}
		if a.HasInterval() && b.HasInterval() {
			c.StrokeLines(style, c.ClipLinesXY(
				[]vg.Point{{X: x(a.Lo * xf), Y: at.Y}, {X: x(a.Hi * xf), Y: at.Y}},
				[]vg.Point{{X: at.X, Y: y(b.Lo * yf)}, {X: at.X, Y: y(b.Hi * yf)}})...)
		}
		marker(c, i, at, grey)
	}
}

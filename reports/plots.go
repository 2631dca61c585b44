package reports

import (
	"encoding/csv"
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// A plotRow is one plot that a report may hold.
type plotRow struct {
	name  string // of its files: plots/<name>.svg and .csv
	title string
	make  func(*result.Set) *picture // nil where the Set has nothing to show
}

// plots is every plot there is, in the order of the page.
var plots = []plotRow{
	{"startup", "How long until the first frame", startupPlot},
	{"timeline", "Who plays and who waits", timelinePlot},
	{"waterfall", "Where latency goes", waterfallPlot},
	{"quality", "What a viewer notices", qualityPlot},
	{"tornado", "What changes the outcome most", tornadoPlot},
	{"grid", "The same, by two things that vary", gridPlot},
	{"viewers", "How unequally viewers fare", viewersPlot},
	{"parity", "Quantile by quantile against the baseline", parityPlot},
	{"staying", "How long viewers stay", stayingPlot},
	{"sources", "Where the bytes come from", sourcesPlot},
	{"carriers", "Who carries the load", carriersPlot},
	{"money", "Where each dollar goes", moneyPlot},
	{"spendable", "When money can be spent", spendablePlot},
	{"assets", "How long assets last", assetsPlot},
	{"unseen", "How long a loss is not known", unseenPlot},
	{"costs", "What an hour of watching costs", costsPlot},
	{"tradeoff", "Smoothness against cost", tradeoffPlot},
	{"attacks", "What attacks took, and what they cost", attacksPlot},
}

// A picture is a plot of one Set: how to draw it, the numbers it shows, and
// what to say below it.
type picture struct {
	height  vg.Length
	draw    func(draw.Canvas)
	header  []string
	rows    [][]string
	caption string // what is drawn, with n and the meaning of bands and bars
}

// A figure is a picture in its place in the report.
type figure struct {
	plotRow
	*picture
}

// figures is the plots for which the Set has something to show.
func figures(s *result.Set) []figure {
	var list []figure
	for _, row := range plots {
		if p := row.make(s); p != nil {
			list = append(list, figure{row, p})
		}
	}
	return list
}

// footRow is how high one row of a footnote is.
const footRow = vg.Length(11)

// size is how large the picture is with its margins, without a footnote.
func (p *picture) size() (width, height vg.Length) {
	return figureWidth + 2*margin, p.height + 2*margin
}

// alone is the picture as a document of its own, with what it shows written
// below it.
func (p *picture) alone() []byte { return p.render(folded(p.caption, footStyle, footWidth)) }

// footStyle is how a footnote is written.
var footStyle = words(tickSize, soft)

// render draws the picture as SVG above a footnote. Equal pictures give equal
// bytes.
func (p *picture) render(footnote []string) []byte {
	canvas := newSVG(p.extent(footnote))
	p.paint(canvas, footnote)
	return canvas.document()
}

// extent is how large the picture is with a footnote.
func (p *picture) extent(footnote []string) (width, height vg.Length) {
	width, height = p.size()
	return width, height + footRow*vg.Length(len(footnote))
}

// paint draws the picture above a footnote.
func (p *picture) paint(on vg.CanvasSizer, footnote []string) {
	foot := footRow * vg.Length(len(footnote))
	c := draw.New(on)
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	p.draw(draw.Crop(c, margin, -margin, margin+foot, -margin))
	for i, line := range footnote {
		c.FillText(footStyle, vg.Point{X: margin, Y: margin/2 + foot - footRow*vg.Length(i+1)}, line)
	}
}

// folded breaks a text at blanks into lines that are not wider than most.
func folded(words string, style text.Style, most vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(words) {
		switch {
		case line == "":
			line = word
		case style.Width(line+" "+word) <= most:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// csv writes the numbers that the picture shows.
func (p *picture) csv(w io.Writer) error {
	cw := csv.NewWriter(w)
	if err := cw.Write(p.header); err != nil {
		return err
	}
	return cw.WriteAll(p.rows)
}

// num is a cell of a CSV file: six digits, empty for NaN.
func num(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// seeds words the sample that the caption of a figure rests on, and which
// seeds it is, since a figure goes about alone.
func seeds(s *result.Set) string {
	if len(s.Seeds) == 1 {
		return fmt.Sprintf("one seed (n=1, no interval: %d)", s.Seeds[0])
	}
	return fmt.Sprintf("n=%d seeds (%s)", len(s.Seeds), seedRange(s.Seeds))
}

// seedRange is 1 to 10, where every seed between is there, else 1, 4, ... 9.
func seedRange(seeds []uint64) string {
	all := slices.Sorted(slices.Values(seeds))
	first, last := all[0], all[len(all)-1]
	switch n := len(all); {
	case last-first == uint64(n-1):
		return fmt.Sprintf("%d to %d", first, last)
	case n <= 4:
		return seedList(all)
	default:
		return fmt.Sprintf("%s, … %d", seedList(all[:3]), last)
	}
}

// sampled is the same for a table, beside which the seeds are listed.
func sampled(s *result.Set) string {
	if len(s.Seeds) == 1 {
		return "one seed (n=1, no interval)"
	}
	return fmt.Sprintf("n=%d seeds", len(s.Seeds))
}

// overSeeds words what a line and the band around it are.
func overSeeds(s *result.Set) string {
	switch n := len(s.Seeds); {
	case n == 1:
		return "Line: " + seeds(s) + "."
	default:
		if _, level := result.MedianInterval(n); level < 0.95 {
			return fmt.Sprintf("Line: median over %s; band: lowest to highest seed, at each point a %.0f %% interval of the median (95 %% takes six seeds).", seeds(s), 100*level)
		}
		return fmt.Sprintf("Line: median over %s; band: its 95 %% interval at each point (order statistics).", seeds(s))
	}
}

// A band is a quantity over time or another axis: for each x the median over
// seeds with its interval.
type band struct{ xs, mid, lo, hi []float64 }

// add appends one x with its samples, one for each seed; NaN is left out.
func (b *band) add(x float64, samples []float64) {
	kept := slices.DeleteFunc(slices.Clone(samples), math.IsNaN)
	slices.Sort(kept)
	b.xs = append(b.xs, x)
	if len(kept) == 0 {
		kept = []float64{math.NaN()}
	}
	n := len(kept)
	first, _ := result.MedianInterval(n)
	b.mid = append(b.mid, (kept[(n-1)/2]+kept[n/2])/2)
	b.lo = append(b.lo, kept[first])
	b.hi = append(b.hi, kept[n-1-first])
}

// top is the largest value of the band, NaN left out.
func (b *band) top() float64 {
	top := 0.0
	for i, v := range b.mid {
		for _, v := range []float64{v, b.hi[i]} {
			if v > top {
				top = v
			}
		}
	}
	return top
}

// overTime is f of the timeline of a variant's runs, the median over seeds.
func overTime(s *result.Set, variant string, perSecond float64, f func(*result.Point) float64) (b band) {
	eachTime(s, variant, perSecond, f, b.add)
	return b
}

// meanOverTime is overTime with the mean over seeds and its interval.
func meanOverTime(s *result.Set, variant string, perSecond float64, f func(*result.Point) float64) (b band) {
	eachTime(s, variant, perSecond, f, func(x float64, samples []float64) {
		st := result.NewStat(samples)
		b.xs, b.mid, b.lo, b.hi = append(b.xs, x), append(b.mid, st.Mean), append(b.lo, max(0, st.Lo)), append(b.hi, st.Hi)
	})
	return b
}

// eachTime yields f of the timeline of a variant's runs, one sample for each
// seed, at most maxPoints times: neighbouring buckets are averaged where there
// are more.
func eachTime(s *result.Set, variant string, perSecond float64, f func(*result.Point) float64, yield func(x float64, samples []float64)) {
	runs := s.RunsOf(variant)
	length := len(runs[0].Series)
	for _, r := range runs {
		length = min(length, len(r.Series))
	}
	stride := (length + maxPoints - 1) / maxPoints
	samples := make([]float64, len(runs))
	for i := 0; i < length; i += max(stride, 1) {
		for j, r := range runs {
			samples[j] = meanOf(r.Series[i:min(i+stride, length)], f)
		}
		yield(runs[0].Series[i].At.Seconds()*perSecond, samples)
	}
}

// meanOf is the mean of f over points, those where it is NaN left out.
func meanOf(points []result.Point, f func(*result.Point) float64) float64 {
	sum, n := 0.0, 0
	for i := range points {
		if v := f(&points[i]); !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
	}
	return sum / float64(n) // 0/0 is NaN
}

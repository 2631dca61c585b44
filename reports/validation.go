package reports

import (
	"fmt"
	"io"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// Validation writes what a validation has found for a terminal: a line for each
// part, and below it what is not as it should be.
func Validation(w io.Writer, v *result.Validation, opts Options) error {
	t := &terminal{Options: opts, w: w}
	t.parts(v.Parts)
	return t.err
}

// parts writes a line for each, and below it what is not as it should be.
func (t *terminal) parts(parts []result.Part) {
	for i := range parts {
		p := &parts[i]
		passed := p.Passed()
		t.printf("%s %s: %d of %d as they should be", t.mark(passed == len(p.Findings)), p.Title, passed, len(p.Findings))
		for _, f := range p.Findings {
			if !f.Passed {
				t.printf("    %s: %s, should be %s", f.What, amount(f.Got, f.Unit), wanted(f))
			}
		}
	}
}

// amount is a value with its unit.
func amount(x float64, unit string) string { return strings.TrimSpace(num(x) + " " + unit) }

// wanted is what a finding should be, in words.
func wanted(f result.Finding) string {
	if f.Rule == "at least" || f.Rule == "more than" {
		return f.Rule + " " + amount(f.Want, f.Unit)
	}
	return amount(f.Want, f.Unit) + " " + f.Rule
}

// ValidationFiles are the page about a validation and the plot that it shows.
func ValidationFiles(v *result.Validation) []result.File {
	var b strings.Builder
	b.WriteString("# Validation\n\nWhat the harness does itself, put to the test by `kscope validate`. A line that is not as it should be says where the model misses, and by how much.\n")
	files := []result.File{}
	if pic := agreementPlot(v); pic != nil {
		b.WriteString("\n![Downloads on both engines](validation.svg)\n")
		files = append(files, written("validation.svg", pic.alone()))
	}
	writeParts(&b, v.Parts)
	return append(files, written("validation.md", []byte(b.String())))
}

// writeParts writes a section with a table for each.
func writeParts(b *strings.Builder, parts []result.Part) {
	for i := range parts {
		p := &parts[i]
		fmt.Fprintf(b, "\n## %s\n\n%d of %d as they should be. What is wanted: %s.\n\n", p.Title, p.Passed(), len(p.Findings), p.Source)
		b.WriteString("| | what | found | should be |\n|---|---|---|---|\n")
		for _, f := range p.Findings {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", tick(f.Passed), f.What, amount(f.Got, f.Unit), wanted(f))
		}
	}
}

// tick is the mark of a line of a table.
func tick(passed bool) string {
	if passed {
		return "✓"
	}
	return "**✗**"
}

// agreementPlot has two panels: the median and 95th percentile of downloads on
// both engines, and all their quantiles.
func agreementPlot(v *result.Validation) *picture {
	lo, hi := math.Inf(1), 0.0
	var keys []key
	var flows, hosts uint64
	for i, s := range v.Scenes {
		keys = append(keys, key{name: s.Name, variant: i + 1})
		for k := range s.Variants {
			flows, hosts = flows+s.Variants[k].Flows.Count(), hosts+s.Variants[k].Hosts.Count()
			for _, h := range []*result.Histogram{&s.Variants[k].Flows, &s.Variants[k].Hosts} {
				lo, hi = min(lo, h.Quantile(0.02)), max(hi, h.Quantile(0.98))
			}
		}
	}
	if !(lo > 0 && lo < hi) {
		return nil
	}
	parity, quantiles := newPanel("seconds, real hosts (logarithmic)"), newPanel("seconds, real hosts (logarithmic)")
	for _, p := range []*plot.Plot{parity, quantiles} {
		fitLog(&p.X, lo, hi)
		fitLog(&p.Y, lo, hi)
		p.Add(diagonal(p.X.Min, p.X.Max))
	}
	for i := range v.Scenes {
		for k := range v.Scenes[i].Variants {
			pair := &v.Scenes[i].Variants[k]
			parity.Add(parityMarks(pair, i))
			quantiles.Add(quantileCurve(pair, i))
		}
	}
	pic := &picture{height: 260}
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, keys), [][]*plot.Plot{{parity, quantiles}}, [][]string{{"flow engine: median and 95th percentile", "flow engine: all quantiles"}})
	}
	pic.caption = fmt.Sprintf("Time that downloads of segments take: %s with flows, %s with real hosts, %d seeds together. Left: shapes are medians, specks 95th percentiles, of each variant; "+
		"right: their 2nd to 98th percentiles. The line is where both engines say the same, the band 10 %% around it.", num(float64(flows)), num(float64(hosts)), v.Seeds)
	return pic
}

// diagonal is where both axes say the same, and 10 % around it.
func diagonal(lo, hi float64) paint {
	ends := []float64{lo, hi}
	band := ribbon(translucent(soft, 0x22), ends, []float64{lo * 0.9, hi * 0.9}, []float64{lo * 1.1, hi * 1.1})
	style := solid(0)
	style.Color, style.Width = soft, 0.5
	line := curve(style, ends, ends)
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		band(c, x, y)
		line(c, x, y)
	}
}

// parityMarks are the median and the 95th percentile of one variant.
func parityMarks(p *result.Pair, i int) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		at := func(q float64) vg.Point { return vg.Point{X: x(p.Hosts.Quantile(q)), Y: y(p.Flows.Quantile(q))} }
		speck(c, solid(i).Color, at(0.95))
		marker(c, i, at(0.5), false)
	}
}

// quantileCurve joins the 2nd to the 98th percentiles of both engines.
func quantileCurve(p *result.Pair, i int) paint {
	var xs, ys []float64
	for q := 0.02; q < 0.985; q += 0.02 {
		xs, ys = append(xs, p.Hosts.Quantile(q)), append(ys, p.Flows.Quantile(q))
	}
	style := solid(i)
	style.Width = 1
	return curve(style, xs, ys)
}

// written is a file whose text is known.
func written(name string, text []byte) result.File {
	return result.File{Name: name, Write: func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}}
}

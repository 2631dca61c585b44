package reports

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"kinetoscope/sim/result"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; after looking at it, run go test ./reports -update\n%s", path, firstDifference(string(got), string(want)))
	}
}

// firstDifference shows the first line that two texts do not share.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, a, b)
		}
	}
	return ""
}

func TestSummary(t *testing.T) {
	cases := []struct {
		file string
		set  *result.Set
		opts Options
	}{
		{"summary.txt", sample(60, 1, 2, 3), Options{Dir: "kscope-out/latest/"}},
		{"summary-narrow-ascii.txt", sample(60, 1, 2, 3), Options{ASCII: true, Width: 60}},
		{"summary-colour.txt", sample(60, 1, 2, 3), Options{Color: true, Width: 120}},
		{"summary-one-seed.txt", sample(60, 1), Options{}},
		{"summary-nothing.txt", hollow(), Options{}},
	}
	for _, c := range cases {
		var b bytes.Buffer
		if err := Summary(&b, c.set, c.opts); err != nil {
			t.Fatal(err)
		}
		golden(t, c.file, b.Bytes())
		for i, line := range strings.Split(b.String(), "\n") {
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%s:%d ends in blanks", c.file, i+1)
			}
			if c.opts.ASCII && strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
				t.Errorf("%s:%d is not ASCII: %q", c.file, i+1, line)
			}
			if !c.opts.Color && strings.Contains(line, "\x1b") {
				t.Errorf("%s:%d has colours", c.file, i+1)
			}
		}
	}
}

// hollow is a Set that says next to nothing: one run without any value.
func hollow() *result.Set {
	return &result.Set{Name: "hollow", Variants: []result.Variant{{Name: "only"}}, Seeds: []uint64{1},
		Runs: []*result.Run{{Variant: "only", Seed: 1, Values: result.NewValues()}}}
}

// A scenario file must not be able to drive the terminal.
func TestSummaryDropsControlCharacters(t *testing.T) {
	s := hollow()
	s.Title, s.Notes = "red \x1b[31malert\a\u009b5m", []string{"two\nlines\x00"}
	var b bytes.Buffer
	if err := Summary(&b, s, Options{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\a\x00\u009b") || !strings.Contains(b.String(), "two lines") {
		t.Errorf("%q", b.String())
	}
}

// failing is a writer that has had enough after some bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

func TestSummaryReportsAWriteError(t *testing.T) {
	if err := Summary(&failing{200}, sample(10, 1, 2), Options{}); err != os.ErrClosed {
		t.Errorf("%v", err)
	}
}

// Plots are compared as what they draw: one line for each text, line and area.
func TestPlots(t *testing.T) {
	for _, f := range append(figures(sample(60, 1, 2, 3)), figure{plotRow{name: "grid"}, gridPlot(crossed(1, 2, 3))}) {
		golden(t, "plots/"+f.name+".txt", recorded(f.picture))
	}
}

func TestEveryPlotHasSomethingToShow(t *testing.T) {
	if got := len(figures(sample(60, 1, 2))); got != len(plots)-1 { // all but the grid
		t.Errorf("the sample shows %d of %d plots", got, len(plots))
	}
	if grid := gridPlot(crossed(1, 2)); grid == nil || !strings.HasSuffix(grid.caption, " Downwards: what is stored.") {
		t.Error("no grid where two things are crossed, or its rows have no name")
	}
	s := crossed(1, 2)
	s.RefutedIf = []result.Assertion{{Left: result.Ref{Metric: result.StartupP95, Variant: "rs-at-8"}}, {Left: result.Ref{Metric: result.PlayingLow, Variant: "else"}}}
	if got := asked(s); len(got) != 1 || got[0] != result.StartupP95 {
		t.Errorf("the grid shows %v, not what the claim asks of crossed variants", got)
	}
	if s.Variants = s.Variants[:3]; gridPlot(s) != nil {
		t.Error("a grid that is not complete is drawn")
	}
	if got := figures(hollow()); len(got) != 0 {
		t.Errorf("nothing to show, but %d figures", len(got))
	}
}

// crossed is a Set whose variants two things tell apart.
func crossed(seeds ...uint64) *result.Set {
	s := &result.Set{Name: "crossed", Seeds: seeds, Rows: "what is stored", Columns: "sites that go dark, %"}
	for i, name := range []string{"copies-at-8", "copies-at-25", "rs-at-8", "rs-at-25", "else"} {
		s.Variants = append(s.Variants, result.Variant{Name: name})
		for _, seed := range seeds {
			r := &result.Run{Variant: name, Seed: seed, Values: result.NewValues()}
			r.Values[result.StalledViewers] = float64(i) / 10 * float64(seed)
			s.Runs = append(s.Runs, r)
		}
	}
	s.Stamp()
	return s
}

// A fault is shaded in the panels of the variants that have it.
func TestSourcesShadeWhatFails(t *testing.T) {
	s := sample(60, 1, 2)
	for _, c := range []struct {
		variants []string
		want     int
	}{{nil, 3}, {[]string{"swarm"}, 1}, {[]string{"swarm", "no-redundancy"}, 2}} {
		s.Marks[0].Variants = c.variants
		if got := strings.Count(string(recorded(sourcesPlot(s))), "fill "+hex(shade)); got != c.want {
			t.Errorf("%q: %d panels are shaded, not %d", c.variants, got, c.want)
		}
	}
}

// A picture that stands alone says what it shows; on the page the caption does.
func TestPicturesExplainThemselves(t *testing.T) {
	for _, f := range figures(sample(60, 1, 2, 3)) {
		if first := html.EscapeString(folded(f.caption, footStyle, footWidth)[0]); !strings.Contains(string(f.alone()), first) {
			t.Errorf("%s.svg does not say %q", f.name, first)
		} else if strings.Contains(string(f.render(nil)), first) {
			t.Errorf("%s says %q in the picture on the page", f.name, first)
		}
	}
}

// Every figure says on what sample it rests, how sure it is, and in what units
// its axes count; one that does not is refused.
func TestFiguresAreComplete(t *testing.T) {
	for _, f := range figures(sample(60, 1, 2, 3)) {
		if why := lacks(f.picture); why != "" {
			t.Errorf("%s: %s: %s", f.name, why, f.caption)
		}
	}
	bare := &picture{height: 100, caption: "n=3 seeds (1 to 3), 95 % interval", draw: func(c draw.Canvas) {
		panels(c, [][]*plot.Plot{{newPanel("things")}}, [][]string{{"stuff"}})
	}}
	if lacks(bare) == "" {
		t.Error("a picture without a unit is taken")
	}
	for _, caption := range []string{"95 % interval", "n=3 seeds (1 to 3)", "n=3 seeds, 95 % interval"} {
		bare.caption = caption
		if lacks(bare) == "" {
			t.Errorf("a picture that says only %q is taken", caption)
		}
	}
}

// united is a text that says in what a quantity is counted.
var united = regexp.MustCompile(`, (s|ms|%|pp|\$|USD|ETH|B|kB|MB|[kMG]?bit/s|gwei|n)\b|, [%$]|\$$|seconds|minutes|hours|%|viewers|dollar|gas`)

// sure is a caption that says how wide its bands or bars are, to what level.
var sure = regexp.MustCompile(`\b\d\d % intervals?\b`)

// lacks says what a picture does not say, or nothing.
func lacks(p *picture) string {
	switch {
	case !strings.Contains(p.caption, "n=3 seeds (1 to 3)"):
		return "it does not say its sample"
	case !sure.MatchString(p.caption):
		return "it does not say how sure it is"
	case strings.Contains(p.caption, "CSV"):
		return "it has what it says only in a file"
	}
	var rec recorder.Canvas
	p.draw(draw.NewCanvas(&rec, figureWidth, p.height))
	for _, a := range rec.Actions {
		if a, ok := a.(*recorder.FillString); ok && united.MatchString(a.String) {
			return ""
		}
	}
	return "no axis or heading has a unit"
}

// recorded lists the drawing calls of a picture, rounded to points.
func recorded(p *picture) []byte {
	var rec recorder.Canvas
	p.draw(draw.NewCanvas(&rec, figureWidth, p.height))
	var b bytes.Buffer
	var ink color.Color
	var width vg.Length
	var dash []vg.Length
	for _, a := range rec.Actions {
		switch a := a.(type) {
		case *recorder.SetColor:
			ink = a.Color
		case *recorder.SetLineWidth:
			width = a.Width
		case *recorder.SetLineDash:
			dash = a.Dashes
		case *recorder.FillString:
			fmt.Fprintf(&b, "text %s at %.0f,%.0f %q\n", hex(ink), a.Point.X, a.Point.Y, a.String)
		case *recorder.Stroke:
			fmt.Fprintf(&b, "line %s width %.1f dashes %v %s\n", hex(ink), width, dash, extentOf(a.Path))
		case *recorder.Fill:
			fmt.Fprintf(&b, "fill %s %s\n", hex(ink), extentOf(a.Path))
		}
	}
	return b.Bytes()
}

// hex is a colour with its opacity.
func hex(c color.Color) string {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf("%02x%02x%02x%02x", n.R, n.G, n.B, n.A)
}

// extentOf is the number of points of a path and the box around them.
func extentOf(path vg.Path) string {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	n := 0
	for _, c := range path {
		if c.Type == vg.CloseComp {
			continue
		}
		n++
		r := float64(c.Radius)
		x0, x1 = min(x0, float64(c.Pos.X)-r), max(x1, float64(c.Pos.X)+r)
		y0, y1 = min(y0, float64(c.Pos.Y)-r), max(y1, float64(c.Pos.Y)+r)
	}
	return fmt.Sprintf("%d points %.0f..%.0f, %.0f..%.0f", n, x0, x1, y0, y1)
}

// parse reads a number of a CSV cell.
func parse(t *testing.T, cell string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A metric that never heads the summary does where an assertion speaks of it.
func TestAssertedMetricsAreHeadlines(t *testing.T) {
	s := sample(20, 1)
	if headline(s, result.Goodput) || !headline(s, result.Bitrate) {
		t.Fatal("goodput heads every summary, or bitrate does not")
	}
	s.Thresholds = append(s.Thresholds, assertion(s, "goodput[swarm] > 1Mbit/s"))
	s.RefutedIf = append(s.RefutedIf, assertion(s, "stall-p95[swarm] > 2 * startup-p99[swarm]"))
	if !headline(s, result.Goodput) {
		t.Error("a threshold speaks of goodput, and it is not a headline")
	}
	if !headline(s, result.StallP95) || !headline(s, result.StartupP99) {
		t.Error("a refutation compares stall-p95 with startup-p99, and one of them is not a headline")
	}
}

// Values that differ by rounding alone have an axis with a few marks, and so
// has what is asked of an axis without room.
func TestAxisOfAlmostEqualValues(t *testing.T) {
	for _, v := range []struct{ lo, hi float64 }{{1000, 1000}, {1000, math.Nextafter(1000, 2000)}, {999.9999999999997, 1000}, {-1, math.Nextafter(-1, 0)}, {0, 0}} {
		var a plot.Axis
		fitLoose(&a, v.lo, v.hi)
		if n := len((ticks{}).Ticks(a.Min, a.Max)); n < 2 || n > 20 {
			t.Errorf("%v to %v: %d marks from %v to %v", v.lo, v.hi, n, a.Min, a.Max)
		}
		if n := len((ticks{}).Ticks(v.lo, v.hi)); n > 20 {
			t.Errorf("%v to %v without air: %d marks", v.lo, v.hi, n)
		}
	}
}

// No two of many variants look alike, neither as lines nor as marks.
func TestVariantsLookDifferent(t *testing.T) {
	lines, marks := map[string]int{}, map[string]int{}
	for i := range 24 {
		var rec recorder.Canvas
		marker(draw.NewCanvas(&rec, 20, 20), i, vg.Point{X: 10, Y: 10}, false)
		var mark strings.Builder
		for _, a := range rec.Actions {
			fmt.Fprintf(&mark, "%v", a.Call())
		}
		line := fmt.Sprint(variantLine(i).Color, variantLine(i).Dashes)
		if j, ok := lines[line]; ok {
			t.Errorf("variants %d and %d have one line", j, i)
		}
		if j, ok := marks[mark.String()]; ok {
			t.Errorf("variants %d and %d have one mark", j, i)
		}
		lines[line], marks[mark.String()] = i, i
	}
}

func TestSeedRange(t *testing.T) {
	for want, seeds := range map[string][]uint64{"1 to 10": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "7 to 7": {7}, "2 to 4": {4, 2, 3}, "3, 4, 9": {9, 3, 4}, "3, 4, 9, … 21": {3, 9, 4, 17, 21}} {
		if got := seedRange(seeds); got != want {
			t.Errorf("%v: %q, want %q", seeds, got, want)
		}
	}
}

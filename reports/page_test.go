package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kinetoscope/sim/result"
)

// htmlOf is the page of a Set.
func htmlOf(t *testing.T, s *result.Set) string {
	t.Helper()
	files, err := Files(s)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := files[len(files)-1].Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wellFormed fails the test where tags do not nest.
func wellFormed(t *testing.T, name, text string, strict bool) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = strict
	if !strict {
		d.AutoClose, d.Entity = xml.HTMLAutoClose, xml.HTMLEntity
	}
	for {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

func TestWriteMakesTheWholeFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	s := sample(60, 1, 2, 3)
	if err := Write(dir, s); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, "report.html", string(html), false)
	links := regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(string(html), -1)
	files := 0
	for _, l := range links {
		switch {
		case strings.HasPrefix(l[1], "#"):
			if !strings.Contains(string(html), `id="`+l[1][1:]+`"`) {
				t.Errorf("nothing on the page is called %s", l[1])
			}
		case l[1] == "data:,": // the icon that browsers would ask for
		default:
			files++
			if _, err := os.Stat(filepath.Join(dir, l[1])); err != nil {
				t.Errorf("the page links to %s: %v", l[1], err)
			}
		}
	}
	if files != 5+2*len(figures(s)) {
		t.Errorf("%d links to files, want the record and each plot twice", files)
	}
	for _, f := range figures(s) {
		svg, err := os.ReadFile(filepath.Join(dir, "plots", f.name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, f.name+".svg", string(svg), true)
	}
}

// The page must ask the network for nothing and run nothing but its own script.
func TestPageStandsAlone(t *testing.T) {
	html := htmlOf(t, sample(60, 1, 2))
	for _, banned := range []string{"http:", "https:", "<script src", "<link rel=\"style", "@import", "url(", "javascript:", "<img", "<iframe"} {
		if strings.Contains(html, banned) {
			t.Errorf("the page contains %q", banned)
		}
	}
	if n := strings.Count(html, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	_, script, _ := strings.Cut(html, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	if policy := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(html, policy) {
		t.Errorf("the page's policy does not allow its script, %s", policy)
	}
}

// Whatever a scenario names must come out as text, in the page and in the
// pictures.
func TestPageEscapes(t *testing.T) {
	const evil = `</title><script>alert("x")</script><svg onload='y'>&`
	s := sample(30, 1, 2)
	for i := range s.Variants {
		if s.Variants[i].Name == "swarm" {
			s.Variants[i] = result.Variant{Name: evil, Doc: evil}
		}
	}
	for _, r := range s.Runs {
		if r.Variant == "swarm" {
			r.Variant = evil
		}
		r.Flows = append(r.Flows, result.Flow{Payee: evil, USD: 1})
		r.Notes = append(r.Notes, evil)
	}
	s.Name, s.Title, s.Claim, s.Scenario = evil, evil, evil, []byte(evil)
	s.Thresholds = []result.Assertion{{Text: evil, Left: result.Ref{Metric: result.Bitrate, Variant: evil}}}
	s.RefutedIf = nil
	s.Marks[0].Label = evil
	s.Manifest.Command, s.Manifest.Version = []string{"kscope", evil}, evil
	s.Manifest.Inputs = []result.Input{{Name: evil}}
	html := htmlOf(t, s)
	for _, banned := range []string{"<script>alert", "onload='", `alert("`} {
		if strings.Contains(html, banned) {
			t.Errorf("the page contains %q", banned)
		}
	}
	if !strings.Contains(html, "&lt;script&gt;") {
		t.Error("the name must still be readable")
	}
	wellFormed(t, "report.html", html, false)
	for _, f := range figures(s) {
		wellFormed(t, f.name+".svg", string(f.alone()), true)
	}
}

func TestSameSetSameBytes(t *testing.T) {
	a, b := sample(60, 1, 2, 3), sample(60, 1, 2, 3)
	b.Manifest.Host = result.Host{OS: "plan9", CPUs: 64, WallSeconds: 3}
	if htmlOf(t, a) != htmlOf(t, b) {
		t.Error("the page depends on the host or on chance")
	}
	fa, fb := figures(a), figures(b)
	for i := range fa {
		if !bytes.Equal(fa[i].alone(), fb[i].alone()) {
			t.Errorf("%s.svg differs between two drawings", fa[i].name)
		}
	}
}

func TestPlotDataIsATable(t *testing.T) {
	s := sample(60, 1, 2, 3)
	for _, f := range figures(s) {
		var b bytes.Buffer
		if err := f.csv(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll() // fails unless all rows are equally long
		if err != nil || len(rows) < 2 {
			t.Errorf("%s.csv: %d rows, %v", f.name, len(rows), err)
		}
	}
}

// Odd but possible Sets must not stop a report.
func TestReportsSurvive(t *testing.T) {
	quiet := sample(20, 1, 2)
	for _, r := range quiet.Runs {
		r.Values, r.Viewers, r.Series, r.Flows = result.NewValues(), nil, nil, nil
	}
	still := sample(20, 1, 2)
	for _, r := range still.Runs {
		for i := range r.Viewers {
			r.Viewers[i] = result.Viewer{ID: i, Startup: 0} // all equal, all at once
		}
		result.Tally(r.Viewers, r.Values, result.Window{})
		for i := range r.Series {
			r.Series[i] = result.Point{At: r.Series[i].At}
		}
		r.Series = r.Series[:1]
		for i := range r.Flows {
			r.Flows[i].USD = 0
		}
	}
	many := sample(5, 1)
	for _, v := range []string{"d", "e", "f", "g", "h", strings.Repeat("long name ", 12)} {
		many.Variants = append(many.Variants, result.Variant{Name: v})
		run := *many.Runs[0]
		run.Variant = v
		many.Runs = append(many.Runs, &run)
	}
	uneven := sample(20, 1, 2, 3)
	uneven.Runs[4].Series = uneven.Runs[4].Series[:7]
	uneven.Runs[4].Values = result.NewValues()
	long := sample(20, 1, 2)
	long.Duration = 3000 * long.Duration
	for name, s := range map[string]*result.Set{"hollow": hollow(), "quiet": quiet, "still": still, "many": many, "uneven": uneven, "long": long} {
		if err := Write(filepath.Join(t.TempDir(), name), s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := Summary(io.Discard, s, Options{Width: 40}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := JSON(io.Discard, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range figures(s) {
			if strings.Contains(string(f.alone()), "NaN") || strings.Contains(string(f.alone()), "Inf") {
				t.Errorf("%s: %s.svg holds no numbers", name, f.name)
			}
		}
	}
}

func TestCurvesAreShort(t *testing.T) {
	s := sample(30, 1, 2)
	points := s.Runs[0].Series
	for _, r := range s.Runs {
		r.Series = nil
		for i := range 5000 {
			p := points[i%len(points)]
			p.At = s.Duration * 0
			r.Series = append(r.Series, p)
		}
	}
	b := overTime(s, "swarm", 1, lanes[2].of)
	if len(b.xs) > maxPoints || len(b.xs) < maxPoints/2 {
		t.Errorf("%d points of 5000 buckets", len(b.xs))
	}
}

func TestJSON(t *testing.T) {
	s := sample(60, 1, 2, 3)
	s.Runs[0].Values[result.StartupP99] = math.NaN()
	var b bytes.Buffer
	if err := JSON(&b, s); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Passed   bool
		Outcome  string
		Digest   string
		Verdicts []struct {
			Assertion string
			Passed    bool
		}
		Metrics []struct {
			Name   string
			Values []struct {
				Variant string
				Seeds   []*float64
				Stat    struct{ Mean *float64 }
				Delta   *struct{ Mean, Lo95 *float64 }
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Passed || back.Outcome != "3 of 4 thresholds met, claim not refuted" || len(back.Verdicts) != 6 || back.Digest != s.Manifest.Digest {
		t.Errorf("%+v", back)
	}
	for _, m := range back.Metrics {
		if m.Name != "startup-p99" {
			continue
		}
		central, swarm := m.Values[0], m.Values[1]
		if central.Seeds[0] != nil || central.Seeds[1] == nil || central.Delta != nil {
			t.Errorf("central: %+v", central)
		}
		want := s.Paired(result.StartupP99, "swarm", "central")
		if swarm.Delta == nil || *swarm.Delta.Mean != want.Mean || *swarm.Delta.Lo95 != want.Lo {
			t.Errorf("swarm: %+v", swarm)
		}
	}
}

// The page about the run folder must name every plot.
func TestRunFolderPageNamesPlots(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/run-folder.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plots {
		if !bytes.Contains(page, []byte("| `"+p.name+"` |")) {
			t.Errorf("docs/reference/run-folder.md does not explain the plot %s", p.name)
		}
	}
}

// The gallery shows every kind of figure that there is.
func TestGalleryHasEveryFigure(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/figures.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"plane", "along", "map", "effects", "changes", "seeds", "life"}
	for _, p := range plots {
		names = append(names, p.name)
	}
	for _, name := range names {
		if !bytes.Contains(page, []byte("](../images/figures/"+name+".svg)")) {
			t.Errorf("docs/reference/figures.md does not show %s", name)
		}
		picture, err := os.ReadFile("../docs/images/figures/" + name + ".svg")
		if err != nil || !bytes.Contains(picture, []byte("seed")) {
			t.Errorf("%s.svg: %v, or it does not say its sample: make gallery draws it", name, err)
		}
	}
}

// A page of many variants and seeds stays small enough to send.
func TestPageIsSmall(t *testing.T) {
	seeds := make([]uint64, 25)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	s := sample(60, seeds...)
	for _, name := range []string{"a", "b", "c", "d", "e"} { // 200 runs in all
		s.Variants = append(s.Variants, result.Variant{Name: name})
		for i := range seeds {
			r := *s.Runs[i]
			r.Variant = name
			s.Runs = append(s.Runs, &r)
		}
	}
	s.Stamp()
	if n := len(htmlOf(t, s)); n >= 2_000_000 || n < 200_000 {
		t.Errorf("the page of 200 runs has %d bytes", n)
	}
}

// A dark page repaints the greys of figures by their values: they are those of
// the theme.
func TestDarkPagesKnowTheTheme(t *testing.T) {
	style := htmlOf(t, sample(5, 1))
	for _, c := range []color.NRGBA{ink, soft, border, faint, shade, black, blue} {
		hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
		for _, attribute := range []string{"fill", "stroke"} {
			if want := fmt.Sprintf(`svg [%s="%s"] { %s: var(--f-`, attribute, hex, attribute); !strings.Contains(style, want) {
				t.Errorf("no rule %s", want)
			}
		}
	}
}

package result

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"math"
	"strings"
	"testing"
	"unicode"
)

// The constants, read from the source, must be the rows of the table in order.
func TestConstantsAreTheTable(t *testing.T) {
	names := metricConstants(t)
	if len(names) != len(Metrics) {
		t.Fatalf("%d constants for %d rows of Metrics", len(names), len(Metrics))
	}
	for i, name := range names {
		if kebab(name) != Metrics[i].Name {
			t.Errorf("constant %d is %s (%s), but its row is named %q", i, name, kebab(name), Metrics[i].Name)
		}
	}
}

// metricConstants is the names in the const block that starts with StartupP50.
func metricConstants(t *testing.T) []string {
	file, err := goparser.ParseFile(token.NewFileSet(), "metrics.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		var names []string
		for _, s := range g.Specs {
			names = append(names, s.(*ast.ValueSpec).Names[0].Name)
		}
		if names[0] == "StartupP50" {
			return names
		}
	}
	t.Fatal("no block of metric constants")
	return nil
}

// kebab is open-confirm-p50 for OpenConfirmP50; a run of capitals is one word.
func kebab(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, c := range runes {
		if i > 0 && unicode.IsUpper(c) && !unicode.IsUpper(runes[i-1]) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

func TestMetricsAreWellFormed(t *testing.T) {
	names, bench := map[string]bool{}, map[string]bool{}
	for i := range Metrics {
		m := &Metrics[i]
		if names[m.Name] || bench[m.BenchUnit()] {
			t.Errorf("%s: name or unit %s taken twice", m.Name, m.BenchUnit())
		}
		names[m.Name], bench[m.BenchUnit()] = true, true
		if strings.ContainsAny(m.BenchUnit(), " \t=") {
			t.Errorf("%s: %q is no benchmark unit", m.Name, m.BenchUnit())
		}
		if !strings.HasSuffix(m.Doc, ".") {
			t.Errorf("%s: %q is no sentence", m.Name, m.Doc)
		}
		m.quantity() // panics on an unknown unit
		if id, ok := MetricByName(m.Name); !ok || id != MetricID(i) {
			t.Errorf("%s is not found by its name", m.Name)
		}
	}
	for _, v := range NewValues() {
		if !math.IsNaN(v) {
			t.Fatal("a new run must have no value")
		}
	}
}

func TestText(t *testing.T) {
	cases := []struct {
		id   MetricID
		v    float64
		want string
	}{
		{StartupP50, 0, "0 s"}, {StartupP50, 0.34, "340 ms"}, {StartupP50, 1.2345, "1.23 s"}, {StartupP50, 61, "61 s"},
		{StartupP50, 720, "12 min"}, {StartupP50, 7380, "2.05 h"}, {StartupP50, 4.2e-5, "42 µs"}, {StartupP50, math.NaN(), "-"},
		{RebufferRatio, 0.0043, "0.43%"}, {RebufferRatio, 1, "100%"}, {RebufferRatio, 0.9996, "100%"}, {RebufferRatio, 0, "0%"},
		{Bitrate, 4.213e6, "4.21 Mbit/s"}, {Bitrate, 999, "999 bit/s"}, {Goodput, 1.5e9, "1.5 Gbit/s"},
		{HeaderBytes, 233, "233 B"}, {HeaderBytes, 233.25, "233 B"}, {BytesPerViewer, 15.25e6, "15.2 MB"},
		{CostPerViewerHour, 0.012345, "$0.0123"}, {CostPerViewerHour, 12.3, "$12.3"}, {GasPerSession, 54210, "54.2 kgas"},
		{Events, 1234567, "1.23 M"}, {Events, 1234, "1234"}, {SegmentsLost, 3, "3"}, {Expansion, 1.4, "1.4×"},
		{Switches, 0.5, "0.5 /min"}, {ViewerCPU, 0.0012, "1.2 ms/h"}, {PeerShare, -0.1, "-10%"},
	}
	for _, c := range cases {
		if got := Metrics[c.id].Text(c.v); got != c.want {
			t.Errorf("%s %v: %q, want %q", Metrics[c.id].Name, c.v, got, c.want)
		}
	}
}

func TestStatText(t *testing.T) {
	stat := func(mean, half float64) Stat { return Stat{5, mean, mean - half, mean + half} }
	cases := []struct {
		id          MetricID
		s           Stat
		text, delta string
	}{
		{StartupP50, stat(1.2345, 0.04), "1.23 ± 0.04 s", "+1.23 ± 0.04 s"},
		{StartupP50, stat(-0.3, 0.012), "-300 ± 12 ms", "-300 ± 12 ms"},
		{StartupP50, stat(0.0001, 2), "0.0 ± 2.0 s", "+0.0 ± 2.0 s"},
		{RebufferRatio, stat(0.0318, 0.0021), "3.18 ± 0.21%", "+3.18 ± 0.21 pp"},
		{Bitrate, stat(4.2e6, 12), "4.20 ± <0.01 Mbit/s", "+4.20 ± <0.01 Mbit/s"},
		{Bitrate, stat(4.2e6, 0), "4.2 ± 0 Mbit/s", "+4.2 ± 0 Mbit/s"},
		{CostPerViewerHour, stat(-0.0123, 0.004), "-$0.0123 ± 0.0040", "-$0.0123 ± 0.0040"},
		{Bitrate, NewStat([]float64{4e6}), "4 Mbit/s (n=1)", "+4 Mbit/s (n=1)"},
		{Bitrate, NewStat(nil), "-", "-"},
	}
	for _, c := range cases {
		m := &Metrics[c.id]
		if got := m.StatText(c.s); got != c.text {
			t.Errorf("%s: %q, want %q", m.Name, got, c.text)
		}
		if got := m.DeltaText(c.s); got != c.delta {
			t.Errorf("%s: difference %q, want %q", m.Name, got, c.delta)
		}
	}
}

package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"kinetoscope/sim/result"
)

// grown is points whose values follow a law of what they are set to, with what
// each world adds.
func grown(sets [][]string, seeds int, law func(sets []string, variant int) float64) []Point {
	var points []Point
	for i, set := range sets {
		s := sample(5, 1)
		s.Seeds, s.Runs, s.Variants, s.Thresholds, s.RefutedIf = nil, nil, s.Variants[:2], nil, nil
		for seed := range uint64(seeds) {
			s.Seeds = append(s.Seeds, seed)
		}
		for v, variant := range s.Variants {
			for _, seed := range s.Seeds {
				r := &result.Run{Variant: variant.Name, Seed: seed, Values: result.NewValues()}
				r.Values[result.StartupP50] = law(set, v) + 10*float64(seed)
				s.Runs = append(s.Runs, r)
			}
		}
		s.Stamp()
		points = append(points, Point{Name: fmt.Sprintf("%03d", i+1), Sets: set, Set: s})
	}
	return points
}

// Where worlds differ and variants do not, pairing takes the worlds out, and the
// page says so.
func TestSweepPageSaysWhatPairingGives(t *testing.T) {
	points := grown([][]string{{"a=1"}, {"a=2"}}, 3, func(_ []string, variant int) float64 { return 1 + float64(variant)/1000 })
	table := pairedTable(points)
	if table == nil || len(table.Rows) != 1 || table.Rows[0].Name != "central, swarm" {
		t.Fatalf("%+v", table)
	}
	if cells := table.Rows[0].Cells; cells[1].Text != "100%" || !strings.HasSuffix(cells[0].Text, "×") {
		t.Errorf("%+v", cells)
	}
	if pairedTable(points[:1]) != nil {
		t.Error("one world gives no table")
	}
}

func TestSweepAxes(t *testing.T) {
	for _, c := range []struct {
		values []string
		sorted []string
		at     []float64
		label  string
	}{
		{[]string{"10Mbit/s", "2.5Mbit/s"}, []string{"2.5Mbit/s", "10Mbit/s"}, []float64{2.5, 10}, "key, Mbit/s"},
		{[]string{"2s", "500ms", "1m"}, []string{"500ms", "2s", "1m"}, []float64{0.5, 2, 60}, "key, s"},
		{[]string{"bola", "fixed"}, []string{"bola", "fixed"}, []float64{0, 1}, "key"},
		{[]string{"20%", "3%"}, []string{"3%", "20%"}, []float64{3, 20}, "key, %"},
		{[]string{"1Mbit/s", "1Gbit/s"}, []string{"1Mbit/s", "1Gbit/s"}, []float64{0, 1}, "key"}, // never guessed
		{[]string{"7", "-1"}, []string{"-1", "7"}, []float64{-1, 7}, "key"},
	} {
		var points []Point
		for _, v := range c.values {
			points = append(points, Point{Sets: []string{"key=" + v, "same=1"}})
		}
		axes := sweepAxes(points)
		if len(axes) != 1 || !slices.Equal(axes[0].values, c.sorted) || !slices.Equal(axes[0].at, c.at) || axes[0].label() != c.label {
			t.Errorf("%q: %+v", c.values, axes)
		}
	}
}

// Effects of a model are its coefficients: what a key changes alone is twice
// the coefficient of its sign, and so are those of pairs.
func TestEffectsAgainstTheModel(t *testing.T) {
	sign := func(set string) float64 {
		if strings.HasSuffix(set, "=9") {
			return 1
		}
		return -1
	}
	var sets [][]string
	for _, a := range []string{"a=1", "a=9"} {
		for _, b := range []string{"b=1", "b=9"} {
			for _, c := range []string{"c=1", "c=9"} {
				sets = append(sets, []string{c, a, b})
			}
		}
	}
	slices.Reverse(sets) // the order of points is none of the axes'
	points := grown(sets, 3, func(s []string, v int) float64 {
		c, a, b := sign(s[0]), sign(s[1]), sign(s[2])
		return 100 + 7*a + 5*b*float64(v) + 3*a*c
	})
	axes := sweepAxes(points)
	grid := cells(points, axes)
	if grid == nil {
		t.Fatal("a whole grid is not seen as one")
	}
	for v, want := range []map[string]float64{{"a: 1 to 9": 14, "c × a": 6}, {"a: 1 to 9": 14, "b: 1 to 9": 10, "c × a": 6}} {
		for _, e := range effectsOf(axes) {
			for _, got := range e.of(grid, len(axes), result.StartupP50, points[0].Set.Variants[v].Name) {
				if math.Abs(got-want[e.name]) > 1e-9 {
					t.Errorf("variant %d, %s: %v, want %v", v, e.name, got, want[e.name])
				}
			}
		}
	}
	if cells(points[1:], axes) != nil || cells(append(points[1:], points[1]), axes) != nil {
		t.Error("a grid with a hole is seen as a whole one")
	}
}

// The page of a sweep is one whole document with the figures that its design
// gives, each of which says its sample, its unit and its interval.
func TestSweepFiles(t *testing.T) {
	law := func(s []string, v int) float64 { return float64(len(s[0])) + float64(v) }
	for _, c := range []struct {
		name  string
		sets  [][]string
		files []string
	}{
		{"one axis", [][]string{{"k=1s"}, {"k=20s"}, {"k=300s"}}, []string{"plots/along-startup-p50.svg"}},
		{"a map", [][]string{{"k=1", "l=<x>"}, {"k=1", "l=y"}, {"k=1", "l=z"}, {"k=11", "l=<x>"}, {"k=11", "l=y"}, {"k=11", "l=z"}}, []string{"plots/map-startup-p50.svg"}},
		{"a factorial", [][]string{{"k=1", "l=1"}, {"k=1", "l=2"}, {"k=22", "l=1"}, {"k=22", "l=2"}}, []string{"plots/effects.svg", "plots/map-startup-p50.svg"}},
		{"by chance", [][]string{{"k=1", "l=0.1"}, {"k=15", "l=2.2"}, {"k=7", "l=0.9"}}, []string{"plots/along-startup-p50.svg"}},
		{"one point", [][]string{{"k=1"}}, nil},
	} {
		points := grown(c.sets, 3, law)
		files, err := SweepFiles(points)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			var text bytes.Buffer
			if err := f.Write(&text); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f.Name, ".svg") {
				if names = append(names, f.Name); !strings.Contains(text.String(), "n=3 seeds") || !strings.Contains(text.String(), "95 % interval") || strings.Contains(text.String(), "NaN") {
					t.Errorf("%s: %s does not say its sample", c.name, f.Name)
				}
			}
			if f.Name == "report.html" {
				whole(t, text.Bytes())
				if len(c.sets) > 0 && !strings.Contains(text.String(), "Mean over n=3 seeds ±") {
					t.Errorf("%s: the table of points does not say its sample", c.name)
				}
				if want := min(len(c.sets), 1); strings.Count(text.String(), "<h1>") != want || strings.Contains(text.String(), "<x>") {
					t.Errorf("%s: the page is not whole, or does not escape", c.name)
				}
			}
		}
		if !slices.Equal(names, c.files) {
			t.Errorf("%s: %q, want %q", c.name, names, c.files)
		}
	}
}

// whole fails if a page is not well-formed.
func whole(t *testing.T, page []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// What is the same everywhere is not drawn.
func TestFlatMetricsAreLeftOut(t *testing.T) {
	points := grown([][]string{{"k=1"}, {"k=2"}}, 2, func([]string, int) float64 { return 4 })
	if figs := sweepFigures(points); len(figs) != 0 {
		t.Errorf("%d figures of nothing", len(figs))
	}
}

package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"kinetoscope/sim/result"
)

// changed is two made-up records of the same scenario, of which the second
// starts later and lost its money.
func changed(t *testing.T) *result.Comparison {
	t.Helper()
	before, after := sample(40, 1, 2, 3, 4), sample(40, 1, 2, 3, 4)
	before.From, after.From = "before", "after"
	after.Name, after.Manifest.Digest = before.Name, "other"
	for i, r := range after.Runs {
		r.Values[result.StartupP50] *= 1.2 + float64(i%3)/100
		r.Values[result.Bitrate] *= 1.0001 + float64(i%3)*1e-6
		r.Values[result.RightsShare] = result.NewValues()[0]
	}
	c, err := result.Compare(before, []*result.Set{after}, result.Rule{Least: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComparison(t *testing.T) {
	c := changed(t)
	for name, write := range map[string]func(io.Writer) error{
		"comparison.txt":        func(w io.Writer) error { return Comparison(w, c, Options{Width: 120}) },
		"comparison-narrow.txt": func(w io.Writer) error { return Comparison(w, c, Options{Width: 60, ASCII: true, Color: true}) },
		"comparison.md":         func(w io.Writer) error { return ComparisonMarkdown(w, c) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

func TestComparisonForMachines(t *testing.T) {
	c := changed(t)
	var text bytes.Buffer
	if err := ComparisonJSON(&text, c); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed  bool
		Effects []struct {
			Metric, Outcome string
			P               *float64 `json:"p_holm"`
		}
	}
	if err := json.Unmarshal(text.Bytes(), &got); err != nil || got.Passed || len(got.Effects) != len(c.Effects) {
		t.Errorf("%v: %+v", err, got)
	}
	var report struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Class string `xml:"classname,attr"`
				Name  string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	text.Reset()
	if err := ComparisonJUnit(&text, c); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(text.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	bad := c.Count(result.Worsened) + c.Count(result.Vanished)
	if report.Tests != len(c.Effects) || report.Failures != bad || bad == 0 || report.Suites[0].Cases[0].Class != "flash-crowd.central" {
		t.Errorf("%d tests and %d failures, want %d and %d:\n%s", report.Tests, report.Failures, len(c.Effects), bad, text.String())
	}
}

func TestIdenticalRecordsSaySo(t *testing.T) {
	a, b := sample(10, 1, 2), sample(10, 1, 2)
	c, err := result.Compare(a, []*result.Set{b}, result.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	var text, xml bytes.Buffer
	if err := Comparison(&text, c, Options{}); err != nil || !strings.Contains(text.String(), "flash-crowd: identical: the same digest") {
		t.Errorf("%v: %s", err, text.String())
	}
	if err := ComparisonJUnit(&xml, c); err != nil || !strings.Contains(xml.String(), `tests="1"`) {
		t.Errorf("%v: %s", err, xml.String())
	}
}

package datasets

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"kinetoscope/netem"
	"kinetoscope/protocol/ledger"
)

// Every sheet is CSV with one width below its comments, and what scenarios take
// of them, they take.
func TestSheets(t *testing.T) {
	traces, fees := 0, 0
	for _, c := range specimens {
		s, err := Read(c.name, []byte(c.text), c.desc)
		if err != nil {
			t.Fatal(err)
		}
		sheets := s.Sheets()
		if len(sheets) == 0 {
			t.Errorf("%s %.40q: no sheet", c.name, c.text)
		}
		for _, sheet := range sheets {
			var b bytes.Buffer
			if err := sheet.Write(&b); err != nil {
				t.Fatal(err)
			}
			r := csv.NewReader(&b)
			r.Comment = '#'
			text := b.Bytes()
			if rows, err := r.ReadAll(); err != nil || len(rows) < 2 {
				t.Errorf("%s %s: %v, %d rows", c.name, sheet.Name, err, len(rows))
			}
			switch header := string(text); {
			case strings.Contains(header, "\nfor,down,up\n"):
				traces++
				steps, err := netem.ParseTrace(text)
				if err != nil {
					t.Errorf("%s: %v in %s", c.name, err, text)
				}
				for i, p := range steps {
					want := s.Traces[0].Steps[i]
					if len(sheets) == 1 && (p.For != want.For || p.Down != want.Down || s.Traces[0].HasUp && p.Up != want.Up) {
						t.Errorf("%s: step %d is %v, written as %v", c.name, i, want, p)
					}
				}
			case strings.Contains(header, "\nfor,base_fee\n"):
				fees++
				if _, err := ledger.ParseSeries(text); err != nil {
					t.Errorf("%s: %v in %s", c.name, err, text)
				}
			}
		}
	}
	if traces < 10 || fees < 1 {
		t.Errorf("only %d traces and %d series of fees", traces, fees)
	}
}

// What is written is read again as the same, without a word on units.
func TestSheetsAreReadAgain(t *testing.T) {
	for _, c := range specimens {
		s, err := Read(c.name, []byte(c.text), c.desc)
		if err != nil {
			t.Fatal(err)
		}
		if s.Kind == Video || s.Churn != nil && (s.Churn.Windows != nil || s.Churn.Survivals != nil) || s.Latency != nil && len(s.Latency.Pairs)+len(s.Latency.Probes) == 0 ||
			s.Viewers != nil && (s.Viewers.Arrivals != nil) || s.Fees != nil && s.Fees[0].Points[0].At == 0 {
			continue // their sheets are not of a format that is recognised
		}
		var b bytes.Buffer
		if err := s.Sheets()[0].Write(&b); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b.Bytes(), []byte("\nfor,base_fee\n")) {
			continue
		}
		again, err := Read("again.csv", b.Bytes(), Descriptor{})
		if err != nil {
			t.Errorf("%s %.40q: %v in\n%s", c.name, c.text, err, b.Bytes())
			continue
		}
		if again.Kind != s.Kind || again.Repairs.Dropped > 0 {
			t.Errorf("%s %.40q: read again as %s: %v", c.name, c.text, again.Kind, &again.Repairs)
		}
		if s.Kind == Bandwidth && s.Traces[0].HasUp && brief(again) != brief(s) {
			t.Errorf("%s: %s, read again as %s", c.name, brief(s), brief(again))
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -123: "-123"} {
		if got := Grouped(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

func TestMoments(t *testing.T) {
	s, err := Read("a.csv", []byte("time_s,down_kbps\n0,1000\n1,3000\n2,0\n3,0\n4,2000\n"), Descriptor{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Moment{}
	for _, m := range s.Moments() {
		got[m.Name] = m
	}
	if m := got["down"]; m.N != 5 || m.Mean != 1200 || m.Min != 0 || m.Median != 1000 || m.P90 != 3000 || m.Max != 3000 || m.Unit != "kbit/s" {
		t.Errorf("down: %+v", m)
	}
	if m := got["outage"]; m.N != 1 || m.Mean != 2 {
		t.Errorf("outage: %+v", m)
	}
	c := s.Curves()[0].Thinned(4)
	if len(c.Xs) != len(c.Ys) || len(c.Xs) > 6 || slices.Max(c.Ys) != 3 || slices.Min(c.Ys) != 0 || !slices.IsSorted(c.Xs) {
		t.Errorf("thinned: %+v", c)
	}
}

package datasets

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A specimen is a small file made up for a format or a rule, and what becomes of it.
type specimen struct {
	name string // of the file
	text string
	desc Descriptor
	want string // format: the line of repairs: the model
}

func with(unit string) Descriptor { return Descriptor{Units: map[string]string{"": unit}} }

// brief writes a model in a line.
func brief(s *Set) string {
	var b strings.Builder
	for _, t := range s.Traces {
		for _, p := range t.Steps {
			fmt.Fprintf(&b, " %v", p.For)
			if p.Down > 0 || p.Up > 0 {
				fmt.Fprintf(&b, "@%v", p.Down)
			}
			if t.HasUp {
				fmt.Fprintf(&b, "/%v", p.Up)
			}
		}
	}
	if m := s.Latency; m != nil {
		for _, p := range m.Pairs {
			fmt.Fprintf(&b, " %s-%s=%v", m.Places[p.From].Name, m.Places[p.To].Name, p.RTT)
		}
		for _, p := range m.Probes {
			fmt.Fprintf(&b, " %v", p.RTT)
		}
		for _, p := range m.Places {
			if p.Title != "" {
				fmt.Fprintf(&b, " %s is %s", p.Name, p.Title)
			}
		}
	}
	if h := s.Churn; h != nil {
		for _, i := range h.Intervals {
			fmt.Fprintf(&b, " %s:%v:%d-%d", h.Nodes[i.Node], i.Up, i.From/1e9, i.To/1e9)
		}
		for _, c := range h.Counts {
			fmt.Fprintf(&b, " %d=%d", c.At/1e9, c.N)
		}
		for _, w := range h.Windows {
			fmt.Fprintf(&b, " %d-%d:%d+%d-%d", w.From/1e9, w.To/1e9, w.Open, w.Opened, w.Closed)
		}
		for _, v := range h.Survivals {
			fmt.Fprintf(&b, " %v:%v", v.After, float64(v.Share))
		}
	}
	if v := s.Viewers; v != nil {
		for _, x := range v.Sessions {
			fmt.Fprintf(&b, " %d+%v", x.Start/1e9, x.Length)
		}
		for _, c := range v.Counts {
			fmt.Fprintf(&b, " %d=%d", c.At/1e9, c.N)
		}
		for _, x := range v.Lengths {
			fmt.Fprintf(&b, " %v", x)
		}
		for _, x := range v.Stays {
			fmt.Fprintf(&b, " %v:%v", x.After, float64(x.Share))
		}
		for _, x := range v.Ranks {
			fmt.Fprintf(&b, " %s:%d", x.Name, x.N)
		}
		for _, x := range v.Arrivals {
			fmt.Fprintf(&b, " %d@%dms:%dB", x.Stream, x.At/1e6, int64(x.Size))
		}
	}
	for _, l := range s.Videos {
		fmt.Fprintf(&b, " %v", l.Durations)
		for _, x := range l.Renditions {
			fmt.Fprintf(&b, " %s%d", x.Name, x.Sizes)
		}
	}
	for _, x := range s.Fees {
		for _, p := range x.Points {
			fmt.Fprintf(&b, " %d=%v%s", p.At/1e9+p.Block, p.Value, x.Unit)
		}
	}
	return strings.TrimSpace(b.String())
}

// balanced holds what holds of every set that was read.
func balanced(t testing.TB, s *Set) {
	t.Helper()
	r := &s.Repairs
	if r.Rows != r.Kept+r.Repaired+r.Dropped || r.Kept < 0 || r.Repaired < 0 || r.Dropped < 0 {
		t.Errorf("%s: %d rows, but %d kept, %d repaired, %d dropped", s.Name, r.Rows, r.Kept, r.Repaired, r.Dropped)
	}
	var graves int64
	for _, x := range r.Tallies {
		if x.Count <= 0 || len(x.First) == 0 {
			t.Errorf("%s: a tally %+v of nothing", s.Name, x)
		}
		if x.Act == Dropped || x.Act == Repaired {
			graves += x.Count
		}
	}
	if graves < r.Repaired+r.Dropped && s.Format != "media" {
		t.Errorf("%s: %d rows repaired or dropped, and rules say it of %d: %v", s.Name, r.Repaired+r.Dropped, graves, r)
	}
	for _, x := range s.Traces {
		for _, p := range x.Steps {
			if p.For < time.Millisecond || p.For > 24*time.Hour || p.Down < 0 || p.Up < 0 || p.Down > maxRate || p.Up > maxRate {
				t.Fatalf("%s: a step of %+v", s.Name, p)
			}
		}
	}
}

func TestSpecimens(t *testing.T) {
	for _, c := range specimens {
		s, err := Read(c.name, []byte(c.text), c.desc)
		if err != nil {
			t.Errorf("%s %.60q: %v", c.name, c.text, err)
			continue
		}
		balanced(t, s)
		if got := fmt.Sprintf("%s: %v: %s", s.Format, &s.Repairs, brief(s)); got != c.want {
			t.Errorf("%s %.60q:\n got %s\nwant %s", c.name, c.text, got, c.want)
		}
	}
}

// Strict reading refuses at the first rule that repairs, drops or skips, by its
// name; and where there is none, it gives the same.
func TestStrict(t *testing.T) {
	for _, c := range specimens {
		lax, err := Read(c.name, []byte(c.text), c.desc)
		if err != nil {
			t.Fatal(err)
		}
		c.desc.Strict = true
		s, err := Read(c.name, []byte(c.text), c.desc)
		grave := slices.ContainsFunc(lax.Repairs.Tallies, func(x Tally) bool { return x.Act != Noted })
		switch {
		case !grave && err != nil:
			t.Errorf("%s %.60q: %v", c.name, c.text, err)
		case !grave && brief(s) != brief(lax):
			t.Errorf("%s %.60q: strict gives %s, not %s", c.name, c.text, brief(s), brief(lax))
		case grave && err == nil:
			t.Errorf("%s %.60q passes: %v", c.name, c.text, &lax.Repairs)
		case grave && !slices.ContainsFunc(lax.Repairs.Tallies, func(x Tally) bool {
			return x.Act != Noted && strings.Contains(err.Error(), ": "+x.Rule+": ")
		}):
			t.Errorf("%s %.60q is refused for none of %v: %v", c.name, c.text, &lax.Repairs, err)
		}
	}
}

// elsewhere are rules that no single file in memory meets: archive_test.go,
// folder_test.go and their like have their samples.
var elsewhere = []string{"junk", "nested", "empty-file", "unread-file", "unsafe-path", "link", "no-file", "unknown-place", "media-repair"}

// Every rule and every format has a specimen: what none shows is not tested.
func TestSpecimensAreComplete(t *testing.T) {
	met, formats := map[string]bool{}, map[string]bool{"media": true, "size-list": true} // these two go by the name, or are no text
	for _, c := range specimens {
		s, err := Read(c.name, []byte(c.text), c.desc)
		if err != nil {
			t.Fatal(err)
		}
		formats[s.Format] = true
		for _, x := range s.Repairs.Tallies {
			met[x.Rule] = true
		}
	}
	for _, r := range Rules() {
		if met[r.Name] == slices.Contains(elsewhere, r.Name) {
			t.Errorf("rule %s: met by a specimen %v", r.Name, met[r.Name])
		}
		if r.Doc == "" || !strings.HasSuffix(r.Doc, ".") {
			t.Errorf("rule %s says nothing: %q", r.Name, r.Doc)
		}
	}
	for _, f := range Formats() {
		if !formats[f.Name] {
			t.Errorf("format %s has no specimen", f.Name)
		}
	}
}

package scenarios

import (
	"strings"
	"testing"
)

// A site is under one operator, a rack in one site, and machines are spread
// evenly over both.
func TestTreeOfDomains(t *testing.T) {
	f := Fleet{Count: 60, Sites: 12, Operators: 4, Racks: 2}
	operator, site, count := map[int]int{}, map[int]int{}, map[Level]map[int]int{Operator: {}, Site: {}, Rack: {}}
	for i := range f.Count {
		o, s, r := f.Domain(Operator, i), f.Domain(Site, i), f.Domain(Rack, i)
		if was, met := operator[s]; met && was != o {
			t.Errorf("site %d is run by %d and %d", s, was, o)
		}
		if was, met := site[r]; met && was != s {
			t.Errorf("rack %d stands in sites %d and %d", r, was, s)
		}
		operator[s], site[r] = o, s
		count[Operator][o]++
		count[Site][s]++
		count[Rack][r]++
	}
	for level, machines := range map[Level]int{Operator: 15, Site: 5} {
		for d, n := range count[level] {
			if n != machines {
				t.Errorf("%s %d has %d machines", level, d, n)
			}
		}
	}
	for level, n := range map[Level]int{Operator: 4, Site: 12, Rack: 24} {
		if f.Domains(level) != n || len(count[level]) != n {
			t.Errorf("%d domains of level %s, %d are inhabited, want %d", f.Domains(level), level, len(count[level]), n)
		}
	}
}

func TestBadDomains(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"providers.operators=7", "7 is not between 1 and sites (6)"},
		{"edges.racks=2", "2 is not between 1 and the machines of a site (1)"},
		{"faults=[{kind: blackout, of: providers, operators: 2, at: 9s, for: 1s}]", "2 of 1 operators cannot fail"},
		{"faults=[{kind: blackout, of: providers, sites: 1, racks: 1, at: 9s, for: 1s}]", "a fault takes domains of one level"},
		{"faults=[{kind: blackout, of: providers, sites: 1, chosen: [6], at: 9s, for: 1s}]", "6: sites count from 0 to 5"},
		{"faults=[{kind: blackout, of: providers, sites: 2, chosen: [1], at: 9s, for: 1s}]", "1 are chosen of the 2 that fail"},
		{"faults=[{kind: blackout, of: edges, sites: 1, wiped: true, at: 9s, for: 1s}]", "edges keep what they have"},
		{"faults=[{kind: crash, of: directory, sites: 1, at: 9s, for: 1s}]", "only providers and edges stand in failure domains"},
		{"faults=[{kind: blackout, of: directory, at: 9s, for: 1s}]", "does not happen to directory"},
		{"population={session: {law: weibull}}", "0s: the law weibull needs a positive time"},
		{"population={returns: 10%}", "say how long those who come back"},
		{"population={arrival: trace}", "say how many come in which time"},
		{"population={trace: [{for: 0s, weight: 1}]}", "0s is not a positive time"},
	} {
		_, err := Load("x.yaml", []byte("duration: 30s\n"), []string{c.set})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.set, err, c.want)
		}
	}
}

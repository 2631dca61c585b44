package datasets

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/datasets/generate"
	"kinetoscope/internal/unit"
)

// Places of the tables of round-trip times.
var (
	cities = []string{"New York", "Los Angeles", "Chicago", "Toronto", "Sao Paulo", "London", "Frankfurt", "Paris", "Stockholm", "Johannesburg", "Dubai", "Singapore", "Tokyo", "Seoul", "Sydney"}
	cloud  = []string{"Dallas", "Toronto", "Washington DC", "Frankfurt", "London", "Madrid", "Montreal", "Chennai", "Mumbai", "Osaka", "Sydney", "Tokyo", "Sao Paulo"}
)

// fitMatrix writes the times between some places in ms; what is missing is 0.
func fitMatrix(name, source string, m *Matrix, places []string) string {
	index := map[int32]int{}
	for i, p := range m.Places {
		if k := slices.IndexFunc(places, func(n string) bool { return n == p.Name || n == plain(p.Title) }); k >= 0 && !taken(index, k) {
			index[int32(i)] = k
		}
	}
	table := square(len(places))
	for _, p := range m.Pairs {
		i, a := index[p.From]
		if k, b := index[p.To]; a && b && i != k {
			table[i][k] = float64(p.RTT) / 1e6
		}
	}
	out := fmt.Sprintf("model\tmatrix\t%s\t%s\n", name, source)
	for i, row := range table {
		out += fmt.Sprintf("place\t%s\t%s\n", places[i], cells(row...))
	}
	return out
}

// plain is a name without accents that the list of cities leaves out.
func plain(name string) string { return strings.NewReplacer("ã", "a", "é", "e").Replace(name) }

func taken(index map[int32]int, k int) bool {
	for _, x := range index {
		if x == k {
			return true
		}
	}
	return false
}

// fitLadder writes the mean rates of renditions, and sizes of segments in
// thousandths of their mean.
func fitLadder(name, source string, l *Ladder) string {
	seconds := l.Durations[0].Seconds()
	means, rungs := []float64{seconds}, ""
	for _, r := range l.Renditions {
		var sum unit.Size
		for _, n := range r.Sizes {
			sum += n
		}
		mean := float64(sum) / float64(len(r.Sizes))
		means = append(means, mean*8/seconds/1000)
		var parts []float64
		for _, n := range r.Sizes {
			parts = append(parts, float64(int64(float64(n)/mean*1000+0.5)))
		}
		rungs += fmt.Sprintf("rung\t%s\t%s\n", r.Name, cells(parts...))
	}
	return fmt.Sprintf("model\tladder\t%s\t%s\nnumbers\t%s\n%s", name, source, cells(means...), rungs)
}

// The tables that were transcribed are those of public sets: what others have read
// of the same sets stands here.
func TestTables(t *testing.T) {
	rtt := func(set, from, to string) time.Duration {
		s, err := OpenSeeded(Generated+set, Descriptor{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Latency.Pairs {
			if m := s.Latency; m.Places[p.From].Name == from && m.Places[p.To].Name == to {
				return p.RTT.Round(time.Millisecond)
			}
		}
		return 0
	}
	for _, c := range []struct {
		set, from, to string
		want          time.Duration
	}{
		{"ibm-2026", "Dallas", "Toronto", 35}, {"ibm-2026", "Toronto", "Dallas", 34}, {"ibm-2026", "Sao Paulo", "Chennai", 369}, {"ibm-2026", "Frankfurt", "London", 13},
		{"cities-2020", "New York", "Los Angeles", 68}, {"cities-2020", "London", "Paris", 9}, {"cities-2020", "Tokyo", "Johannesburg", 412}, {"cities-2020", "Sydney", "Seoul", 307},
	} {
		if got := rtt(c.set, c.from, c.to); got != c.want*time.Millisecond {
			t.Errorf("%s: from %s to %s it takes %v, want %d ms", c.set, c.from, c.to, got, c.want)
		}
	}
	for _, c := range []struct {
		set             string
		renditions, len int
		least, most     float64 // kbit/s
	}{{"bbb", 10, 199, 200, 7000}, {"bbb-4k", 6, 199, 900, 40000}, {"envivio", 6, 49, 302, 4279}} {
		m, err := generate.Find(c.set)
		if err != nil {
			t.Fatal(err)
		}
		each, names, sizes := m.Ladder()
		if len(names) != c.renditions || len(sizes[0]) != c.len {
			t.Errorf("%s: %d renditions of %d segments", c.set, len(names), len(sizes[0]))
		}
		for _, row := range sizes {
			var sum unit.Size
			for _, n := range row {
				sum += n
			}
			if rate := float64(sum) * 8 / 1000 / each.Seconds() / float64(len(row)); rate < c.least*0.98 || rate > c.most*1.02 {
				t.Errorf("%s: a rendition of %.0f kbit/s", c.set, rate)
			}
		}
	}
}

package result

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestMSER5(t *testing.T) {
	series := func(n int, of func(i int) float64) (list []float64) {
		for i := range n {
			list = append(list, of(i))
		}
		return list
	}
	rng := rand.New(rand.NewPCG(37, 41))
	noise := func(int) float64 { return rng.NormFloat64() }
	for _, c := range []struct {
		name   string
		series []float64
		lo, hi int
	}{
		{"nothing", nil, 0, 0},
		{"one batch", series(9, noise), 0, 0},
		{"constant", series(100, func(int) float64 { return 1 }), 0, 0},
		{"a step at 20", series(100, func(i int) float64 { return float64(min(i/20, 1)) }), 20, 20},
		{"a step at 23", series(100, func(i int) float64 { return float64(min(i/23, 1)) }), 25, 25},
		{"it fades in, with noise", series(300, func(i int) float64 { return noise(i) - 20*math.Exp(-float64(i)/10) }), 20, 60},
		{"a step in the second half is no beginning", series(100, func(i int) float64 { return float64(min(i/80, 1)) }), 0, 0},
	} {
		if got := mser5(c.series); got < c.lo || got > c.hi {
			t.Errorf("%s: leaves out %d, want %d to %d", c.name, got, c.lo, c.hi)
		}
	}
}

// A stream whose bitrate climbs for 30 s is warm after 30 s, and a note says so
// where less was declared; where none was declared, or a fault is in between, the
// beginning is meant.
func TestColdStartIsNoticed(t *testing.T) {
	warm := func(from time.Duration, marks ...Mark) string {
		rng := rand.New(rand.NewPCG(43, 47))
		s := &Set{Variants: []Variant{{Name: "a"}}, Seeds: []uint64{1, 2, 3}, Duration: 2 * time.Minute, Marks: marks}
		if from > 0 {
			s.Window = Window{from, s.Duration}
		}
		for _, seed := range s.Seeds {
			r := &Run{Variant: "a", Seed: seed, Values: NewValues()}
			for i := range 120 {
				r.Series = append(r.Series, Point{At: time.Duration(i) * time.Second, Joined: 10, Playing: 10, Bitrate: 1e6*min(1, float64(i)/30) + 1e3*rng.NormFloat64() + 1e4})
			}
			s.Runs = append(s.Runs, r)
		}
		return strings.Join(s.AllNotes(), "; ")
	}
	if note := warm(5 * time.Second); !strings.Contains(note, "the warm-up of 5s looks too short: the bitrate of a is steady from 30s on only (MSER-5), and without what is before its mean changes by +10%") {
		t.Error(note)
	}
	fault := Mark{At: 10 * time.Second, Until: 20 * time.Second, Label: "blackout"}
	for name, note := range map[string]string{"warm enough": warm(30 * time.Second), "none declared": warm(0), "a fault": warm(5*time.Second, fault)} {
		if strings.Contains(note, "MSER") {
			t.Errorf("%s: %s", name, note)
		}
	}
}

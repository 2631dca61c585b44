package result

import (
	"math"
	"testing"
)

// Worlds that differ a hundred times more than variants do: pairing takes the
// worlds out. Noise of the variants' own is left, and what has none is told
// exactly.
func TestPairings(t *testing.T) {
	noise := []float64{0.01, -0.02, 0.015, -0.005, 0.02, -0.01}
	s := &Set{Variants: []Variant{{Name: "a"}, {Name: "b"}, {Name: "c"}}, Seeds: []uint64{1, 2, 3, 4, 5, 6}}
	for v := range s.Variants {
		for i, seed := range s.Seeds {
			r := &Run{Variant: s.Variants[v].Name, Seed: seed, Values: NewValues()}
			world := math.Exp(float64(i)) // 1 to 148
			r.Values[StartupP50] = world * []float64{1, 2, 2 * math.Exp(noise[i])}[v]
			r.Values[Bitrate] = []float64{1 + noise[i], 1 + noise[(i+1)%6], 1 + noise[(i+3)%6]}[v] // worlds have no part in it
			r.Values[RebufferRatio] = 0                                                            // no logarithm
			s.Runs = append(s.Runs, r)
		}
	}
	got := Pairings([]*Set{s})
	if len(got) != 3 || got[0].Metrics != 2 {
		t.Fatalf("%+v", got)
	}
	if g := narrower([]float64{1, math.E}, []float64{2, 2 * math.E}); !math.IsInf(g, 1) {
		t.Errorf("the same ratio in every world: %v", g)
	}
	if g := narrower([]float64{1, 1}, []float64{2, 2}); !math.IsNaN(g) {
		t.Errorf("nothing varies: %v", g)
	}
	for k, p := range got {
		if p.Tenfold != 0.5 { // startup by far, bitrate not
			t.Errorf("pair %d: %+v", k, p)
		}
	}
	// By hand: logs 0 to 5 have the deviation 1.8708; of independent samples √2 of that.
	d := deviation(noise)
	if want := math.Sqrt(2) * 1.8708 / d; math.Abs(narrower(startups(s, 1), startups(s, 2))-want) > 0.01*want {
		t.Errorf("%v, want about %v", narrower(startups(s, 1), startups(s, 2)), want)
	}
}

func startups(s *Set, variant int) []float64 { return s.Values(StartupP50, s.Variants[variant].Name) }

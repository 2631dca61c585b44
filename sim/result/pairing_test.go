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
	one := []int{0, 0}
	if g, _ := narrower([]float64{1, math.E}, []float64{2, 2 * math.E}, one); !math.IsInf(g, 1) {
		t.Errorf("the same ratio in every world: %v", g)
	}
	if g, _ := narrower([]float64{1, 1}, []float64{2, 2}, one); !math.IsNaN(g) {
		t.Errorf("nothing varies: %v", g)
	}
	for k, p := range got {
		if p.Sampled.Tenfold != 0.5 || p.Given != p.Sampled { // startup by far, bitrate not
			t.Errorf("pair %d: %+v", k, p)
		}
	}
	// By hand: logs 0 to 5 have the deviation 1.8708; of independent samples √2 of that,
	// at t(0.975; 10) = 2.2281 instead of t(0.975; 5) = 2.5706.
	d := deviation(noise)
	want := math.Sqrt(2) * 1.8708 * 2.2281 / (d * 2.5706)
	if g, _ := narrower(startups(s, 1), startups(s, 2), make([]int, 6)); math.Abs(g-want) > 0.01*want {
		t.Errorf("%v, want about %v", g, want)
	}
}

// A variant that is twice as slow in one world and half as slow in another, but for
// what seeds do: of other worlds that says little, of these two all.
func TestPairingOfGivenWorlds(t *testing.T) {
	var x, y []float64
	var world []int
	for w, factor := range []float64{2, 0.5} {
		for i := range 6 {
			x, y, world = append(x, math.Exp(3*float64(w))), append(y, math.Exp(3*float64(w))*factor*(1+float64(i)/1000)), append(world, w)
		}
	}
	sampled, given := narrower(x, y, world)
	if sampled > 4 || given < 100 {
		t.Errorf("%v times of sampled worlds, %v of given ones", sampled, given)
	}
}

func startups(s *Set, variant int) []float64 { return s.Values(StartupP50, s.Variants[variant].Name) }

package abr

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// The projection is the nearest point of the simplex: it is on it, and moving a
// little weight from one part to another comes no nearer.
func TestProjection(t *testing.T) {
	draw := rand.New(rand.NewPCG(8, 8))
	distance := func(a, b []float32) (d float64) {
		for i := range a {
			d += float64(a[i]-b[i]) * float64(a[i]-b[i])
		}
		return d
	}
	for range 300 {
		from := make([]float32, 1+draw.IntN(maxRungs))
		for i := range from {
			from[i] = 4*draw.Float32() - 2
		}
		to := append([]float32(nil), from...)
		project(to)
		sum := 0.0
		for _, x := range to {
			sum += float64(x)
			if x < 0 {
				t.Fatalf("%v: a part below zero", to)
			}
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Fatalf("%v sums to %v", to, sum)
		}
		for i := range to {
			for k := range to {
				if moved := append([]float32(nil), to...); i != k && moved[i] > 0.01 {
					moved[i], moved[k] = moved[i]-0.01, moved[k]+0.01
					if distance(moved, from) < distance(to, from)-1e-5 {
						t.Fatalf("%v is nearer to %v than %v", moved, from, to)
					}
				}
			}
		}
	}
}

// Computed by hand. After a start on rung 1 of 1, 2 and 4 Mbit/s with segments
// of 2 s and a last download of 3 Mbit/s, each rung is moved by 2/(4*3.9449) *
// (2*3.9449) * rate/3 Mbit/s = rate/3 Mbit/s, down where the rate is above: w =
// (1/3, 1+2/3, -4/3), which projects to (0, 1, 0); so rung 1 stays.
func TestL2AByHand(t *testing.T) {
	chooser := bolaOn(t, L2A, 1e6, 2e6, 4e6)
	var m Memory
	chooser.Fetched(&m, Download{Size: 750_000, Got: 750_000, Took: 2 * time.Second, Segment: 2 * time.Second})
	v := View{Buffer: 2 * time.Second, BufferMax: 4 * time.Second, Segment: 2 * time.Second, Throughput: unit.Rate(3e6)}
	for range 2 {
		if v.Last, _ = chooser.Choose(&m, v); v.Last != 1 {
			t.Fatalf("rung %d", v.Last)
		}
	}
	want := [3]float32{0, 1, 0}
	for i, w := range want {
		if math.Abs(float64(m.learnt.weights[i]-w)) > 1e-5 {
			t.Errorf("weights %v, want %v", m.learnt.weights[:3], want)
		}
	}
	// drift: 3.9449 - 2 + 2 * (2 + 0)/3
	if want := 3.944930817973437 - 2 + 4.0/3; math.Abs(m.learnt.drift-want) > 1e-5 {
		t.Errorf("drift %v, want %v", m.learnt.drift, want)
	}
}

// Computed by hand, where weights are no corner of the simplex. With segments of 0.2 s and a
// download of 5 Mbit/s each of 1, 2 and 4 Mbit/s moves up by 0.02 for each Mbit/s: (0.02, 1.04,
// 0.08) projects to (0, 0.98, 0.02). Then one of 1.5 Mbit/s moves rung 0 up and the others down
// by 0.0657 for each, which projects to (0.1085, 0.8915, 0); the rung is above what came, so the
// drift is twice the cautiousness.
func TestL2AMovesByHand(t *testing.T) {
	chooser := bolaOn(t, L2A, 1e6, 2e6, 4e6)
	var m Memory
	v := View{Buffer: 2 * time.Second, BufferMax: 4 * time.Second, Segment: 200 * time.Millisecond, Throughput: unit.Rate(3e6)}
	choose := func(size unit.Size, weights [3]float32, drift float64) {
		t.Helper()
		chooser.Fetched(&m, Download{Size: size, Got: size, Took: time.Second, Segment: v.Segment})
		if v.Last, _ = chooser.Choose(&m, v); v.Last != 1 {
			t.Fatalf("rung %d", v.Last)
		}
		for i, w := range weights {
			if math.Abs(float64(m.learnt.weights[i]-w)) > 1e-4 {
				t.Errorf("weights %v, want %v", m.learnt.weights[:3], weights)
			}
		}
		if math.Abs(m.learnt.drift-drift) > 1e-4 {
			t.Errorf("drift %v, want %v", m.learnt.drift, drift)
		}
	}
	choose(625_000, [3]float32{0, 1, 0}, 3.9449)                             // begins
	choose(625_000, [3]float32{0, 0.98, 0.02}, 3.9449-0.2+0.2*(2.04+0.04)/5) // mean 2.04, which is 0.04 more
	choose(187_500, [3]float32{0.1085, 0.8915, 0}, 2*3.9449)
}

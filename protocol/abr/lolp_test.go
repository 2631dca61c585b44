package abr

import (
	"math"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// Computed by hand, on 3 and 4 Mbit/s, whose length is 5: the rungs stand for 0.6
// and 0.8. At 0.9 * 5 Mbit/s and 4 s ahead both are carried, and 0.9 is nearer to
// 0.8 after it is cut there: rung 1, a change of 0.2. Rung 0 was in use, 3 s behind
// live: it moves a hundredth towards (0.8, 0.03, 0, 0.2), rung 1, which is 0.2 away,
// e^-2 of that; then rung 1 moves a hundredth towards (0.8, 0, 0, 0.2).
func TestLoLPByHand(t *testing.T) {
	chooser := bolaOn(t, LoLP, 3e6, 4e6)
	var m Memory
	v := View{Buffer: 4 * time.Second, Segment: 2 * time.Second, Throughput: 5e6, Behind: 3 * time.Second, Target: 4 * time.Second}
	if rung, _ := chooser.Choose(&m, v); rung != 1 {
		t.Fatalf("rung %d", rung)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-4 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	low, high := m.organised.neurons[0], m.organised.neurons[1]
	near("throughput of rung 0", low.throughput, 0.602+0.01*math.Exp(-2)*0.198)
	near("latency of rung 0", low.latency, 0.0003)
	near("throughput of rung 1", high.throughput, 0.8)
	near("change of rung 1", high.change, 0.002+0.01*math.Exp(-2)*0.2)
	// the best QoE is that of the top rung, whose latency weighed nothing yet
	if want := (neuron{0.2, 0.2, 1, 0.2}); m.organised.weights != want {
		t.Errorf("weights %v, want %v", m.organised.weights, want)
	}
}

// When a stall is near it takes what the link carries, and learns nothing.
func TestLoLPNearAStall(t *testing.T) {
	chooser := bolaOn(t, LoLP, 1e6, 2e6, 4e6)
	var m Memory
	v := View{Buffer: 2 * time.Second, Segment: 2 * time.Second, Throughput: 25e5, Last: 2}
	if rung, _ := chooser.Choose(&m, v); rung != 1 {
		t.Errorf("rung %d, want 1: 2.25 Mbit/s are safe", rung)
	}
	if m.organised.neurons[2].stall != 0 {
		t.Error("it has learnt of a stall")
	}
}

// Two choices by hand. On 3 and 4 Mbit/s (0.6 and 0.8 of their length), at 3.9 Mbit/s (0.78): rung 1 is the
// nearer, but not carried, and 100 * 0.02^2 is more than 0.2 * 0.18^2. On 1, 2 and 4 Mbit/s at 2.25 Mbit/s rung
// 1 is the nearest that is carried; taken from rung 0 if 0.3 s are left when its next segment is there, 0.89 s from now.
// A rung is carried 10 kbit/s or more below the throughput: 3.1 Mbit/s at 3.111, not at 3.109, where 100 * 9^2 is more than the 0.2 * 109^2 of 3.0.
func TestLoLPShunsWhatIsNotCarried(t *testing.T) {
	for _, c := range []struct {
		ladder []unit.Rate
		rate   unit.Rate
		buffer time.Duration
		want   int
	}{
		{[]unit.Rate{3e6, 4e6}, 4_333_333, 4 * time.Second, 0},
		{[]unit.Rate{3e6, 4e6}, 4_500_000, 4 * time.Second, 1},
		{[]unit.Rate{1e6, 2e6, 4e6}, 2_500_000, 1200 * time.Millisecond, 1},
		{[]unit.Rate{1e6, 2e6, 4e6}, 2_500_000, 1180 * time.Millisecond, 0},
		{[]unit.Rate{3e6, 31e5, 8e6}, 3_454_444, 4 * time.Second, 0},
		{[]unit.Rate{3e6, 31e5, 8e6}, 3_456_667, 4 * time.Second, 1},
	} {
		var m Memory
		v := View{Buffer: c.buffer, Segment: 2 * time.Second, Throughput: c.rate, Behind: 3 * time.Second, Target: 4 * time.Second}
		if rung, _ := bolaOn(t, LoLP, c.ladder...).Choose(&m, v); rung != c.want {
			t.Errorf("%v at %v, %v ahead: rung %d, want %d", c.ladder, c.rate, c.buffer, rung, c.want)
		}
	}
}

// What a second of latency costs, by hand: a tenth of the top rate. On 3 and 4 Mbit/s, with segments of 2 s that come
// in time, rung 1 gives 2 Mbit more than rung 0 and costs 0.4 Mbit for each second that it stands for. Of 4.9 it is
// still the better, and latency weighs most; of 5.1 rung 0 is, which stands for none.
func TestLoLPPaysForLatency(t *testing.T) {
	for _, c := range []struct{ latency, want float64 }{{4.9, 1}, {5.1, 0.2}} {
		var m Memory
		chooser := bolaOn(t, LoLP, 3e6, 4e6)
		v := View{Buffer: 4 * time.Second, Segment: 2 * time.Second, Throughput: 5e6, Behind: 3 * time.Second, Target: 4 * time.Second}
		chooser.Choose(&m, v)
		m.organised.neurons[0].latency, m.organised.neurons[1].latency = 0, c.latency
		if chooser.Choose(&m, v); m.organised.weights.latency != c.want {
			t.Errorf("%v s: latency weighs %v, want %v", c.latency, m.organised.weights.latency, c.want)
		}
	}
}

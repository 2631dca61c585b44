package netem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// measured holds medians of 20 transfers of go-libp2p v0.51 with quic-go
// v0.64.1 over emulated packets: 20 Mbit/s, a queue of 100 ms, a connection that
// has just been made. Seconds from the request to the last byte.
var measured = []struct {
	rtt  time.Duration
	loss float64
	took [7]float64 // of sizes
}{
	{20 * ms, 0, [7]float64{0.025, 0.033, 0.067, 0.151, 0.444, 1.28, 4.21}},
	{20 * ms, 0.02, [7]float64{0.025, 0.033, 0.086, 0.191, 1.07, 3.79, 14.9}},
	{50 * ms, 0.005, [7]float64{0.055, 0.064, 0.127, 0.251, 0.566, 2.36, 15.5}},
	{50 * ms, 0.05, [7]float64{0.055, 0.111, 0.215, 0.793, 4.96, 17.3, 61.5}},
	{100 * ms, 0, [7]float64{0.105, 0.124, 0.240, 0.411, 0.770, 1.54, 4.47}},
	{100 * ms, 0.02, [7]float64{0.105, 0.124, 0.336, 0.897, 4.90, 17.8, 69.2}},
	{200 * ms, 0.005, [7]float64{0.205, 0.246, 0.475, 0.926, 1.59, 8.81, 58.9}},
	{200 * ms, 0.05, [7]float64{0.205, 0.416, 0.843, 4.10, 17.5, 65.1, 234.1}},
}

var sizes = [7]int{10e3, 30e3, 100e3, 300e3, 1e6, 3e6, 10e6}

// Transfers take as long as over real QUIC: half of the grid within 6 %, 19 of
// 20 within 30 %, but for what is known to be off: a single early loss, where
// the time has two modes.
func TestFlightsAreThoseOfQUIC(t *testing.T) {
	var errs []float64
	for _, m := range measured {
		w := &way{rate: bytesPerNano(20*mbit) / packetWire, rtt: float64(m.rtt), queue: float64(100 * ms), loss: m.loss}
		for i, size := range sizes {
			var took []float64
			for k := range 201 {
				c := congestion{window: initialWindow}
				f := c.fly((size+packetPayload-1)/packetPayload, w, &dice{key: uint64(k), next: -1})
				took = append(took, (f.took+w.rtt)/1e9)
			}
			slices.Sort(took)
			errs = append(errs, math.Abs(took[100]/m.took[i]-1))
		}
	}
	slices.Sort(errs)
	if median, p95 := errs[len(errs)/2], errs[len(errs)*95/100]; median > 0.06 || p95 > 0.30 {
		t.Errorf("the median error is %.1f%%, the 95th percentile %.1f%%: want 6%% and 30%%", 100*median, 100*p95)
	}
}

func TestFlightByHand(t *testing.T) {
	// 32, 64 and 128 packets leave and are acknowledged within 100 ms each; the
	// rest follows at the rate of the way: one packet in 0.1 ms.
	w := &way{rate: 1e-5, rtt: 100e6, queue: 1e9}
	for _, tt := range []struct {
		packets int
		want    time.Duration
	}{
		{1, 100 * us},
		{10, ms},
		{32, 34375 * us},                  // 22 of them are paced over 22/64 of a round trip
		{33, 100*ms + 100*us},             // the 33rd waits for an acknowledgement
		{96, 100*ms + (64-10)*100*ms/128}, // the second window is paced too
		{97, 200*ms + 100*us},
		{32 + 64 + 128 + 256 + 512 + 1024, 500*ms + 102400*us}, // 1024 packets are more than a round trip's
	} {
		c := congestion{window: initialWindow}
		if f := c.fly(tt.packets, w, nil); math.Abs(f.took-float64(tt.want)) > 1e3 {
			t.Errorf("%d packets take %v, want %v", tt.packets, time.Duration(f.took), tt.want)
		}
	}
}

// What is charged as stall is what a slower way would not charge.
func TestStallShrinksWithTheRate(t *testing.T) {
	w := &way{rate: 1e-5, rtt: 100e6, queue: 1e9}
	c := congestion{window: initialWindow}
	f := c.fly(480, w, nil)
	if got := f.stall(w.rate, w.rtt); math.Abs(480/w.rate+got-f.took) > 1 {
		t.Errorf("%v ns of stall, want the %v that the way alone does not explain", got, f.took-480/w.rate)
	}
	for rate, last := w.rate, f.stall(w.rate, w.rtt); rate > 1e-7; rate /= 1.3 {
		got := f.stall(rate, w.rtt)
		if got > last {
			t.Fatalf("%v ns of stall at %v packets/ns, more than the %v at a higher rate", got, rate, last)
		}
		last = got
	}
	if got := f.stall(1e-7, w.rtt); got != 0 {
		t.Errorf("%v ns of stall on a way slower than the first window", got)
	}
}

func TestDiceLoseWhatTheyShould(t *testing.T) {
	for _, w := range []*way{{loss: 0.01}, {loss: 0.2}, {loss: 0.01, burst: 10}, {loss: 0.3, burst: 4}} {
		t.Run(fmt.Sprint(w.loss, w.burst), func(t *testing.T) {
			d := dice{key: 7, next: -1}
			const packets = 4_000_000
			lost, rows, inRow := 0, 0, false
			for range packets {
				n, _, _ := d.lose(1, 0, w)
				lost += n
				if n == 1 && !inRow {
					rows++
				}
				inRow = n == 1
			}
			if got := float64(lost) / packets; math.Abs(got/w.loss-1) > 0.03 {
				t.Errorf("%v of the packets are lost, want %v", got, w.loss)
			}
			want := max(w.burst, 1/(1-w.loss))
			if got := float64(lost) / float64(rows); math.Abs(got/want-1) > 0.03 {
				t.Errorf("%v are lost in a row, want %v", got, want)
			}
		})
	}
}

// What is sure to get through before a loss is never more than what does, nor so much
// less that it spares no logarithm.
func TestDiceAreSureOfNoMoreThanGetsThrough(t *testing.T) {
	for _, w := range []*way{{loss: 1e-12}, {loss: 2e-9}, {loss: 1e-6}, {loss: 0.002}, {loss: 0.05}, {loss: 0.9}, {loss: 0.01, burst: 10}} {
		spared := 0
		for k := range 20_000 {
			d := dice{key: uint64(k), next: -1}
			d.begin(w)
			if d.sure > d.kept(w) {
				t.Fatalf("%+v: %d packets are sure to get through, and %d do", w, d.sure, d.kept(w))
			}
			if d.sure >= 100 {
				spared++
			}
		}
		if w.loss == 0.002 && spared < 15_000 { // 0.8 of them
			t.Errorf("%d of 20,000 draws spare what follows 100 packets a logarithm", spared)
		}
	}
}

// Packets are lost alike, whether they are sent one by one or in windows.
func TestDiceDoNotMindWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, w := range []*way{{loss: 0.05}, {loss: 0.05, burst: 5}} {
		one, many := dice{key: 3, next: -1}, dice{key: 3, next: -1}
		for range 5000 {
			m := 1 + r.IntN(100)
			lost, first, last := many.lose(m, 0, w)
			n, a, b := 0, -1, 0
			for i := range m {
				if k, _, _ := one.lose(1, 0, w); k > 0 {
					if n++; a < 0 {
						a = i
					}
					b = i
				}
			}
			if lost != n || n > 0 && (first != a || last != b) {
				t.Fatalf("%+v: a window of %d loses %d, from %d to %d; one by one %d, from %d to %d", w, m, lost, first, last, n, a, b)
			}
		}
	}
}

// A congestion outlives its transfer to half a packet.
// Jitter makes HyStart end slow start early. Of twelve connections of go-libp2p
// at 30 Mbit/s, 24 ms apart, with a jitter of 2 ms each way, seven left it with
// a window of 48 packets, two with 86 and three later, at 159.
func TestJitterEndsSlowStart(t *testing.T) {
	jittery := way{rate: bytesPerNano(30*mbit) / packetWire, rtt: float64(24 * ms), queue: float64(100 * ms),
		there: float64(2 * ms), back: float64(2 * ms), shape: Exponential}
	count := func(w way) (early int) {
		for k := range 1000 {
			c := congestion{window: initialWindow}
			c.open(initialWindow, 0, &w, &dice{key: uint64(k), next: -1})
			if c.avoids && c.window < 50 {
				early++
			}
		}
		return early
	}
	if n := count(jittery); n < 400 || n > 750 {
		t.Errorf("%d of 1000 connections leave slow start in the first round, want about 580", n)
	}
	calm := jittery
	calm.there, calm.back = float64(ms/10), float64(ms/10)
	if n := count(calm); n != 0 {
		t.Errorf("%d do so with little jitter", n)
	}
}

// In slow start the window grows while more than half of it is in use, as
// quic-go's does; after it, only when all is.
func TestWindowGrowsWhileHalfIsInUse(t *testing.T) {
	w := &way{rate: 1e-3, rtt: 100e6}
	for _, tt := range []struct {
		sent   int
		avoids bool
		want   float64
	}{{128, false, 256}, {104, false, 128 + 26}, {64, false, 128}, {127, true, 128}, {128, true, 129}} {
		c := congestion{window: 128, avoids: tt.avoids}
		c.open(tt.sent, 0, w, nil)
		if c.window != tt.want {
			t.Errorf("%d packets sent, slow start over %t: a window of %v, want %v", tt.sent, tt.avoids, c.window, tt.want)
		}
	}
}

func TestMemory(t *testing.T) {
	for _, c := range []congestion{{window: 2, avoids: true}, {window: 77.5}, {window: mostWindow}, {window: 1234.3, avoids: true}} {
		got := c.memory().congestion()
		if math.Abs(got.window-c.window) > 0.5 || got.avoids != c.avoids {
			t.Errorf("%+v is remembered as %+v", c, got)
		}
	}
	if got := memory(0).congestion(); got != (congestion{window: initialWindow}) {
		t.Errorf("a sender that never sent begins with %+v", got)
	}
}

func TestProbeTimeout(t *testing.T) {
	if got := probeTimeout(100*ms, 0); got != 126*ms {
		t.Errorf("without jitter %v, want rtt + 1 ms + 25 ms", got)
	}
	if got := probeTimeout(100*ms, 10e6); got < 200*ms || got > 210*ms {
		t.Errorf("with 10 ms of jitter %v, want about 100+20+4*14.7+25 ms", got)
	}
}

func TestLosses(t *testing.T) {
	for _, tt := range []struct {
		u, first, loss float64
		want           int
	}{
		{0.5, 0.3, 0.1, 0},
		{0.3, 0.3, 0.1, 0},
		{0.29, 0.3, 0.1, 1},
		{0.031, 0.3, 0.1, 1},
		{0.029, 0.3, 0.1, 2},
		{1e-300, 0.5, 0.5, maxProbes},
	} {
		if got := losses(tt.u, tt.first, tt.loss); got != tt.want {
			t.Errorf("losses(%v, %v, %v) = %d, want %d", tt.u, tt.first, tt.loss, got, tt.want)
		}
	}
	if got := anyLost(3, 0.1); math.Abs(got-0.271) > 1e-15 {
		t.Errorf("one of three is lost with %v, want 0.271", got)
	}
}

// The mean delay of packets that keep their order against packets drawn one by
// one.
func TestInOrderTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, apart := range []float64{0.02, 0.1, 0.5, 2, 10} {
		sum, last := 0.0, 0.0
		const packets = 200_000
		for range packets {
			last = max(last-apart, r.ExpFloat64())
			sum += last
		}
		if got, want := inOrder(1, apart, packets), sum/packets; math.Abs(got/want-1) > 0.08 {
			t.Errorf("packets %v means apart are %v late, want %v", apart, got, want)
		}
	}
	for _, packets := range []int{2, 5, 11, 40, 200} { // that leave at once
		const times = 5000
		sum := 0.0
		for range times {
			last := 0.0
			for range packets {
				last = max(last, r.ExpFloat64())
				sum += last
			}
		}
		if got, want := inOrder(1, 1e-9, float64(packets)), sum/times/float64(packets); math.Abs(got/want-1) > 0.04 {
			t.Errorf("of %d packets at once one is %v late, want %v", packets, got, want)
		}
	}
	if inOrder(0, 1, 1) != 0 {
		t.Error("no jitter makes late")
	}
}

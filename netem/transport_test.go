package netem

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// slowRounds plays slow start round by round: a window is sent at the rate of
// the path, and the next one begins when the first acknowledgement is back or
// the window is out, whichever is later.
func slowRounds(size, rate float64, rtt time.Duration) float64 {
	now, window := 0.0, 14600.0
	for size > window {
		now += max(float64(rtt), window/rate)
		size -= window
		window *= 2
	}
	return now + size/rate
}

func TestSlowStartTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for range 20_000 {
		size := int64(math.Exp(17 * r.Float64()))
		rate := math.Exp(8*r.Float64()) / 1e4
		rtt := time.Duration(1 + r.Int64N(4e8))
		got := float64(size)/rate + float64(slowStart(size, rate, rtt))
		want := slowRounds(float64(size), rate, rtt)
		if math.Abs(got-want) > 2+1e-9*want {
			t.Fatalf("%d bytes at %v bytes/ns and %v: %v ns, want %v", size, rate, rtt, got, want)
		}
	}
}

func TestSlowStartByHand(t *testing.T) {
	// 100 ms and 8 Mbit/s: 14.6 kB take 14.6 ms, 29.2 kB 29.2 ms, 58.4 kB
	// 58.4 ms, 116.8 kB fill the path.
	tests := []struct {
		size int64
		want time.Duration
	}{
		{1, 0},
		{14_600, 0},
		{14_601, 85_400 * us},
		{43_800, 85_400 * us},
		{43_801, (85_400 + 70_800) * us},
		{10_000_000, (85_400 + 70_800 + 41_600) * us},
	}
	for _, tt := range tests {
		if got := slowStart(tt.size, bytesPerNano(8*mbit), 100*ms).Round(us); got != tt.want {
			t.Errorf("%d bytes: %v, want %v", tt.size, got, tt.want)
		}
	}
}

func TestLossLimit(t *testing.T) {
	// 1460 bytes * sqrt(1.5) / (100 ms * sqrt(1 %)) = 178813 bytes/s.
	if got := lossLimit(100*ms, 0.1) * 1e9; math.Abs(got-178812.9) > 1 {
		t.Errorf("%v bytes/s", got)
	}
	if got := lossLimit(100*ms, 0); got != infinite {
		t.Errorf("%v without loss", got)
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

func TestLn(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for range 100_000 {
		u := uniform(r.Uint64())
		if got, want := ln(u), math.Log(u); math.Abs(got-want) > 1e-15*max(1, -want) {
			t.Fatalf("ln(%v) = %v, want %v", u, got, want)
		}
	}
	for _, u := range []float64{0x1p-54, 0.5, 0.70710678, 1 - 0x1p-53} {
		if got, want := ln(u), math.Log(u); math.Abs(got-want) > 1e-15*max(1, -want) {
			t.Errorf("ln(%v) = %v, want %v", u, got, want)
		}
	}
}

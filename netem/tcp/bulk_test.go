package tcp

import (
	"math"
	"testing"
	"time"
)

// goodput is how many bytes a second reach the reader of a sender who always
// has more.
func goodput(t testing.TB, w *wire, last time.Duration) float64 {
	t.Helper()
	w.connect(t)
	a, b := w.ends[0], w.ends[1]
	var buf [1 << 16]byte
	begun, n := w.now, 0
	for more := true; more; more = w.step(begun + last) {
		if room := a.Room(); room > 0 {
			_, _ = a.Write(buf[:min(len(buf), room)])
			w.flush(0)
		}
		for b.Readable() {
			k, err := b.Read(buf[:])
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
		w.flush(1)
	}
	return float64(n) / last.Seconds()
}

// A sender fills the link, slow start included. The thresholds are those of
// QUIC on the fabric (package packet).
func TestFillsTheLink(t *testing.T) {
	for _, tt := range []struct {
		rate   int // bytes a second
		rtt    time.Duration
		last   time.Duration
		filled float64
	}{
		{125_000, 300 * ms, 60 * time.Second, 0.70},
		{1_250_000, 200 * ms, 30 * time.Second, 0.88},
		{12_500_000, 100 * ms, 12 * time.Second, 0.92},
		{125_000_000, 10 * ms, time.Second, 0.9},
	} {
		w := newWire(tt.rate, tt.rtt/2)
		w.queue = 100 * ms
		const payload = 1460.0 / 1500 // of a packet
		filled := goodput(t, w, tt.last) / float64(tt.rate) / payload
		t.Logf("%d byte/s, %v: %.1f %%", tt.rate, tt.rtt, 100*filled)
		if filled < tt.filled || filled > 1 {
			t.Errorf("%d byte/s, %v: fills %.1f %%, want %v %%", tt.rate, tt.rtt, 100*filled, 100*tt.filled)
		}
	}
}

// Where losses limit it, the rate is what theory says: where CUBIC does as Reno
// would, the formula of Mathis, Semke, Mahdavi and Ott (1997); where it does
// better, the one of RFC 9438, 5.1. Both are for losses at equal distances:
// random ones are 20 % off, and so is a run of finite length.
func TestLossLimitsTheRate(t *testing.T) {
	for _, tt := range []struct {
		rtt  time.Duration
		loss float64
		last time.Duration
	}{
		{20 * ms, 0.01, 60 * time.Second},
		{100 * ms, 0.01, 300 * time.Second},
		{100 * ms, 0.001, 200 * time.Second},
		{200 * ms, 0.001, 400 * time.Second},
	} {
		w := newWire(125_000_000, tt.rtt/2)
		w.loss = tt.loss
		w.oneWay = true
		got := goodput(t, w, tt.last)
		reno := math.Sqrt(1.5/tt.loss) / tt.rtt.Seconds() * 1460
		cubic := math.Pow(steep*(3+beta)/(4*(1-beta)), 0.25) * math.Pow(tt.rtt.Seconds()/tt.loss, 0.75) / tt.rtt.Seconds() * 1460
		want := max(reno, cubic)
		t.Logf("%v, %v lost: %.2f Mbit/s, theory %.2f (Reno %.2f, CUBIC %.2f)", tt.rtt, tt.loss, got*8e-6, want*8e-6, reno*8e-6, cubic*8e-6)
		if !(got > 0.75*want && got < 1.3*want) {
			t.Errorf("%v, %v lost: %.0f byte/s, theory says %.0f", tt.rtt, tt.loss, got, want)
		}
	}
}

package tcp

import (
	"math"
	"math/rand/v2"
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

// Where losses limit it, the rate is that of a twin that plays RFC 9438 one
// window at a time; the well-known formulas are for losses at equal distances,
// and a tenth or two lower. A run has a hundred losses or so: it lies within a
// quarter.
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
		want := 0.0
		for seed := range uint64(20) {
			want += slowCubic(tt.rtt, tt.loss, tt.last, seed) / 20
		}
		mathis := math.Sqrt(1.5/tt.loss) / tt.rtt.Seconds() * 1460
		t.Logf("%v, %v lost: %.2f Mbit/s, twin %.2f, Mathis et al. %.2f", tt.rtt, tt.loss, got*8e-6, want*8e-6, mathis*8e-6)
		if !(got > 0.75*want && got < 1.25*want) {
			t.Errorf("%v, %v lost: %.0f byte/s, the twin has %.0f", tt.rtt, tt.loss, got, want)
		}
	}
}

// slowCubic is the rate in bytes a second of CUBIC as RFC 9438 has it, one window
// after the other: each segment is lost with a probability, and a window in
// which one is takes another round trip.
func slowCubic(rtt time.Duration, loss float64, last time.Duration, seed uint64) float64 {
	draw := rand.New(rand.NewPCG(seed, 1))
	var (
		window, most, prior, reno, flat = 10.0, 0.0, 0.0, 0.0, 0.0
		now, epoch, trip                = 0.0, -1.0, rtt.Seconds()
		sent                            int
		cut                             bool
	)
	for now < last.Seconds() {
		n := int(window)
		sent += n
		now += trip
		switch {
		case draw.Float64() < 1-math.Pow(1-loss, float64(n)):
			prior = window
			if most = max(most, window); window < most {
				most = window * (1 + beta) / 2
			}
			window *= beta
			cut, epoch = true, -1
			sent += int(window)
			now += trip
			continue
		case !cut:
			window *= 2
			continue
		case epoch < 0:
			epoch, reno, flat = now, window, 0
			if window < most {
				flat = math.Cbrt((most - window) / steep)
			}
			most = max(most, window)
		}
		if reno < prior {
			reno += friendly
		} else {
			reno++
		}
		curve := func(at float64) float64 { return steep*math.Pow(at-epoch-flat, 3) + most }
		if curve(now) < reno {
			window = max(window, reno)
		} else {
			window = min(max(curve(now+trip), window), 1.5*window)
		}
	}
	return float64(sent) * (1 - loss) * 1460 / last.Seconds()
}

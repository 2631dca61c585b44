package tcp

import (
	"math"
	"testing"
	"time"
)

// avoid lets a window take acknowledgements of all that it sends, one round trip
// after the other, and returns the time.
func (c *cubic) avoid(now, trip, last time.Duration) time.Duration {
	r := rtt{smooth: trip}
	for until := now + last; now < until; {
		for n := c.window / c.mss; n > 0; n-- {
			now += trip / time.Duration(c.window/c.mss)
			c.grow(now, c.mss, c.window, &r, -1, 0, 0)
		}
	}
	return now
}

// Between cuts the window follows C (t - K)^3 + W_max: it is back after K, flat
// there, and as far beyond after 2 K as it was below: RFC 9438, 4.2. A second
// cut below the first leaves room to others: 4.7. After a timeout the function
// begins where slow start ends: 4.8.
func TestCubic(t *testing.T) {
	begin := func(window int) *cubic {
		var c cubic
		c.init(1000, 0)
		c.window = window * 1000
		return &c
	}
	is := func(what string, c *cubic, want float64) {
		t.Helper()
		if got := float64(c.window) / 1000; math.Abs(got-want) > 0.02*want {
			t.Errorf("%s the window is %.1f, want %.1f", what, got, want)
		}
	}
	const trip = 100 * ms
	k := time.Duration(math.Cbrt(1000*(1-beta)/steep) * float64(time.Second))
	c := begin(1000)
	c.cut()
	is("after a cut", c, 700)
	now := c.avoid(time.Second, trip, k/2)
	is("after K / 2", c, 1000-300.0/8)
	now = c.avoid(now, trip, k/2)
	is("after K", c, 1000)
	c.avoid(now, trip, k)
	is("after 2 K", c, 1300)

	c = begin(1000)
	c.cut()
	c.cut() // at 700
	is("after two cuts", c, 490)
	c.avoid(time.Second, trip, time.Duration(math.Cbrt((595-490)/steep)*float64(time.Second)))
	is("after two cuts, and K", c, 700*(1+beta)/2)

	c = begin(1000)
	c.collapse(0)
	if c.window != 1000 || c.threshold != 700_000 {
		t.Errorf("a timeout leaves a window of %d and slow start up to %d", c.window, c.threshold)
	}
	c.window = c.threshold
	c.avoid(time.Second, trip, 5*time.Second)
	is("5 s after slow start", c, 700+steep*125)
}

// Where a cubic function would grow too slowly, the window grows as Reno's would
// that is cut to 0.7: by 3 (1 - 0.7) / (1 + 0.7) segments a round trip until it
// is what it was, then by one: RFC 9438, 4.3.
func TestCubicAsReno(t *testing.T) {
	var c cubic
	c.init(1000, 0)
	c.window = 20_000
	c.cut()
	now := c.avoid(time.Second, ms, 10*ms)
	if got := c.window; math.Abs(float64(got)-14_000-10*friendly*1000) > 400 {
		t.Errorf("after 10 round trips the window is %d", got)
	}
	c.avoid(now, ms, 40*ms)
	if got := c.window; got < 56_000 || got > 60_000 {
		t.Errorf("after 50 round trips the window is %d", got)
	}
}

// Slow start ends before anything is lost, as the round trip grows, but not at
// once: RFC 9406. It does not where the round trip stays.
func TestSlowStartEnds(t *testing.T) {
	for _, tt := range []struct {
		rate int // bytes a second
		ends bool
	}{{1_250_000, true}, {0, false}} {
		w, _ := talk(t)
		w.rate = tt.rate
		w.exchange(t, &app{out: stuff(4_000_000)}, &app{}, time.Minute)
		c := &w.ends[0].cubic
		if ended := c.threshold < math.MaxInt; ended != tt.ends {
			t.Errorf("%d byte/s: slow start ends at %d", tt.rate, c.threshold)
		}
		if path := 1_250_000 * 20 / 1000; tt.ends && (c.threshold < 2*path || c.threshold > 40*path) {
			t.Errorf("it ends at %d, the path holds %d", c.threshold, path)
		}
	}
	var s slowStart
	s = slowStart{end: 1, least: Never}
	round := Seq(1)
	trips := func(took time.Duration) (over bool) {
		for range leastSamples {
			over = s.round(took, round, round.Plus(100)) || over
		}
		round = round.Plus(100)
		return over
	}
	trips(50 * ms)
	trips(56 * ms)
	if s.cautious > 0 {
		t.Error("caution because of 6 ms more than 50")
	}
	trips(64 * ms)
	if s.cautious == 0 || s.pace(4000, 1000) != 1000 {
		t.Errorf("no caution because of 8 ms more than 56: %d of 4000 bytes", s.pace(4000, 1000))
	}
	trips(55 * ms)
	if s.cautious > 0 || s.pace(4000, 1000) != 4000 || s.pace(40_000, 1000) != mostBurst*1000 {
		t.Errorf("caution though the round trip is short again: %d of 4000 bytes, %d of 40000", s.pace(4000, 1000), s.pace(40_000, 1000))
	}
	trips(64 * ms)
	for i := range cautiousRounds {
		if over := trips(64 * ms); over != (i == cautiousRounds-1) {
			t.Errorf("round %d of caution: over %v", i+1, over)
		}
	}
}

// Who has sent nothing for longer than a timeout begins with the initial window
// again: RFC 5681, 4.1.
func TestIdleSenderBeginsAgain(t *testing.T) {
	for _, tt := range []struct {
		pause time.Duration
		most  int
	}{{50 * ms, 40}, {time.Second, initialWindow}} {
		w, _ := talk(t)
		w.send(20, 50*ms)
		w.send(40, 50*ms)
		w.run(tt.pause)
		seen := w.watch(nil)
		w.do(0, func(m *Machine) { _, _ = m.Write(stuff(40 * 1460)) })
		if n := len(*seen); n > tt.most || n < initialWindow || tt.pause < 100*ms && n <= initialWindow {
			t.Errorf("after %v: %d segments at once", tt.pause, n)
		}
	}
}

// Every second full segment is acknowledged at once, a single one after 40 ms,
// what is out of order at once: RFC 5681, 4.2.
func TestDelayedAcknowledgement(t *testing.T) {
	for _, tt := range []struct {
		name  string
		n     int
		lose  func(*departure) bool
		acks  int
		after time.Duration // of the last
	}{
		{"a pair", 2, nil, 1, 10 * ms},
		{"one", 1, nil, 1, 50 * ms},
		{"ten", 10, nil, 5, 10 * ms},
		{"four, the second lost", 4, nth(2), 2, 10 * ms},
	} {
		w, _ := talk(t)
		begun := w.now
		seen := w.watch(tt.lose)
		w.do(0, func(m *Machine) { _, _ = m.Write(stuff(tt.n * 1460)) })
		w.run(29 * ms)
		if tt.n == 1 {
			w.run(30 * ms)
		}
		acks, last := 0, time.Duration(0)
		for _, d := range *seen {
			if d.from == 1 {
				acks, last = acks+1, d.at-begun
			}
		}
		if acks != tt.acks || last != tt.after {
			t.Errorf("%s: %d acknowledgements, the last after %v; want %d, %v", tt.name, acks, last, tt.acks, tt.after)
		}
	}
}

// A window beyond 64 KiB needs scaling, of which both must know: RFC 7323, 2.
func TestWindowScale(t *testing.T) {
	for _, tt := range []struct {
		receive int
		knows   bool
		most    int
	}{{4 << 20, true, 4 << 20}, {300_000, true, 300_000}, {4 << 20, false, 1<<16 - 1}, {10_000, true, 10_000}} {
		w := newWire(0, 10*ms)
		w.ends[0] = Open(cfg(), 7)
		w.ends[0].Flush(0, func(s *Segment) {
			if !tt.knows {
				s.Options.Scale = 0
			}
			w.ends[1] = Accept(Config{MSS: 1460, Receive: tt.receive, Send: 1 << 20}, 9, s)
		})
		w.flush(1)
		w.run(100 * ms)
		m := w.ends[0]
		m.cubic.window, m.cubic.highest = 16<<20, 16<<20
		w.do(0, func(m *Machine) { _, _ = m.Write(make([]byte, 4<<20)) })
		got := 0
		for w.step(time.Minute) {
			got = max(got, m.nxt.Minus(m.una))
		}
		if got > tt.most || got < tt.most*97/100-1460 {
			t.Errorf("a window of %d, scaling known %v: %d bytes under way, want %d", tt.receive, tt.knows, got, tt.most)
		}
	}
}

// What is left of a window is not filled by a small segment while others are
// under way: RFC 9293, 3.8.6.2.1.
func TestNoSillyWindow(t *testing.T) {
	w, _ := talk(t)
	w.ends = [2]*Machine{Open(cfg(), 7), nil}
	w.ends[0].Flush(0, func(s *Segment) { w.ends[1] = Accept(Config{MSS: 1460, Receive: 10_000, Send: 1 << 20}, 9, s) })
	w.flush(1)
	w.run(time.Second)
	seen := w.watch(nil)
	w.do(0, func(m *Machine) { _, _ = m.Write(stuff(20_000)) })
	if n := len(*seen); n != 10_000/1460 {
		t.Errorf("%d segments, of %d bytes in the end", n, len((*seen)[n-1].Data))
	}
	w.run(time.Second)
	if n := w.ends[1].in.Len(); n != 10_000 {
		t.Errorf("%d bytes wait", n)
	}
}

// Of segments that carry nothing and do not belong to the connection one in 500
// ms is answered: RFC 5961, 7.
func TestAnswersToGuessesAreFew(t *testing.T) {
	w, _ := talk(t)
	seen := w.watch(nil)
	m := w.ends[1]
	for range 20 {
		m.Take(w.now, &Segment{Seq: m.rcv.Plus(100), Flags: RST})
		w.flush(1)
		w.run(100 * ms)
	}
	if n := len(*seen); n != 4 {
		t.Errorf("20 guesses in 2 s get %d answers", n)
	}
}

// FIN rides on the last data, takes a position of its own, and is sent again
// with what is left of them; what lies beyond is not for the reader.
func TestFinWithData(t *testing.T) {
	w, _ := talk(t)
	seen := w.watch(nil)
	w.do(0, func(m *Machine) {
		_, _ = m.Write(stuff(2000))
		m.CloseWrite()
	})
	m := w.ends[0]
	if n := len(*seen); n != 2 || (*seen)[1].Flags&FIN == 0 || len((*seen)[1].Data) != 540 {
		t.Fatalf("%d segments, the last %s", n, show(&(*seen)[n-1].Segment))
	}
	if m.nxt.Minus(m.una) != 2001 {
		t.Errorf("%d positions", m.nxt.Minus(m.una))
	}
	beyond := Segment{Seq: m.nxt, Ack: m.rcv, Flags: ACK | PSH, Data: []byte("more")}
	w.ends[1].Take(w.now, &beyond)
	w.run(time.Second)
	if w.ends[1].State() != CloseWait || w.ends[1].in.Len() != 2000 || m.State() != FinWait2 {
		t.Errorf("%v with %d bytes, and %v", w.ends[1].State(), w.ends[1].in.Len(), m.State())
	}
}

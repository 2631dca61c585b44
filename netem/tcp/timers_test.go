package tcp

import (
	"math"
	"testing"
	"time"
)

// A departure is a segment that an end has sent, whether it arrives or not.
type departure struct {
	at   time.Duration
	from int
	Segment
}

// watch keeps what both ends send from here on. What lose says is lost.
func (w *wire) watch(lose func(d *departure) bool) *[]departure {
	seen := new([]departure)
	w.drop = func(from int, s *Segment) bool {
		d := departure{w.now, from, *s}
		*seen = append(*seen, d)
		return lose != nil && lose(&d)
	}
	return seen
}

// carrying are the departures of data from end 0.
func carrying(all []departure) (some []departure) {
	for _, d := range all {
		if d.from == 0 && len(d.Data) > 0 {
			some = append(some, d)
		}
	}
	return some
}

// after is a predicate that is true for the nth segment with data from end 0.
func nth(n ...int) func(*departure) bool {
	count := 0
	return func(d *departure) bool {
		if d.from != 0 || len(d.Data) == 0 {
			return false
		}
		count++
		for _, k := range n {
			if count == k {
				return true
			}
		}
		return false
	}
}

// send writes so many full segments at end 0 at once, and lets the reader take
// what comes within a time.
func (w *wire) send(segments int, within time.Duration) {
	w.do(0, func(m *Machine) { _, _ = m.Write(stuff(segments * 1460)) })
	w.run(within)
	var buf [1 << 20]byte
	w.do(1, func(m *Machine) { _, _ = m.Read(buf[:]) })
	w.run(100 * ms)
}

// The timeout is the smoothed round trip and four times its variance, at least
// 200 ms: RFC 6298, 2.2 and 2.3.
func TestTimeoutFollowsTheRoundTrip(t *testing.T) {
	var r rtt
	for _, tt := range []struct{ took, smooth, timeout time.Duration }{
		{100 * ms, 100 * ms, 300 * ms},                // variance 50 ms
		{500 * ms, 150 * ms, 700 * ms},                // 137.5 ms
		{150 * ms, 150 * ms, 562*ms + ms/2},           // 103.125 ms
		{950 * ms, 250 * ms, 1359*ms + 375*ms/1000},   // 277.34375 ms
		{250 * ms, 250 * ms, 1082*ms + 31_250*ms/1e6}, // 208.0078125 ms
	} {
		r.sample(tt.took)
		if r.smooth != tt.smooth || (r.timeout-tt.timeout).Abs() > ms {
			t.Errorf("after %v: %v and %v, want %v and %v", tt.took, r.smooth, r.timeout, tt.smooth, tt.timeout)
		}
	}
}

// Timeouts in a row come each twice as late, up to two minutes, and take the
// window down to one segment once: RFC 6298, 5.5; RFC 5681, 3.1.
func TestTimeoutsBackOff(t *testing.T) {
	w, _ := talk(t)
	w.send(20, time.Second)
	dark := true
	seen := w.watch(func(*departure) bool { return dark })
	w.do(0, func(m *Machine) { _, _ = m.Write(stuff(1000)) })
	before := w.ends[0].cubic.window // as at the beginning, since it was idle
	w.run(3 * time.Minute)
	sent := carrying(*seen) // once, as a probe of the tail, then by timeouts
	if len(sent) < 9 {
		t.Fatalf("sent %d times in 3 minutes", len(sent))
	}
	if probe := sent[1].at - sent[0].at; probe != 2*20*ms+delayedAck {
		t.Errorf("the tail is probed after %v", probe)
	}
	for i := 3; i < len(sent); i++ {
		last, gap := sent[i-1].at-sent[i-2].at, sent[i].at-sent[i-1].at
		if want := min(2*last, longestTimeout); i > 3 && gap != want {
			t.Errorf("timeout %d after %v, the one before after %v", i-2, gap, last)
		}
	}
	m := w.ends[0]
	if m.cubic.window != m.mss || m.cubic.threshold != int(beta*float64(before)) {
		t.Errorf("the window is %d and slow start ends at %d, from %d", m.cubic.window, m.cubic.threshold, before)
	}
	// What was sent often says nothing of the round trip: the timeout stays.
	dark = false
	long := min(2*m.rtt.timeout, longestTimeout) // there is one more
	w.run(longestTimeout)
	if m.una != m.nxt || m.rtt.timeout != long {
		t.Errorf("after the answer to what was sent again timeouts are %v, want %v", m.rtt.timeout, long)
	}
	w.send(1, time.Second)
	if m.rtt.timeout > time.Second {
		t.Errorf("after the answer to what was sent once timeouts are %v", m.rtt.timeout)
	}
}

// Where a round trip takes longer than the first timeout, the SYN is sent twice
// and nothing else is: RFC 6298, 5.7. Who has lost two begins with one segment.
func TestLongRoundTrips(t *testing.T) {
	w := newWire(0, 600*ms)
	seen := w.watch(nil)
	w.connect(t)
	w.run(5 * time.Second)
	opening := len(*seen)
	if opening > 8 { // two SYN, an answer to each and one again, acknowledgements
		t.Errorf("%d segments for the handshake", opening)
	}
	if a, b := w.ends[0].rtt.timeout, w.ends[1].rtt.timeout; a != fallback || b != fallback {
		t.Errorf("timeouts are %v and %v", a, b)
	}
	for range 5 {
		for end := range 2 {
			w.do(end, func(m *Machine) { _, _ = m.Write(stuff(100)) })
			w.run(1200 * ms)
		}
	}
	data := 0
	for _, d := range (*seen)[opening:] {
		if len(d.Data) > 0 {
			data++
		}
	}
	if data != 10 {
		t.Errorf("10 messages in %d segments", data)
	}
	if w.ends[0].cubic.window < initialWindow*1460 {
		t.Errorf("one SYN too many, and the window is %d", w.ends[0].cubic.window)
	}
	w = newWire(0, 10*ms)
	n := 0
	w.watch(func(d *departure) bool { n++; return n <= 2 })
	w.connect(t)
	if w.ends[0].cubic.window != 1460 || w.ends[1].cubic.window != initialWindow*1460 {
		t.Errorf("two SYN lost: windows %d and %d", w.ends[0].cubic.window, w.ends[1].cubic.window)
	}
}

// A closed window is probed, each time after twice as long, and for ever, as
// long as somebody answers: RFC 9293, 3.8.6.1.
func TestPersist(t *testing.T) {
	w, _ := talk(t)
	small := Config{MSS: 1460, Receive: 2920, Send: 1 << 20}
	w.ends = [2]*Machine{Open(cfg(), 7), nil}
	w.ends[0].Flush(0, func(s *Segment) { w.ends[1] = Accept(small, 9, s) })
	w.flush(1)
	w.run(time.Second)
	w.do(0, func(m *Machine) { _, _ = m.Write(stuff(10_000)) })
	w.run(time.Second)
	seen := w.watch(nil)
	w.run(time.Hour)
	var probes []departure
	for _, d := range *seen {
		if d.from == 0 {
			probes = append(probes, d)
		}
	}
	if len(probes) < 30 {
		t.Fatalf("%d probes in an hour", len(probes))
	}
	for i := 2; i < len(probes); i++ {
		last, gap := probes[i-1].at-probes[i-2].at, probes[i].at-probes[i-1].at
		if gap != min(2*last, longestTimeout) {
			t.Errorf("probe %d after %v, the one before after %v", i, gap, last)
		}
	}
	if w.ends[0].State() != Established {
		t.Errorf("%v, though the peer answers", w.ends[0].State())
	}
}

// The loss of a tail is found by a probe before the timeout, and is a loss like
// others; if only the answer was lost, the peer says that it has the segment
// twice, and nothing is cut: RFC 8985, 7.
func TestTailProbe(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(w *wire) func(*departure) bool
		cut  bool
	}{
		{"the last segment", func(*wire) func(*departure) bool { return nth(10) }, true},
		{"its acknowledgement", func(w *wire) func(*departure) bool {
			until := w.now + 45*ms
			return func(d *departure) bool { return d.from == 1 && d.at < until }
		}, false},
	} {
		w, _ := talk(t)
		w.send(10, time.Second)
		m := w.ends[0]
		begun := w.now
		seen := w.watch(tt.lose(w))
		w.send(10, 190*ms)
		sent := carrying(*seen)
		if len(sent) != 11 || m.una != m.nxt {
			t.Fatalf("%s lost: %d segments, %d not acknowledged", tt.name, len(sent), m.nxt.Minus(m.una))
		}
		if at := sent[10].at - begun; at > 150*ms || // 200 ms and more is the timeout
			sent[10].Seq != sent[9].Seq {
			t.Errorf("%s lost: %d sent again after %v", tt.name, sent[10].Seq, at)
		}
		w.send(1, time.Second) // then it is known which it was
		if m.probing {
			t.Errorf("%s lost: still probing", tt.name)
		}
		if cut := m.cubic.threshold < math.MaxInt; cut != tt.cut || cut && m.cubic.window > m.cubic.threshold+1460 {
			t.Errorf("%s lost: the window is %d, slow start ends at %d", tt.name, m.cubic.window, m.cubic.threshold)
		}
	}
}

// Who is in TIME-WAIT answers the peer's FIN again and waits again, takes no
// late copy of a SYN, and makes room for the next connection.
func TestTimeWait(t *testing.T) {
	w, _ := talk(t)
	w.do(0, func(m *Machine) { m.CloseWrite() })
	w.run(time.Second)
	w.do(1, func(m *Machine) { m.CloseWrite() })
	w.run(time.Second)
	m := w.ends[0]
	closed := m.dieAt
	if m.State() != TimeWait || closed < w.now+lingers-time.Second {
		t.Fatalf("%v until %v, it is %v", m.State(), closed, w.now)
	}
	w.run(10 * time.Second)
	seen := w.watch(nil)
	strange := func(s Segment) {
		m.Take(w.now, &s)
		w.flush(0)
	}
	strange(Segment{Seq: m.rcv, Flags: SYN})
	strange(Segment{Seq: m.rcv.Plus(-100), Flags: SYN})
	if m.dieAt != closed {
		t.Error("a SYN makes it wait longer")
	}
	if len(*seen) != 2 {
		t.Errorf("two SYN get %d answers", len(*seen))
	}
	strange(Segment{Seq: m.rcv.Plus(-1), Ack: m.nxt, Flags: FIN | ACK})
	if m.dieAt != w.now+lingers || len(*seen) != 3 {
		t.Errorf("FIN again at %v: waits until %v, %d answers", w.now, m.dieAt, len(*seen))
	}
	for _, tt := range []struct {
		s    Segment
		want bool
	}{
		{Segment{Seq: m.rcv.Plus(1), Flags: SYN}, true},
		{Segment{Seq: m.rcv.Plus(-1), Flags: SYN}, false},
		{Segment{Seq: m.rcv.Plus(1), Flags: SYN | ACK}, false},
	} {
		if got := m.Reopens(&tt.s); got != tt.want {
			t.Errorf("%s: reopens %v", show(&tt.s), got)
		}
	}
	if !m.nxt.Before(m.After()) {
		t.Error("the next connection would count from within this one")
	}
	w.run(2 * time.Minute)
	if m.State() != Closed {
		t.Errorf("%v after two minutes", m.State())
	}
}

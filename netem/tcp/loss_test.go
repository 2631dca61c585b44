package tcp

import (
	"slices"
	"testing"
	"time"
)

// A loss is no reordering, wherever sequence numbers begin and whichever segment
// it is, also if acknowledgements are lost and the next ones tell more at once.
func TestLossIsNoReordering(t *testing.T) {
	for _, isn := range []Seq{1000, 1<<31 - 3000, 1<<31 + 5, 1<<32 - 10_000} {
		for lost := 3; lost < 20; lost++ {
			w := newWire(0, 10*ms)
			w.ends[0] = Open(cfg(), isn)
			w.flush(0)
			w.run(100 * ms)
			data, back := nth(lost, lost+3), 0
			w.watch(func(d *departure) bool {
				if d.from == 1 {
					back++
				}
				return data(d) || d.from == 1 && back%3 == lost%3
			})
			w.exchange(t, &app{out: stuff(40_000)}, &app{}, time.Minute)
			if w.ends[0].rack.reordered || w.ends[1].rack.reordered {
				t.Fatalf("numbers from %d, segment %d lost: taken for reordering", isn, lost)
			}
		}
	}
}

// delay lets the nth segment with data from end 0 come so much later than it would.
func (w *wire) delay(by time.Duration, n ...int) {
	late := nth(n...)
	w.drop = func(from int, s *Segment) bool {
		if !late(&departure{w.now, from, *s}) {
			return false
		}
		c := *s
		c.Source, c.Destination = uint16(from+1), uint16(2-from)
		b := c.Append(nil)
		Seal(b, addresses)
		w.put(w.now+w.way+by, 1-from, b)
		return true
	}
}

// One that others overtake by less than a quarter of the round trip is waited
// for, if they are few, or if that has happened before; where it has not, three
// that overtake it are enough: RFC 8985, 6.2.
func TestReorderingWindow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		late  int // of ten
		by    time.Duration
		known bool
		again int // segments that are sent again
	}{
		{"two overtake it", 8, 4 * ms, false, 0},
		{"three do", 5, 4 * ms, false, 1},
		{"three do, which is known", 5, 4 * ms, true, 0},
		{"too late, and it is known", 5, 8 * ms, true, 1},
	} {
		w, _ := talk(t)
		w.send(10, time.Second)
		w.ends[0].rack.reordered = tt.known
		w.delay(tt.by, tt.late)
		before := w.sent[0]
		w.send(10, time.Second)
		if again := w.sent[0] - before - 10; again != tt.again {
			t.Errorf("%s: %d segments are sent again, want %d", tt.name, again, tt.again)
		}
		if m := w.ends[0]; m.una != m.nxt || !m.rack.reordered && tt.again == 0 {
			t.Errorf("%s: %d missing, reordering seen %v", tt.name, m.nxt.Minus(m.una), m.rack.reordered)
		}
	}
}

// A segment that is lost again when it is sent again is found without a timeout,
// by what was sent after it: RFC 8985, 3.
func TestLostAgain(t *testing.T) {
	w, _ := talk(t)
	w.send(10, time.Second)
	lost, begun := Seq(0), w.now
	times := 0
	seen := w.watch(func(d *departure) bool {
		if d.from == 0 && len(d.Data) > 0 && lost == 0 {
			lost = d.Seq
		}
		if d.from == 0 && d.Seq == lost {
			times++
			return times <= 2
		}
		return false
	})
	w.send(40, 150*ms)
	m := w.ends[0]
	if m.una != m.nxt || times != 3 || m.cubic.window < 5*1460 {
		t.Errorf("%v after: %d missing, sent %d times, window %d, %d segments", w.now-begun, m.nxt.Minus(m.una), times, m.cubic.window, len(*seen))
	}
}

// What has arrived beyond holes is told in blocks, the latest first, up to four
// of them, and what has come twice before them: RFC 2018, 4, and RFC 2883, 4. So
// several losses in one window cost one more round trip, and no segment that has
// arrived is sent again.
func TestBlocks(t *testing.T) {
	w, _ := talk(t)
	w.send(20, time.Second)
	w.send(20, 50*ms)
	seen := w.watch(nth(2, 4, 6, 8, 10, 12))
	begun := w.now
	w.do(0, func(m *Machine) { _, _ = m.Write(stuff(14 * 1460)) })
	w.run(15 * ms)
	first := carrying(*seen)[0].Seq
	segment := func(n int) Block { return Block{first.Plus((n - 1) * 1460), first.Plus(n * 1460)} }
	last := (*seen)[len(*seen)-1]
	want := []Block{{segment(13).From, segment(14).To}, segment(11), segment(9), segment(7)}
	if !slices.Equal(last.Options.Blocks, want) {
		t.Errorf("the last acknowledgement has %v, want %v", last.Options.Blocks, want)
	}
	w.run(60 * ms)
	if n := len(carrying(*seen)); n != 20 || w.ends[0].una != w.ends[0].nxt {
		t.Errorf("after %v: %d segments for 14 of which 6 were lost, %d missing", w.now-begun, n, w.ends[0].nxt.Minus(w.ends[0].una))
	}
	copied := Segment{Seq: first, Ack: w.ends[1].una, Flags: ACK, Data: make([]byte, 1460)}
	w.ends[1].Take(w.now, &copied)
	w.flush(1)
	if last := (*seen)[len(*seen)-1]; !slices.Equal(last.Options.Blocks, []Block{segment(1)}) {
		t.Errorf("of a segment that came twice is told %v", last.Options.Blocks)
	}
}

// In the round trip after a loss a sender sends a share of what arrives, at
// once and evenly, and no more than the new window is under way at the end: RFC
// 6937.
func TestProportionalRateReduction(t *testing.T) {
	w, _ := talk(t)
	w.rate = 1_460_000 // some 1 ms a segment
	w.queue = time.Second
	seen := w.watch(nth(300))
	a, b, m := &app{out: stuff(1 << 20)}, &app{}, w.ends[0]
	step := func() bool {
		w.work(0, a)
		w.work(1, b)
		return w.step(time.Minute)
	}
	for !m.cutting {
		if !step() {
			t.Fatal("no loss is found")
		}
	}
	flight, arrived, sent := m.reduction.flight, m.reduction.delivered, len(carrying(*seen))
	for m.cutting && step() {
		arrived = max(arrived, m.reduction.delivered)
		if r := float64(len(carrying(*seen))-sent) * 1460; m.cutting && (r < beta*float64(arrived)-4*1460 || r > beta*float64(arrived)+4*1460) {
			t.Fatalf("%.0f bytes sent for %d that arrived, of %d", r, arrived, flight)
		}
	}
	if arrived < flight*3/4 || m.line.pipe > m.cubic.threshold+1460 {
		t.Errorf("%d arrived of %d, %d are under way with a window of %d", arrived, flight, m.line.pipe, m.cubic.window)
	}
	if m.cubic.window != m.cubic.threshold {
		t.Errorf("the acknowledgement that ends the recovery makes the window %d of %d", m.cubic.window, m.cubic.threshold)
	}
}

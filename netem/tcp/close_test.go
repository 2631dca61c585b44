package tcp

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// talk is a connection on a wire of 10 ms each way, and what passes on it from
// here on.
func talk(t testing.TB) (w *wire, passed *[]string) {
	t.Helper()
	w = newWire(0, 10*ms)
	w.connect(t)
	w.run(time.Second)
	passed = new([]string)
	w.trace = func(s string) {
		s = s[strings.Index(s, " ")+1:]
		*passed = append(*passed, strings.TrimSpace(s[:strings.Index(s, "seq")]))
	}
	return w, passed
}

// do lets an end do something and sends what follows.
func (w *wire) do(end int, what func(*Machine)) {
	what(w.ends[end])
	w.flush(end)
}

// A connection opens with three segments, carries on whichever is lost, and is
// refused where nobody is.
func TestOpening(t *testing.T) {
	for lost := range 3 {
		w := newWire(0, 10*ms)
		n := -1
		w.drop = func(int, *Segment) bool { n++; return n == lost }
		w.connect(t)
		w.do(0, func(m *Machine) { _, _ = m.Write([]byte("x")) })
		w.run(time.Second)
		if w.ends[0].State() != Established || w.ends[1].State() != Established || !w.ends[1].Readable() {
			t.Errorf("segment %d lost: %v, %v", lost, w.ends[0].State(), w.ends[1].State())
		}
	}
	m := Open(cfg(), 1)
	m.Flush(0, func(s *Segment) {
		answer, ok := Refuse(s)
		if !ok {
			t.Error("a SYN is not refused")
		}
		m.Take(10*ms, &answer)
	})
	if m.State() != Closed || m.Err() != ErrRefused {
		t.Errorf("refused: %v, %v", m.State(), m.Err())
	}
	m = Open(cfg(), 1)
	var now time.Duration
	for sent := 0; m.State() != Closed; sent++ {
		m.Flush(now, func(*Segment) {})
		if now = m.Next(); now == Never || sent > 10 {
			t.Fatalf("%v after %d SYN", m.State(), sent)
		}
		m.Tick(now)
	}
	if m.Err() != ErrTimeout || now != 127*time.Second { // as Linux: 1 + 2 + 4 + ... + 64
		t.Errorf("nobody answers: %v after %v", m.Err(), now)
	}
}

// Who opens towards each other at the same time gets one connection.
func TestOpeningAtTheSameTime(t *testing.T) {
	w := newWire(0, 10*ms)
	w.ends = [2]*Machine{Open(cfg(), 100), Open(cfg(), 900)}
	w.flush(0)
	w.flush(1)
	w.run(100 * ms)
	a, b := &app{out: stuff(10_000)}, &app{out: stuff(20_000)}
	w.exchange(t, a, b, time.Second)
	if len(a.in) != 20_000 || len(b.in) != 10_000 {
		t.Errorf("%d and %d bytes came", len(a.in), len(b.in))
	}
}

// The ways to end a connection: what passes, and where both ends stand then.
func TestEnding(t *testing.T) {
	closeWrite := func(m *Machine) { m.CloseWrite() }
	for _, tt := range []struct {
		name   string
		do     func(*wire)
		passed []string
		states [2]State
		errs   [2]error
	}{
		{"one after the other", func(w *wire) {
			w.do(0, closeWrite)
			w.run(time.Second)
			w.do(1, closeWrite)
		}, []string{"0> FIN ACK", "1> ACK", "1> FIN ACK", "0> ACK"}, [2]State{TimeWait, Closed}, [2]error{}},
		{"both at once", func(w *wire) {
			w.do(0, closeWrite)
			w.do(1, closeWrite)
		}, []string{"0> FIN ACK", "1> FIN ACK", "1> ACK", "0> ACK"}, [2]State{TimeWait, TimeWait}, [2]error{}},
		{"half", func(w *wire) {
			w.do(0, closeWrite)
			w.run(time.Second)
			w.do(1, func(m *Machine) { _, _ = m.Write(stuff(100)) })
			w.run(time.Second)
		}, []string{"0> FIN ACK", "1> ACK", "1> PSH ACK", "0> ACK"}, [2]State{FinWait2, CloseWait}, [2]error{}},
		{"by a reset", func(w *wire) { w.do(0, (*Machine).Abort) },
			[]string{"0> RST ACK"}, [2]State{Closed, Closed}, [2]error{ErrClosed, ErrReset}},
		{"with something unread", func(w *wire) {
			w.do(1, func(m *Machine) { _, _ = m.Write(stuff(100)) })
			w.run(15 * ms)
			w.do(0, func(m *Machine) { m.Close(w.now) })
		}, []string{"1> PSH ACK", "0> RST ACK"}, [2]State{Closed, Closed}, [2]error{ErrClosed, ErrReset}},
		{"of who is still sent to", func(w *wire) {
			w.do(0, func(m *Machine) { m.Close(w.now) })
			w.run(15 * ms)
			w.do(1, func(m *Machine) { _, _ = m.Write(stuff(100)) })
		}, []string{"0> FIN ACK", "1> ACK", "1> PSH ACK", "0> RST ACK"}, [2]State{Closed, Closed}, [2]error{ErrClosed, ErrReset}},
		{"FIN lost", func(w *wire) {
			n := 0
			w.drop = func(int, *Segment) bool { n++; return n == 1 }
			w.do(0, closeWrite)
			w.run(time.Second)
		}, []string{"0> FIN ACK", "0> FIN ACK", "1> ACK"}, [2]State{FinWait2, CloseWait}, [2]error{}},
		{"last acknowledgement lost", func(w *wire) {
			n := 0
			w.drop = func(int, *Segment) bool { n++; return n == 4 }
			w.do(0, closeWrite)
			w.run(time.Second)
			w.do(1, closeWrite)
		}, []string{"0> FIN ACK", "1> ACK", "1> FIN ACK", "0> ACK", "1> FIN ACK", "0> ACK"}, [2]State{TimeWait, Closed}, [2]error{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, passed := talk(t)
			tt.do(w)
			w.run(3 * time.Second)
			if got := [2]State{w.ends[0].State(), w.ends[1].State()}; got != tt.states {
				t.Errorf("the ends are %v, want %v", got, tt.states)
			}
			if got := [2]error{w.ends[0].Err(), w.ends[1].Err()}; got != tt.errs {
				t.Errorf("the errors are %v, want %v", got, tt.errs)
			}
			if !slices.Equal(*passed, tt.passed) {
				t.Errorf("passed %q, want %q", *passed, tt.passed)
			}
			w.run(2 * time.Minute)
			for i, m := range w.ends {
				if m.State() == TimeWait {
					t.Errorf("end %d waits for ever", i)
				}
			}
		})
	}
}

// A reader who does not read stops the sender; when it reads again everything
// comes, also if the segment is lost that says so.
func TestZeroWindow(t *testing.T) {
	for _, lose := range []bool{false, true} {
		w, _ := talk(t)
		small := Config{MSS: 1460, Receive: 10_000, Send: 1 << 20}
		w.ends = [2]*Machine{Open(cfg(), 7), nil}
		w.ends[0].Flush(0, func(s *Segment) { w.ends[1] = Accept(small, 9, s) })
		w.flush(1)
		w.run(time.Second)
		data := stuff(50_000)
		a := &app{out: data}
		w.work(0, a)
		w.run(10 * time.Second)
		w.work(0, a)
		if n := w.ends[1].in.Len(); n != 10_000 {
			t.Fatalf("%d bytes wait, with room for 10000", n)
		}
		probes := w.sent[0]
		w.run(10 * time.Second)
		if probes = w.sent[0] - probes; probes == 0 || probes > 10 {
			t.Errorf("a window that stays closed is probed %d times in 10 s", probes)
		}
		w.drop = func(from int, s *Segment) bool { // the window opens, and nobody hears of it
			gone := lose && from == 1
			lose = lose && !gone
			return gone
		}
		b := &app{}
		w.exchange(t, a, b, time.Minute)
		if !bytes.Equal(b.in, data) {
			t.Errorf("%d bytes came of %d", len(b.in), len(data))
		}
	}
}

// A peer who is gone is given up after a while.
func TestPeerGone(t *testing.T) {
	w, _ := talk(t)
	w.drop = func(int, *Segment) bool { return true }
	w.do(0, func(m *Machine) { _, _ = m.Write(stuff(10_000)) })
	w.run(time.Hour)
	m := w.ends[0]
	if m.State() != Closed || m.Err() != ErrTimeout || w.sent[0] > 100 {
		t.Errorf("%v, %v, %d segments", m.State(), m.Err(), w.sent[0])
	}
	if _, err := m.Read(make([]byte, 1)); err != ErrTimeout {
		t.Errorf("reading: %v", err)
	}
	if _, err := m.Write([]byte("x")); err != ErrTimeout {
		t.Errorf("writing: %v", err)
	}
}

// What was there before the end can be read after it.
func TestReadingAfterTheEnd(t *testing.T) {
	w, _ := talk(t)
	w.do(1, func(m *Machine) { _, _ = m.Write([]byte("last words")); m.CloseWrite() })
	w.run(time.Second)
	var b [100]byte
	n, err := w.ends[0].Read(b[:])
	if string(b[:n]) != "last words" || err != nil {
		t.Errorf("%q, %v", b[:n], err)
	}
	if _, err := w.ends[0].Read(b[:]); err != io.EOF {
		t.Error(err)
	}
	w.do(0, func(m *Machine) { m.CloseWrite() })
	if _, err := w.ends[0].Write(b[:]); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// Resets and SYN that only guess where the connection stands do not end it: RFC
// 5961.
func TestGuesses(t *testing.T) {
	for _, s := range []Segment{
		{Seq: 100, Flags: RST},
		{Seq: 100, Flags: SYN},
		{Seq: 100, Flags: SYN | ACK, Ack: 1},
		{Seq: 1 << 31, Flags: RST | ACK},
		{Seq: 100, Flags: ACK, Ack: 1 << 31, Data: []byte("bad")},
	} {
		w, _ := talk(t)
		m := w.ends[1]
		s.Seq += m.rcv
		if s.Ack > 0 {
			s.Ack += m.nxt
		}
		m.Take(w.now, &s)
		w.flush(1)
		a, b := &app{out: stuff(100)}, &app{}
		w.exchange(t, a, b, time.Second)
		if len(b.in) != 100 {
			t.Errorf("%+v: %d bytes came", s, len(b.in))
		}
	}
}

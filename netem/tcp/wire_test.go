package tcp

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A wire joins two machines in virtual time: real bytes, with a rate, a way and
// whatever goes wrong.
type wire struct {
	rate                               int // bytes a second; 0: no limit
	way                                time.Duration
	queue                              time.Duration // most that may wait; 0: no limit
	loss, duplicate, corrupt, overtake float64
	oneWay                             bool // what end 1 sends is not lost
	drop                               func(from int, s *Segment) bool
	draw                               *rand.Rand

	now   time.Duration
	ends  [2]*Machine
	free  [2]time.Duration
	under []letter
	sent  [2]int // segments
	bytes [2]int // with headers of IP
	count int
	trace func(string)
}

type letter struct {
	at  time.Duration
	seq int
	to  int
	b   []byte
}

const addresses = 12345 // the sum of any two

func cfg() Config { return Config{MSS: 1460, Receive: 4 << 20, Send: 4 << 20} }

func newWire(rate int, way time.Duration) *wire {
	return &wire{rate: rate, way: way, draw: rand.New(rand.NewPCG(1, 2))}
}

// flush puts on the wire what a machine has to send.
func (w *wire) flush(from int) {
	m := w.ends[from]
	if m == nil {
		return
	}
	m.Flush(w.now, func(s *Segment) { w.carry(from, s) })
}

func (w *wire) carry(from int, s *Segment) {
	s.Source, s.Destination = uint16(from+1), uint16(2-from)
	b := s.Append(nil)
	Seal(b, addresses)
	w.sent[from]++
	w.bytes[from] += len(b) + 20
	if w.trace != nil {
		w.trace(fmt.Sprintf("%v %d> %s", w.now, from, show(s)))
	}
	if w.drop != nil && w.drop(from, s) {
		return
	}
	leaves := max(w.now, w.free[from])
	if w.queue > 0 && leaves-w.now > w.queue {
		return
	}
	if w.rate > 0 {
		leaves += time.Duration(len(b)+20) * time.Second / time.Duration(w.rate)
	}
	w.free[from] = leaves
	if w.draw.Float64() < w.loss && !(w.oneWay && from == 1) {
		return
	}
	at := leaves + w.way
	if w.draw.Float64() < w.overtake {
		at += w.way / 2
	}
	if w.draw.Float64() < w.corrupt {
		bit := w.draw.IntN(8 * len(b))
		b[bit/8] ^= 1 << (bit % 8)
	}
	w.put(at, 1-from, b)
	if w.draw.Float64() < w.duplicate {
		w.put(at, 1-from, b)
	}
}

func (w *wire) put(at time.Duration, to int, b []byte) {
	w.count++
	l := letter{at, w.count, to, b}
	i, _ := slices.BinarySearchFunc(w.under, l, func(a, b letter) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
	w.under = slices.Insert(w.under, i, l)
}

// next is when something happens.
func (w *wire) next() time.Duration {
	at := Never
	if len(w.under) > 0 {
		at = w.under[0].at
	}
	for _, m := range w.ends {
		if m != nil {
			at = min(at, m.Next())
		}
	}
	return at
}

// step lets the next thing happen, up to a time, and says whether there was one.
func (w *wire) step(limit time.Duration) bool {
	at := w.next()
	if at > limit || at == Never {
		w.now = max(w.now, min(limit, at))
		return false
	}
	w.now = max(w.now, at)
	if len(w.under) > 0 && w.under[0].at <= w.now {
		l := w.under[0]
		w.under = w.under[1:]
		w.deliver(l)
		return true
	}
	for i, m := range w.ends {
		if m != nil && m.Next() <= w.now {
			m.Tick(w.now)
			w.flush(i)
		}
	}
	return true
}

func (w *wire) deliver(l letter) {
	if !Intact(l.b, addresses) {
		return
	}
	s, err := Parse(l.b)
	if err != nil {
		return
	}
	switch m := w.ends[l.to]; {
	case m != nil:
		m.Take(w.now, &s)
	case s.Flags&(SYN|ACK|RST) == SYN:
		w.ends[l.to] = Accept(cfg(), 4_000_000_000, &s)
	}
	w.flush(l.to)
}

func show(s *Segment) string {
	text := fmt.Sprintf("%s seq %d", flagNames(s.Flags), s.Seq)
	if s.Flags&ACK != 0 {
		text += fmt.Sprintf(" ack %d", s.Ack)
	}
	if len(s.Data) > 0 {
		text += fmt.Sprintf(" %d bytes", len(s.Data))
	}
	for _, b := range s.Options.Blocks {
		text += fmt.Sprintf(" [%d, %d)", b.From, b.To)
	}
	return text
}

func flagNames(f Flags) (text string) {
	for i, name := range []string{"FIN", "SYN", "RST", "PSH", "ACK"} {
		if f&(1<<i) != 0 {
			text += name + " "
		}
	}
	return text
}

// connect opens a connection from end 0 to end 1.
func (w *wire) connect(t testing.TB) {
	t.Helper()
	w.ends[0] = Open(cfg(), 4_294_960_000) // wraps soon
	w.flush(0)
	for w.ends[0].State() != Established || w.ends[1] == nil || w.ends[1].State() != Established {
		if !w.step(time.Minute) {
			t.Fatal("no connection")
		}
	}
}

// An app writes what it has to an end and reads what comes there.
type app struct {
	out  []byte
	in   []byte
	done bool // has closed
	eof  bool
	err  error
	slow int // bytes that it reads at a time; 0: all
}

// work lets an app do what it can.
func (w *wire) work(i int, a *app) {
	m := w.ends[i]
	if m == nil {
		return
	}
	if n, err := m.Write(a.out); err == nil {
		a.out = a.out[n:]
	}
	if len(a.out) == 0 && !a.done {
		a.done = true
		m.CloseWrite()
	}
	var buf [1 << 16]byte
	for !a.eof && a.err == nil {
		n, err := m.Read(buf[:])
		a.in = append(a.in, buf[:n]...)
		if err == io.EOF {
			a.eof = true
		} else if err != nil {
			a.err = err
		}
		if n == 0 {
			break
		}
	}
	w.flush(i)
}

// exchange lets two apps work until both have all, and returns the time.
func (w *wire) exchange(t testing.TB, a, b *app, limit time.Duration) time.Duration {
	t.Helper()
	begun := w.now
	for {
		w.work(0, a)
		w.work(1, b)
		if a.eof && b.eof {
			return w.now - begun
		}
		if err := errors.Join(a.err, b.err); err != nil {
			t.Fatal(err)
		}
		if !w.step(begun + limit) {
			t.Fatalf("after %v: %v has %d bytes, %v has %d", w.now, w.ends[0].State(), len(a.in), w.ends[1].State(), len(b.in))
		}
	}
}

// run lets everything happen that still does within a time.
func (w *wire) run(d time.Duration) {
	for limit := w.now + d; w.step(limit); {
	}
}

// stuff is bytes of which no two stretches are alike.
func stuff(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(7, 7))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

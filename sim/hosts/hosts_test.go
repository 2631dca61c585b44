package hosts

import (
	"bufio"
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/sim"
)

// The toolchain still lets a program that is no test into a bubble: an hour
// passes at once. What leaks or panics inside is an error outside.
func TestBubble(t *testing.T) {
	begun := time.Now()
	var passed time.Duration
	if err := bubble(func() error {
		inside := time.Now()
		<-time.NewTimer(time.Hour).C
		passed = time.Since(inside)
		return nil
	}); err != nil || passed != time.Hour {
		t.Errorf("%v passed, error %v", passed, err)
	}
	if real := time.Since(begun); real > time.Minute {
		t.Errorf("an hour took %v", real)
	}
	if err := bubble(func() error { panic("no luck") }); err == nil || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("a panic gives %v", err)
	}
	if err := bubble(func() error {
		never := make(chan int)
		go func() { <-never }()
		return nil
	}); err == nil || !strings.Contains(err.Error(), "did not close") {
		t.Errorf("a goroutine that waits for ever gives %v", err)
	}
}

// A message that takes other bytes than it is accounted for ends the run.
func TestAccountsAreThoseOfTheWire(t *testing.T) {
	n := &carrier{}
	m := protocol.Message{Kind: protocol.Have, Seq: 300}
	n.encode(&sim.Letter{Msg: &m, Size: netem.OnWire(m.Size())})
	if n.err != nil {
		t.Error(n.err)
	}
	n.encode(&sim.Letter{Msg: &m, Size: netem.OnWire(m.Size()) + 1})
	if n.err == nil {
		t.Error("a byte too many is not noticed")
	}
}

// What one side writes the other reads, whole and in order, however it is cut.
func TestFrames(t *testing.T) {
	var stream []byte
	var sizes []int
	for seq := range uint32(40) {
		m := protocol.Message{Kind: protocol.MsgKind(seq % 3 * 3), Seq: seq << (seq % 30)}
		if m.Kind == protocol.Link {
			m.Seq = 0
		}
		before := len(stream)
		stream = m.Append(stream)
		sizes = append(sizes, len(stream)-before)
		if sizes[seq] != int(m.Size()) {
			t.Errorf("%v takes %d bytes, not %v", m.Kind, sizes[seq], m.Size())
		}
	}
	r := bufio.NewReaderSize(&trickle{stream}, 16)
	for i, want := range sizes {
		frame, err := readFrame(r, maxControl, fresh)
		if err != nil || len(frame) != want {
			t.Fatalf("frame %d has %d bytes, not %d: %v", i, len(frame), want, err)
		}
		if _, err := parse(frame, false); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		if _, err := parse(frame, true); err == nil {
			t.Fatalf("frame %d is taken on the other lane", i)
		}
	}
}

func fresh(n int) []byte { return make([]byte, n) }

// A trickle gives a byte at a time.
type trickle struct{ b []byte }

func (t *trickle) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), 1)], t.b)
	t.b = t.b[n:]
	return n, nil
}

// FuzzReadFrame holds that a peer's bytes never panic, and that what is read is
// within the limit and what was sent.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0}, 10)
	f.Add([]byte{3, 1, 2, 3}, 3)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 1}, maxBulk)
	f.Add([]byte{0x80, 0x80, 0x80, 0x20, 9}, maxBulk)
	f.Add((&protocol.Message{Kind: protocol.Have, Seq: 70_000}).Append(nil), maxControl)
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		limit = min(max(limit, 0), maxBulk)
		frame, err := readFrame(bufio.NewReader(bytes.NewReader(b)), limit, fresh)
		if err != nil {
			return
		}
		if len(frame) > limit+5 || !bytes.HasPrefix(b, frame) {
			t.Errorf("%d bytes of %d, limit %d", len(frame), len(b), limit)
		}
		_, _ = parse(frame, false)
	})
}

// Random bytes follow from the seed, and a single byte takes none.
func TestChance(t *testing.T) {
	draw := func(single bool) string {
		c := newChance(7)
		var b [8]byte
		if single {
			_, _ = c.Read(b[:1])
		}
		_, _ = c.Read(b[:])
		return string(b[:])
	}
	if draw(false) != draw(true) || draw(false) != draw(false) || draw(false) == string(make([]byte, 8)) {
		t.Error("the bytes do not follow from the seed alone")
	}
}

// Tasks are done in the order of their times, then of their coming.
func TestAgenda(t *testing.T) {
	var a agenda
	var done []int
	for i, at := range []time.Duration{5, 3, 5, 1, 3} {
		a.add(at, func() { done = append(done, i) })
	}
	for _, now := range []time.Duration{0, 3, 9} {
		a.due(now)
	}
	if want := []int{3, 1, 4, 0, 2}; !slices.Equal(done, want) || a.next() != sim.Never {
		t.Errorf("done in the order %v, not %v", done, want)
	}
}

// What libp2p has to say of its errors is told once, and stays off the terminal.
func TestJournal(t *testing.T) {
	j := &journal{seen: map[string]int{}}
	log := slog.New(j.WithAttrs(nil))
	log.Error("gone")
	log.Error("gone")
	log.Warn("going")
	if got, again := j.notes(), j.notes(); len(got) != 1 || !strings.Contains(got[0], "2 times: gone") || again != nil {
		t.Errorf("the notes are %q, then %q", got, again)
	}
}

// A buffer comes back by its size, however it was cut; one of another size does not.
func TestBuffers(t *testing.T) {
	var pool buffers
	for _, size := range []int{1, 15, 17, 1000, 100_000, maxBulk} {
		b := pool.take(size)
		if len(b) != size || cap(b) != coarse(size) || 8*coarse(size) > 9*size+8 {
			t.Errorf("%d bytes: length %d, capacity %d", size, len(b), cap(b))
		}
		if again := coarse(coarse(size)); again != coarse(size) {
			t.Errorf("%d is rounded to %d, and that to %d", size, coarse(size), again)
		}
		pool.give(b[:0])
		if b := pool.take(coarse(size)); len(b) != coarse(size) {
			t.Errorf("%d bytes again: length %d", size, len(b))
		}
	}
	pool.give(make([]byte, 0, 1001))
	if b := pool.take(1001); cap(b) != coarse(1001) {
		t.Errorf("a buffer of %d bytes is used for 1,001", cap(b))
	}
}

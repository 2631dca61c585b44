package sim

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

// quadHeap is the oracle: a 4-ary heap of whole events, written apart from the
// queue's own.
type quadHeap struct {
	seq uint64
	a   []event
}

func (h *quadHeap) len() int { return len(h.a) }

func (h *quadHeap) push(at time.Duration, kind uint32, node uint32, arg uint64) {
	h.seq++
	h.a = append(h.a, event{at: at, seq: h.seq, arg: arg, what: what{node, kind}})
	for i := len(h.a) - 1; i > 0 && h.less(i, (i-1)/4); i = (i - 1) / 4 {
		h.a[i], h.a[(i-1)/4] = h.a[(i-1)/4], h.a[i]
	}
}

func (h *quadHeap) less(i, j int) bool {
	if h.a[i].at != h.a[j].at {
		return h.a[i].at < h.a[j].at
	}
	return h.a[i].seq < h.a[j].seq
}

func (h *quadHeap) pop() (event, bool) {
	if len(h.a) == 0 {
		return event{}, false
	}
	top, last := h.a[0], len(h.a)-1
	h.a[0] = h.a[last]
	h.a = h.a[:last]
	for i := 0; ; {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < last; c++ {
			if h.less(c, least) {
				least = c
			}
		}
		if least == i {
			return top, true
		}
		h.a[i], h.a[least] = h.a[least], h.a[i]
		i = least
	}
}

func TestEventSize(t *testing.T) {
	if n := unsafe.Sizeof(event{}); n != 32 {
		t.Errorf("an event takes %d bytes, want 32", n)
	}
	if n := pageEvents * unsafe.Sizeof(event{}); n%64 != 0 {
		t.Errorf("a page takes %d bytes, want whole cache lines", n)
	}
}

// twins pushes and pops the same on the queue and on the oracle.
type twins struct {
	t    testing.TB
	q    queue
	h    quadHeap
	now  time.Duration
	args uint64
}

func (w *twins) push(at time.Duration) {
	w.args++
	w.q.push(at, uint32(w.args), uint32(w.args*7), w.args*w.args)
	w.h.push(at, uint32(w.args), uint32(w.args*7), w.args*w.args)
}

func (w *twins) pop() {
	w.t.Helper()
	want, wantOK := w.h.pop()
	at, ok := w.q.peek()
	if ok != wantOK || at != want.at {
		w.t.Fatalf("peek: %v %t, want %v %t", at, ok, want.at, wantOK)
	}
	got, ok := w.q.pop()
	if ok != wantOK || got != want {
		w.t.Fatalf("pop: %+v %t, want %+v %t", got, ok, want, wantOK)
	}
	if w.q.len() != w.h.len() {
		w.t.Fatalf("len: %d, want %d", w.q.len(), w.h.len())
	}
	if ok {
		w.now = got.at
	}
}

func (w *twins) drain() {
	w.t.Helper()
	for w.h.len() > 0 {
		w.pop()
	}
	w.pop() // both are empty
}

// steps are ways to choose the next event's distance from now.
var steps = []struct {
	name string
	step func(r *rand.Rand) time.Duration
}{
	{"same time", func(*rand.Rand) time.Duration { return 0 }},
	{"ties", func(r *rand.Rand) time.Duration { return time.Duration(r.IntN(4)) }},
	{"exponential", func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * 1e9) }},
	{"nanoseconds to years", func(r *rand.Rand) time.Duration { return 1 << r.IntN(60) }},
	{"far future", func(r *rand.Rand) time.Duration { return math.MaxInt64 - time.Duration(r.IntN(3)) }},
	{"bursts", func(r *rand.Rand) time.Duration { return time.Duration(r.IntN(3)) * 2 * time.Second }},
	{"mostly now, some late", func(r *rand.Rand) time.Duration {
		if r.IntN(10) > 0 {
			return time.Duration(r.IntN(2))
		}
		return time.Duration(r.IntN(1e9))
	}},
}

func TestQueueOrder(t *testing.T) {
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(40) {
				r := rand.New(rand.NewPCG(seed, 1))
				w := twins{t: t}
				most := 1 << r.IntN(11)
				for range 4000 {
					if r.IntN(2*most) < most-w.q.len()/2 {
						w.push(w.now + min(s.step(r), math.MaxInt64-w.now))
					} else {
						w.pop()
					}
				}
				w.drain()
			}
		})
	}
}

func TestQueueReverse(t *testing.T) {
	w := twins{t: t}
	for i := range 5000 {
		w.push(time.Duration(5000-i) * 977)
	}
	w.drain()
}

// A lone far event makes the sorted run span minutes; what is pushed after
// that must not wait in the heap for the rest of the run.
func TestQueueLeavesTheHeap(t *testing.T) {
	w := twins{t: t}
	w.push(10 * time.Minute)
	w.q.peek()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		w.push(time.Duration(r.IntN(1e9)))
	}
	if len(w.q.late) > minRebuild {
		t.Errorf("%d of %d events wait in the heap", len(w.q.late), w.q.len())
	}
	w.drain()
}

// When a high digit of the time changes, all that wait share a bucket. Sorted as
// one run it would span so much that whatever is pushed then comes too late.
func TestQueueRunsStayShort(t *testing.T) {
	w := twins{t: t}
	r := rand.New(rand.NewPCG(7, 8))
	step := func() time.Duration { return time.Duration(r.ExpFloat64() * 1e9) }
	for range 1000 {
		w.push(step())
	}
	most := 0
	for range 20_000 {
		w.pop()
		w.push(w.now + step())
		most = max(most, len(w.q.late))
	}
	if most > minRebuild {
		t.Errorf("%d of %d events came too late for the ladder", most, w.q.len())
	}
	w.drain()
}

// A level whose digits share buckets gives each its own when one has come to
// hold too many.
func TestQueueSharpens(t *testing.T) {
	w := twins{t: t}
	r := rand.New(rand.NewPCG(9, 10))
	for range 2000 { // a slow rate, wide buckets
		w.push(w.now + time.Duration(r.ExpFloat64()*1e12))
	}
	for range 1500 {
		w.pop()
	}
	sharpened := false
	for range 20 {
		at, _ := w.q.peek()
		for range 3000 {
			w.push(at + time.Duration(r.IntN(int(time.Minute))))
		}
		before := w.q.blur
		for range 2000 {
			w.pop()
		}
		for level := range before {
			sharpened = sharpened || before[level] > 0 && w.q.blur[level] == 0
		}
	}
	if !sharpened {
		t.Error("no level was sharpened: the test shows nothing")
	}
	w.drain()
}

// What held a crowd's events is given back once few wait, and their order stays.
func TestQueueGivesBack(t *testing.T) {
	w := twins{t: t}
	r := rand.New(rand.NewPCG(11, 12))
	for range 200_000 {
		w.push(time.Duration(r.ExpFloat64() * 1e12))
	}
	crowded := cap(w.q.slab)
	for w.q.len() > 5000 {
		w.pop()
		if r.IntN(4) == 0 {
			w.push(w.now + time.Duration(r.IntN(1e12)))
		}
	}
	if n := cap(w.q.slab); n > crowded/4 {
		t.Errorf("room for %d events, where %d wait", n, w.q.len())
	}
	w.drain()
}

// A great many events of one time must not slow those just before it, which
// arrive after a peek has sorted the run.
func TestQueueBeforeABurst(t *testing.T) {
	w := twins{t: t}
	for range 3000 {
		w.push(time.Second)
	}
	for i := range 3000 {
		w.q.peek()
		w.push(time.Second - 5000 + time.Duration(i))
		if i%3 == 0 {
			w.pop()
		}
	}
	w.drain()
}

func TestQueuePastPanics(t *testing.T) {
	var q queue
	q.push(5, 0, 0, 0)
	q.pop()
	defer func() {
		const want = "sim: event of kind 2 for node 3 at 4ns is in the past of 5ns"
		if got := recover(); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}()
	q.push(4, 2, 3, 0)
}

// FuzzQueue reads a script: a byte says pop, or push with one of the
// distances, whose bits are the following two bytes shifted by it.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0xff, 0xff, 1, 1, 1})
	f.Add([]byte{90, 1, 2, 2, 4, 4, 91, 1, 1, 1, 0, 0, 0, 1, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		w := twins{t: t}
		for len(script) > 3 && len(script) < 1<<16 {
			op := script[0]
			script = script[1:]
			if op%2 == 1 {
				w.pop()
				continue
			}
			step := time.Duration(binary.LittleEndian.Uint16(script)) << (op / 2 % 48)
			script = script[2:]
			for range 1 + op/96*40 {
				w.push(w.now + min(step, math.MaxInt64-w.now))
			}
		}
		w.drain()
	})
}

func TestQueueAllocatesNothing(t *testing.T) {
	var q queue
	r := rand.New(rand.NewPCG(1, 1))
	hold(&q, r, 10_000, 100_000)
	if n := testing.AllocsPerRun(3, func() { hold(&q, r, 0, 100_000) }); n > 1 {
		t.Errorf("%v allocations in 100000 events", n)
	}
}

type anyQueue interface {
	push(at time.Duration, kind uint32, node uint32, arg uint64)
	pop() (event, bool)
}

// hold fills q with n events, then takes one and puts one back, times times.
func hold(q anyQueue, r *rand.Rand, n, times int) {
	for range n {
		q.push(time.Duration(r.ExpFloat64()*1e9), 1, 2, 3)
	}
	for range times {
		e, _ := q.pop()
		q.push(e.at+time.Duration(r.ExpFloat64()*1e9), 1, 2, 3)
	}
}

package sim

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// An event is something that happens to one node at one time. It holds no
// pointers, so that the garbage collector never looks at a queue, and two of
// them fill a cache line.
type event struct {
	at   time.Duration
	seq  uint64 // the queue's own count: equal times come out in push order
	arg  uint64
	node uint32
	kind uint32
}

// before is the total order in which events happen.
func (e *event) before(o *event) bool {
	return e.at < o.at || (e.at == o.at && e.seq < o.seq)
}

// The ladder has a level for each digit of a time written in base 256.
const (
	digitBits = 8
	digits    = 1 << digitBits
	levels    = 8 // 8*8 bits hold every time.Duration
)

// A bucket of at most smallBucket events is sorted as it is, a larger one is
// spread over the level below. Buckets are taken until the sorted run holds
// wantedRun events: a longer run means fewer refills, a shorter one fewer
// latecomers. These and the base were chosen on the hold model of the
// benchmarks, with three means a factor of ten apart.
const (
	smallBucket = 96
	evenBucket  = 1024 // a larger one is spread in any case
	mostInCell  = 8    // more in a cell of a layout make it no even one
	wantedRun   = 32
	minRebuild  = 64 // fewer latecomers than this are no reason to rebuild
)

// A page holds events of one bucket; only the last page of a bucket is not
// full. Pages come from one slab, so that an event costs no allocation. What
// links them lies apart, so that a push does not wait for the page to come
// from memory.
const pageEvents = 32

type page [pageEvents]event

// A set is which digits of a level have a bucket.
type set struct {
	words uint64 // which of the words are not zero
	word  [digits / 64]uint64
}

func (s *set) isEmpty() bool { return s.words == 0 }

func (s *set) add(digit int) {
	s.words |= 1 << (digit / 64)
	s.word[digit/64] |= 1 << (digit % 64)
}

func (s *set) remove(digit int) {
	w := &s.word[digit/64]
	*w &^= 1 << (digit % 64)
	if *w == 0 {
		s.words &^= 1 << (digit / 64)
	}
}

func (s *set) first() int {
	w := bits.TrailingZeros64(s.words) % len(s.word)
	return w*64 + bits.TrailingZeros64(s.word[w])
}

type bucket struct {
	first, last int32
	count       int32
}

// A queue is a priority queue of events: a ladder queue (a radix tree of
// buckets, Tang, Goh and Thng 2005, with the digits of a hierarchical timing
// wheel, Varghese and Lauck 1987). An event is dropped into the bucket of the
// highest digit in which its time differs from base, and sinks a level each
// time its bucket becomes the earliest, until few enough share it to be sorted.
//
// Latecomers, which fall before the end of the sorted run, wait in a heap, so
// that no order of pushes costs more than a heap would.
type queue struct {
	seq  uint64
	size int
	now  time.Duration // time of the last pop: nothing may be pushed before

	run   []event // sorted; run[next:] are still to come
	next  int
	fills int           // how often run was made anew
	end   time.Duration // the ladder holds only events at or after end
	late  []event       // 4-ary heap of events before end that came after the run

	base   time.Duration // <= every event of the ladder
	used   [levels]set
	bucket [levels][digits]bucket
	moving []event             // of a bucket that is being spread
	times  [smallBucket]uint64 // of the bucket that is being sorted
	ranks  [smallBucket]uint64
	cells  [2 * evenBucket]uint16 // of the bucket that is being laid out
	pages  []page
	after  []int32 // of each page: the next of the same bucket or free list; 0 is none
	free   int32
}

// len is the number of events that wait.
func (q *queue) len() int { return q.size }

// push adds an event. It panics if at lies before the last event popped.
func (q *queue) push(at time.Duration, kind uint32, node uint32, arg uint64) {
	if at < q.now {
		panic(fmt.Sprintf("sim: event of kind %d for node %d at %v is in the past of %v", kind, node, at, q.now))
	}
	q.seq++
	q.size++
	if at >= q.end {
		*q.place(at) = event{at: at, seq: q.seq, arg: arg, node: node, kind: kind}
		return
	}
	q.late = append(q.late, event{at: at, seq: q.seq, arg: arg, node: node, kind: kind})
	siftUp(q.late)
	if len(q.late) > minRebuild && len(q.late) > q.size/2 {
		q.rebuild()
	}
}

// pop removes the earliest event, or reports false if there is none.
func (q *queue) pop() (event, bool) {
	if !q.fill() {
		return event{}, false
	}
	q.size--
	var e event
	if q.lateFirst() {
		e = q.late[0]
		last := len(q.late) - 1
		q.late[0] = q.late[last]
		q.late = q.late[:last]
		siftDown(q.late)
	} else {
		e = q.run[q.next]
		q.next++
	}
	q.now = e.at
	return e, true
}

// peek is the time of the earliest event, or reports false if there is none.
func (q *queue) peek() (time.Duration, bool) {
	switch {
	case !q.fill():
		return 0, false
	case q.lateFirst():
		return q.late[0].at, true
	}
	return q.run[q.next].at, true
}

// fill makes the run or the heap hold the earliest event.
func (q *queue) fill() bool {
	if q.next < len(q.run) || len(q.late) > 0 {
		return true
	}
	if q.size == 0 {
		return false
	}
	q.refill()
	return true
}

// lateFirst reports whether the heap holds the earliest event. Of equal times
// the run's was pushed earlier.
func (q *queue) lateFirst() bool {
	return len(q.late) > 0 && (q.next == len(q.run) || q.late[0].at < q.run[q.next].at)
}

// place makes room for an event in its bucket; base <= at.
func (q *queue) place(at time.Duration) *event {
	level := (bits.Len64(uint64(at^q.base)|1) - 1) / digitBits
	return q.add(level, int(at>>(level*digitBits))%digits)
}

// add makes room for an event in a bucket. Events of a bucket lie in the order
// in which they were pushed.
func (q *queue) add(level, digit int) *event {
	b := &q.bucket[level][digit]
	if b.count%pageEvents == 0 {
		q.extend(level, digit)
	}
	e := &q.pages[b.last][b.count%pageEvents]
	b.count++
	return e
}

// extend gives a bucket another page.
func (q *queue) extend(level, digit int) {
	next := q.newPage()
	b := &q.bucket[level][digit]
	if b.count == 0 {
		b.first = next
		q.used[level].add(digit)
	} else {
		q.after[b.last] = next
	}
	b.last = next
}

func (q *queue) newPage() int32 {
	i := q.free
	if i == 0 {
		for range 1 + max(0, 1-len(q.pages)) { // index 0 means none
			q.pages = append(q.pages, page{})
			q.after = append(q.after, 0)
		}
		return int32(len(q.pages) - 1)
	}
	q.free, q.after[i] = q.after[i], 0
	return i
}

// shift takes the first page off a bucket and returns what is in it, valid
// until the next push.
func (q *queue) shift(b *bucket) []event {
	i := b.first
	b.first = q.after[i]
	q.after[i] = q.free
	q.free = i
	n := min(b.count, pageEvents)
	b.count -= n
	return q.pages[i][:n]
}

// refill sorts the earliest buckets into the run. The ladder is not empty.
func (q *queue) refill() {
	q.run, q.next = q.run[:0], 0
	q.fills++
	level := 0
	for q.used[level].isEmpty() {
		level++
	}
	b := q.take(level)
	for b.count > smallBucket && level > 0 {
		if q.lay(b, level) {
			b = bucket{}
			break
		}
		level--
		q.spread(b, level)
		b = q.take(level)
	}
	q.sort(b)
	for len(q.run) < wantedRun && !q.used[level].isEmpty() {
		digit := q.used[level].first()
		if q.bucket[level][digit].count > smallBucket {
			break
		}
		q.sort(q.take(level))
	}
	q.end = q.base + (1<<(level*digitBits) - 1)
	if q.end < math.MaxInt64 {
		q.end++
	}
}

// take removes the first bucket of a level and moves base to its start. All
// levels below are empty.
func (q *queue) take(level int) bucket {
	digit := q.used[level].first()
	q.used[level].remove(digit)
	b := q.bucket[level][digit]
	q.bucket[level][digit] = bucket{}
	shift := level * digitBits
	q.base = q.base>>(shift+digitBits)<<(shift+digitBits) | time.Duration(digit)<<shift
	return b
}

// spread moves a bucket's events into the level below its own.
func (q *queue) spread(b bucket, level int) {
	for b.count > 0 {
		q.moving = append(q.moving[:0], q.shift(&b)...) // a copy: add may move the pages
		for i := range q.moving {
			e := &q.moving[i]
			*q.add(level, int(e.at>>(level*digitBits))%digits) = *e
		}
	}
}

// rebuild drops everything anew, from the present time on. It is due when the
// run spans so much time that most of the queue has come to wait in the heap:
// then its cost is that of the pushes that led to it.
func (q *queue) rebuild() {
	all := append(q.run[q.next:], q.late...)
	for level := range levels {
		for !q.used[level].isEmpty() {
			for b := q.take(level); b.count > 0; {
				all = append(all, q.shift(&b)...)
			}
		}
	}
	slices.SortFunc(all, func(a, b event) int { return cmp.Compare(a.seq, b.seq) }) // as they were pushed
	q.base, q.end = q.now, q.now
	for i := range all {
		*q.place(all[i].at) = all[i]
	}
	q.run, q.next, q.late = q.run[:0], 0, q.late[:0]
	q.fills++
}

// siftUp restores the heap after an event was appended.
func siftUp(h []event) {
	i := len(h) - 1
	e := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
}

// siftDown restores the heap after its first event was replaced.
func siftDown(h []event) {
	if len(h) == 0 {
		return
	}
	e, i := h[0], 0
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for child := first + 1; child < min(first+4, len(h)); child++ {
			if h[child].before(&h[least]) {
				least = child
			}
		}
		if !h[least].before(&e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
}

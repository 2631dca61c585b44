package sim

import (
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
	kind uint8
}

// before is the total order in which events happen.
func (e *event) before(o *event) bool {
	return e.at < o.at || (e.at == o.at && e.seq < o.seq)
}

// The ladder has a level for each digit of a time written in base 64.
const (
	digitBits = 6
	digits    = 1 << digitBits
	levels    = 11 // 11*6 bits hold every time.Duration
)

// A bucket of at most smallBucket events is sorted as it is, a larger one is
// spread over the level below. Buckets are taken until the sorted run holds
// wantedRun events: a longer run means fewer refills, a shorter one fewer
// latecomers. Both were chosen on the hold model of the benchmarks.
const (
	smallBucket = 48
	wantedRun   = 32
	minRebuild  = 64 // fewer latecomers than this are no reason to rebuild
)

// A page holds events of one bucket. Pages come from one slab, so that an
// event costs no allocation.
const pageEvents = 31

type page struct {
	next  int32 // page of the same bucket or free list; 0 is none
	count int32
	_     [6]uint32 // events start at a multiple of their size
	event [pageEvents]event
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

	run  []event // sorted; run[next:] are still to come
	next int
	end  time.Duration // the ladder holds only events at or after end
	late []event       // 4-ary heap of events before end that came after the run

	base   time.Duration // <= every event of the ladder
	used   [levels]uint64
	bucket [levels][digits]bucket
	pages  []page
	free   int32
}

// len is the number of events that wait.
func (q *queue) len() int { return q.size }

// push adds an event. It panics if at lies before the last event popped.
func (q *queue) push(at time.Duration, kind uint8, node uint32, arg uint64) {
	if at < q.now {
		panic(fmt.Sprintf("sim: event of kind %d for node %d at %v is in the past of %v", kind, node, at, q.now))
	}
	q.seq++
	q.size++
	e := event{at: at, seq: q.seq, arg: arg, node: node, kind: kind}
	if at >= q.end {
		q.drop(&e)
		return
	}
	q.late = append(q.late, e)
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

// drop puts an event into its bucket; base <= e.at.
func (q *queue) drop(e *event) {
	level := (bits.Len64(uint64(e.at^q.base)|1) - 1) / digitBits
	q.add(level, int(e.at>>(level*digitBits))%digits, e)
}

func (q *queue) add(level, digit int, e *event) {
	b := &q.bucket[level][digit]
	if b.count == 0 {
		b.first = q.newPage()
		b.last = b.first
		q.used[level] |= 1 << digit
	}
	p := &q.pages[b.last]
	if p.count == pageEvents {
		next := q.newPage()
		q.pages[b.last].next = next
		b.last = next
		p = &q.pages[next]
	}
	p.event[p.count] = *e
	p.count++
	b.count++
}

func (q *queue) newPage() int32 {
	i := q.free
	if i == 0 {
		if len(q.pages) == 0 {
			q.pages = append(q.pages, page{}) // index 0 means none
		}
		q.pages = append(q.pages, page{})
		return int32(len(q.pages) - 1)
	}
	p := &q.pages[i]
	q.free, p.next, p.count = p.next, 0, 0
	return i
}

// release gives page i back and returns the one that followed it.
func (q *queue) release(i int32) int32 {
	p := &q.pages[i]
	next := p.next
	p.next = q.free
	q.free = i
	return next
}

// refill sorts the earliest buckets into the run. The ladder is not empty.
func (q *queue) refill() {
	q.run, q.next = q.run[:0], 0
	level := 0
	for q.used[level] == 0 {
		level++
	}
	b := q.take(level)
	for b.count > smallBucket && level > 0 {
		level--
		q.spread(b, level)
		b = q.take(level)
	}
	q.sort(b)
	for len(q.run) < wantedRun && q.used[level] != 0 {
		digit := bits.TrailingZeros64(q.used[level])
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
	digit := bits.TrailingZeros64(q.used[level])
	q.used[level] &^= 1 << digit
	b := q.bucket[level][digit]
	q.bucket[level][digit] = bucket{}
	shift := level * digitBits
	q.base = q.base>>(shift+digitBits)<<(shift+digitBits) | time.Duration(digit)<<shift
	return b
}

// spread moves a bucket's events into the level below its own.
func (q *queue) spread(b bucket, level int) {
	for i := b.first; i != 0; i = q.release(i) {
		for j := range q.pages[i].count {
			e := q.pages[i].event[j] // a copy: add may move the pages
			q.add(level, int(e.at>>(level*digitBits))%digits, &e)
		}
	}
}

// sort appends a bucket's events to the run in order. All are later than what
// the run holds.
func (q *queue) sort(b bucket) {
	start := len(q.run)
	for i := b.first; i != 0; i = q.release(i) {
		q.run = append(q.run, q.pages[i].event[:q.pages[i].count]...)
	}
	s := q.run[start:]
	if len(s) > smallBucket {
		slices.SortFunc(s, func(a, b event) int {
			if a.before(&b) {
				return -1
			}
			return 1
		})
		return
	}
	for i := 1; i < len(s); i++ {
		e := s[i]
		j := i
		for ; j > 0 && e.before(&s[j-1]); j-- {
			s[j] = s[j-1]
		}
		s[j] = e
	}
}

// rebuild drops everything anew, from the present time on. It is due when the
// run spans so much time that most of the queue has come to wait in the heap:
// then its cost is that of the pushes that led to it.
func (q *queue) rebuild() {
	all := append(q.run[q.next:], q.late...)
	for level := range levels {
		for used := q.used[level]; used != 0; used &= used - 1 {
			digit := bits.TrailingZeros64(used)
			for i := q.bucket[level][digit].first; i != 0; i = q.release(i) {
				all = append(all, q.pages[i].event[:q.pages[i].count]...)
			}
			q.bucket[level][digit] = bucket{}
		}
		q.used[level] = 0
	}
	q.base, q.end = q.now, q.now
	for i := range all {
		q.drop(&all[i])
	}
	q.run, q.next, q.late = q.run[:0], 0, q.late[:0]
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

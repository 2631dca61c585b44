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
	at  time.Duration
	seq uint64 // the queue's own count: equal times come out in push order
	arg uint64
	what
}

// What happens to whom: apart, because the compiler keeps no struct of more than
// four fields in registers.
type what struct{ node, kind uint32 }

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

// A bucket of at most smallBucket events is sorted as it is. A larger one is
// spread over the level below, or laid out at once if that leaves most of the
// queue in the ladder: what is pushed into the time of the run is a latecomer.
// Buckets are taken until the sorted run holds wantedRun events: a longer run
// means fewer refills, a shorter one fewer latecomers. These and the base were
// chosen on the hold model of the benchmarks, with three means a factor of ten
// apart, and on the relay.
const (
	smallBucket = 48
	fewInBucket = 16   // what focus aims at
	minRate     = 256  // fewer events say little of their rate
	evenBucket  = 1024 // a larger one is spread in any case
	evenShare   = 64   // as is one of a larger share of the queue
	mostInCell  = 8    // more in a cell of a layout make it no even one
	wantedRun   = 32
	minRebuild  = 64 // fewer latecomers than this are no reason to rebuild
)

// A page holds events of one bucket; only the last page of a bucket is not
// full. Pages come from one slab, so that an event costs no allocation. What
// links them lies apart, so that a push does not wait for the page to come
// from memory.
const pageEvents = 32

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

// A bucket holds its events in the order in which they were pushed.
type bucket struct {
	first int32 // page
	free  int32 // place in the slab; the first of a page: there is none
	count int32
	_     int32
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

	popped int64 // when the rate of events was last looked at
	looked time.Duration
	apart  time.Duration // between two events, by that: mean

	base   time.Duration // <= every event of the ladder
	blur   [levels]uint8 // low bits of a digit that make no bucket of their own
	used   [levels]set
	bucket [levels][digits]bucket
	moving []event             // of a bucket that is being spread
	times  [smallBucket]uint64 // of the bucket that is being sorted
	ranks  [smallBucket]uint64
	cells  [2 * evenBucket]uint16 // of the bucket that is being laid out
	slab   []event
	after  []int32 // of each page: the next of the same bucket or free list; 0 is none
	free   int32
	spare  int // pages in the free list
}

// len is the number of events that wait.
func (q *queue) len() int { return q.size }

// push adds an event. It panics if at lies before the last event popped.
func (q *queue) push(at time.Duration, kind uint32, node uint32, arg uint64) {
	q.seq++
	q.size++
	if at >= q.end {
		*q.place(at) = event{at: at, seq: q.seq, arg: arg, what: what{node, kind}}
		return
	}
	q.pushLate(event{at: at, seq: q.seq, arg: arg, what: what{node, kind}})
}

// pushLate adds an event to the heap.
func (q *queue) pushLate(e event) {
	if e.at < q.now {
		panic(fmt.Sprintf("sim: event of kind %d for node %d at %v is in the past of %v", e.kind, e.node, e.at, q.now))
	}
	q.late = append(q.late, e)
	siftUp(q.late)
	if len(q.late) > minRebuild && len(q.late) > q.size/2 {
		q.rebuild()
	}
}

// pop removes the earliest event, or reports false if there is none.
func (q *queue) pop() (event, bool) {
	if q.next < len(q.run) && len(q.late) == 0 || q.fill() && !q.lateFirst() {
		e := &q.run[q.next]
		q.next++
		q.size--
		q.now = e.at
		return *e, true
	}
	if q.size == 0 {
		return event{}, false
	}
	e := q.late[0]
	last := len(q.late) - 1
	q.late[0] = q.late[last]
	q.late = q.late[:last]
	siftDown(q.late)
	q.size--
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
	return q.placeAt(at, (bits.Len64(uint64(at^q.base)|1)-1)/digitBits%levels)
}

// placeAt makes room for an event in its bucket of a level.
func (q *queue) placeAt(at time.Duration, level int) *event {
	digit := uint8(at>>(level*digitBits)) &^ q.blur[level]
	b := &q.bucket[level][digit]
	if b.free%pageEvents == 0 {
		q.extend(level, digit)
	}
	e := &q.slab[b.free]
	b.free++
	b.count++
	return e
}

// extend gives a bucket another page.
func (q *queue) extend(level int, digit uint8) {
	next := q.newPage()
	b := &q.bucket[level][digit]
	if b.count == 0 {
		b.first = next
		q.used[level].add(int(digit))
	} else {
		q.after[b.free/pageEvents-1] = next
	}
	b.free = next * pageEvents
}

func (q *queue) newPage() int32 {
	i := q.free
	if i == 0 {
		for range 1 + max(0, 1-len(q.after)) { // index 0 means none
			q.slab = append(q.slab, make([]event, pageEvents)...)
			q.after = append(q.after, 0)
		}
		return int32(len(q.after) - 1)
	}
	q.free, q.after[i] = q.after[i], 0
	q.spare--
	return i
}

// shift takes the first page off a bucket and returns what is in it, valid
// until the next push.
func (q *queue) shift(b *bucket) []event {
	i := b.first
	b.first = q.after[i]
	q.after[i] = q.free
	q.free = i
	q.spare++
	n := min(b.count, pageEvents)
	b.count -= n
	return q.slab[i*pageEvents:][:n]
}

// refill sorts the earliest buckets into the run. The ladder is not empty.
func (q *queue) refill() {
	q.run, q.next = q.run[:0], 0
	q.fills++
	if len(q.after) > keptPages && q.spare > len(q.after)/3 {
		q.trim()
	}
	level := 0
	for q.used[level].isEmpty() {
		level++
	}
	b := q.take(level)
	for b.count > smallBucket && level+int(q.blur[level]) > 0 {
		if int(b.count) <= q.size/evenShare && q.lay(b, level) {
			b = bucket{}
			break
		}
		if q.blur[level] > 0 {
			q.sharpen(b, level)
		} else {
			level--
			q.focus(b, level)
			q.spread(b, level)
		}
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
	q.end = q.base + (time.Duration(q.blur[level])+1)<<(level*digitBits) - 1
	if q.end < math.MaxInt64 {
		q.end++
	}
}

// keptPages is how many pages a slab keeps, however few are in use.
const keptPages = 512

// trim moves all events into a slab with room for an eighth more: when a crowd has
// come, far fewer wait than while it came.
func (q *queue) trim() {
	slab, after := q.slab, q.after
	room := (len(after)-q.spare)*9/8 + 1
	q.slab, q.after = make([]event, pageEvents, room*pageEvents), make([]int32, 1, room) // index 0 means none
	q.free, q.spare = 0, 0
	for level := range levels {
		for digits := q.used[level]; !digits.isEmpty(); digits.remove(digits.first()) {
			b := &q.bucket[level][digits.first()]
			page, last := b.first, (b.free-1)/pageEvents
			b.first = int32(len(q.after))
			to := q.newPage()
			for copy(q.page(to), slab[page*pageEvents:]); page != last; copy(q.page(to), slab[page*pageEvents:]) {
				q.after[to] = to + 1
				page, to = after[page], q.newPage()
			}
			b.free += (to - last) * pageEvents
		}
	}
}

func (q *queue) page(i int32) []event { return q.slab[i*pageEvents:][:pageEvents] }

// take removes the first bucket of a level and moves base to its start. All
// levels below are empty.
func (q *queue) take(level int) bucket {
	digit := q.used[level].first()
	b := q.lift(level, digit)
	shift := level * digitBits
	q.base = q.base>>(shift+digitBits)<<(shift+digitBits) | time.Duration(digit)<<shift
	return b
}

// lift removes a bucket.
func (q *queue) lift(level, digit int) bucket {
	q.used[level].remove(digit)
	b := q.bucket[level][digit]
	q.bucket[level][digit] = bucket{}
	return b
}

// spread puts a bucket's events into those of a level where they belong.
func (q *queue) spread(b bucket, level int) {
	for b.count > 0 {
		q.moving = append(q.moving[:0], q.shift(&b)...) // a copy: the slab may move
		for i := range q.moving {
			*q.placeAt(q.moving[i].at, level) = q.moving[i]
		}
	}
}

// focus chooses how many digits of an empty level share a bucket, so that it
// will hold about fewInBucket events at the rate at which they come, and no more
// than twice that of those of b, which it is to take.
func (q *queue) focus(b bucket, level int) {
	if popped := int64(q.seq) - int64(q.size); popped-q.popped >= minRate {
		q.apart = (q.now - q.looked) / time.Duration(popped-q.popped)
		q.popped, q.looked = popped, q.now
	}
	width := bits.Len64(uint64(fewInBucket*q.apart)) - 1 - level*digitBits
	width = min(width, digitBits-bits.Len32(uint32(b.count)/(2*fewInBucket)))
	q.blur[level] = 1<<min(max(width, 0), digitBits-1) - 1
}

// sharpen gives each digit of a level a bucket of its own: b, which was taken,
// has come to hold too many for several.
func (q *queue) sharpen(b bucket, level int) {
	blurred := q.used[level]
	q.blur[level] = 0
	q.spread(b, level)
	for ; !blurred.isEmpty(); blurred.remove(blurred.first()) {
		q.spread(q.lift(level, blurred.first()), level)
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

package sim

import (
	"cmp"
	"math/bits"
	"slices"
)

// sort appends a bucket's events to the run in order. All are later than what
// the run holds.
func (q *queue) sort(b bucket) {
	start := len(q.run)
	if b.count > smallBucket {
		for b.count > 0 {
			q.run = append(q.run, q.shift(&b)...)
		}
		slices.SortStableFunc(q.run[start:], func(a, b event) int { return cmp.Compare(a.at, b.at) })
		return
	}
	q.rank(b)
	n := int(b.count)
	q.run = slices.Grow(q.run, n)[:start+n]
	run := q.run[start:]
	for k := 0; b.count > 0; {
		for _, e := range q.shift(&b) {
			run[q.ranks[k]] = e
			k++
		}
	}
}

// lay appends a bucket's events to the run in order if they are spread evenly:
// it counts how many fall into each of about as many cells as there are events,
// and puts right those that share one.
func (q *queue) lay(b bucket, level int) bool {
	if b.count > evenBucket {
		return false
	}
	span := level*digitBits + bits.Len8(q.blur[level])
	width := min(bits.Len32(uint32(b.count)), span)
	shift, cells := span-width, q.cells[:1<<width]
	if !q.count(b, shift, cells) {
		return false
	}
	start, sum := len(q.run), uint16(0)
	for i, c := range cells {
		cells[i] = sum
		sum += c
	}
	q.run = slices.Grow(q.run, int(b.count))[:start+int(b.count)]
	run := q.run[start:]
	for b.count > 0 {
		for _, e := range q.shift(&b) {
			c := &cells[int(e.at>>shift)%len(cells)]
			run[*c] = e
			*c++
		}
	}
	insert(run)
	return true
}

// count is how many of a bucket's events fall into each cell, or false if too
// many fall into one.
func (q *queue) count(b bucket, shift int, cells []uint16) bool {
	clear(cells)
	for i, left := b.first, b.count; left > 0; i, left = q.after[i], left-pageEvents {
		p := q.slab[i*pageEvents:][:min(left, pageEvents)]
		for j := range p {
			c := &cells[int(p[j].at>>shift)%len(cells)]
			if *c++; *c > mostInCell {
				return false
			}
		}
	}
	return true
}

// insert puts a run in order that nearly is, and leaves equal times as they are.
func insert(run []event) {
	for i := 1; i < len(run); i++ {
		if run[i].at >= run[i-1].at {
			continue
		}
		e, j := run[i], i
		for ; j > 0 && e.at < run[j-1].at; j-- {
			run[j] = run[j-1]
		}
		run[j] = e
	}
}

// rank finds the place of each of a small bucket's events in their order by
// comparing each with each: no branch depends on a time, so that the processor
// never guesses wrong.
func (q *queue) rank(b bucket) {
	n := 0
	for i := b.first; n < int(b.count); i = q.after[i] {
		p := q.slab[i*pageEvents:][:pageEvents]
		for j := range min(int(b.count)-n, pageEvents) {
			at, first := uint64(p[j].at), uint64(n)
			for k, other := range q.times[:n] {
				_, later := bits.Sub64(at, other, 0) // other is later
				first -= later
				q.ranks[k] += later
			}
			q.times[n], q.ranks[n] = at, first
			n++
		}
	}
}

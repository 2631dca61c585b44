package player

import (
	"slices"
	"time"
)

// A Segment is one in the buffer.
type Segment struct {
	Rung   int
	Length time.Duration
}

// A Queue is what the buffer holds, in the order of showing.
type Queue struct {
	held  []Segment
	begun bool // the first one is being shown
}

// Len is how many segments are held, with the one that is being shown.
func (q *Queue) Len() int { return len(q.held) }

// Push adds a segment at the end.
func (q *Queue) Push(s Segment) { q.held = append(q.held, s) }

// Show tells, in order, the segments whose showing began, when so much play
// time is left ahead, and forgets those that were shown.
func (q *Queue) Show(ahead time.Duration, began func(Segment)) {
	for len(q.held) > 0 {
		var rest time.Duration
		for _, s := range q.held[1:] {
			rest += s.Length
		}
		if !q.begun && ahead < rest+q.held[0].Length {
			began(q.held[0])
			q.begun = true
		}
		if ahead > rest || !q.begun {
			return
		}
		q.held, q.begun = slices.Delete(q.held, 0, 1), false
	}
}

// Flush forgets everything.
func (q *Queue) Flush() { q.held, q.begun = q.held[:0], false }

// Candidate is the segment to replace when the next one would have this rung: the
// first that can still come in time, or the last. It is counted from the end: 1 is
// the newest; 0: none. The one that is being shown and those that begin within half
// a segment after the next are left alone.
func (q *Queue) Candidate(last bool, rung int, ahead time.Duration) (back int) {
	for i := q.safe(ahead); i < len(q.held); i++ {
		if q.held[i].Rung < rung {
			if back = len(q.held) - i; !last {
				return back
			}
		}
	}
	return back
}

// safe is the first segment that begins one and a half segments from now or
// later.
func (q *Queue) safe(ahead time.Duration) int {
	var total time.Duration
	for _, s := range q.held {
		total += s.Length
	}
	begins := ahead - total // of the first, seen from now: not above 0
	for i, s := range q.held {
		if begins >= s.Length+s.Length/2 {
			return i
		}
		begins += s.Length
	}
	return len(q.held)
}

// From is how much play time lies from the start of the segment to the end of
// the buffer, counted as Candidate does.
func (q *Queue) From(back int) (d time.Duration) {
	for _, s := range q.held[len(q.held)-back:] {
		d += s.Length
	}
	return d
}

// Replace puts another rung in the place of a segment, counted as Candidate
// does.
func (q *Queue) Replace(back, rung int) { q.held[len(q.held)-back].Rung = rung }

package packet

import "time"

// An event is the next thing that happens to a packet. Events happen in the
// order of time, then in the order in which they were scheduled.
type event struct {
	at   time.Duration
	seq  uint64
	what step
	item int32 // the parcel's slot
}

// A step is what happens next to a parcel.
type step uint8

const (
	stepArrive  step = iota // it has reached the receiver's downlink
	stepDeliver             // it has left the downlink
)

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.seq < o.seq
}

// An agenda holds the events to come: a heap with four children to a node,
// which touches half the cache lines of a binary one.
type agenda struct {
	heap []event
	seq  uint64
}

func (a *agenda) add(at time.Duration, what step, item int32) {
	a.seq++
	e := event{at, a.seq, what, item}
	a.heap = append(a.heap, e)
	i := len(a.heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&a.heap[parent]) {
			break
		}
		a.heap[i] = a.heap[parent]
		i = parent
	}
	a.heap[i] = e
}

// next is the time of the earliest event, or Never.
func (a *agenda) next() time.Duration {
	if len(a.heap) == 0 {
		return Never
	}
	return a.heap[0].at
}

// take removes the earliest event of an agenda that has one.
func (a *agenda) take() event {
	first := a.heap[0]
	n := len(a.heap) - 1
	last := a.heap[n]
	a.heap = a.heap[:n]
	if n == 0 {
		return first
	}
	i := 0
	for {
		least := 4*i + 1
		if least >= n {
			break
		}
		for c := least + 1; c < min(least+4, n); c++ {
			if a.heap[c].before(&a.heap[least]) {
				least = c
			}
		}
		if !a.heap[least].before(&last) {
			break
		}
		a.heap[i] = a.heap[least]
		i = least
	}
	a.heap[i] = last
	return first
}

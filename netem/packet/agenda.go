package packet

import "time"

// An event is a time at which something happens to a thing. Events happen in
// the order of time, then in the order in which they were planned.
type event struct {
	at   time.Duration
	seq  uint64 // from 1 on
	what step
	item int32 // a parcel, a link, or a stream
}

// A step is what happens.
type step uint8

const (
	stepArrive  step = iota // a parcel has reached the receiver's downlink
	stepDeliver             // a parcel has left the downlink
	stepFree                // a link whose queue is not empty has sent its packet
	stepTick                // a stream has something to do
)

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.seq < o.seq
}

// An agenda holds events to come: a heap with four children to a node, which
// touches half the cache lines of a binary one.
type agenda []event

func (a *agenda) add(e event) {
	*a = append(*a, e)
	heap := *a
	i := len(heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&heap[parent]) {
			break
		}
		heap[i] = heap[parent]
		i = parent
	}
	heap[i] = e
}

// next is the time of the earliest event, or Never.
func (a agenda) next() time.Duration {
	if len(a) == 0 {
		return Never
	}
	return a[0].at
}

// take removes the earliest event of an agenda that has one.
func (a *agenda) take() event {
	heap := *a
	first := heap[0]
	n := len(heap) - 1
	last := heap[n]
	heap = heap[:n]
	*a = heap
	if n == 0 {
		return first
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= n {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, n); c++ {
			if heap[c].before(&heap[least]) {
				least = c
			}
		}
		if !heap[least].before(&last) {
			break
		}
		heap[i] = heap[least]
		i = least
	}
	heap[i] = last
	return first
}

package archive

import "time"

// An event is something that will happen to a place or a shard.
type event struct {
	at     time.Duration
	turn   uint64 // of two at the same time the one with the lower happens first
	what   what
	place  int
	tenant uint32
	shard  int
}

type what uint8

const (
	exit     what = iota // a provider leaves for good
	dark                 // it goes away for a while
	back                 // it comes back
	newcomer             // another one takes its place
	made                 // a shard was made anew
	rots                 // a shard vanishes
	audit                // everybody is challenged
	verdict              // who has not answered is silent, and what is due is made anew
	look                 // what is there is counted
)

// A queue is a heap of events.
type queue struct {
	list  []event
	turns uint64
}

func (q *queue) before(i, j int) bool {
	a, b := &q.list[i], &q.list[j]
	return a.at < b.at || a.at == b.at && a.turn < b.turn
}

func (q *queue) first() *event { return &q.list[0] }

func (q *queue) push(e event) {
	q.turns++
	e.turn = q.turns
	q.list = append(q.list, e)
	for i := len(q.list) - 1; i > 0 && q.before(i, (i-1)/2); i = (i - 1) / 2 {
		q.list[i], q.list[(i-1)/2] = q.list[(i-1)/2], q.list[i]
	}
}

func (q *queue) pop() event {
	e, end := q.list[0], len(q.list)-1
	q.list[0] = q.list[end]
	q.list = q.list[:end]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < end; c++ {
			if q.before(c, least) {
				least = c
			}
		}
		if least == i {
			return e
		}
		q.list[i], q.list[least] = q.list[least], q.list[i]
		i = least
	}
}

package netem

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// An agenda is a 4-ary heap of times at which a group, or a flow that is timed
// by itself, may have something complete. An entry whose time has moved on, or
// that has become void, stays where it is until it comes to the top: most
// changes move no entry.
type agenda struct {
	heap  []agendum
	limit int // entries before those that are void are swept out
}

// An agendum says when to look at a group or a flow.
type agendum struct {
	at  time.Duration
	who int32 // a link, or the complement of a flow
}

// forever is the time of what does not come.
const forever time.Duration = math.MaxInt64

// minAgenda is how many entries are not worth a sweep.
const minAgenda = 1024

// arm enters what may have something complete at a time, unless it has an
// earlier entry: armed is that of its earliest.
func (n *share) arm(who int32, armed *time.Duration, at time.Duration) {
	if at >= *armed {
		return
	}
	*armed = at
	if len(n.agenda.heap) > max(n.agenda.limit, minAgenda) {
		n.sweep()
	}
	n.agenda.heap = append(n.agenda.heap, agendum{})
	n.agenda.up(agendum{at, who})
}

// comes is when what an entry stands for has something complete: forever if
// nothing is, or if it has an earlier entry.
func (n *share) comes(a agendum) time.Duration {
	var armed *time.Duration
	at := forever
	if a.who < 0 {
		f := &n.flows[^a.who]
		if armed = &f.armed; f.home == own {
			at = f.done()
		}
	} else {
		k := &n.links[a.who]
		if armed = &k.armed; k.timed > 0 {
			at = k.nextDue()
		}
	}
	if *armed != a.at {
		return forever
	}
	*armed = at
	return at
}

// sweep takes out the entries that are void.
func (n *share) sweep() {
	h := n.agenda.heap[:0]
	for _, a := range n.agenda.heap {
		if a.at = n.comes(a); a.at < forever {
			h = append(h, a)
		}
	}
	slices.SortFunc(h, func(a, b agendum) int { return cmp.Compare(a.at, b.at) })
	n.agenda = agenda{h, 2 * len(h)}
}

// next is when the first flow is complete, and the entry that says so.
func (n *share) next() (a agendum, ok bool) {
	h := &n.agenda
	for len(h.heap) > 0 {
		a := h.heap[0]
		at := n.comes(a)
		switch at {
		case a.at:
			return a, true
		case forever:
			last := len(h.heap) - 1
			a = h.heap[last]
			h.heap = h.heap[:last]
		default:
			a.at = at
		}
		h.down(a)
	}
	return a, false
}

// up puts an entry in the last place and restores the order.
func (h *agenda) up(a agendum) {
	i := len(h.heap) - 1
	for i > 0 && a.at < h.heap[(i-1)/4].at {
		h.heap[i] = h.heap[(i-1)/4]
		i = (i - 1) / 4
	}
	h.heap[i] = a
}

// down puts an entry in the first place and restores the order.
func (h *agenda) down(a agendum) {
	i := 0
	for first := 1; first < len(h.heap); first = 4*i + 1 {
		least := first
		for c := first + 1; c < min(first+4, len(h.heap)); c++ {
			if h.heap[c].at < h.heap[least].at {
				least = c
			}
		}
		if h.heap[least].at >= a.at {
			break
		}
		h.heap[i] = h.heap[least]
		i = least
	}
	if i < len(h.heap) {
		h.heap[i] = a
	}
}

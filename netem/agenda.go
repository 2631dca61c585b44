package netem

import (
	"cmp"
	"math"
	"slices"
	"time"

	"kinetoscope/internal/prefetch"
)

// An agenda is a 4-ary heap of times at which a group, or a flow that is timed
// by itself, may have something complete. An entry whose time has moved on, or
// that has become void, stays where it is until it comes to the top: most
// changes move no entry. The top is heap[top], so that the four below an entry
// fill one cache line.
type agenda struct {
	heap  []agendum
	limit int         // entries before those that are void are swept out
	rose  [soon]int32 // who has come to the top, to the level below it and so on, since foresee looked
	risen int         // to how many levels
	looks bool        // foresee does
	known bool        // the top is right: nothing has changed since next has said so
}

const (
	top = 3
	// far are more entries than stay at hand.
	far = 1 << 12
)

// above and below are the places of the entry above one and of the first of the
// four below it.
func above(i int) int { return i/4 + 2 }
func below(i int) int { return 4 * (i - 2) }

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
	*armed, n.agenda.known = at, false
	if len(n.agenda.heap) > top+max(n.agenda.limit, minAgenda) {
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
			at = k.comesDue()
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
	h := n.agenda.heap[:top]
	for _, a := range n.agenda.heap[top:] {
		if a.at = n.comes(a); a.at < forever {
			h = append(h, a)
		}
	}
	slices.SortFunc(h[top:], func(a, b agendum) int { return cmp.Compare(a.at, b.at) })
	n.agenda.heap, n.agenda.limit = h, 2*len(h)
}

// next is when the first flow is complete, and the entry that says so.
func (n *Network) next() (a agendum, ok bool) {
	h := &n.agenda
	for len(h.heap) > top {
		a := h.heap[top]
		at := n.comes(a)
		switch at {
		case a.at:
			h.known = true
			return a, true
		case forever:
			last := len(h.heap) - 1
			a = h.heap[last]
			h.heap = h.heap[:last]
		default:
			a.at = at
		}
		if h.down(a); h.looks {
			n.foresee()
		}
	}
	return a, false
}

// up puts an entry in the last place and restores the order.
func (h *agenda) up(a agendum) {
	i := len(h.heap) - 1
	for i > top && a.at < h.heap[above(i)].at {
		h.heap[i] = h.heap[above(i)]
		i = above(i)
	}
	h.heap[i] = a
}

// down puts an entry in the first place and restores the order.
func (h *agenda) down(a agendum) {
	heap, i, risen := h.heap, top, 0
	for first := below(top); first < len(heap); first = below(i) {
		if next := below(first); next >= far && next+16 <= len(heap) {
			for c := next; c < next+16; c += 4 {
				prefetch.Line(&heap[c])
			}
		}
		least := earliest(heap, first)
		if heap[least].at >= a.at {
			break
		}
		heap[i] = heap[least]
		if risen < soon {
			h.rose[risen] = heap[i].who
			risen++
		}
		i = least
	}
	if h.risen = risen; i < len(heap) {
		heap[i] = a
	}
}

// earliest is the place of the first to come of up to four entries.
func earliest(heap []agendum, first int) int {
	if first+4 > len(heap) {
		least := first
		for c := first + 1; c < len(heap); c++ {
			if heap[c].at < heap[least].at {
				least = c
			}
		}
		return least
	}
	four := (*[4]agendum)(heap[first:])
	least, at := 0, four[0].at
	if t := four[1].at; t < at {
		least, at = 1, t
	}
	if t := four[2].at; t < at {
		least, at = 2, t
	}
	if four[3].at < at {
		least = 3
	}
	return first + least
}

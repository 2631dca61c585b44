package netem

import (
	"math/bits"
	"time"
)

// mark puts a link on the list of those whose level may be wrong.
func (n *share) mark(l int32) {
	k := &n.links[l]
	if k.queued {
		return
	}
	k.queued = true
	n.work = append(n.work, l)
	if k.epoch != n.epoch {
		k.epoch = n.epoch
		n.distinct++
	}
}

// move notes that another group may have to time a flow.
func (n *share) move(i int32) {
	if f := &n.flows[i]; !f.moved {
		f.moved = true
		n.moved = append(n.moved, i)
	}
}

func (n *share) setRate(l int32, rate float64) {
	k := &n.links[l]
	k.rate = rate
	if k.deaf {
		k.room = 0 // look again
	}
	if !k.awake {
		n.wake(l)
	}
	n.mark(l)
}

// wake makes a link take part: it learns its flows' bounds, and their other
// links learn that it promises nothing.
func (n *share) wake(l int32) {
	k := &n.links[l]
	k.awake = true
	k.edits = stale
	n.mark(l)
	for j := range k.slots {
		s := &k.slots[j]
		f := &n.flows[s.flow]
		bound, promises := n.bound(f, s.hop)
		s.bound, s.promise = bound, promises != nowhere
		for hop, o := range f.links() {
			if hop != int(s.hop) {
				n.hear(o, f.at[hop])
				n.rebound(f, uint8(hop))
			}
		}
	}
}

// rest lets a link sleep if it is not saturated and no flow uses more than it
// would promise. A link that has just woken for a fast flow stays awake for a
// while after it, because high only falls when the link is sorted, so that one
// with many flows does not wake and sleep at every change.
func (n *share) rest(l int32) {
	k := &n.links[l]
	if !k.awake || k.deaf || k.level < infinite {
		return
	}
	room := int32(1)
	if m := len(k.slots); m > 1 {
		room = 1 << bits.Len(uint(m-1))
	}
	promise := k.rate / float64(room)
	if len(k.slots) > 0 && k.high > promise {
		return
	}
	k.awake, k.room, k.promise = false, room, promise
	k.high, k.low = 0, infinite
	for j := range k.slots {
		f := &n.flows[k.slots[j].flow]
		for hop, o := range f.links() {
			if hop == int(k.slots[j].hop) {
				continue
			}
			if !n.watched(f, uint8(hop)) {
				n.unhear(o, f.at[hop])
			}
			n.rebound(f, uint8(hop))
		}
	}
}

// rebound tells a flow's link at a hop that what the flow could have elsewhere
// may have changed.
func (n *share) rebound(f *flow, hop uint8) {
	bound, promises := n.bound(f, hop)
	n.heed(f.link[hop], f.at[hop], bound, promises != nowhere)
}

// heed gives a link's slot a new bound.
func (n *share) heed(l, at int32, bound float64, promise bool) {
	k := &n.links[l]
	s := &k.slots[at]
	old := s.bound
	s.bound, s.promise = bound, promise
	if !k.awake || k.deaf || old == bound {
		return
	}
	switch {
	case s.below && bound < k.level:
		k.sum += bound - old
		k.high = max(k.high, bound)
		k.edit()
	case !s.below && bound >= k.level:
		k.low = min(k.low, bound)
	default:
		k.edits = stale
	}
	switch {
	case k.level < infinite:
		if min(old, bound) < k.level {
			n.mark(l)
		}
	case bound > old, int(k.edits) >= len(k.slots): // it may fill up, or sleep
		n.mark(l)
	}
}

// settle makes every level right, has every flow timed by the link that limits
// it, and lets links sleep.
func (n *share) settle(now time.Duration) {
	for i := 0; i < len(n.work); i++ {
		if i >= n.patience*n.distinct {
			n.fill(now)
			break
		}
		n.links[n.work[i]].queued = false
		n.evaluate(n.work[i], now)
	}
	n.evaluations += int64(len(n.work))
	for _, i := range n.moved {
		n.flows[i].moved = false
		n.house(i, now)
	}
	for _, l := range n.touched {
		n.reschedule(l)
	}
	known := len(n.work)
	for _, l := range n.work {
		n.rest(l)
	}
	if len(n.work) != known {
		panic("netem: a link that went to sleep has changed the level of another")
	}
	n.work, n.moved, n.touched = n.work[:0], n.moved[:0], n.touched[:0]
	n.distinct = 0
	n.epoch++
}

// evaluate computes a link's level and tells the others if it moved.
func (n *share) evaluate(l int32, now time.Duration) {
	k := &n.links[l]
	switch {
	case k.deaf:
		n.divide(l, now)
		return
	case !k.awake:
		return
	}
	level, ok := k.cached()
	if !ok {
		level = k.solve()
		for n.wakeBelow(l, level) {
			level = k.solve()
		}
		if isSame(level, k.level) {
			level = k.level
		}
		n.sort(l, level)
	}
	if !isSame(level, k.level) {
		n.setLevel(l, level, now)
		n.tell(l)
	}
}

// wakeBelow wakes the sleeping links of a link's flows whose promise is below
// a level, and reports whether there was one: then there may be more.
func (n *share) wakeBelow(l int32, level float64) bool {
	k := &n.links[l]
	first := k.heard // the other link of those before is awake
	if n.through {
		first = 0
	}
	woke := false
	for j := int(first); j < len(k.slots); j++ {
		if s := &k.slots[j]; s.promise && s.bound < level {
			_, promises := n.bound(&n.flows[s.flow], s.hop)
			n.wake(promises) // moves slots
			woke = true
		}
	}
	return woke
}

// tell passes a link's level on to the other awake links of its flows.
func (n *share) tell(l int32) {
	k := &n.links[l]
	for _, s := range k.slots[:k.heard] {
		f := &n.flows[s.flow]
		if f.hops == 2 {
			other := (s.hop ^ 1) & 1
			n.heed(f.link[other], f.at[other], min(f.cap, k.level), false)
			continue
		}
		for hop, o := range f.links() {
			if hop != int(s.hop) && n.links[o].awake {
				n.rebound(f, uint8(hop))
			}
		}
	}
}

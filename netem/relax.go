package netem

import "math/bits"

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
	k.room = 0 // a deaf one looks again
	if k.state == asleep {
		n.wake(l)
	}
	n.mark(l)
}

// wake makes a link take part: it learns its flows' bounds, and their other
// links learn that it promises nothing.
func (n *share) wake(l int32) {
	k := &n.links[l]
	if k.state == alone {
		k.clock, k.since = 0, n.now // nobody remembers the clock
		for _, s := range k.slots {
			n.part(s, 1)
			if n.watched(&n.flows[s.flow], s.hop) {
				k.heard = 1
			}
		}
	}
	k.state = awake
	k.edits = 0
	n.mark(l)
	for j := range k.slots {
		s := &k.slots[j]
		f := &n.flows[s.flow]
		bound, promises := n.bound(f, s.hop)
		s.bound, s.promise = bound, promises != nowhere
		for rest := f.shared &^ (1 << s.hop); rest != 0; rest &= rest - 1 {
			hop := uint8(bits.TrailingZeros8(rest) % maxRoute)
			n.hear(f.link[hop], f.at[hop])
			n.rebound(f, hop)
		}
	}
}

// part says to a flow whether its link of a slot stands alone (0) or not (1).
func (n *share) part(s slot, shares uint8) {
	f := &n.flows[s.flow]
	n.stop(s.flow)
	n.move(s.flow)
	f.shared = f.shared&^(1<<s.hop) | shares<<s.hop
	n.setPace(f)
}

// standAlone has a link with one flow at most give it all of its rate.
func (n *share) standAlone(l int32) {
	k := &n.links[l]
	if k.state == alone && k.level == k.rate {
		return
	}
	for _, s := range k.slots {
		n.part(s, 0)
	}
	was := k.state
	k.state, k.level, k.heard = alone, k.rate, 0
	for _, s := range k.slots {
		f := &n.flows[s.flow]
		for rest := f.shared; rest != 0; rest &= rest - 1 {
			hop := uint8(bits.TrailingZeros8(rest) % maxRoute)
			if was == awake && !n.watched(f, hop) {
				n.unhear(f.link[hop], f.at[hop])
			}
			n.rebound(f, hop)
		}
	}
}

// offer is to how many flows a link would promise a part if it slept, and the part.
func (k *link) offer() (room int32, promise float64) {
	room = 1
	if m := len(k.slots); m > 1 {
		room = 1 << bits.Len(uint(m-1))
	}
	return room, k.rate / float64(room)
}

// isUsed says whether some flow may use so much that a link had better not sleep.
// One that has just woken for a fast flow stays awake for a while after it,
// because high only falls when the link is sorted, so that one with many flows
// does not wake and sleep at every change. One with some flows, as the uplink of
// a server has that feeds a few viewers, sleeps when all use less than half: to
// tell an awake link with thousands would cost more than to wake it, and one with
// a few is told by such links.
func (k *link) isUsed() bool {
	room, promise := k.offer()
	most := 1.0
	if room >= 8 && room <= 64 {
		most = 0.5
	}
	return k.high > float64(most*promise)
}

// rest lets a link sleep if it is not saturated and no flow uses more than it
// would promise.
func (n *share) rest(l int32) {
	k := &n.links[l]
	if k.state != awake || k.level < infinite {
		return
	}
	if len(k.slots) > 0 && k.isUsed() {
		return
	}
	room, promise := k.offer()
	k.state, k.room, k.promise = asleep, room, promise
	k.high, k.low = 0, infinite
	for j := range k.slots {
		f := &n.flows[k.slots[j].flow]
		for rest := f.shared &^ (1 << k.slots[j].hop); rest != 0; rest &= rest - 1 {
			hop := uint8(bits.TrailingZeros8(rest) % maxRoute)
			if !n.watched(f, hop) {
				n.unhear(f.link[hop], f.at[hop])
			}
			n.rebound(f, hop)
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
	if k.state == awake && old != bound && k.weigh(s.below, old, bound) {
		n.mark(l)
	}
}

// weigh takes into what an awake link's evaluation found that a slot has another
// bound than before, and says whether the level may be wrong now.
func (k *link) weigh(isBelow bool, old, bound float64) bool {
	level := k.level
	switch below := bound < level; {
	case isBelow && below:
		k.sum += bound - old
		if bound > k.high {
			k.high = bound
		}
		k.edits--
	case !isBelow && !below:
		if bound < k.low {
			k.low = bound
		}
		if old >= level && level < infinite { // limited here, before and now
			return false
		}
	default:
		k.edits = 0
	}
	if level < infinite {
		return old < level || bound < level
	}
	return k.edits <= 0 || bound > old && !k.hasRoom() // it may sleep, or fill up
}

// isSettled says that nothing has begun, ended or changed since settle.
func (n *share) isSettled() bool {
	return len(n.work)|len(n.moved)|len(n.touched)|len(n.emptied) == 0
}

// settle makes every level right, has every flow timed by the link that limits
// it, and lets links sleep.
func (n *share) settle() {
	if len(n.work)+len(n.moved)+len(n.touched) == 0 {
		return
	}
	for i, j := 0, 0; i < len(n.work) || j < len(n.moved); {
		switch {
		case i == len(n.work):
			n.house(n.moved[j]) // may wake a link
			j++
		case i >= n.patience*n.distinct:
			n.fill()
			i = len(n.work)
		default:
			n.links[n.work[i]].queued = false
			n.evaluate(n.work[i])
			i++
		}
	}
	n.evaluations += int64(len(n.work))
	for _, l := range n.touched {
		k := &n.links[l]
		if k.touch = false; k.timed > 0 {
			k.due = k.nextDue()
			n.arm(l, &k.armed, k.due)
		}
	}
	known := len(n.work)
	for _, l := range n.work {
		if n.links[l].level == infinite {
			n.rest(l)
		}
	}
	if len(n.work) != known {
		panic("netem: a link that went to sleep has changed the level of another")
	}
	n.work, n.moved, n.touched = n.work[:0], n.moved[:0], n.touched[:0]
	n.distinct = 0
	n.epoch++
}

// evaluate computes a link's level and tells the others if it moved.
func (n *share) evaluate(l int32) {
	k := &n.links[l]
	switch {
	case k.state == deaf:
		n.divide(l)
		return
	case k.state == asleep:
		return
	case len(k.slots) <= 1:
		n.standAlone(l)
		return
	}
	level, ok := k.cached()
	if !ok {
		var p parting
		level, p = k.solve()
		for n.wakeBelow(l, level) {
			level, p = k.solve()
		}
		if level != k.level && isSame(level, k.level) {
			level = k.level
			p = k.split(level)
		}
		n.sort(l, level, p)
	}
	if !isSame(level, k.level) {
		n.setLevel(l, level)
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
	level := k.level // heed changes no level
	links, flows := n.links, n.flows
	for j := range k.slots[:k.heard] {
		s := &k.slots[j]
		f := &flows[s.flow]
		if f.hops > 2 {
			n.tellAll(f, s.hop)
			continue
		}
		bound := f.pace
		if level < bound {
			bound = level
		}
		other := (s.hop ^ 1) & 1
		x := &links[f.link[other]] // it is awake: it has been heard
		t := &x.slots[f.at[other]]
		old := t.bound
		t.bound, t.promise = bound, false
		if old != bound && x.weigh(t.below, old, bound) {
			n.mark(f.link[other])
		}
	}
}

// tellAll passes a flow's bound on to its awake links but that at a hop.
func (n *share) tellAll(f *flow, hop uint8) {
	for other, o := range f.links() {
		if other != int(hop) && n.links[o].state >= awake {
			n.rebound(f, uint8(other))
		}
	}
}

package netem

import (
	"math"
	"math/bits"
	"time"
)

// The bulk lane shares links max-min fairly: no flow could get more without
// taking from one that has as little. Bertsekas and Gallager, "Data Networks",
// 1992, 6.5.2, show that this is so if every flow runs at its own cap or
// crosses a saturated link on which none is faster.
//
// Each link has a water level: the most that it gives to one flow. A saturated
// link's level is the solution of sum(min(level, bound)) = rate, where a
// flow's bound is the least of its cap and the level of its other link; a link
// that is not saturated has an infinite level. A flow's rate is the least of
// its cap and both levels. When every level solves its own equation the rates
// are max-min fair, and relaxation gets there: compute the level of the links
// that changed; if one moved, tell the links at the other ends of its flows.
// It ends because the lowest level depends on no other, the second lowest on
// the lowest alone, and so on up.
//
// Three things keep a change at a link with thousands of flows from costing
// thousands of steps:
//
//   - A link that cannot be saturated sleeps. It promises each flow an equal
//     part of its rate; no flow exceeds it without waking the link, and until
//     then nobody asks or tells the link anything.
//   - A link remembers the sum of the bounds below its level and the bounds
//     next to it. As long as the new level falls between those, it is one
//     division.
//   - A flow is timed by the clock of the link that limits it (group.go), so
//     that a new level moves one entry of the agenda, not one for each flow.
type share struct {
	links    []link // uplink, downlink of each node, then the group of capped flows
	flows    []flow
	free     []int32
	seq      uint64
	agenda   []agendum
	work     []int32 // links whose level may be wrong
	distinct int     // how many links were in work since settle began
	epoch    uint32
	moved    []int32 // flows that another group may have to time
	touched  []int32 // groups to be put at another place of the agenda

	patience               int // evaluations of each link before relaxation is given up
	fallbacks, evaluations int64
}

// A link is one direction of one access.
type link struct {
	rate  float64 // bytes a nanosecond
	level float64
	group

	slots []slot
	heard int32 // slots[:heard] have an awake link at the other end

	// What the last evaluation found, kept up to date by what follows it.
	sum       float64 // of the bounds below the level
	below     int32   // how many they are
	edits     int32   // changes of sum since it was summed
	high, low float64 // no bound below the level is above high, no other below low

	promise float64 // asleep: every flow may have this much
	room    int32   // asleep: to this many flows
	epoch   uint32
	awake   bool
	queued  bool
}

// A slot is one flow as one of its links sees it.
type slot struct {
	bound   float64 // what the flow could have if this link had no limit
	flow    int32
	other   int32 // the flow's other link
	below   bool  // the bound was below the level: the flow is limited elsewhere
	promise bool  // the bound is the other link's promise, and it may give more
}

// A flow is a transfer under way.
type flow struct {
	cap     float64 // the most it can use, bytes a nanosecond
	id, seq uint64
	size    int64
	start   time.Duration
	extra   time.Duration // from the last byte sent to the last received
	link    [2]int32      // uplink, downlink
	at      [2]int32      // its slot in each
	home    int32         // the group that times it
	due     int32         // its place there
	life    uint32        // counts the uses of this flow's memory
	traffic Traffic
	moved   bool
}

func uplink(node int32) int32   { return 2 * node }
func downlink(node int32) int32 { return 2*node + 1 }

const (
	// stale edits make a link evaluate anew.
	stale = math.MaxInt32
	// sameLevel is the relative difference below which a level has not moved.
	sameLevel = 1e-13
	// patience bounds the evaluations of each link that one change reaches.
	// Measured crowds need 3; only rounding could need more.
	patience = 30
)

func (n *share) init(rates []float64) {
	n.patience, n.epoch = patience, 1
	n.links = make([]link, len(rates)+1)
	for i := range n.links {
		n.links[i] = link{level: infinite, low: infinite, room: 1, group: group{place: -1}}
	}
	for i, r := range rates {
		n.links[i].rate, n.links[i].promise = r, r
	}
	n.links[n.capped()].level = 1
}

func (n *share) newFlow() int32 {
	i := int32(len(n.flows))
	if last := len(n.free) - 1; last >= 0 {
		i = n.free[last]
		n.free = n.free[:last]
	} else {
		n.flows = append(n.flows, flow{})
	}
	n.seq++
	n.flows[i] = flow{seq: n.seq, life: n.flows[i].life + 1, home: nowhere}
	return i
}

// join puts a flow on its links. settle must follow.
func (n *share) join(i, up, down int32) {
	f := &n.flows[i]
	f.link = [2]int32{up, down}
	n.enrol(i, up, down)
	n.enrol(i, down, up)
	n.move(i)
	u, d := &n.links[up], &n.links[down]
	for _, l := range f.link {
		if k := &n.links[l]; !k.awake && len(k.slots) > int(k.room) {
			n.wake(l)
		}
	}
	switch {
	case u.awake || d.awake:
	case u.promise < min(f.cap, d.promise):
		n.wake(up)
	case d.promise < f.cap:
		n.wake(down)
	}
}

// enrol adds a flow's slot to one of its links.
func (n *share) enrol(i, l, other int32) {
	k, f := &n.links[l], &n.flows[i]
	s := slot{flow: i, other: other, below: true}
	s.bound, s.promise = n.bound(f, other)
	f.at[l&1] = int32(len(k.slots))
	if k.awake {
		s.below = s.bound < k.level
		k.count(&s)
		n.mark(l)
	}
	k.slots = append(k.slots, s)
	if n.links[other].awake {
		n.hear(l, f.at[l&1])
	}
}

// bound is what a flow could have if only its cap and one link limited it,
// and whether that is a mere promise.
func (n *share) bound(f *flow, l int32) (float64, bool) {
	k := &n.links[l]
	if k.awake {
		return min(f.cap, k.level), false
	}
	return min(f.cap, k.promise), k.promise < f.cap
}

// count adds a slot to what an evaluation found.
func (k *link) count(s *slot) {
	switch {
	case !s.below:
		k.low = min(k.low, s.bound)
	case s.promise:
		k.edits = stale
	default:
		k.sum += s.bound
		k.below++
		k.high = max(k.high, s.bound)
		k.edit()
	}
}

func (k *link) edit() {
	if k.edits < stale {
		k.edits++
	}
}

// leave takes a flow off its links and frees its memory. settle must follow.
func (n *share) leave(i int32) {
	f := &n.flows[i]
	if f.home != nowhere {
		n.dismiss(i)
	}
	for side, l := range f.link {
		k := &n.links[l]
		s := &k.slots[f.at[side]]
		if k.awake {
			if s.below {
				k.sum -= s.bound
				k.below--
				k.edit()
			}
			n.mark(l)
		}
		at := f.at[side]
		if at < k.heard {
			k.heard--
			n.swap(l, at, k.heard)
			at = k.heard
		}
		last := int32(len(k.slots)) - 1
		n.swap(l, at, last)
		k.slots = k.slots[:last]
	}
	f.life++
	f.home = nowhere
	n.free = append(n.free, i)
}

// swap exchanges two slots of a link.
func (n *share) swap(l, a, b int32) {
	if a == b {
		return
	}
	s := n.links[l].slots
	s[a], s[b] = s[b], s[a]
	n.flows[s[a].flow].at[l&1] = a
	n.flows[s[b].flow].at[l&1] = b
}

// hear moves a slot among those that have an awake link at the other end.
func (n *share) hear(l, at int32) {
	k := &n.links[l]
	n.swap(l, at, k.heard)
	k.heard++
}

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
	if !k.awake {
		n.wake(l)
	}
	n.mark(l)
}

// wake makes a link take part: it learns its flows' bounds, and the links at
// the other ends learn that it promises nothing.
func (n *share) wake(l int32) {
	k := &n.links[l]
	k.awake = true
	k.edits = stale
	n.mark(l)
	for j := range k.slots {
		s := &k.slots[j]
		f := &n.flows[s.flow]
		s.bound, s.promise = n.bound(f, s.other)
		o := s.other
		n.hear(o, f.at[o&1])
		n.links[o].slots[f.at[o&1]].promise = false
		n.rebound(o, f.at[o&1], f.cap)
	}
}

// rest lets a link sleep if it is not saturated and no flow uses more than
// half of what it would promise.
func (n *share) rest(l int32) {
	k := &n.links[l]
	if !k.awake || k.level < infinite {
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
		o, f := k.slots[j].other, &n.flows[k.slots[j].flow]
		x := &n.links[o]
		x.heard--
		n.swap(o, f.at[o&1], x.heard)
		s := &x.slots[x.heard]
		s.promise = promise < f.cap
		n.rebound(o, x.heard, min(f.cap, promise))
	}
}

// rebound tells a link that what one of its flows could have elsewhere has
// changed.
func (n *share) rebound(l, at int32, bound float64) {
	k := &n.links[l]
	s := &k.slots[at]
	old := s.bound
	s.bound = bound
	if !k.awake || old == bound {
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
	for _, l := range n.work {
		n.rest(l)
	}
	n.work, n.moved, n.touched = n.work[:0], n.moved[:0], n.touched[:0]
	n.distinct = 0
	n.epoch++
}

// evaluate computes a link's level and tells the others if it moved.
func (n *share) evaluate(l int32, now time.Duration) {
	k := &n.links[l]
	if !k.awake {
		return
	}
	level, ok := k.cached()
	if !ok {
		level = k.solve()
		if n.wakeBelow(l, level) {
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

// isSame reports whether two levels differ by rounding alone. An infinite one
// differs from every finite one.
func isSame(a, b float64) bool {
	return a == b || math.Abs(a-b) <= float64(sameLevel*min(a, b))
}

// cached is the level if no flow has come to be limited elsewhere, or no
// longer is, since the last evaluation.
func (k *link) cached() (float64, bool) {
	free := len(k.slots) - int(k.below)
	switch {
	case int(k.edits) >= len(k.slots):
		return 0, false
	case free == 0:
		return infinite, k.sum <= k.rate
	}
	level := (k.rate - k.sum) / float64(free)
	return level, k.high < level && level <= k.low
}

// solve is Newton's method on sum(min(level, bound)) = rate, which is concave
// and piecewise linear: wherever it begins, the second level is at or below
// the solution, and from there on it only rises, until the same flows are
// below it as before.
func (k *link) solve() float64 {
	fair := k.rate / float64(len(k.slots)) // at or below the solution
	level := k.level
	if sum, free := k.split(level); free > 0 && level < infinite {
		level = max((k.rate-sum)/float64(free), fair)
	} else {
		level = fair
	}
	for last := -1; ; {
		sum, free := k.split(level)
		switch free {
		case 0:
			return infinite
		case last:
			return level
		}
		level, last = max((k.rate-sum)/float64(free), level), free
	}
}

// split is the sum of the bounds below a level, and how many are not below.
func (k *link) split(level float64) (sum float64, free int) {
	for i := range k.slots {
		if b := k.slots[i].bound; b < level {
			sum += b
		} else {
			free++
		}
	}
	return sum, free
}

// wakeBelow wakes the sleeping links at the other ends whose promise is below
// a level.
func (n *share) wakeBelow(l int32, level float64) bool {
	k := &n.links[l]
	any := false
	for j := int(k.heard); j < len(k.slots); j++ {
		if s := &k.slots[j]; s.promise && s.bound < level {
			n.wake(s.other) // moves the slot ahead of those not yet seen
			any = true
		}
	}
	return any
}

// sort notes which bounds are below the level and what a change of the level
// would have to pass.
func (n *share) sort(l int32, level float64) {
	k := &n.links[l]
	k.sum, k.below, k.high, k.low, k.edits = 0, 0, 0, infinite, 0
	for j := range k.slots {
		s := &k.slots[j]
		below := s.bound < level
		if below != s.below {
			s.below = below
			n.move(s.flow)
		}
		if below {
			k.sum += s.bound
			k.below++
			k.high = max(k.high, s.bound)
		} else {
			k.low = min(k.low, s.bound)
		}
	}
}

// tell passes a link's level on to the awake links at the other ends.
func (n *share) tell(l int32) {
	k := &n.links[l]
	for _, s := range k.slots[:k.heard] {
		f := &n.flows[s.flow]
		n.rebound(s.other, f.at[s.other&1], min(f.cap, k.level))
	}
}

package netem

import (
	"math/bits"
	"time"

	"kinetoscope/internal/hugepages"
)

// The bulk lane shares links max-min fairly: no flow could get more without
// taking from one that has as little. Bertsekas and Gallager, "Data Networks",
// 1992, 6.5.2, show that this is so if every flow runs at its own cap or
// crosses a saturated link on which none is faster.
//
// Each link has a water level: the most that it gives to one flow. A saturated
// link's level is the solution of sum(min(level, bound)) = rate, where a
// flow's bound is the least of its cap and the levels of its other links; a
// link that is not saturated has an infinite level. A flow's rate is the least
// of its cap and all its levels. When every level solves its own equation the
// rates are max-min fair, and relaxation gets there: compute the level of the
// links that changed; if one moved, tell the other links of its flows. It ends:
// no level ever lies below the least of rate/flows over all links, so that the
// link where this is least has its level for good once the others have been
// computed; then the same holds for the rest without it, and so on up.
//
// Flows have no weights: the equation above would need another.
//
// Four things keep a change at a link with thousands of flows from costing
// thousands of steps, and one at a link with a single flow from costing any:
//
//   - A link with a single flow gives it all of its rate. It stands alone: it
//     computes nothing and hears nothing, and the flow counts the link's rate
//     like a cap of its own (pace).
//   - A link that cannot be saturated sleeps. It promises each flow an equal
//     part of its rate; no flow exceeds it without waking the link, and until
//     then nobody asks or tells the link anything.
//   - A link remembers the sum of the bounds below its level and the bounds
//     next to it. As long as the new level falls between those, it is one
//     division.
//   - A flow is timed by the clock of the link that limits it (group.go), so
//     that a new level moves one entry of the agenda, not one for each flow.
type share struct {
	now      time.Duration
	links    []link  // records of the links that are open (open.go)
	closed   []int32 // records that no link has
	emptied  []int32 // records on which nothing may be left
	quiet    []int32 // records on which nothing is left but the young
	flows    []flow
	free     []int32
	seq      uint32
	agenda   agenda
	work     []int32 // links whose level may be wrong
	distinct int     // how many links were in work since settle began
	epoch    uint32
	moved    []int32 // flows that another group may have to time
	touched  []int32 // groups whose next completion may come earlier
	through  bool    // some flow has crossed more than two links

	patience               int // evaluations of each link before relaxation is given up
	fallbacks, evaluations int64
}

// A state says how a link takes part.
type state uint8

const (
	alone  state = iota // with one flow at most: its level is its rate
	asleep              // cannot be saturated: its level is infinite, and it makes a promise
	awake
	deaf // awake, and told of nothing (lazy.go)
)

// A link is one direction of one access, or lies between two of them. What it
// needs to stand alone fills the first of three cache lines.
type link struct {
	rate  float64 // bytes a nanosecond
	level float64
	slots []slot
	only  [1]slot // holds slots until there are two

	name    int32 // its number: uplink, downlink of each node, then those between
	state   state
	queued  bool
	touch   bool    // in touched
	empty   bool    // in emptied
	promise float64 // asleep: every flow may have this much
	room    int32   // asleep: to this many flows; deaf: as many as it had when it looked
	epoch   uint32
	group

	// What the last evaluation found, kept up to date by what follows it.
	sum       float64 // of the bounds below the level
	below     int32   // how many they are
	edits     int32   // how often sum may still change before it is summed anew
	high, low float64 // no bound below the level is above high, no other below low

	heard int32 // slots[:heard] have another link that is awake; of one that stands alone none
	_     [12]byte
}

// A slot is one flow as one of its links sees it.
type slot struct {
	bound   float64 // what the flow could have if this link had no limit
	flow    int32
	hop     uint8 // this link's place in the flow's route
	below   bool  // the bound was below the level: the flow is limited elsewhere
	promise bool  // the bound is another link's promise, and it may give more
}

// maxRoute is how many links a flow crosses at most.
const maxRoute = 4

// A route is the links that a flow crosses, all different: the sender's uplink,
// the receiver's downlink, then those between.
type route struct {
	link   [maxRoute]int32
	hops   uint8
	shared uint8 // bit by hop: whose links do not stand alone
	moved  bool  // another group may have to time the flow
}

// add puts a link at the end of a route.
func (r *route) add(l int32) {
	r.link[r.hops] = l
	r.hops++
}

func (r *route) links() []int32 { return r.link[:r.hops] }

// A flow is a transfer under way. What sharing needs of it fills the first of
// three cache lines, its crowd the last.
type flow struct {
	route
	at    [maxRoute]int32 // its slot in each link
	home  int32           // the group that times it, own or nowhere
	pace  float64         // the least of its cap and the rates of links that stand alone
	key   float64         // when it is complete by its home's clock; nowhere: the bytes that it has carried
	armed time.Duration   // its earliest place in the agenda

	from, to int32
	seq      uint32 // the count of flows when it began, modulo 2^32; 0: it has ended
	traffic  Traffic
	cap      float64 // the most it can use, bytes a nanosecond
	id       uint64
	size     int64
	start    time.Duration
	extra    time.Duration // from the last byte sent to the last received
	most     float64       // its cap if nobody stood in its queue
	stand    stand
	oneWay   time.Duration // between its ends when it began
}

func uplink(node int32) int32   { return 2 * node }
func downlink(node int32) int32 { return 2*node + 1 }

const (
	// minFlows is room for as many as a small network has at a time.
	minFlows = 64
	// nobody is a hop that no route has.
	nobody = maxRoute
	// minEdits changes of a sum are too few for rounding to show. A sum of more
	// slots is as good for as many changes.
	minEdits = 128
	// sameLevel is the relative difference below which a level has not moved.
	sameLevel = 1e-13
	// patience bounds the evaluations of each link that one change reaches.
	// Measured crowds need 3; only rounding could need more.
	patience = 30
)

func (n *share) init(isLarge bool) {
	n.patience, n.epoch = patience, 1
	n.agenda.heap, n.agenda.looks = make([]agendum, top), isLarge
}

func (n *share) newFlow() int32 {
	i := int32(len(n.flows))
	if last := len(n.free) - 1; last >= 0 {
		i = n.free[last]
		n.free = n.free[:last]
	} else {
		if len(n.flows) == cap(n.flows) {
			n.flows = append(hugepages.Slice(make([]flow, 0, max(minFlows, more(cap(n.flows))))), n.flows...)
		}
		n.flows = append(n.flows, flow{})
	}
	if n.seq++; n.seq == 0 {
		n.seq = 1
	}
	f := &n.flows[i]
	*f = flow{} // in place
	f.seq, f.home, f.armed = n.seq, nowhere, forever
	return i
}

// join puts a flow on the links of its route. settle must follow.
func (n *share) join(i int32) {
	f := &n.flows[i]
	if f.hops > 2 {
		n.through = true
	}
	f.shared = 0
	for hop, l := range f.links() {
		if k := &n.links[l]; k.state != alone {
			f.shared |= 1 << hop
		} else if len(k.slots) > 0 {
			f.shared |= 1 << hop
			n.wake(l)
		}
	}
	n.setPace(f)
	for hop := range f.hops {
		n.enrol(i, hop)
	}
	n.move(i)
	for _, l := range f.links() {
		if k := &n.links[l]; k.state == asleep && len(k.slots) > int(k.room) {
			n.wake(l)
		}
	}
}

// setPace notes the most that a flow's cap and those of its links that stand
// alone leave to it.
func (n *share) setPace(f *flow) {
	f.pace = f.cap
	for hop, l := range f.links() {
		if f.shared>>hop&1 == 0 {
			f.pace = min(f.pace, n.links[l].rate)
		}
	}
}

// recap changes the cap of a flow under way. settle must follow.
func (n *share) recap(i int32, cap float64) {
	f := &n.flows[i]
	if f.cap == cap {
		return
	}
	n.stop(i)
	n.move(i)
	f.cap = cap
	n.setPace(f)
	for rest := f.shared; rest != 0; rest &= rest - 1 {
		n.rebound(f, uint8(bits.TrailingZeros8(rest)%maxRoute))
	}
}

// enrol adds a flow's slot to one of its links.
func (n *share) enrol(i int32, hop uint8) {
	f := &n.flows[i]
	l := f.link[hop]
	k := &n.links[l]
	s := slot{flow: i, hop: hop, below: true}
	if k.state != alone {
		bound, promises := n.bound(f, hop)
		s.bound, s.promise = bound, promises != nowhere
	}
	f.at[hop] = int32(len(k.slots))
	if k.state >= awake {
		s.below = s.bound < k.level
		k.count(&s)
	}
	k.slots = append(k.slots, s)
	if k.state >= awake && !k.hasRoom() {
		n.mark(l)
	}
	if k.state != alone && n.watched(f, hop) {
		n.hear(l, f.at[hop])
	}
}

// bound is what a flow could have if its link at a hop had no limit, and the
// sleeping link that promises no more than that; nowhere if another limits it.
func (n *share) bound(f *flow, hop uint8) (least float64, promises int32) {
	least, promises = f.pace, nowhere
	for rest := f.shared &^ (1 << hop); rest != 0; rest &= rest - 1 {
		l := f.link[bits.TrailingZeros8(rest)%maxRoute]
		k := &n.links[l]
		switch {
		case k.state != asleep:
			if k.level <= least {
				least, promises = k.level, nowhere
			}
		case k.promise < least:
			least, promises = k.promise, l
		}
	}
	return least, promises
}

// watched reports whether a flow has a link that is not at a hop and wants to
// hear of the others.
func (n *share) watched(f *flow, hop uint8) bool {
	for rest := f.shared &^ (1 << hop); rest != 0; rest &= rest - 1 {
		if n.links[f.link[bits.TrailingZeros8(rest)%maxRoute]].state == awake {
			return true
		}
	}
	return false
}

// leave takes a flow off its links and frees its memory. settle must follow.
func (n *share) leave(i int32) {
	n.unlink(i)
	n.release(i)
}

// detach takes a flow off its links, which it may join again. settle must
// follow.
func (n *share) detach(i int32) {
	n.stop(i)
	n.unlink(i)
}

// release frees the memory of a flow that is on no link.
func (n *share) release(i int32) {
	n.flows[i].seq = 0
	n.free = append(n.free, i)
}

func (n *share) unlink(i int32) {
	n.dismiss(i)
	f := &n.flows[i]
	for hop, l := range f.links() {
		k := &n.links[l]
		s := &k.slots[f.at[hop]]
		if k.state >= awake {
			if s.below {
				k.sum -= s.bound
				k.below--
				k.edits--
			}
		}
		at := f.at[hop]
		if k.state != alone && at < k.heard {
			k.heard--
			n.swap(l, at, k.heard)
			at = k.heard
		}
		last := int32(len(k.slots)) - 1
		n.swap(l, at, last)
		k.slots = k.slots[:last]
		if last == 0 {
			n.empty(l)
		}
		switch {
		case k.state >= awake && !(last > 1 && k.hasRoom() && k.isUsed()):
			n.mark(l)
		case last == 0 && k.state == asleep:
			k.state, k.level = alone, k.rate
		}
	}
	f.hops = 0
}

// swap exchanges two slots of a link.
func (n *share) swap(l, a, b int32) {
	if a == b {
		return
	}
	s := n.links[l].slots
	s[a], s[b] = s[b], s[a]
	n.flows[s[a].flow].at[s[a].hop] = a
	n.flows[s[b].flow].at[s[b].hop] = b
}

// hear moves a slot among those that have another link that is awake.
func (n *share) hear(l, at int32) {
	if k := &n.links[l]; at >= k.heard {
		n.swap(l, at, k.heard)
		k.heard++
	}
}

// unhear moves a slot away from those that have another link that is awake.
func (n *share) unhear(l, at int32) {
	k := &n.links[l]
	k.heard--
	n.swap(l, at, k.heard)
}

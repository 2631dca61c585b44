package netem

import (
	"math"
	"time"
)

// A group is the flows that one link limits. They all run at its level, so
// that one clock serves them: it counts the bytes that each has been given. A
// flow is complete when the clock has moved on by its size. The capped flows,
// which no link limits, are a group whose clock counts nanoseconds.
type group struct {
	clock float64
	since time.Duration // when the clock was right
	dues  []due         // binary heap
	place int32         // in the agenda; -1 if there are no dues
	touch bool
}

// A due is when, by the group's clock, a flow is complete.
type due struct {
	key  float64
	flow int32
}

// An agendum is the next completion of a group.
type agendum struct {
	at   time.Duration
	link int32
}

// nowhere is the home of a flow that no group times, not yet or no longer.
const nowhere int32 = -1

// capped is the index of the group of the capped flows among the links.
func (n *share) capped() int32 { return int32(len(n.links) - 1) }

// read is the clock at now.
func (k *link) read(now time.Duration) float64 {
	if now == k.since {
		return k.clock
	}
	return k.clock + float64(k.level*float64(now-k.since))
}

// setLevel changes a link's level from now on.
func (n *share) setLevel(l int32, level float64, now time.Duration) {
	k := &n.links[l]
	if len(k.dues) == 0 {
		k.clock = 0 // nobody remembers it; keep it small and so precise
	} else {
		k.clock = k.read(now)
	}
	k.since, k.level = now, level
	n.touch(l)
}

func (n *share) touch(l int32) {
	if k := &n.links[l]; !k.touch {
		k.touch = true
		n.touched = append(n.touched, l)
	}
}

// remaining is how many bytes of a flow are left at now.
func (n *share) remaining(f *flow, now time.Duration) float64 {
	if f.home == nowhere {
		return float64(f.size) - f.carried
	}
	k := &n.links[f.home]
	left := k.dues[f.due].key - k.read(now)
	if f.home == n.capped() {
		left *= f.cap
	}
	return left
}

// rateOf is the present rate of a flow in bytes a nanosecond.
func (n *share) rateOf(f *flow) float64 {
	rate := f.cap
	for _, l := range f.links() {
		rate = min(rate, n.links[l].level)
	}
	return rate
}

// alone is the rate that the links of a flow would give to it by itself.
func (n *share) alone(f *flow) float64 {
	rate := infinite
	for _, l := range f.links() {
		rate = min(rate, n.links[l].rate)
	}
	return rate
}

// house has a flow timed by the group that limits it.
func (n *share) house(i int32, now time.Duration) {
	f := &n.flows[i]
	home, least := n.capped(), f.cap
	for _, l := range f.links() {
		k := &n.links[l]
		if k.level < least || k.level == least && !k.deaf { // a deaf one would not notice that the other's level falls
			home, least = l, k.level
		}
	}
	if home == f.home {
		return
	}
	left := n.remaining(f, now)
	if f.home != nowhere {
		n.dismiss(i)
	}
	k := &n.links[home]
	if home == n.capped() {
		left /= f.cap
	}
	f.home = home
	n.touch(home)
	k.dues = append(k.dues, due{k.read(now) + left, i})
	n.siftUp(k.dues, len(k.dues)-1)
}

// dismiss takes a flow out of its group.
func (n *share) dismiss(i int32) {
	f := &n.flows[i]
	k := &n.links[f.home]
	n.touch(f.home)
	at, last := int(f.due), len(k.dues)-1
	k.dues[at] = k.dues[last]
	k.dues = k.dues[:last]
	if at < last {
		n.siftUp(k.dues, at)
		n.siftDown(k.dues, int(n.flows[k.dues[at].flow].due))
	}
	f.home = nowhere
}

func (n *share) siftUp(h []due, i int) {
	d := h[i]
	for i > 0 && d.key < h[(i-1)/2].key {
		h[i] = h[(i-1)/2]
		n.flows[h[i].flow].due = int32(i)
		i = (i - 1) / 2
	}
	h[i] = d
	n.flows[d.flow].due = int32(i)
}

func (n *share) siftDown(h []due, i int) {
	d := h[i]
	for {
		c := 2*i + 1
		if c+1 < len(h) && h[c+1].key < h[c].key {
			c++
		}
		if c >= len(h) || h[c].key >= d.key {
			break
		}
		h[i] = h[c]
		n.flows[h[i].flow].due = int32(i)
		i = c
	}
	h[i] = d
	n.flows[d.flow].due = int32(i)
}

// nextDue is when the first flow of a group is complete, rounded up to a
// nanosecond.
func (k *link) nextDue() time.Duration {
	wait := math.Ceil((k.dues[0].key - k.clock) / k.level)
	if wait >= float64(math.MaxInt64-k.since) {
		return math.MaxInt64
	}
	return k.since + time.Duration(max(wait, 0))
}

// takeDue moves every flow that is complete at a time into the batch.
func (n *Network) takeDue(at time.Duration) {
	n.batch = n.batch[:0]
	for len(n.agenda) > 0 && n.agenda[0].at <= at {
		l := n.agenda[0].link
		k := &n.links[l]
		for len(k.dues) > 0 && k.nextDue() <= at {
			i := k.dues[0].flow
			n.dismiss(i)
			n.batch = append(n.batch, i)
		}
		n.reschedule(l)
	}
}

// reschedule puts a group at its place of the agenda.
func (n *share) reschedule(l int32) {
	k := &n.links[l]
	k.touch = false
	if len(k.dues) == 0 {
		if k.place >= 0 {
			n.strike(k.place)
			k.place = -1
		}
		return
	}
	a := agendum{k.nextDue(), l}
	if k.place < 0 {
		k.place = int32(len(n.agenda))
		n.agenda = append(n.agenda, a)
	}
	n.put(int(k.place), a)
}

// strike removes an entry of the agenda.
func (n *share) strike(place int32) {
	last := len(n.agenda) - 1
	a := n.agenda[last]
	n.agenda = n.agenda[:last]
	if int(place) < last {
		n.put(int(place), a)
	}
}

// put writes an entry of the agenda, a 4-ary heap, and restores its order.
func (n *share) put(i int, a agendum) {
	h := n.agenda
	for i > 0 && a.at < h[(i-1)/4].at {
		h[i] = h[(i-1)/4]
		n.links[h[i].link].place = int32(i)
		i = (i - 1) / 4
	}
	for {
		least := 4*i + 1
		for c := least + 1; c < min(4*i+5, len(h)); c++ {
			if h[c].at < h[least].at {
				least = c
			}
		}
		if least >= len(h) || h[least].at >= a.at {
			break
		}
		h[i] = h[least]
		n.links[h[i].link].place = int32(i)
		i = least
	}
	h[i] = a
	n.links[a.link].place = int32(i)
}

package netem

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"
)

// A group is the flows that one link limits. They all run at its level, so
// that one clock serves them: it counts the bytes that each has been given. A
// flow is complete when the clock has moved on by its size.
//
// A flow that its pace limits is timed by itself, in nanoseconds.
type group struct {
	clock float64
	since time.Duration // when the clock was right
	dues  []due         // binary heap; some may be void, not the first
	timed int32         // how many are not
	armed time.Duration // its earliest place in the agenda
	due   time.Duration // nextDue, unless the group is touched
}

// A due is when, by the group's clock, a flow is complete. It is void when the
// flow has another key or another home.
type due struct {
	key  float64
	flow int32
}

const (
	nowhere int32 = -1 // the home of a flow that nothing times, not yet or no longer
	own     int32 = -2 // the home of a flow that is timed by itself
)

// read is the clock now.
func (n *share) read(k *link) float64 {
	if n.now == k.since {
		return k.clock
	}
	return k.clock + float64(k.level*float64(n.now-k.since))
}

// setLevel changes a link's level from now on.
func (n *share) setLevel(l int32, level float64) {
	k := &n.links[l]
	if k.timed == 0 {
		k.clock = 0 // nobody remembers it; keep it small and so precise
	} else {
		k.clock = n.read(k)
	}
	k.since, k.level = n.now, level
	n.touch(l)
}

func (n *share) touch(l int32) {
	n.agenda.known = false
	if k := &n.links[l]; !k.touch {
		k.touch = true
		n.touched = append(n.touched, l)
	}
}

// remaining is how many bytes of a flow are left now.
func (n *share) remaining(f *flow) float64 {
	switch f.home {
	case nowhere:
		return float64(f.size) - f.key
	case own:
		return float64((f.key - float64(n.now)) * f.pace)
	}
	return f.key - n.read(&n.links[f.home])
}

// rateOf is the present rate of a flow in bytes a nanosecond.
func (n *share) rateOf(f *flow) float64 {
	return min(f.cap, n.granted(f))
}

// granted is the rate that a flow's links leave to it, which may be more than
// it uses.
func (n *share) granted(f *flow) float64 {
	rate := infinite
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

// isFull says whether a link gives its flows less than they could have
// elsewhere.
func (n *share) isFull(k *link) bool {
	if k.state == alone {
		return len(k.slots) > 0 && n.flows[k.slots[0].flow].home == own && n.flows[k.slots[0].flow].pace == k.rate
	}
	return k.state != asleep && k.level < infinite
}

// house has a flow timed by what limits it. If that is more than a link
// promises that sleeps, it wakes the link.
func (n *share) house(i int32) {
	f := &n.flows[i]
	f.moved = false
	home, least := own, f.pace
	promises, promise := nowhere, infinite
	for rest := f.shared; rest != 0; rest &= rest - 1 {
		l := f.link[bits.TrailingZeros8(rest)%maxRoute]
		k := &n.links[l]
		switch {
		case k.state == asleep:
			if k.promise < promise {
				promises, promise = l, k.promise
			}
		case k.level < least || k.level == least && k.state != deaf: // a deaf one would not notice that the other's level falls
			home, least = l, k.level
		}
	}
	switch {
	case f.hops == 0: // it has ended
		return
	case promise < least:
		n.wake(promises)
		n.move(i)
		return
	case home == f.home:
		return
	}
	left := n.remaining(f)
	n.dismiss(i)
	f.home = home
	if home == own {
		f.key = float64(n.now) + left/f.pace
		n.arm(^i, &f.armed, f.done())
		return
	}
	k := &n.links[home]
	f.key = n.read(k) + left
	k.timed++
	n.touch(home)
	k.dues = append(k.dues, due{f.key, i})
	siftDue(k.dues, len(k.dues)-1)
}

// stop has nothing time a flow, which keeps in mind what it has carried.
func (n *share) stop(i int32) {
	f := &n.flows[i]
	carried := float64(f.size) - n.remaining(f)
	n.dismiss(i)
	f.key = carried
}

// dismiss takes a flow out of its group.
func (n *share) dismiss(i int32) {
	f := &n.flows[i]
	home := f.home
	if home == nowhere {
		return
	}
	f.home, n.agenda.known = nowhere, false
	if home == own {
		return
	}
	k := &n.links[home]
	k.timed--
	switch {
	case k.timed == 0:
		k.dues = k.dues[:0]
	case k.dues[0].flow == i:
		n.skip(home)
	case len(k.dues) > 2*int(k.timed)+minSweep:
		k.dues = slices.DeleteFunc(k.dues, func(d due) bool { return n.isVoid(home, d) })
		slices.SortFunc(k.dues, func(a, b due) int { return cmp.Compare(a.key, b.key) })
	}
}

// minSweep is how many entries that have become void are not worth a sweep.
const minSweep = 16

func (n *share) isVoid(l int32, d due) bool {
	f := &n.flows[d.flow]
	return f.home != l || f.key != d.key
}

// skip takes void dues off the top of a group.
func (n *share) skip(l int32) {
	k := &n.links[l]
	for n.isVoid(l, k.dues[0]) {
		last := len(k.dues) - 1
		k.dues[0] = k.dues[last]
		k.dues = k.dues[:last]
		sinkDue(k.dues)
	}
	n.touch(l)
}

func siftDue(h []due, i int) {
	d := h[i]
	for i > 0 && d.key < h[(i-1)/2].key {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = d
}

func sinkDue(h []due) {
	d, i := h[0], 0
	for {
		c := 2*i + 1
		if c+1 < len(h) && h[c+1].key < h[c].key {
			c++
		}
		if c >= len(h) || h[c].key >= d.key {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = d
}

// done is when a flow is complete that is timed by itself.
func (f *flow) done() time.Duration {
	if f.key >= float64(forever) {
		return forever
	}
	return time.Duration(math.Ceil(f.key))
}

// comesDue is nextDue, worked out once for each change.
func (k *link) comesDue() time.Duration {
	if k.touch {
		return k.nextDue()
	}
	return k.due
}

// nextDue is when the first flow of a group is complete, rounded up to a
// nanosecond.
func (k *link) nextDue() time.Duration {
	wait := math.Ceil((k.dues[0].key - k.clock) / k.level)
	if wait >= float64(forever-k.since) {
		return forever
	}
	return k.since + time.Duration(max(wait, 0))
}

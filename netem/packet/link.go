package packet

import (
	"time"

	"kinetoscope/internal/unit"
)

// A link is one direction of an access. It sends one packet after the other,
// each for as long as its bits take at the rate of the moment; others wait in
// its queue.
type link struct {
	id    int32 // twice the node, plus one for the downlink
	busy  int32 // the parcel being sent; 0: none, or one that has come to its end on the path already
	rate  unit.Rate
	since time.Duration
	rest  int64         // of the packet being sent, what is left at since: billionths of a bit
	ends  time.Duration // when it has left; Never while the rate is zero
	free  uint64        // the event that looks at the queue then; 0: none

	queue chain // unless fair
	fair  *fair
}

// A chain is a first-in-first-out queue of parcels, linked through them.
type chain struct {
	head, tail int32
	bytes      int
}

func (f *Fabric) push(c *chain, i int32) {
	p := &f.parcels[i]
	p.behind = 0
	if c.head == 0 {
		c.head = i
	} else {
		f.parcels[c.tail].behind = i
	}
	c.tail = i
	c.bytes += p.wire
}

// shift takes the first of a chain that has one.
func (f *Fabric) shift(c *chain) int32 {
	i := c.head
	c.head = f.parcels[i].behind
	c.bytes -= f.parcels[i].wire
	return i
}

func (l *link) isDown() bool { return l.id&1 == 1 }

func (l *link) empty() bool { return l.queue.head == 0 && (l.fair == nil || l.fair.packets == 0) }

// nanobits is the size of a packet in the unit that a link of one bit a second
// sends in a nanosecond.
func nanobits(bytes int) int64 { return int64(bytes) * 8e9 }

// duration is how long so many nanobits take, rounded up to a nanosecond.
func duration(nanobits int64, rate unit.Rate) time.Duration {
	if rate <= 0 {
		return Never
	}
	return time.Duration((nanobits + int64(rate) - 1) / int64(rate))
}

// after is a later time, or Never.
func after(now, d time.Duration) time.Duration {
	if d > Never-now {
		return Never
	}
	return now + d
}

// link is one by its id.
func (f *Fabric) link(id int32) *link {
	n := &f.nodes[id/2]
	if id&1 == 1 {
		return &n.down
	}
	return &n.up
}

// currentRate is what the topology gives a link at this moment.
func (f *Fabric) currentRate(l *link) unit.Rate {
	up, down := f.topology.Capacity(l.id / 2)
	if l.isDown() {
		return down
	}
	return up
}

// offer sends a parcel over a link, at once or when its turn comes.
func (f *Fabric) offer(now time.Duration, l *link, i int32) {
	if l.ends <= now && l.empty() {
		f.transmit(now, l, i)
		return
	}
	switch f.parcels[i].queued = now; {
	case l.fair != nil:
		f.enqueueFair(now, l, i)
	case f.isFull(now, l, f.parcels[i].wire):
		f.drop(now, l.overflow(), i)
	default:
		f.push(&l.queue, i)
	}
	f.attend(l)
}

// attend plans to look at the queue when the link is free.
func (f *Fabric) attend(l *link) {
	if l.free == 0 && l.ends < Never && !l.empty() {
		l.free = f.plan(l.ends, stepFree, l.id)
	}
}

// minQueue is how many of the largest packets may wait however slow the link is
// at the moment, as the limit of the topology is in time.
const minQueue = 4

// isFull says whether a drop-tail queue has no room for a packet.
func (f *Fabric) isFull(now time.Duration, l *link, size int) bool {
	if f.cfg.Buffer > 0 && l.queue.bytes+size > int(f.cfg.Buffer) {
		return true
	}
	if l.queue.bytes+size <= minQueue*f.cfg.MTU {
		return false
	}
	return after(l.ends-now, duration(nanobits(l.queue.bytes), f.currentRate(l))) > f.topology.Queue()
}

func (l *link) overflow() Kind {
	if l.isDown() {
		return DownOverflow
	}
	return UpOverflow
}

// freed sends the next of a link's queue.
func (f *Fabric) freed(now time.Duration, l *link) {
	l.free = 0
	i := int32(0)
	if l.fair != nil {
		i = f.dequeueFair(now, l)
	} else {
		i = f.shift(&l.queue)
	}
	if i != 0 {
		f.transmit(now, l, i)
		f.attend(l)
	}
}

// transmit begins to send a parcel over an idle link.
func (f *Fabric) transmit(now time.Duration, l *link, i int32) {
	l.rate, l.since, l.rest = f.currentRate(l), now, nanobits(f.parcels[i].wire)
	l.ends = after(now, duration(l.rest, l.rate))
	l.busy = i
	if !l.isDown() && !f.embark(now, i) {
		l.busy = 0
	}
	f.expect(l)
}

// expect plans what happens to the parcel that a link sends when it has left.
func (f *Fabric) expect(l *link) {
	if l.busy == 0 {
		return
	}
	p := &f.parcels[l.busy]
	p.due = 0
	switch {
	case l.ends == Never:
	case l.isDown():
		p.due = f.plan(l.ends, stepDeliver, l.busy)
	default:
		at := l.ends + p.way
		if way := f.path(p.src, p.dst); !f.cfg.Reorder {
			at = max(at, p.floor)
			way.last = at
		}
		p.due = f.plan(at, stepArrive, l.busy)
	}
}

// replan adapts a link to a rate that has changed while it sends.
func (f *Fabric) replan(now time.Duration, l *link) {
	rate := f.currentRate(l)
	if l.ends <= now || rate == l.rate {
		return
	}
	now = max(now, l.since) // a downlink may be ahead by a little
	l.rest -= min(l.rest, int64(now-l.since)*int64(l.rate))
	l.since, l.rate = now, rate
	l.ends = after(now, duration(l.rest, rate))
	l.free = 0
	f.expect(l)
	f.attend(l)
}

// clear drops all that a link has.
func (f *Fabric) clear(now time.Duration, l *link, why Kind) {
	for l.queue.head != 0 {
		f.drop(now, why, f.shift(&l.queue))
	}
	if l.fair != nil {
		f.clearFair(now, l.fair, why)
	}
	if l.busy != 0 && l.ends > now {
		f.drop(now, why, l.busy)
	}
	l.busy, l.free, l.ends = 0, 0, 0
}

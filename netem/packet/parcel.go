package packet

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"time"
)

// maxAhead bounds how far downlinks may be ahead of time.
const maxAhead = time.Millisecond

// A parcel is a packet under way.
type parcel struct {
	socket   int32 // that wrote it
	src, dst int32
	behind   int32 // the next in its queue
	wire     int   // bytes with headers
	tcp      bool  // data are a segment, with its header, and not the payload of a datagram
	from, to netip.AddrPort
	source   *net.UDPAddr  // from, as the receiver gets it
	queued   time.Duration // when it began to wait
	way      time.Duration // how long it takes from uplink to downlink
	floor    time.Duration // when the one before it on its path arrives
	due      uint64        // the event that is meant for it
	data     []byte        // payload; its array is reused with the slot
}

// slot is a parcel not in use.
func (f *Fabric) slot() int32 {
	if n := len(f.spare) - 1; n >= 0 {
		i := f.spare[n]
		f.spare = f.spare[:n]
		return i
	}
	f.parcels = append(f.parcels, parcel{})
	return int32(len(f.parcels) - 1)
}

func (f *Fabric) release(i int32) {
	f.parcels[i].due = 0
	f.spare = append(f.spare, i)
}

// drop ends a parcel's way.
func (f *Fabric) drop(now time.Duration, why Kind, i int32) {
	f.note(now, why, &f.parcels[i])
	f.tally.InFlight--
	f.release(i)
}

// note counts what has happened to a parcel, and tells the tap.
func (f *Fabric) note(now time.Duration, k Kind, p *parcel) {
	f.tally.Packets[k]++
	f.tally.Bytes[k] += uint64(p.wire)
	if k == Sent || k == Duplicated {
		f.tally.InFlight++
	}
	if f.Tap != nil {
		f.Tap(Event{now, k, p.src, p.dst, p.from, p.to, p.data, p.tcp})
	}
}

// ipHeader is what IP adds to a packet: 20 bytes, version 6: 40.
func ipHeader(to netip.Addr) int {
	if to.Is4() {
		return 20
	}
	return 40
}

// headerSize is what UDP and IP add to a payload.
func headerSize(to netip.Addr) int { return ipHeader(to) + udpHeader }

// plan adds an event to the agenda that it belongs to, and returns its number.
func (f *Fabric) plan(at time.Duration, what step, item int32) uint64 {
	f.planned++
	e := event{at, f.planned, what, item}
	switch {
	case what == stepDeliver:
		f.deliveries.add(e)
	case what == stepTick:
		f.clocks.add(e)
	case what == stepFree && !f.link(item).isDown():
		f.uplinks.add(e)
	default:
		f.downlinks.add(e)
	}
	return e.seq
}

// serve lets happen all that is due by now, and says whether somebody may want
// to react. Uplinks may lag behind, and
// downlinks be ahead of time, by as much as a packet needs for the shortest
// path; so that between two deliveries nobody need wake for each packet.
func (f *Fabric) serve(now time.Duration) (delivered bool) {
	for f.uplinks.next() <= now {
		if e := f.uplinks.take(); f.link(e.item).free == e.seq {
			f.freed(e.at, f.link(e.item))
		}
	}
	for f.downlinks.next() <= now+f.ahead {
		e := f.downlinks.take()
		if e.what == stepArrive {
			if f.parcels[e.item].due == e.seq {
				f.arrive(e.at, e.item)
			}
		} else if f.link(e.item).free == e.seq {
			f.freed(e.at, f.link(e.item))
		}
	}
	for f.deliveries.next() <= now {
		if e := f.deliveries.take(); f.parcels[e.item].due == e.seq {
			f.deliver(e.at, e.item)
			delivered = true
		}
	}
	for f.clocks.next() <= now {
		if e := f.clocks.take(); f.streams[e.item] != nil && f.streams[e.item].planned == e.seq {
			f.streams[e.item].tick(now)
			delivered = true
		}
	}
	return delivered
}

// next is when serve must be called again.
func (f *Fabric) next() time.Duration {
	return min(f.deliveries.next(), f.downlinks.next(), f.clocks.next(), after(f.uplinks.next(), f.ahead))
}

// collect puts what the sockets have written on the uplinks, in an order that
// does not depend on who wrote first: by socket, destination, and turn.
func (f *Fabric) collect(now time.Duration) {
	slices.SortStableFunc(f.written, func(a, b int32) int {
		p, q := &f.parcels[a], &f.parcels[b]
		return cmp.Or(cmp.Compare(p.socket, q.socket), p.to.Compare(q.to))
	})
	for _, i := range f.written {
		f.send(now, i)
	}
	f.written = f.written[:0]
}

// send finds the way of a parcel and puts it on the sender's uplink.
func (f *Fabric) send(now time.Duration, i int32) {
	p := &f.parcels[i]
	known := f.resolve(now, p)
	f.note(now, Sent, p)
	switch {
	case f.nodes[p.src].frozen && !p.tcp: // TCP is not in the process that stands still
		f.drop(now, Frozen, i)
	case !known:
		f.drop(now, NoRoute, i)
	case !f.topology.Up(p.src):
		f.drop(now, Dark, i)
	case p.src == p.dst:
		p.due = f.plan(now, stepDeliver, i)
	default:
		f.offer(now, &f.nodes[p.src].up, i)
	}
}

// embark draws what a parcel that leaves its uplink meets on the path. It
// reports false if that is its end.
func (f *Fabric) embark(now time.Duration, i int32) bool {
	p := &f.parcels[i]
	way := f.path(p.src, p.dst)
	fate := way.nextFate()
	share := f.topology.Loss(p.src, p.dst)
	lost := way.burst.Loses(now, fate.loss(f.topology.LateLoss()), share, f.topology.Burst())
	f.tally.Tried++
	f.tally.LossDue += share
	if f.topology.Apart(p.src, p.dst) {
		f.drop(now, Cut, i)
		return false
	}
	if lost {
		f.drop(now, Lost, i)
		return false
	}
	p.floor = way.last
	p.way = f.topology.OneWay(p.src, p.dst) + f.topology.Jitter(p.src, p.dst, fate.draw(drawJitter))
	if len(p.data) > 0 && fate.draw(drawCorrupt) < float64(f.cfg.Corrupt) {
		bit := int(fate.draw(drawBit) * float64(8*len(p.data)))
		p.data[bit/8] ^= 1 << (bit % 8)
		f.note(now, Corrupted, p)
	}
	if l := &f.nodes[p.src].up; l.ends < Never && fate.draw(drawDuplicate) < float64(f.cfg.Duplicate) {
		f.duplicate(now, i)
	}
	return true
}

// duplicate lets a second copy of a parcel arrive with the first.
func (f *Fabric) duplicate(now time.Duration, i int32) {
	j := f.slot()
	p, twin := &f.parcels[i], &f.parcels[j]
	data := append(twin.data[:0], p.data...)
	*twin = *p
	twin.data = data
	f.note(now, Duplicated, twin)
	l := &f.nodes[p.src].up
	twin.due = f.plan(max(after(l.ends, p.way), p.floor), stepArrive, j)
}

// arrive puts a parcel on the receiver's downlink.
func (f *Fabric) arrive(now time.Duration, i int32) {
	p := &f.parcels[i]
	p.due = 0
	switch {
	case !f.topology.Up(p.dst):
		f.drop(now, Dark, i)
	case f.topology.Apart(p.src, p.dst):
		f.drop(now, Cut, i)
	default:
		f.offer(now, &f.nodes[p.dst].down, i)
	}
}

// deliver hands a parcel to the socket that it is addressed to.
func (f *Fabric) deliver(now time.Duration, i int32) {
	p := &f.parcels[i]
	p.due = 0
	if l := &f.nodes[p.dst].down; l.busy == i {
		l.busy = 0
	}
	if !f.topology.Up(p.dst) {
		f.drop(now, Dark, i)
		return
	}
	if !f.admit(now, p) {
		f.drop(now, Filtered, i)
		return
	}
	if p.tcp {
		f.deliverSegment(now, i)
		return
	}
	socket := f.sockets[p.to]
	switch {
	case socket == nil || socket.node != p.dst:
		f.drop(now, NoSocket, i)
	case socket.inbox.bytes+p.wire > int(f.cfg.ReceiveBuffer):
		f.drop(now, RxOverflow, i)
	default:
		f.note(now, Delivered, p)
		f.tally.InFlight--
		f.push(&socket.inbox, i)
		socket.ready.Signal()
	}
}

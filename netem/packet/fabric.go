package packet

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"kinetoscope/netem"
)

// Never is the time of what does not happen.
const Never = time.Duration(math.MaxInt64)

// A Fabric carries packets between the sockets attached to the nodes of a
// topology. Its methods may be called from any goroutine, but Run from one at
// a time. Changes of the topology belong into the Passenger's Step.
type Fabric struct {
	// Tap, if set before anything is sent, hears of everything that happens to
	// packets. It must not call the Fabric.
	Tap func(Event)

	topology *netem.Topology
	cfg      Config
	draw     func(purpose string, entity uint64) *rand.Rand
	epoch    time.Time
	wake     chan struct{}

	mu      sync.Mutex
	nodes   []node
	routes  map[netip.Addr]int32
	sockets map[netip.AddrPort]*Conn
	opened  int32 // sockets so far
	paths   map[uint64]*path
	agenda  agenda
	parcels []parcel
	free    []int32 // slots of parcels that are not in use
	written []int32 // by sockets since the last collection
	tally   Tally
}

type node struct {
	up, down link
	cut      time.Duration // when it went dark last
}

// A parcel is a packet under way.
type parcel struct {
	socket   *Conn // that wrote it
	src, dst int32
	from, to netip.AddrPort
	sent     time.Duration
	left     time.Duration // when the uplink is done with it
	data     []byte        // payload; its array is reused with the slot
}

// New builds a fabric on a topology. The sources of random numbers that it
// takes from draw have the purpose "packets", one for each path. Time starts
// at zero now: in a bubble, call New inside.
func New(t *netem.Topology, cfg Config, draw func(purpose string, entity uint64) *rand.Rand) *Fabric {
	return &Fabric{
		topology: t, cfg: cfg, draw: draw, epoch: time.Now(), wake: make(chan struct{}, 1),
		nodes: make([]node, t.Nodes()), routes: map[netip.Addr]int32{}, sockets: map[netip.AddrPort]*Conn{}, paths: map[uint64]*path{},
	}
}

// Now is the time since New.
func (f *Fabric) Now() time.Duration { return time.Since(f.epoch) }

// Tally is what has happened to all packets so far.
func (f *Fabric) Tally() Tally {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tally
}

// SetDark takes a node off the network, with all that it had put into its
// uplink's queue, or brings it back.
func (f *Fabric) SetDark(id int32, dark bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.topology.SetDark(id, dark)
	if n := &f.nodes[id]; dark {
		n.cut = f.Now()
		n.up.idle, n.down.idle = 0, 0
	}
}

// collect puts what the sockets have written on the uplinks, in an order that
// does not depend on who wrote first: by socket, destination, and turn.
func (f *Fabric) collect(now time.Duration) {
	slices.SortStableFunc(f.written, func(a, b int32) int {
		p, q := &f.parcels[a], &f.parcels[b]
		return cmp.Or(cmp.Compare(p.socket.id, q.socket.id), p.to.Compare(q.to))
	})
	for _, i := range f.written {
		f.send(now, i)
	}
	f.written = f.written[:0]
}

// serve lets everything happen that is due by now, and says whether a socket
// got a packet.
func (f *Fabric) serve(now time.Duration) (delivered bool) {
	for f.agenda.next() <= now {
		e := f.agenda.take()
		switch e.what {
		case stepArrive:
			f.arrive(e.at, e.item)
		case stepDeliver:
			f.deliver(e.at, e.item)
			delivered = true
		}
	}
	return delivered
}

// send puts a parcel on the sender's uplink and draws its fate on the path.
func (f *Fabric) send(now time.Duration, i int32) {
	p := &f.parcels[i]
	p.sent = now
	dst, known := f.routes[p.to.Addr()]
	p.dst = dst
	if !known {
		p.dst = -1
	}
	f.note(now, Sent, p)
	switch {
	case !known:
		f.drop(now, NoRoute, i)
		return
	case !f.topology.Up(p.src):
		f.drop(now, Dark, i)
		return
	case p.src == p.dst:
		f.agenda.add(now, stepDeliver, i)
		return
	}
	up, _ := f.topology.Rates(p.src)
	left, ok := f.nodes[p.src].up.send(now, p.wire(), up, f.cfg.Queue)
	if !ok {
		f.drop(now, UpOverflow, i)
		return
	}
	p.left = left
	way := f.path(p.src, p.dst)
	fate := way.nextFate()
	if fate.draw(drawLoss) < f.topology.Loss(p.src, p.dst) {
		f.drop(now, Lost, i)
		return
	}
	at := left + f.topology.OneWay(p.src, p.dst) + f.topology.Jitter(p.src, p.dst, fate.draw(drawJitter))
	if !f.cfg.Reorder {
		at = max(at, way.last)
		way.last = at
	}
	f.agenda.add(at, stepArrive, i)
}

// arrive puts a parcel on the receiver's downlink.
func (f *Fabric) arrive(now time.Duration, i int32) {
	p := &f.parcels[i]
	if cut := f.nodes[p.src].cut; p.sent < cut && cut < p.left || !f.topology.Up(p.dst) {
		f.drop(now, Dark, i)
		return
	}
	_, down := f.topology.Rates(p.dst)
	at, ok := f.nodes[p.dst].down.send(now, p.wire(), down, f.cfg.Queue)
	if !ok {
		f.drop(now, DownOverflow, i)
		return
	}
	f.agenda.add(at, stepDeliver, i)
}

// deliver hands a parcel to the socket that it is addressed to.
func (f *Fabric) deliver(now time.Duration, i int32) {
	p := &f.parcels[i]
	socket := f.sockets[p.to]
	switch {
	case !f.topology.Up(p.dst):
		f.drop(now, Dark, i)
	case socket == nil || socket.node != p.dst:
		f.drop(now, NoSocket, i)
	case socket.buffered+len(p.data) > int(f.cfg.ReceiveBuffer):
		f.drop(now, RxOverflow, i)
	default:
		f.note(now, Delivered, p)
		f.tally.InFlight--
		socket.accept(i, len(p.data))
	}
}

// path is what the packets from one node to another share.
func (f *Fabric) path(from, to int32) *path {
	id := uint64(from)<<32 | uint64(to)
	p := f.paths[id]
	if p == nil {
		p = &path{key: f.draw("packets", id).Uint64()}
		f.paths[id] = p
	}
	return p
}

// slot is a parcel not in use.
func (f *Fabric) slot() int32 {
	if n := len(f.free) - 1; n >= 0 {
		i := f.free[n]
		f.free = f.free[:n]
		return i
	}
	f.parcels = append(f.parcels, parcel{})
	return int32(len(f.parcels) - 1)
}

func (f *Fabric) release(i int32) {
	f.parcels[i].socket = nil
	f.free = append(f.free, i)
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
	f.tally.Bytes[k] += uint64(p.wire())
	if k == Sent {
		f.tally.InFlight++
	}
	if f.Tap != nil {
		f.Tap(Event{now, k, p.src, p.dst, p.from, p.to, p.data})
	}
}

// wire is how many bytes a parcel takes on a link.
func (p *parcel) wire() int { return len(p.data) + headerSize(p.to.Addr()) }

// headerSize is what UDP (8 bytes) and IP (20, version 6: 40) add to a
// payload.
func headerSize(to netip.Addr) int {
	if to.Is4() {
		return 28
	}
	return 48
}

// Attach opens a socket of a node at an address. Packets to the IP address go
// to that node from then on. Port 0 takes a free one from 49152 on.
func (f *Fabric) Attach(id int32, at netip.AddrPort) (*Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if id < 0 || int(id) >= len(f.nodes) {
		return nil, fmt.Errorf("packet: node %d is not one of the %d", id, len(f.nodes))
	}
	if !at.IsValid() || at.Addr().IsUnspecified() || at.Addr().IsMulticast() {
		return nil, fmt.Errorf("packet: node %d cannot have the address %v: give it one of its own", id, at)
	}
	if owner, taken := f.routes[at.Addr()]; taken && owner != id {
		return nil, fmt.Errorf("packet: node %d cannot have the address %v: it is that of node %d", id, at.Addr(), owner)
	}
	if at.Port() == 0 {
		for at = netip.AddrPortFrom(at.Addr(), 49152); f.sockets[at] != nil && at.Port() < math.MaxUint16; {
			at = netip.AddrPortFrom(at.Addr(), at.Port()+1)
		}
	}
	if f.sockets[at] != nil {
		return nil, fmt.Errorf("packet: node %d cannot open %v: a socket has it", id, at)
	}
	f.routes[at.Addr()] = id
	f.opened++
	c := newConn(f, f.opened, id, at)
	f.sockets[at] = c
	return c, nil
}

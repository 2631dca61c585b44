package packet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"kinetoscope/internal/unit"
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
	ahead    time.Duration // no packet sent now arrives before now+ahead
	wake     chan struct{}

	mu      sync.Mutex
	nodes   []node
	routes  map[netip.Addr]int32
	sockets map[netip.AddrPort]*Conn
	opened  int32 // sockets so far
	boxes   map[netip.Addr]*box
	relays  map[netip.Addr]int32
	paths   map[uint64]*path

	listeners map[netip.AddrPort]*Listener
	streams   []*Stream // by their number; a nil is none any more
	connected map[socketPair]*Stream
	secret    uint64 // of sequence numbers; 0: not drawn yet

	uplinks    agenda // when uplinks are free
	downlinks  agenda // when packets arrive there, and when they are free
	deliveries agenda
	clocks     agenda // when streams have something to do
	planned    uint64 // events so far

	parcels []parcel // the first is none
	spare   []int32  // slots of parcels that are not in use
	written []int32  // by sockets since the last collection
	scratch []int32
	tally   Tally
}

type node struct {
	up, down link
	sockets  []*Conn
	box      *box         // the NAT it is behind, or nil
	stations              // of TCP
	relayed  *net.UDPAddr // its address at a relay, or nil; the port is that of who sent last
	frozen   bool         // as the topology has it
}

// New builds a fabric on a topology. The sources of random numbers that it
// takes from draw have the purpose "packets", one for each path. Time starts
// at zero now: in a bubble, call New inside. The config is valid.
func New(t *netem.Topology, cfg Config, draw func(purpose string, entity uint64) *rand.Rand) *Fabric {
	f := &Fabric{
		topology: t, cfg: cfg, draw: draw, epoch: time.Now(), ahead: min(t.Least(), maxAhead), wake: make(chan struct{}, 1),
		nodes: make([]node, t.Nodes()), routes: map[netip.Addr]int32{}, sockets: map[netip.AddrPort]*Conn{},
		boxes: map[netip.Addr]*box{}, relays: map[netip.Addr]int32{}, paths: map[uint64]*path{}, parcels: make([]parcel, 1),
		listeners: map[netip.AddrPort]*Listener{}, connected: map[socketPair]*Stream{},
	}
	for i := range f.nodes {
		for l := range int32(2) {
			id := 2*int32(i) + l
			*f.link(id) = link{id: id}
			if cfg.AQM == FQCoDel {
				f.link(id).fair = &fair{key: draw("queues", uint64(id)).Uint64(), flows: map[uint16]*flow{}}
			}
		}
	}
	return f
}

// Now is the time since New.
func (f *Fabric) Now() time.Duration { return time.Since(f.epoch) }

// Tally is what has happened to all packets so far.
func (f *Fabric) Tally() Tally {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tally
}

// SetDark takes a node off the network, or brings it back.
func (f *Fabric) SetDark(id int32, dark bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.topology.SetDark(id, dark)
	f.follow(id)
}

// SetRates changes the access of a node; both rates are positive.
func (f *Fabric) SetRates(id int32, up, down unit.Rate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.topology.SetRates(id, up, down)
	f.follow(id)
}

// Changed tells the fabric that the topology is another one at these nodes:
// their rates, or whether they are dark or frozen. What they are sending goes
// on at the new rate. A node that is dark loses what waits at its links. One
// that is frozen keeps in its sockets what comes, until they are full, and
// gives its readers nothing; what is written there vanishes.
func (f *Fabric) Changed(ids ...int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		f.follow(id)
	}
}

// follow adapts a node to the topology.
func (f *Fabric) follow(id int32) {
	n, now := &f.nodes[id], f.Now()
	f.serve(now)
	for _, l := range [2]*link{&n.up, &n.down} {
		if f.topology.Up(id) {
			f.replan(now, l)
		} else {
			f.clear(now, l, Dark)
		}
	}
	n.frozen = f.topology.Frozen(id)
	for _, c := range n.sockets {
		c.ready.Broadcast()
	}
	n.stations.rouse()
	f.Wake()
}

// Attach opens a socket of a node at an address. Packets to the IP address go
// to that node from then on. Port 0 takes a free one from 49152 on.
func (f *Fabric) Attach(id int32, at netip.AddrPort) (*Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if err := f.claim(id, at.Addr()); err != nil {
		return nil, err
	}
	if at.Port() == 0 {
		for at = netip.AddrPortFrom(at.Addr(), 49152); f.sockets[at] != nil && at.Port() < math.MaxUint16; {
			at = netip.AddrPortFrom(at.Addr(), at.Port()+1)
		}
	}
	if f.sockets[at] != nil {
		return nil, fmt.Errorf("packet: node %d cannot open %v: a socket has it", id, at)
	}
	f.opened++
	c := newConn(f, f.opened, id, at)
	f.sockets[at] = c
	f.nodes[id].sockets = append(f.nodes[id].sockets, c)
	return c, nil
}

// claim gives an IP address to a node.
func (f *Fabric) claim(id int32, at netip.Addr) error {
	if id < 0 || int(id) >= len(f.nodes) {
		return fmt.Errorf("packet: node %d is not one of the %d", id, len(f.nodes))
	}
	if !at.IsValid() || at.IsUnspecified() || at.IsMulticast() {
		return fmt.Errorf("packet: node %d cannot have the address %v: give it one of its own", id, at)
	}
	if owner, taken := f.routes[at]; taken && owner != id {
		return fmt.Errorf("packet: node %d cannot have the address %v: it is that of node %d", id, at, owner)
	}
	if _, relayed := f.relays[at]; relayed {
		return fmt.Errorf("packet: node %d cannot have the address %v: it is one at a relay", id, at)
	}
	if f.boxes[at] != nil {
		return fmt.Errorf("packet: node %d cannot have the address %v: it is that of a NAT", id, at)
	}
	f.routes[at] = id
	return nil
}

// Move gives a node another IP address in the middle of everything, as when a
// phone leaves one network for another: its sockets keep their ports and what
// they have received. What is under way to the old address finds nobody. Its
// listeners hear at the new one; its streams end without a word to the other
// side, since TCP cannot take them along.
func (f *Fabric) Move(id int32, from, to netip.Addr) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if owner, known := f.routes[from]; !known || owner != id {
		return fmt.Errorf("packet: node %d cannot leave the address %v: it does not have it", id, from)
	}
	if err := f.claim(id, to.Unmap()); err != nil {
		return err
	}
	delete(f.routes, from)
	for _, c := range f.nodes[id].sockets {
		if c.at.Addr() == from {
			delete(f.sockets, c.at)
			c.name(netip.AddrPortFrom(to.Unmap(), c.at.Port()))
			f.sockets[c.at] = c
		}
	}
	f.rebind(id, from, to.Unmap())
	return nil
}

package packet

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"kinetoscope/netem/tcp"
)

// A Behaviour is how a NAT's mapping or filtering depends on the other end:
// RFC 4787, 4.1 and 5.
type Behaviour uint8

// The behaviours of RFC 4787.
const (
	EndpointIndependent     Behaviour = iota // whoever it is
	AddressDependent                         // on its IP address
	AddressAndPortDependent                  // on its IP address and port
)

// A NAT is how a translator of addresses and ports behaves. With a mapping
// that depends on the other end ("symmetric") an inner socket has another
// port towards each; a filter lets in only those to whom the socket has sent.
type NAT struct {
	Mapping, Filtering Behaviour
	Idle               time.Duration // a mapping or a permission that sees no packet from inside for so long ends; 0: the least that is allowed
}

// The least that a NAT may wait for a packet: of UDP, RFC 4787, 4.3; and of a
// TCP connection that is open, RFC 5382, 5. A box does not look whether one is:
// it keeps those that are not as long.
const (
	natIdle    = 2 * time.Minute
	natIdleTCP = 2*time.Hour + 4*time.Minute
)

// A box is a NAT at work.
type box struct {
	NAT
	public   netip.Addr
	key      uint64 // of the ports it draws
	drawn    uint64
	mappings map[socketPair]*mapping
	ports    map[uint16]*mapping
}

// A socketPair is what a mapping belongs to: a socket inside and, as far as it
// depends on it, one outside.
type socketPair struct{ inner, outer netip.AddrPort }

// A mapping lends a socket a port of the public address. One of UDP and one of
// TCP with the same address share it.
type mapping struct {
	socketPair
	node   int32
	at     netip.AddrPort // as seen from outside
	addr   *net.UDPAddr
	until  time.Duration                    // when it ends, unless the socket uses it
	sentTo map[netip.AddrPort]time.Duration // who may answer, as far as the filter asks, and until when
}

// Masquerade puts a node behind a NAT that has the public address. Nodes that
// are given the same one share the NAT, which behaves as it did for the first.
// The node's own addresses are then known behind the same NAT only. A node
// that has a NAT already gets another, and its mappings are lost.
func (f *Fabric) Masquerade(id int32, public netip.Addr, nat NAT) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	public = public.Unmap()
	if owner, taken := f.routes[public]; taken {
		return fmt.Errorf("packet: a NAT cannot have the address %v: it is that of node %d", public, owner)
	}
	if old := f.nodes[id].box; old != nil {
		old.forget(id)
	}
	if f.boxes[public] == nil {
		f.boxes[public] = &box{NAT: nat, public: public, key: f.draw("nat", uint64(id)).Uint64(),
			mappings: map[socketPair]*mapping{}, ports: map[uint16]*mapping{}}
	}
	f.nodes[id].box = f.boxes[public]
	return nil
}

// Relay gives a node an address at a relay, which passes on to the node what
// comes for it, whatever NATs are on the way (TURN, RFC 8656, without its
// messages and permissions). What the node sends to such an address comes from
// its own one. The time that the detour takes is the topology's.
func (f *Fabric) Relay(id int32, at netip.Addr) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	at = at.Unmap()
	_, taken := f.routes[at]
	if owner, relayed := f.relays[at]; taken || f.boxes[at] != nil || relayed && owner != id {
		return fmt.Errorf("packet: node %d cannot be relayed at %v: somebody has the address", id, at)
	}
	f.relays[at] = id
	f.nodes[id].relayed = &net.UDPAddr{IP: at.AsSlice()}
	return nil
}

// detour finds the node that a parcel reaches over a relay, and gives it the
// sender's address there, if it has one.
func (f *Fabric) detour(now time.Duration, p *parcel) (known bool) {
	p.dst = f.relays[p.to.Addr()]
	n := &f.nodes[p.src]
	if n.relayed == nil {
		return n.box == nil || n.box.translate(now, p)
	}
	if port := int(p.from.Port()); n.relayed.Port != port {
		n.relayed = &net.UDPAddr{IP: n.relayed.IP, Port: port}
	}
	p.comeFrom(n.relayed.AddrPort(), n.relayed)
	return true
}

// inside gives a parcel that a relay passes on the address of the socket that
// it is for.
func (f *Fabric) inside(p *parcel) {
	n := &f.nodes[p.dst]
	if at := n.bound(p.to.Port()); p.tcp && at.IsValid() {
		p.goTo(at)
		return
	}
	for _, c := range n.sockets {
		if c.at.Port() == p.to.Port() {
			p.to = c.at
			return
		}
	}
}

// forget ends the mappings of a node.
func (b *box) forget(id int32) {
	for port, m := range b.ports {
		if m.node == id {
			delete(b.ports, port)
			delete(b.mappings, m.socketPair)
		}
	}
}

// resolve finds the node that a parcel is for and, if a NAT is on its way out,
// the address that it comes from. It reports false if nobody has the address.
func (f *Fabric) resolve(now time.Duration, p *parcel) (known bool) {
	p.dst = -1
	if _, relayed := f.relays[p.to.Addr()]; relayed {
		return f.detour(now, p)
	}
	home := f.nodes[p.src].box
	id, known := f.routes[p.to.Addr()]
	if known {
		switch f.nodes[id].box {
		case home: // within one network
			p.dst = id
			return true
		case nil:
			p.dst = id
		default: // an inner address of another network
			return false
		}
	}
	if home != nil && !home.translate(now, p) {
		return false
	}
	if b := f.boxes[p.to.Addr()]; b != nil {
		if m := b.mapping(now, p.to.Port()); m != nil {
			p.dst, known = m.node, true
		}
	}
	return known
}

// part is as much of an address as a behaviour looks at.
func (b Behaviour) part(at netip.AddrPort) netip.AddrPort {
	switch b {
	case EndpointIndependent:
		return netip.AddrPort{}
	case AddressDependent:
		return netip.AddrPortFrom(at.Addr(), 0)
	default:
		return at
	}
}

// translate gives a parcel from inside its outer address. It reports false if
// all ports are taken.
func (b *box) translate(now time.Duration, p *parcel) bool {
	pair := socketPair{p.from, b.Mapping.part(p.to)}
	m := b.mappings[pair]
	if m == nil || now > m.until {
		port, ok := b.port(now, p.from.Port())
		if !ok {
			return false
		}
		at := netip.AddrPortFrom(b.public, port)
		m = &mapping{socketPair: pair, node: p.src, at: at, addr: net.UDPAddrFromAddrPort(at), sentTo: map[netip.AddrPort]time.Duration{}}
		b.mappings[pair], b.ports[port] = m, m
	}
	m.until = now + b.patience(p)
	m.sentTo[b.Filtering.part(p.to)] = m.until
	p.comeFrom(m.at, m.addr)
	return true
}

// patience is how long the box waits for another packet like this one.
func (b *box) patience(p *parcel) time.Duration {
	switch {
	case b.Idle > 0:
		return b.Idle
	case p.tcp:
		return natIdleTCP
	}
	return natIdle
}

// port is a free port of the public address: the one that the socket has
// itself, unless the mapping depends on the other end, or any.
func (b *box) port(now time.Duration, own uint16) (port uint16, ok bool) {
	const first, count = 1024, 1<<16 - 1024
	if b.Mapping == EndpointIndependent && own >= first && b.mapping(now, own) == nil {
		return own, true
	}
	b.drawn++
	start := mix(b.key + b.drawn)
	for i := range uint64(count) {
		port = uint16(first + (start+i)%count)
		if b.mapping(now, port) == nil {
			return port, true
		}
	}
	return 0, false
}

// mapping is what has a port of the public address now. One that has been idle
// for too long ends.
func (b *box) mapping(now time.Duration, port uint16) *mapping {
	m := b.ports[port]
	if m != nil && now > m.until {
		delete(b.ports, port)
		if b.mappings[m.socketPair] == m {
			delete(b.mappings, m.socketPair)
		}
		return nil
	}
	return m
}

// admit lets a parcel in through the receiver's NAT, if there is one and it
// does, and gives it its inner address.
func (f *Fabric) admit(now time.Duration, p *parcel) bool {
	b := f.boxes[p.to.Addr()]
	if b == nil {
		if _, relayed := f.relays[p.to.Addr()]; relayed {
			f.inside(p)
		}
		return true
	}
	m := b.mapping(now, p.to.Port())
	if m == nil || m.node != p.dst {
		return false
	}
	if until, ok := m.sentTo[b.Filtering.part(p.from)]; !ok || now > until {
		return false
	}
	p.goTo(m.inner)
	return true
}

// comeFrom gives a parcel the address that it seems to come from.
func (p *parcel) comeFrom(at netip.AddrPort, source *net.UDPAddr) {
	p.readdress(true, p.from, at)
	p.from, p.source = at, source
}

// goTo gives a parcel another address to go to.
func (p *parcel) goTo(at netip.AddrPort) {
	p.readdress(false, p.to, at)
	p.to = at
}

// readdress writes an address into a segment, as that of the source or of the
// destination. Datagrams have no header here.
func (p *parcel) readdress(source bool, was, is netip.AddrPort) {
	if p.tcp {
		tcp.Readdress(p.data, source, is.Port(), sumOf(was.Addr()), sumOf(is.Addr()))
	}
}

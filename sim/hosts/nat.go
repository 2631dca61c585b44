package hosts

import (
	"net"
	"net/netip"

	ma "github.com/multiformats/go-multiaddr"

	"kinetoscope/netem/packet"
)

// A door is the NAT of a node, as it was in the beginning, and how others come
// in. It admits packets only from addresses and ports that the node has sent to.
type door struct {
	nat       bool
	symmetric bool           // another port for each destination: nobody can know where to knock
	relayed   []ma.Multiaddr // an address at a relay that passes on all; nil where nobody has a NAT
}

// relayNet is the first byte of all addresses at relays.
const relayNet = 11

// overRelay says whether an address is one at a relay.
func overRelay(a ma.Multiaddr) bool {
	ip, err := a.ValueForProtocol(ma.P_IP4)
	return err == nil && netip.MustParseAddr(ip).As4()[0] == relayNet
}

// enclose puts the nodes behind the NATs that the topology names, and gives all
// an address at a relay if there are any.
func (n *carrier) enclose() error {
	some := false
	for i := range n.nodes {
		d := &n.nodes[i].door
		d.nat, d.symmetric = n.topology.Translated(int32(i))
		some = some || d.nat
	}
	for i := range n.nodes {
		v, id := &n.nodes[i], int32(i)
		if !some {
			break
		}
		ip := v.at.Addr().As4()
		relay := netip.AddrFrom4([4]byte{relayNet, ip[1], ip[2], ip[3]})
		v.door.relayed = v.addrsOf(relay)
		if err := n.fabric.Relay(id, relay); err != nil {
			return err
		}
		if !v.door.nat {
			continue
		}
		if err := n.translate(id, v.at.Addr()); err != nil {
			return err
		}
		v.at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, ip[1], ip[2], ip[3]}), port)
	}
	return nil
}

// translate puts a node behind a NAT of its own with that address outside.
func (n *carrier) translate(id int32, outside netip.Addr) error {
	nat := packet.NAT{Filtering: packet.AddressAndPortDependent}
	if n.nodes[id].door.symmetric {
		nat.Mapping = packet.AddressAndPortDependent
	}
	return n.fabric.Masquerade(id, outside, nat)
}

// way is the address at which a node reaches another, and whether the other
// must send something first, so that its NAT opens: a hole is punched.
func (n *carrier) way(from, to int32) (addrs []ma.Multiaddr, punch bool) {
	a, b := &n.nodes[from].door, &n.nodes[to].door
	_, relay := n.topology.Relay(from, to)
	switch {
	case !b.nat:
		return n.nodes[to].addrs, false
	case relay || b.symmetric || a.symmetric:
		return b.relayed, false
	}
	return n.nodes[to].addrs, true
}

// punches says whether a node reaches another through a hole.
func (n *carrier) punches(from, to int32) bool {
	_, punch := n.way(from, to)
	return punch
}

// knock lets a node send a packet to one that dials it from a port, as libp2p's
// DCUtR does, when it has heard of that over a relay: a datagram that means
// nothing, or a SYN.
func (n *carrier) knock(from, to int32, port uint16) {
	n.agenda.add(n.now+n.topology.OneWay(from, to), func() {
		v := &n.nodes[to]
		outside, err := n.nodes[from].addrs[0].ValueForProtocol(ma.P_IP4)
		if err != nil {
			panic(err) // our own addresses
		}
		switch at := netip.AddrPortFrom(netip.MustParseAddr(outside), port); {
		case v.host == nil:
		case v.listener != nil:
			_ = v.listener.Meet(at) // or they have met already
		default:
			_, _ = v.socket.WriteTo(nothing[:], net.UDPAddrFromAddrPort(at)) // lost, if it fails
		}
	})
}

// nothing is a datagram that is no QUIC packet: its fixed bit is zero.
var nothing [1]byte

package hosts

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"

	"kinetoscope/netem/packet"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
)

// Place starts the host of a node, closes it, cuts it off, or gives it another
// address in the middle of everything.
func (n *carrier) Place(_ time.Duration, id int32, p sim.Presence, abort func(uint64)) {
	v := &n.nodes[id]
	v.present = p == sim.Here || p == sim.Moving || p == sim.Moved
	switch p {
	case sim.Moving: // its connections may live on
	case sim.Moved:
		n.move(id)
	case sim.Here:
		n.fabric.SetDark(id, false)
		n.ready(id)
	case sim.Dark, sim.Away:
		n.fabric.SetDark(id, true)
	case sim.Gone:
		n.abandon(v, abort)
		h := v.host
		n.agenda.add(n.fabric.Now()+linger, func() {
			if v.host == h {
				n.quit(v)
			}
		})
	case sim.Vanished:
		n.fabric.SetDark(id, true)
		n.abandon(v, abort)
		if v.host != nil {
			v.deafen()
			v.unplug(n.fabric) // before the host can say good-bye
		}
		n.quit(v)
	}
}

// plug connects the host of a node.
func (n *carrier) plug(id int32) plug {
	v := &n.nodes[id]
	if v.over == scenarios.TCP {
		return overTCP(func(at netip.AddrPort) (*packet.Listener, error) {
			var err error
			v.listener, err = n.fabric.Listen(id, at)
			return v.listener, err
		}, func(to peer.ID, port uint16) {
			if other := n.numbers[to]; n.punches(id, other) {
				n.post(event{from: id, to: other, knocks: port})
			}
		})
	}
	return overQUIC(func() (net.PacketConn, error) {
		var err error
		v.socket, err = n.fabric.Attach(id, v.at)
		return v.socket, err
	})
}

// unplug ends the sockets of a node without a word to anybody.
func (v *node) unplug(f *packet.Fabric) {
	if v.socket != nil {
		v.socket.Close()
	}
	f.Halt(v.node)
}

// deafen takes its listener from a host, so that it does not take the end of
// its socket for an accident.
func (v *node) deafen() {
	if s, ok := v.host.Network().(*swarm.Swarm); ok {
		s.ListenClose(v.host.Network().ListenAddresses()...)
	}
}

// begin makes the hosts of all who are there from the start.
func (n *carrier) begin() {
	if n.begun {
		return
	}
	n.begun = true
	for i := range n.nodes {
		if n.nodes[i].present {
			n.ready(int32(i))
		}
	}
}

// move gives a node another address. Its sockets stay. The connections that it
// has dialled live on, as QUIC lets them (RFC 9000, section 9); those that it
// has accepted cannot, and it closes them as soon as it is heard again, so that
// the others dial its new address.
func (n *carrier) move(id int32) {
	v := &n.nodes[id]
	to := v.elsewhere()
	v.addrs = v.addrsOf(to)
	if err := n.readdress(id, to); err != nil {
		n.fail(fmt.Errorf("hosts: node %d does not move: %w", id, err))
		return
	}
	if v.host == nil {
		return
	}
	v.strayed = true // until Changed finds it heard
}

// readdress gives a node, or its NAT, another address outside.
func (n *carrier) readdress(id int32, to netip.Addr) error {
	v := &n.nodes[id]
	if v.door.nat {
		return n.translate(id, to)
	}
	old := v.at.Addr()
	v.at = netip.AddrPortFrom(to, port)
	if v.host == nil {
		return nil
	}
	return n.fabric.Move(id, old, to)
}

// rehome closes what a node that has moved had accepted, if it is heard.
func (n *carrier) rehome(id int32) {
	v := &n.nodes[id]
	if !v.strayed || v.host == nil || n.topology.Apart(id, anybody) {
		return
	}
	v.strayed = false
	var accepted []network.Conn
	for _, c := range v.host.Network().Conns() {
		if c.Stat().Direction == network.DirInbound {
			accepted = append(accepted, c)
		}
	}
	slices.SortFunc(accepted, func(a, b network.Conn) int { return cmp.Compare(a.RemotePeer(), b.RemotePeer()) })
	n.hosts.Go(func() {
		for _, c := range accepted {
			_ = c.Close()
		}
	})
}

// anybody is a node that does not move: the directory.
const anybody = 0

// Changed tells the fabric that the topology is another one at these nodes.
// Nothing ends with that at once: the hosts find out.
func (n *carrier) Changed(_ time.Duration, nodes []int32, _ func(uint64)) {
	n.fabric.Changed(nodes...)
	for _, id := range nodes {
		n.rehome(id)
	}
}

// ready makes sure that a node has a host.
func (n *carrier) ready(id int32) bool {
	v := &n.nodes[id]
	if v.host != nil {
		return true
	}
	h, err := open(n.plug(id), &v.identity, len(n.nodes))
	if err != nil {
		n.fail(fmt.Errorf("hosts: the host of node %d does not open: %w", id, err))
		return false
	}
	v.host, v.dialer = h, newDialer(n, id, h)
	if v.lanes == nil {
		v.lanes = map[int32]*lane{}
	}
	h.SetStreamHandler(controlID, n.hear(id, false))
	h.SetStreamHandler(bulkID, n.hear(id, true))
	return true
}

// abandon gives up the bulk messages of a node that goes, and lets its control
// lanes run dry.
func (n *carrier) abandon(v *node, abort func(uint64)) {
	for _, b := range v.bulks {
		if !b.left && !b.cancelled {
			b.cancel()
			abort(b.id)
		}
	}
	for _, to := range sortedKeys(v.lanes) {
		v.lanes[to].finish()
	}
}

// quit closes the host of a node.
func (n *carrier) quit(v *node) {
	h, d := v.host, v.dialer
	if h == nil {
		return
	}
	v.host = nil
	for _, to := range sortedKeys(v.lanes) {
		v.lanes[to].stop()
	}
	n.hosts.Go(func() {
		for _, p := range slices.Sorted(slices.Values(h.Network().Peers())) { // the host would close them in the order of a map
			_ = h.Network().ClosePeer(p)
		}
		_ = h.Close()
	})
	n.agenda.add(n.fabric.Now()+linger, func() { // what is under way still arrives
		for _, to := range sortedKeys(v.lanes) {
			if l := v.lanes[to]; l.dialer == d {
				n.forget(l)
			}
		}
	})
}

// forget counts as lost what a lane carried and did not deliver.
func (n *carrier) forget(l *lane) {
	for _, r := range l.outstanding {
		n.ledger.lose(l.from, r.traffic, r.size)
	}
	l.outstanding = nil
}

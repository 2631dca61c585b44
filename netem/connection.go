package netem

import "time"

// A connection is what two endpoints that have talked lately remember of it.
// It is made by the first message, which waits for the handshake, and forgotten
// when either end goes dark or nothing was sent for a while. It ends keep after
// it was last used, which is not before the end of its handshake.
type connection struct {
	state [2]memory // of the end with the lower number, and of the other
	waits [2]uint16 // of the last packets of each, in waitUnit
}

// A memory is a congestion between transfers: half packets and, in the lowest
// bit, whether slow start is over. Zero is a sender that never sent.
type memory uint16

const (
	// handshake is how many round trips pass before the first byte can leave:
	// one for QUIC's own (RFC 9001), one for libp2p's identify. Measured with
	// go-libp2p v0.51: 2.0 to 2.2.
	handshake = 2
	// keep is how long a connection is kept that nobody uses.
	keep = 2 * time.Minute
)

func (m memory) congestion() congestion {
	if m == 0 {
		return congestion{window: initialWindow}
	}
	return congestion{window: float64(m>>1) / 2, avoids: m&1 != 0}
}

func (c congestion) memory() memory {
	m := memory(2*c.window) << 1
	if c.avoids {
		m |= 1
	}
	return m
}

// connect finds or makes the connection between two nodes, and says how long a
// message that wants to leave now waits for its handshake.
func (n *Network) connect(now time.Duration, from, to int32) (*connection, time.Duration) {
	s := n.connections.of(now, pairOf(from, to))
	c, used := &s.what, s.ends()-keep
	if s.ends() <= now || n.broken(used, from, to) {
		*c, used = connection{}, now+handshake*n.RTT(from, to)
	}
	used = max(now, used)
	s.keep(used + keep)
	return c, used - now
}

// connected is the connection between two nodes, or nil if there is none. To
// look at it does not keep it.
func (n *Network) connected(now time.Duration, from, to int32) *connection {
	if s := n.connections.find(now, pairOf(from, to)); s != nil && !n.broken(s.ends()-keep, from, to) {
		return &s.what
	}
	return nil
}

// broken says whether an end has been dark since a connection was used, since nobody
// uses one whose end is dark.
func (n *Network) broken(used time.Duration, from, to int32) bool {
	return used < max(n.since[from], n.since[to])
}

// pairOf stands for two nodes, whichever comes first.
func pairOf(a, b int32) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) }

// sender is the memory of one of the ends.
func (c *connection) sender(from, to int32) *memory {
	if from < to {
		return &c.state[0]
	}
	return &c.state[1]
}

// waited is how long the last packets of one of the ends stood in a queue.
func (c *connection) waited(from, to int32) *uint16 {
	if from < to {
		return &c.waits[0]
	}
	return &c.waits[1]
}

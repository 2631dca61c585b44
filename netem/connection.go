package netem

import "time"

// A connection is what two endpoints that have talked lately remember of it.
// It is made by the first message, which waits for the handshake, and forgotten
// when either end goes dark or nothing was sent for a while.
type connection struct {
	ready time.Duration // the end of its handshake
	state [2]memory     // of the end with the lower number, and of the other
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
	pair := uint64(from)<<32 | uint64(to)
	if from > to {
		pair = uint64(to)<<32 | uint64(from)
	}
	s := n.connections.of(now, pair)
	c := &s.what
	if s.until <= now || c.ready < max(n.nodes[from].since, n.nodes[to].since) {
		*c = connection{ready: now + handshake*n.RTT(from, to)}
	}
	s.until = max(now, c.ready) + keep
	return c, max(0, c.ready-now)
}

// sender is the memory of one of the ends.
func (c *connection) sender(from, to int32) *memory {
	if from < to {
		return &c.state[0]
	}
	return &c.state[1]
}

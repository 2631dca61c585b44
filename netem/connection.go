package netem

import "time"

// A connection is what two endpoints that have talked lately remember of it.
// It is made by the first message, which waits for the handshake, and forgotten
// when either end goes dark or nothing was sent for a while.
type connection struct {
	used  uint32    // the tick in which it was used last, or one in which its handshake is over; 0: never
	state [2]memory // of the end with the lower number, and of the other
	waits [2]uint16 // of the last packets of each, in waitUnit
}

// tick is how precisely a connection knows when it was used. The end of its
// handshake is known apart, to the nanosecond, until then.
const tick = ms

// tickAt is the tick of a time, from one on. What comes after 49 days is in the
// last: connections last from there on.
func tickAt(t time.Duration) uint32 { return uint32(min(t/tick, 1<<32-1-2*keep/tick)) + 1 }

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
func (n *Network) connect(now time.Duration, from, to int32) (c *connection, wait time.Duration) {
	pair, at := n.pairOf(from, to), tickAt(now)
	c = n.connections.of(now, pair)
	switch {
	case !n.holds(c, at, from, to):
		wait = handshake * n.RTT(from, to)
		*c = connection{used: tickAt(now+wait) + 1}
		*n.opening.of(now, pair) = momentAt(now + wait)
	case c.used > at:
		if over := n.opening.find(pair); over != nil {
			wait = max(0, over.time()-now)
		}
	default:
		c.used = at
	}
	return c, wait
}

// connected is the connection between two nodes, or nil if there is none. To
// look at it does not keep it.
func (n *Network) connected(now time.Duration, from, to int32) *connection {
	if c := n.connections.find(n.pairOf(from, to)); c != nil && n.holds(c, tickAt(now), from, to) {
		return c
	}
	return nil
}

// holds says whether a connection is still there: it was used within keep, and
// no end has been dark since, whose connections nobody uses.
func (n *Network) holds(c *connection, at uint32, from, to int32) bool {
	return !c.isOver(at) && c.used >= max(n.ends[from].since, n.ends[to].since)
}

// isOver says whether nobody has used a connection for keep.
func (c *connection) isOver(at uint32) bool { return c.used == 0 || at >= c.used+uint32(keep/tick) }

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

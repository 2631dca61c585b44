package netem

import "time"

// A moments is a time for each of some pairs, which matters until then.
type moments struct{ recent[moment] }

// A moment is a time in words of four bytes, so that nothing is lost between two.
type moment [2]uint32

func momentAt(t time.Duration) moment { return moment{uint32(t), uint32(t >> 32)} }

func (m moment) time() time.Duration { return time.Duration(m[1])<<32 | time.Duration(m[0]) }

func (m *moments) init(pairs uint64) {
	m.recent.init(pairs, 8, func(now time.Duration, what *moment) bool { return what.time() <= now })
}

// after is the time at which a message of the pair that would arrive at "at"
// does arrive, so that it does not overtake the one before it: at or, if that is
// later, with that. It remembers the answer. A pair stands for one direction between
// two endpoints; now is the time of sending, never goes back, and is below at.
func (m *moments) after(now time.Duration, pair uint64, at time.Duration) time.Duration {
	s := m.of(now, pair)
	at = max(s.time(), at)
	*s = momentAt(at)
	return at
}

// directed stands for the messages of one kind from one node to another.
func (n *Network) directed(from, to int32, t Traffic) uint64 {
	return (uint64(from)*uint64(len(n.nodes))+uint64(to))*MaxTraffic + uint64(t)
}

// pairOf stands for two nodes, whichever comes first.
func (n *Network) pairOf(a, b int32) uint64 {
	return uint64(min(a, b))*uint64(len(n.nodes)) + uint64(max(a, b))
}

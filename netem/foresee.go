package netem

import "kinetoscope/internal/prefetch"

// Foresee has what the network knows of a node fetched from memory, for a driver
// that will soon speak of it. Like every hint it changes no result.
func (n *Network) Foresee(node int32) {
	prefetch.All(&n.ends[node])
	prefetch.All(&n.nodes[node])
}

// ForeseePair does the same of two nodes that will soon exchange something.
func (n *Network) ForeseePair(from, to int32) {
	n.Foresee(to)
	if r := &n.connections; len(r.slots) > 0 {
		prefetch.Line(&r.slots[int(hash(0, pairOf(from, to)))&(len(r.slots)-1)])
	}
}

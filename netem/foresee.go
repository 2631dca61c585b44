package netem

import "kinetoscope/internal/prefetch"

// Foresee has what the network knows of a node fetched from memory, for a driver
// that will soon speak of it. Like every hint it changes no result.
func (n *Network) Foresee(node int32) {
	prefetch.All(&n.ends[node])
	prefetch.All(&n.nodes[node])
}

// ForeseePair does the same of two nodes that will soon exchange a message.
func (n *Network) ForeseePair(from, to int32, t Traffic) {
	n.Foresee(to)
	if n.busy[downlink(to)] {
		prefetch.Line(&n.links[downlink(to)])
	}
	if o := &n.order; len(o.slots) > 0 {
		prefetch.Line(&o.slots[int(hash(0, directed(from, to, t)))&(len(o.slots)-1)])
	}
	if r := &n.connections; len(r.slots) > 0 {
		prefetch.Line(&r.slots[int(hash(0, pairOf(from, to)))&(len(r.slots)-1)])
	}
}

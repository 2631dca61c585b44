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

// ForeseeBulk does the same of two nodes of which the first will soon send the
// other a transfer.
func (n *Network) ForeseeBulk(from, to int32) {
	if len(n.links) < manyLinks {
		return
	}
	n.Foresee(from)
	n.Foresee(to)
	for _, l := range [2]int32{uplink(from), downlink(to)} {
		prefetch.Line(&n.busy[l])
		prefetch.All(&n.links[l])
	}
}

// How many entries of the agenda, a heap of four, foresee looks at: the first and
// the next two or one levels below it.
const (
	soonFlows = 1 + 4 + 16
	soonLinks = 1 + 4
)

// manyLinks are more than stay at hand: with fewer, hints cost more than they
// save.
const manyLinks = 1 << 15

// foresee has the transfers fetched that the agenda names next, and what the
// very next ones touch when they are complete.
func (n *Network) foresee() {
	if len(n.links) < manyLinks {
		return
	}
	h := n.agenda.heap
	for i := 1; i < min(len(h), soonFlows); i++ {
		who := h[i].who
		if who >= 0 {
			prefetch.Line(&n.links[who])
			continue
		}
		prefetch.All(&n.flows[^who])
	}
	for i := 0; i < min(len(h), soonLinks); i++ {
		if h[i].who >= 0 {
			continue
		}
		if f := &n.flows[^h[i].who]; f.hops >= 2 {
			prefetch.All(&n.links[f.link[0]])
			prefetch.All(&n.links[f.link[1]])
			prefetch.All(&n.nodes[f.from()])
			prefetch.All(&n.nodes[f.to()])
		}
	}
}

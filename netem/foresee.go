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
	n.order.foresee(n.directed(from, to, t))
	n.connections.foresee(n.pairOf(from, to))
}

// ForeseeBulk does the same of two nodes of which the first will soon send the
// other a transfer. It is for drivers that touch much else: a network alone keeps
// thousands of nodes at hand.
func (n *Network) ForeseeBulk(from, to int32) {
	n.Foresee(from)
	n.Foresee(to)
	if at := n.nodes[from].open[0]; at > 0 && len(n.nodes) >= manyNodes {
		prefetch.All(&n.links[at-1])
		if n.crowds != nil {
			prefetch.Line(&n.crowds[at-1])
		}
	}
	n.connections.foresee(n.pairOf(from, to))
}

// ForeseeEnds has the network tell of transfers that will soon be complete, under the
// ids that SendBulk was given, so that the driver asks for what it will touch then: tell
// comes up to three times for each, with step 0 some dozens of completions before, then
// 1, then 2.
func (n *Network) ForeseeEnds(tell func(step int, id uint64, from, to int32)) {
	n.endsSoon, n.agenda.looks = tell, true
}

// soon is how many levels of the agenda foresee looks at: an entry rises through
// them before its time.
const soon = 4

// manyNodes are more than stay at hand: with fewer, hints cost more than they
// save.
const manyNodes = 1 << 14

// foresee has fetched what those will touch who have risen in the agenda, the
// nearer to the top, the more: what an entry names, then what that points to.
func (n *Network) foresee() {
	h := &n.agenda
	for level, who := range h.rose[:h.risen] {
		if who >= 0 {
			n.foreseeGroup(level, &n.links[who])
		} else {
			n.foreseeFlow(level, ^who)
		}
	}
}

// foreseeGroup is about a link with a group, at a level of the agenda.
func (n *Network) foreseeGroup(level int, k *link) {
	switch {
	case level == soon-1:
		prefetch.All(k)
	case len(k.dues) == 0:
	case level == soon-2:
		prefetch.Line(&k.dues[0])
	case level == soon-3:
		n.foreseeEnd(k.dues[0].flow)
	default:
		n.foreseeEnds(&n.flows[k.dues[0].flow])
	}
}

// foreseeFlow is about a flow that is timed by itself.
func (n *Network) foreseeFlow(level int, i int32) {
	if level == soon-1 {
		n.foreseeEnd(i)
		return
	}
	f := &n.flows[i]
	if f.hops < 2 { // it has ended
		return
	}
	switch level {
	case soon - 2:
		n.foreseeEnds(f)
	case soon - 3:
		n.foreseeSlots(f)
	}
	if n.endsSoon != nil {
		n.endsSoon(soon-2-level, f.id, f.from, f.to)
	}
}

// foreseeEnd asks for what of a flow its end will read.
func (n *Network) foreseeEnd(i int32) {
	f := &n.flows[i]
	prefetch.Line(f)
	prefetch.Line(&f.size)
	if n.crowds != nil {
		prefetch.Line(&f.stand)
	}
}

// foreseeEnds asks for the links, nodes, crowd and connection of a flow that has come.
func (n *Network) foreseeEnds(f *flow) {
	if f.hops < 2 {
		return
	}
	up := &n.links[f.link[0]]
	prefetch.All(up)
	prefetch.Line(&n.links[f.link[1]])
	if n.crowds != nil {
		prefetch.Line(&n.crowds[f.stand.link])
		n.connections.foresee(n.pairOf(f.from, f.to))
	}
	prefetch.Line(&n.nodes[f.from])
	prefetch.Line(&n.ends[f.to])
	prefetch.Line(&n.nodes[f.to])
}

// foreseeSlots asks for the slot that a flow will leave on its first link, and
// for the one that will take its place.
func (n *Network) foreseeSlots(f *flow) {
	s := n.links[f.link[0]].slots
	if at := int(f.at[0]); at < len(s) {
		prefetch.Line(&s[at])
		prefetch.Line(&s[len(s)-1])
	}
}

package netem

import "kinetoscope/internal/hugepages"

// Most links have no flow at most times, and then nothing is known of one but its
// rate. A link is open, and has a record in share.links, while a flow or a crowd is
// on it. Whatever shares links knows them by their records; a route names them
// by their numbers until its links are open. The record that was closed last is the
// next to be taken, so that those in use stay at hand.

// more is how many of something there is room for after there was for so many: a
// quarter more, or of many an eighth, since half of that is never used.
func more(room int) int {
	if room < manyNodes {
		return room + room/4
	}
	return room + room/8
}

// minLinks is room for as many as a small network has open at a time.
const minLinks = 64

// tidy is of how many flows a closed record keeps the memory.
const tidy = 32

// opened is where the record of a link is, plus one; zero if the link is closed.
func (n *Network) opened(l int32) *int32 {
	if node := int(l / 2); node < len(n.nodes) {
		return &n.nodes[node].open[l%2]
	}
	return &n.trunks[int(l)-2*len(n.nodes)]
}

// rate is the rate of a link, open or closed, in bytes a nanosecond.
func (n *Network) rate(l int32) *float64 {
	if node := int(l / 2); node < len(n.nodes) {
		return &n.nodes[node].rate[l%2]
	}
	return &n.backbone.rates[int(l)-2*len(n.nodes)]
}

// slots is the flows on a link.
func (n *Network) slots(l int32) []slot {
	if at := *n.opened(l); at > 0 {
		return n.links[at-1].slots
	}
	return nil
}

// open is the records of the links of a route. Something must come to be on them,
// or empty be told. The rest of a record is right: its last flow has left it so.
func (n *Network) open(r route) route {
	if len(n.closed)+cap(n.links)-len(n.links) < maxRoute {
		n.makeRoomFor(r) // before any is taken: it closes what nobody is on
	}
	for hop, l := range r.links() {
		at := n.opened(l)
		if *at == 0 {
			i := n.record()
			k := &n.links[i]
			k.name, k.rate, k.state = l, *n.rate(l), alone
			if k.level = k.rate; n.isDeaf(l) {
				k.state, k.room, k.clock, k.since = deaf, 0, 0, n.now
			}
			*at = i + 1
		}
		r.link[hop] = *at - 1
	}
	return r
}

// makeRoomFor sees to it that there are records for a route.
func (n *Network) makeRoomFor(r route) {
	wanted := 0
	for _, l := range r.links() {
		if *n.opened(l) == 0 {
			wanted++
		}
	}
	if len(n.closed)+cap(n.links)-len(n.links) >= wanted {
		return
	}
	n.hush()
	if len(n.closed) <= len(n.links)/8 {
		n.makeRecords()
	}
}

// record is one that no link has.
func (n *Network) record() int32 {
	if last := len(n.closed) - 1; last >= 0 {
		i := n.closed[last]
		n.closed = n.closed[:last]
		return i
	}
	i := int32(len(n.links))
	n.links = n.links[:i+1]
	n.links[i].slots, n.links[i].armed = n.links[i].only[:0], forever
	if n.crowds != nil {
		n.crowds = n.crowds[:i+1]
	}
	return i
}

// makeRecords makes room for more records.
func (n *Network) makeRecords() {
	room := max(minLinks, more(cap(n.links)))
	n.links = append(hugepages.Slice(make([]link, 0, room)), n.links...)
	for i := range n.links { // their only slots have moved
		if k := &n.links[i]; cap(k.slots) == 1 {
			k.slots = k.only[:len(k.slots)]
		}
	}
	if n.crowds != nil {
		n.crowds = append(hugepages.Slice(make([]crowd, 0, room)), n.crowds...)
	}
}

// empty notes that nothing may be left on an open link.
func (n *share) empty(i int32) {
	if k := &n.links[i]; !k.empty {
		k.empty = true
		n.emptied = append(n.emptied, i)
	}
}

// closeEmpty closes the links that nothing is left on. One that somebody in slow
// start has left, whose packets still come, is only quiet.
func (n *Network) closeEmpty() {
	for _, i := range n.emptied {
		k := &n.links[i]
		k.empty = false
		switch {
		case !n.deserted(i) || n.crowds != nil && n.crowds[i].quiet:
		case n.crowds != nil && n.crowds[i].isYoung(n.now):
			n.crowds[i].quiet = true
			n.quiet = append(n.quiet, i)
		default:
			n.close(i)
		}
	}
	n.emptied = n.emptied[:0]
}

// hush closes the links that were quiet and are not any more, but for those that
// closeEmpty is going to look at.
func (n *Network) hush() {
	kept := n.quiet[:0]
	for _, i := range n.quiet {
		if n.deserted(i) && n.crowds[i].isYoung(n.now) {
			kept = append(kept, i)
			continue
		}
		n.crowds[i].quiet = false
		if n.deserted(i) && !n.links[i].empty {
			n.close(i)
		}
	}
	n.quiet = kept
}

// deserted says that no flow is on an open link, nor stands in its queue.
func (n *Network) deserted(i int32) bool {
	return len(n.links[i].slots) == 0 && (n.crowds == nil || n.crowds[i].count == 0)
}

// close closes a link.
func (n *Network) close(i int32) {
	k := &n.links[i]
	*n.opened(k.name) = 0
	if cap(k.slots) > tidy {
		k.slots, k.dues = k.only[:0], nil
	}
	if n.crowds != nil {
		n.crowds[i] = crowd{}
	}
	n.closed = append(n.closed, i)
}

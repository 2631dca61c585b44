package netem

import "time"

// Packets leave a queue in the order in which they came, so that each transfer
// has as much of the link as it has of the queue: the windows of those who stand
// there, each let go once in a round trip with its wait. NewReno makes windows
// equal over many cuts, and most transfers end before: whoever has kept a large
// window from quieter times ends first. apportion has this come about by caps,
// in links of no more flows than mostYoung; in larger crowds an equal share is
// less than most windows let go, or so near to theirs that it is the mean of them.

// weight is how fast a transfer sends into a queue in which packets wait so
// long, in packets a nanosecond. One whose window has room for all of it sends
// as pacing lets it, by the round trips that its sender remembers.
func (s *stand) weight(wait float64) float64 {
	if s.burst {
		return float64(s.paced) / pace
	}
	return float64(s.inside) / (float64(s.rtt) + wait)
}

// apportion caps those who stand in the queue of a link at what of it is theirs,
// all but the one with the most, who gets what others leave. settle must follow.
func (n *Network) apportion(l int32) {
	k := &n.links[l]
	if n.crowds == nil || n.crowds[l].count == 0 || len(k.slots) > mostYoung {
		return
	}
	rate := k.rate / packetWire
	inside, demand := 0.0, 0.0
	if n.crowds[l].count > 1 { // else it has all
		for i := range k.slots {
			if s := &n.flows[k.slots[i].flow].stand; s.stands(l) {
				inside += float64(s.inside)
				demand += float64(s.inside / s.rtt)
			}
		}
	}
	if demand <= rate { // nobody waits
		for i := range k.slots {
			if f := &n.flows[k.slots[i].flow]; f.stand.stands(l) {
				n.recap(k.slots[i].flow, f.most)
			}
		}
		return
	}
	wait := min(float64(n.cfg.Queue), inside/rate-inside/demand)
	sum, most, first := 0.0, 0.0, 0
	for i := range k.slots {
		if s := &n.flows[k.slots[i].flow].stand; s.stands(l) {
			w := s.weight(wait)
			sum += w
			if w > most {
				most, first = w, i
			}
		}
	}
	for i := range k.slots {
		f := &n.flows[k.slots[i].flow]
		if !f.stand.stands(l) {
			continue
		}
		cap := f.most
		if wait > 0 && i != first {
			cap = min(cap, float64(k.rate*f.stand.weight(wait))/sum)
		}
		n.recap(k.slots[i].flow, cap)
	}
}

// stands says whether it is at that link that a transfer waits.
func (s *stand) stands(l int32) bool { return s.demand > 0 && s.link == l }

// linger has the sender of a transfer that ends remember how long its last
// packets stood in the queue: since pacing let them go, or by Little's law what
// its window held at its rate, less the way.
func (n *Network) linger(f *flow) {
	s := &f.stand
	c := n.connected(n.now, f.from, f.to)
	if s.demand == 0 || c == nil {
		return
	}
	wait := float64(float64(s.inside)*packetWire)/n.rateOf(f) - float64(s.rtt)
	if s.burst {
		wait = float64(n.now-f.start) - float64(f.size)/float64(float64(s.paced)*packetWire)
	}
	wait = max(0, min(wait, float64(n.cfg.Queue)))
	*c.waited(f.from, f.to) = uint16(min(wait/float64(waitUnit), maxWait))
}

// waitUnit is the precision of a wait that is remembered, and maxWait the most.
const (
	waitUnit = 16 * time.Microsecond
	maxWait  = 1<<16 - 1
)

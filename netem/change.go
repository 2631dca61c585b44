package netem

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// idleTimeout is how long a connection lasts on which nothing comes:
// quic-go's default (Config.MaxIdleTimeout, RFC 9000, 10.1).
const idleTimeout = 30 * time.Second

// Changed tells the network that the topology is another one at these nodes:
// their rates, or who reaches whom. Transfers that reach no longer stand still
// until they do, and go on from where they were; those that will not within
// the idle timeout of a connection end at once. Abort is told of those as by
// SetDown.
func (n *Network) Changed(now time.Duration, nodes []int32, abort func(id uint64)) {
	n.tick(now)
	n.batch = n.batch[:0]
	for _, node := range nodes {
		n.follow(node)
		for _, l := range [2]int32{uplink(node), downlink(node)} {
			for _, s := range n.slots(l) {
				if f := &n.flows[s.flow]; !n.Reaches(f.from, f.to) {
					n.batch = append(n.batch, s.flow)
				}
			}
		}
	}
	n.sortBatch()
	n.batch = slices.Compact(n.batch) // both ends may have changed
	for _, i := range n.batch {
		n.detach(i)
		n.parked = append(n.parked, i)
	}
	n.unpark(now, abort)
}

// follow takes a node's rates from the topology. A link keeps the last one
// while nothing passes, since then nothing is on it.
func (n *Network) follow(node int32) {
	up, down := n.Rates(node)
	o := &n.nodes[node]
	for hop, rate := range [2]unit.Rate{up, down} {
		r := bytesPerNano(rate)
		if r == 0 || r == o.rate[hop] {
			continue
		}
		o.rate[hop] = r
		if l := o.open[hop] - 1; l >= 0 {
			n.setRate(l, r)
			n.apportion(l)
		}
	}
}

// unpark lets the transfers go on that reach again, and ends those that will
// not for too long.
func (n *Network) unpark(now time.Duration, abort func(id uint64)) {
	n.batch = append(n.batch[:0], n.parked...)
	n.parked = n.parked[:0]
	n.sortBatch()
	for _, i := range n.batch {
		f := &n.flows[i]
		switch from, to := f.from, f.to; {
		case n.Reaches(from, to):
			f.route = n.open(n.route(from, to))
			n.join(i)
		case n.lasts(now, from, to):
			n.parked = append(n.parked, i)
		default:
			id := f.id
			n.drop(i)
			abort(id)
		}
	}
}

// lasts says whether a connection outlives the time for which its ends do not
// reach each other.
func (n *Network) lasts(now time.Duration, from, to int32) bool {
	return n.Opens(now, from, to)-now <= idleTimeout
}

// drop ends a parked transfer, which is no longer in the list.
func (n *Network) drop(i int32) int64 {
	f := &n.flows[i]
	done := carried(f.size, float64(f.size)-f.key)
	n.lose(f.from, f.traffic, done)
	n.scatter(f)
	n.release(i)
	return done
}

// unlist takes a transfer off the list of the parked ones, and says whether it
// was there.
func (n *Network) unlist(i int32) bool {
	k := slices.Index(n.parked, i)
	if k >= 0 {
		n.parked = slices.Delete(n.parked, k, k+1)
	}
	return k >= 0
}

// blocked is how much longer a message takes that leaves now and cannot pass
// before opens: it is sent again at growing intervals, and what waits at a
// frozen receiver is read when that goes on.
func (n *Network) blocked(now, opens time.Duration, from, to int32, timeout time.Duration) time.Duration {
	if n.Frozen(to) && n.between(from, to) <= now {
		return opens - now
	}
	waited := timeout
	for step := 2 * timeout; waited < opens-now; step *= 2 {
		waited += step
	}
	return waited
}

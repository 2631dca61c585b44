package netem

import "time"

// A LossModel names how packets are lost.
type LossModel string

// Models of loss. Each loses as many packets as the access classes say.
const (
	NoLoss LossModel = "none"
	Random LossModel = "random" // each packet independently of all others
	Bursty LossModel = "bursty" // several in a row: the two states of Gilbert, "Capacity of a burst-noise channel", 1960
)

// Names lists the models.
func (LossModel) Names() []string { return []string{string(NoLoss), string(Random), string(Bursty)} }

// lossy says whether anything is lost at all.
func (c *Config) lossy() bool { return c.Loss == Random || c.Loss == Bursty }

// burst is how many packets are lost in a row on average; 1 means that each is
// lost by itself.
func (c *Config) burst() float64 {
	if c.Loss == Bursty {
		return c.Burst
	}
	return 1
}

// Burst is how many packets a path loses in a row on average while it loses
// Loss of all; 1 means that each is lost by itself.
func (t *Topology) Burst() float64 { return t.cfg.burst() }

// LateLoss is how probable it is that the draw of a packet's delay is that of
// its loss too.
func (t *Topology) LateLoss() float64 { return float64(t.cfg.LateLoss) }

// Queue is how long a packet waits at most before a link that is full.
func (t *Topology) Queue() time.Duration { return t.cfg.Queue }

// calm is how long a sender is silent until a burst of losses is over for
// certain: what comes after it is lost or not whatever came before.
const calm = time.Second

// A burst is what became of the last packet of a sender, and until when that
// matters.
type burst struct {
	bad  bool
	over time.Duration
}

// resends draws how many times in a row a message of that many packets is lost
// before it gets through. In bursts, the packets of one sender and kind of
// traffic follow each other, and an attempt that waited for a timeout finds
// the burst over.
func (n *Network) resends(now time.Duration, from int32, t Traffic, f fate, packets int64, loss float64) int {
	u := f.draw(drawLoss)
	if late := n.cfg.LateLoss; late > 0 && f.also(alsoLate, 0) < float64(late) {
		u = f.draw(drawJitter) // the longest delays come from the smallest draws, and so do losses
	}
	if n.cfg.Loss != Bursty {
		return losses(u, anyLost(packets, loss), loss)
	}
	if n.bursts == nil {
		n.bursts = make([][MaxTraffic]burst, len(n.nodes))
	}
	s := &n.bursts[from][t]
	bad, known, lost := s.bad, now < s.over, false
	for i := range packets {
		if i > 0 {
			u = f.also(alsoBurst, uint64(i))
		}
		bad = u < n.badAfter(bad, known, loss)
		known, lost = true, lost || bad
	}
	*s = burst{bad, now + calm}
	if !lost {
		return 0
	}
	return 1 + losses(f.also(alsoAgain, 0), loss, loss)
}

// badAfter is the probability that a packet is lost, by what became of the one
// before, if that matters still.
func (n *Network) badAfter(bad, known bool, loss float64) float64 {
	switch burst := n.cfg.Burst; {
	case !known:
		return loss
	case bad:
		return 1 - 1/burst
	default:
		return loss / float64(burst*(1-loss))
	}
}

// queueing draws how long a message waits behind the transfers that fill links
// on its way.
func (n *Network) queueing(from, to int32, f fate) time.Duration {
	if n.cfg.Queue == 0 {
		return 0
	}
	n.settle()
	var wait float64
	r := n.route(from, to)
	for i, l := range r.links() {
		if k := &n.links[l]; n.isFull(k) {
			wait += float64(f.also(alsoQueue, uint64(i)) * n.backlog(k))
		}
	}
	return time.Duration(wait)
}

// filled is how much of its queue a full link's transfers use. Measured with
// go-libp2p: in a queue of 100 ms, messages beside transfers were at most 46 ms
// later than on the idle link, at the 95th percentile.
const filled = 0.5

// backlog is the most that waits before a full link, in ns: what the transfers
// have to send, if that is little.
func (n *Network) backlog(k *link) float64 {
	most := float64(filled * float64(n.cfg.Queue))
	var size float64
	for i := range k.slots {
		if size += float64(n.flows[k.slots[i].flow].size); size >= most*k.rate {
			return most
		}
	}
	return size / k.rate
}

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

// calm is how long nothing is sent until a burst of losses is over for certain:
// what comes after it is lost or not whatever came before.
const calm = time.Second

// A Burst remembers what became of the last of the packets that follow each
// other, for Gilbert's model: they meet a path that is good and loses nothing,
// or bad and loses everything, and change it from packet to packet. A second of
// silence lets both engines forget it. Nothing has been sent yet at first.
type Burst struct {
	bad  bool
	over time.Duration // when it does not matter any more
}

// Loses says whether a packet is lost, by a uniform draw, where that share of
// all packets is, and so many in a row on average. Bursts shorter than those of
// independent losses are those.
func (b *Burst) Loses(now time.Duration, u, share, row float64) bool {
	p := share
	switch {
	case now >= b.over || float64(row*(1-share)) <= 1:
	case b.bad:
		p = 1 - 1/row
	default:
		p = share / float64(row*(1-share))
	}
	b.bad, b.over = u < p, now+calm
	return b.bad
}

// resends draws how many times in a row a message of that many packets is lost
// before it gets through; each attempt waits twice as long as the one before.
// In bursts, the packets of one sender and kind of traffic follow each other.
func (n *Network) resends(now time.Duration, from, to int32, t Traffic, f fate, packets int64, p path) (k int) {
	u := f.draw(drawLoss)
	if late := n.cfg.LateLoss; late > 0 && f.also(alsoLate, 0) < float64(late) {
		u = f.draw(drawJitter) // the longest delays come from the smallest draws, and so do losses
	}
	if n.cfg.Loss != Bursty {
		return losses(u, anyLost(packets, p.loss), p.loss)
	}
	if n.bursts == nil {
		n.bursts = make([][MaxTraffic]Burst, len(n.nodes))
	}
	s, lost := &n.bursts[from][t], false
	for i := range packets {
		if i > 0 {
			u = f.also(alsoBurst, uint64(i))
		}
		lost = s.Loses(now, u, p.loss, n.cfg.Burst) || lost
	}
	for again := *s; lost && k < maxProbes; k++ {
		now += n.probe(from, to, p) << k
		lost = again.Loses(now, f.also(alsoAgain, uint64(k)), p.loss, n.cfg.Burst)
	}
	return k
}

// probe is how long a sender waits for an answer before it sends again.
func (n *Network) probe(from, to int32, p path) time.Duration {
	return probeTimeout(n.RTT(from, to), p.jitter)
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
		at := *n.opened(l)
		if at == 0 {
			continue
		}
		if k := &n.links[at-1]; len(k.slots) > 0 && n.isFull(k) {
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

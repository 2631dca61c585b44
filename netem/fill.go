package netem

import (
	"fmt"
	"slices"
)

// fill finds the levels of every link that the work can reach by progressive
// filling: the link with the lowest level takes it for good, which can only
// raise those of its neighbours, and so on. It is slower than relaxation and
// cannot fail to end; settle falls back to it.
func (n *share) fill() {
	n.fallbacks++
	n.reach()
	h := make([]lowest, 0, len(n.work))
	for _, l := range n.work {
		if n.links[l].state == deaf {
			continue
		}
		level, _ := n.links[l].solve()
		h = append(h, lowest{level, l})
		siftLowest(h, len(h)-1)
	}
	for len(h) > 0 {
		top := h[0]
		k := &n.links[top.link]
		level, _ := k.solve()
		if level > top.level { // a neighbour left it more than when it was put here
			h[0].level = level
			sinkLowest(h)
			continue
		}
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		sinkLowest(h)
		n.setLevel(top.link, level)
		for _, s := range k.slots {
			f := &n.flows[s.flow]
			for hop, o := range f.links() {
				if hop != int(s.hop) {
					x := &n.links[o].slots[f.at[hop]]
					x.bound = min(x.bound, level)
				}
			}
		}
	}
	for _, l := range n.work {
		n.sort(l, n.links[l].level, n.links[l].split(n.links[l].level))
		for _, s := range n.links[l].slots {
			n.move(s.flow)
		}
	}
}

// reach extends the work to every link that is joined to it by flows, all of
// them awake and without a limit.
func (n *share) reach() {
	for _, l := range n.work {
		n.links[l].queued = false
	}
	start := n.work
	n.work = nil
	for _, l := range start {
		n.mark(l)
		if n.links[l].state == deaf {
			n.divide(l)
		}
	}
	for i := 0; i < len(n.work); i++ {
		k := &n.links[n.work[i]]
		for j := range k.slots {
			for _, o := range n.flows[k.slots[j].flow].links() {
				n.mark(o)
			}
		}
	}
	for _, l := range n.work {
		if n.links[l].state == alone {
			n.wake(l)
		}
	}
	for _, l := range n.work {
		k := &n.links[l]
		k.queued, k.heard = false, int32(len(k.slots))
		if k.state != deaf {
			k.clock, k.since, k.level, k.state = n.read(k), n.now, infinite, awake
		}
	}
	for _, l := range n.work {
		for j := len(n.links[l].slots) - 1; j >= 0; j-- {
			s := &n.links[l].slots[j]
			f := &n.flows[s.flow]
			s.bound, _ = n.bound(f, s.hop)
			s.promise = false
			if !n.watched(f, s.hop) {
				n.unhear(l, int32(j))
			}
		}
	}
}

// A lowest is an entry of a heap of links by level.
type lowest struct {
	level float64
	link  int32
}

func siftLowest(h []lowest, i int) {
	for i > 0 && h[i].level < h[(i-1)/2].level {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		i = (i - 1) / 2
	}
}

func sinkLowest(h []lowest) {
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < len(h) && h[c+1].level < h[c].level {
			c++
		}
		if c >= len(h) || h[c].level >= h[i].level {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// slack is how far rounding may take a link above its rate.
const slack = 1e-9

// checkLinks reports a link, other than a deaf one, that carries more than its
// rate, and a flow that
// is not timed by a group of its own.
func (n *share) checkLinks() error {
	for l := range n.links {
		k := &n.links[l]
		sum := 0.0
		for _, s := range k.slots {
			f := &n.flows[s.flow]
			if f.home != own && !slices.Contains(f.links(), f.home) {
				return fmt.Errorf("netem: flow %d on links %v is timed by link %d", f.seq, n.names(f), n.links[f.home].name)
			}
			sum += n.rateOf(f)
		}
		if sum > k.rate*(1+slack) && k.state != deaf {
			return fmt.Errorf("netem: link %d carries %v bytes/ns, its rate is %v", k.name, sum, k.rate)
		}
	}
	return nil
}

// names are the numbers of the links of a flow.
func (n *share) names(f *flow) (names []int32) {
	for _, l := range f.links() {
		names = append(names, n.links[l].name)
	}
	return names
}

package netem

import (
	"fmt"
	"slices"
	"strings"
)

// A Sharing says how transfers share links.
type Sharing string

// The ways of sharing.
const (
	Exact Sharing = "exact" // max-min over all links
	Lazy  Sharing = "lazy"  // downlinks look at what uplinks give only when a transfer of theirs begins or ends
)

// Names lists the ways of sharing.
func (Sharing) Names() []string { return []string{string(Exact), string(Lazy)} }

func (s Sharing) check() error {
	if !slices.Contains(s.Names(), string(s)) {
		return fmt.Errorf("there is no way of sharing %q: the names are %s", string(s), strings.Join(s.Names(), ", "))
	}
	return nil
}

// UnmarshalText takes one of the names. The error lists them.
func (s *Sharing) UnmarshalText(text []byte) error {
	if err := Sharing(text).check(); err != nil {
		return err
	}
	*s = Sharing(text)
	return nil
}

// Sharing is how the transfers of this network share links.
func (n *Network) Sharing() Sharing {
	if n.cfg.Sharing == Lazy {
		return Lazy
	}
	return Exact
}

// isDeaf says whether a link is deaf: with lazy sharing all downlinks are, so that a
// change at an uplink reaches no other link. Until a downlink looks again it may
// leave some of its rate unused, or be given more than that.
func (n *Network) isDeaf(l int32) bool {
	return n.cfg.Sharing == Lazy && l%2 == 1 && int(l/2) < len(n.nodes)
}

// divide sets the level of a deaf link by what its flows could have elsewhere
// at this moment, if an eighth of them have come or gone since it last did.
func (n *share) divide(l int32) {
	k := &n.links[l]
	count := int32(len(k.slots))
	if 8*max(count-k.room, k.room-count) < k.room {
		return
	}
	k.room = count
	level := k.rate
	if count > 1 {
		n.look(k)
		solved, _ := k.solve()
		level = min(level, solved)
	}
	if isSame(level, k.level) {
		return
	}
	n.setLevel(l, level)
	for _, s := range k.slots {
		n.move(s.flow)
		for hop := range n.flows[s.flow].hops {
			if hop != s.hop {
				n.rebound(&n.flows[s.flow], hop)
			}
		}
	}
}

// look has a deaf link learn what its flows could have elsewhere. Those that
// have only the promise of a link that sleeps could have all.
func (n *share) look(k *link) {
	for j := range k.slots {
		s := &k.slots[j]
		f := &n.flows[s.flow]
		s.bound = f.pace
		for hop, o := range f.links() {
			if x := &n.links[o]; hop != int(s.hop) && x.state != asleep {
				s.bound = min(s.bound, x.level)
			}
		}
	}
}

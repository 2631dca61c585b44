package netem

import (
	"fmt"

	"kinetoscope/internal/unit"
)

// NAT says who is behind a network address translator, and what comes of it
// when two of them want to talk.
type NAT struct {
	Share     unit.Ratio `yaml:"share" doc:"Share of endpoints that are behind a NAT: nobody can reach them before they have sent something. Of the nodes of IPFS at least 52% are (Henningsen et al. 2020)."`
	Classes   []string   `yaml:"classes" doc:"Only endpoints of these access classes. None named: all but datacenter."`
	Symmetric unit.Ratio `yaml:"symmetric" doc:"Share of NATs that give each destination another port, so that no hole can be punched (RFC 5128)."`
	Punch     unit.Ratio `yaml:"punch" doc:"How probable it is that two endpoints behind NATs reach each other directly by hole punching, drawn once for each pair. Measured: 70% (arXiv 2510.27500)."`
	Relays    []string   `yaml:"relays" doc:"Regions of the relays over which all others talk, each pair over the nearest."`
}

func defaultNAT() NAT { return NAT{Punch: 0.7, Relays: []string{"europe", "na_east", "east_asia"}} }

// check calls bad for each value that makes no sense.
func (n *NAT) check(c *Config, bad func(key, format string, args ...any)) {
	for i, name := range n.Classes {
		if _, err := c.Class(name); err != nil {
			bad(fmt.Sprintf("nat.classes.%d", i), "%v", err)
		}
	}
	for i, name := range n.Relays {
		if _, err := Region(name); err != nil {
			bad(fmt.Sprintf("nat.relays.%d", i), "%v", err)
		}
	}
	if n.Share > 0 && len(n.Relays) == 0 {
		bad("nat.relays", "there is none, so that endpoints behind NATs could not talk: name a region")
	}
}

// A natKind says what an endpoint's address is worth to others.
type natKind uint8

const (
	open natKind = iota
	cone
	symmetric
)

// A nats is the NATs of a topology.
type nats struct {
	NAT
	key     uint64
	classes []bool // by class: whether it has NATs
	relays  []int  // regions
}

func newNATs(cfg *Config, classes []Class, key uint64) (*nats, error) {
	n := &nats{NAT: cfg.NAT, key: key, classes: make([]bool, len(classes))}
	for i := range classes {
		n.classes[i] = len(cfg.NAT.Classes) == 0 && classes[i].Name != "datacenter"
	}
	for _, name := range cfg.NAT.Classes {
		i, err := cfg.Class(name)
		if err != nil {
			return nil, err
		}
		n.classes[i] = true
	}
	for _, name := range cfg.NAT.Relays {
		r, err := Region(name)
		if err != nil {
			return nil, err
		}
		n.relays = append(n.relays, r)
	}
	return n, nil
}

// uses of draws for NATs.
const (
	natShare = iota
	natKindOf
	natPunch
	natUses
)

// kind draws what a node is behind: another draw in another class, since who
// moves comes behind another NAT.
func (n *nats) kind(key uint32, class uint16) natKind {
	if !n.classes[class] {
		return open
	}
	who := (uint64(key)<<8 | uint64(class)) * natUses
	switch {
	case uniform(hash(n.key, who+natShare)) >= float64(n.Share):
		return open
	case uniform(hash(n.key, who+natKindOf)) < float64(n.Symmetric):
		return symmetric
	}
	return cone
}

// Translated says whether a node is behind a NAT, and whether that gives each
// destination another port.
func (t *Topology) Translated(node int32) (nat, perDestination bool) {
	if t.nats == nil {
		return false, false
	}
	k := t.nats.kind(t.ends[node].key, t.ends[node].class)
	return k != open, k == symmetric
}

// Translates says whether nodes of the node's access class may be behind a NAT.
func (t *Topology) Translates(node int32) bool {
	return t.nats != nil && t.nats.classes[t.ends[node].class]
}

// Relay is the region of the relay over which two nodes talk that cannot reach
// each other directly, or reports false if they can.
func (t *Topology) Relay(from, to int32) (region int, ok bool) {
	if t.nats == nil {
		return 0, false
	}
	return t.relay(from, to)
}

// relay is Relay where there are NATs.
func (t *Topology) relay(from, to int32) (region int, ok bool) {
	n, a, b := t.nats, &t.ends[from], &t.ends[to]
	x := n.kind(a.key, a.class)
	if x == open {
		return 0, false
	}
	y := n.kind(b.key, b.class)
	if y == open {
		return 0, false
	}
	if x == cone && y == cone {
		pair := uint64(min(a.key, b.key))<<32 | uint64(max(a.key, b.key))
		if uniform(hash(n.key^weyl, pair*natUses+natPunch)) < float64(n.Punch) {
			return 0, false
		}
	}
	region = n.relays[0]
	for _, r := range n.relays[1:] {
		if detour(a.region, b.region, r) < detour(a.region, b.region, region) {
			region = r
		}
	}
	return region, true
}

// detour is the way there and back between two regions over a third.
func detour(a, b uint8, via int) int64 {
	return int64(regions[a].oneWay[via] + regions[via].oneWay[b] + regions[b].oneWay[via] + regions[via].oneWay[a])
}

package swarm

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// A Discovery names how viewers find each other.
type Discovery string

// Discoveries.
const (
	ByDirectory Discovery = "directory" // the directory knows all and names some
	ByGossip    Discovery = "gossip"    // the directory names the first; neighbours name theirs when some have gone
	ByDHT       Discovery = "dht"       // a distributed hash table names them, after a walk
)

// Names lists the discoveries.
func (Discovery) Names() []string {
	return []string{string(ByDirectory), string(ByGossip), string(ByDHT)}
}

// UnmarshalText accepts the names in Names.
func (d *Discovery) UnmarshalText(b []byte) error { return choose(d, b, d.Names()) }

// Servers names whom viewers ask for what neighbours do not have.
type Servers string

// Kinds of servers.
const (
	FromEdges   Servers = "edges"
	FromStorage Servers = "storage"
)

// Names lists the kinds of servers.
func (Servers) Names() []string { return []string{string(FromEdges), string(FromStorage)} }

// UnmarshalText accepts the names in Names.
func (s *Servers) UnmarshalText(b []byte) error { return choose(s, b, s.Names()) }

func choose[T ~string](to *T, b []byte, names []string) error {
	if !slices.Contains(names, string(b)) {
		return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(names, ", "))
	}
	*to = T(b)
	return nil
}

// Hops is how many nodes a lookup among n asks one after the other: each is at
// least half as far from the goal as the one before (Maymounkov and Mazieres, Kademlia,
// IPTPS 2002).
func Hops(n int) int { return bits.Len(uint(max(0, n-1))) }

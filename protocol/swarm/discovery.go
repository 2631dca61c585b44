package swarm

import (
	"fmt"
	"slices"
	"strings"
)

// A Discovery names how viewers find each other.
type Discovery string

// Discoveries.
const (
	ByDirectory Discovery = "directory" // the directory knows all and names some
	ByGossip    Discovery = "gossip"    // the directory names the first; neighbours name theirs when some have gone
	ByDHT       Discovery = "dht"       // a distributed hash table of viewers and edges names them, after a lookup
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

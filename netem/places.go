package netem

import (
	"fmt"
	"strings"
	"time"
)

// A region is a part of the world and the share of the world's nodes in it.
type region struct {
	name   string
	weight float64
	oneWay [8]time.Duration // to each region in this order
}

const ms = time.Millisecond

// regions holds the one-way latencies of the simulators ethshadow
// (lib/src/config/ethshadow.rs) and gossipsub-interop (libp2p/test-plans,
// network_graph.py), which agree. South America to South Africa takes 195 ms,
// the way back 190 ms, in both. The weights count Ethereum nodes
// (gossipsub-interop): they say where servers stand, not where viewers sit.
var regions = [8]region{
	{"australia", 290, [8]time.Duration{2 * ms, 110 * ms, 165 * ms, 110 * ms, 150 * ms, 190 * ms, 220 * ms, 180 * ms}},
	{"east_asia", 1059, [8]time.Duration{110 * ms, 4 * ms, 125 * ms, 100 * ms, 140 * ms, 175 * ms, 175 * ms, 110 * ms}},
	{"europe", 5599, [8]time.Duration{165 * ms, 125 * ms, 2 * ms, 110 * ms, 70 * ms, 140 * ms, 95 * ms, 60 * ms}},
	{"na_west", 1240, [8]time.Duration{110 * ms, 100 * ms, 110 * ms, 2 * ms, 60 * ms, 100 * ms, 160 * ms, 150 * ms}},
	{"na_east", 2894, [8]time.Duration{150 * ms, 140 * ms, 70 * ms, 60 * ms, 2 * ms, 100 * ms, 130 * ms, 110 * ms}},
	{"south_america", 36, [8]time.Duration{190 * ms, 175 * ms, 140 * ms, 100 * ms, 100 * ms, 7 * ms, 195 * ms, 145 * ms}},
	{"south_africa", 47, [8]time.Duration{220 * ms, 175 * ms, 95 * ms, 160 * ms, 130 * ms, 190 * ms, 7 * ms, 110 * ms}},
	{"west_asia", 161, [8]time.Duration{180 * ms, 110 * ms, 60 * ms, 150 * ms, 110 * ms, 145 * ms, 110 * ms, 5 * ms}},
}

// Regions lists the names of the regions. An Endpoint's Region is an index
// into it.
func Regions() []string {
	names := make([]string, len(regions))
	for i := range regions {
		names[i] = regions[i].name
	}
	return names
}

// Region is the index of the named region. The error lists the names.
func Region(name string) (int, error) {
	return find("region", name, Regions())
}

// NodeWeight is how many nodes of a public network were counted in a region:
// a weight for placing servers, not viewers.
func NodeWeight(region int) float64 { return regions[region].weight }

// RegionLatency is the one-way propagation time between two regions, or
// within one.
func RegionLatency(from, to int) time.Duration { return regions[from].oneWay[to] }

func find(kind, name string, names []string) (int, error) {
	for i := range names {
		if names[i] == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("there is no %s %q: the names are %s", kind, name, strings.Join(names, ", "))
}

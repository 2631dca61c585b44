package netem

import (
	"fmt"
	"time"
)

// Latency is measured times between places, such as the nodes of a public
// network. Each endpoint stands at one of the places, drawn by chance; its
// region says where it stands for everything but time.
type Latency struct {
	Dataset string  `yaml:"dataset" doc:"Recorded round trip times, named as a trace's data set is: a matrix or pairs. Of more than 48 places the 48 that most pairs have are taken."`
	Places  []Place `yaml:"places" doc:"The times themselves: one entry for each place, with its times to all of them. Each endpoint stands at one of the places, drawn by chance."`
}

// A Place is where endpoints may stand.
type Place struct {
	RTT []time.Duration `yaml:"rtt" doc:"Round trip time to each place, in their order, itself included: that is the time between two endpoints at it."`
}

// MaxPlaces is how many places there may be.
const MaxPlaces = 48

// check calls bad for each value that makes no sense.
func (l *Latency) check(bad func(field, format string, args ...any)) {
	if l.Dataset != "" && len(l.Places) > 0 {
		bad("dataset", "there are places too: write one of them")
	}
	if len(l.Places) > MaxPlaces {
		bad("places", "%d places: at most %d", len(l.Places), MaxPlaces)
	}
	for i := range l.Places {
		if n := len(l.Places[i].RTT); n != len(l.Places) {
			bad(fmt.Sprintf("places.%d.rtt", i), "%d times, but there are %d places: write the time to each", n, len(l.Places))
			return
		}
		for k, d := range l.Places[i].RTT {
			if d < 0 || d > 2*MaxDelay {
				bad(fmt.Sprintf("places.%d.rtt.%d", i, k), "%v is not between 0s and %v", d, 2*MaxDelay)
			}
		}
	}
}

// place is where a node stands.
func (t *Topology) place(node int32) int {
	return int(hash(t.placeKey, uint64(t.ends[node].key)) % uint64(len(t.cfg.Latency.Places)))
}

// measured is the one-way time between the places of two nodes, half of the
// round trip, over a relay at a place of its own if they need one.
func (t *Topology) measured(from, to int32) time.Duration {
	p := t.cfg.Latency.Places
	a, b := t.place(from), t.place(to)
	if via, ok := t.Relay(from, to); ok {
		v := int(via) % len(p)
		return (p[a].RTT[v] + p[v].RTT[b]) / 2
	}
	return p[a].RTT[b] / 2
}

// nearest is the shortest one-way time between places.
func nearest(p []Place) time.Duration {
	least := p[0].RTT[0]
	for i := range p {
		for _, d := range p[i].RTT {
			least = min(least, d)
		}
	}
	return least / 2
}

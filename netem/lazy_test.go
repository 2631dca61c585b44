package netem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// A fetching is viewers who each fetch a segment of 500 KB every 2 s, in parts
// from servers or from each other.
type fetching struct {
	name         string
	parts        int
	load         float64 // of the senders' uplinks
	mixed        bool    // downlinks of 6 to 96 Mbit/s, uplinks a fifth more or less than even
	peers        bool    // viewers serve
	within       time.Duration
	median, tail float64 // most that the error of a segment's time may be, in percent: its median and 95th percentile
}

// fetchings are the cases on which lazy sharing is compared with exact; the
// bounds are what was measured, rounded up.
var fetchings = []fetching{
	{"1 part, alike", 1, 2.0 / 3, false, false, period, 0, 0},
	{"4 parts, alike", 4, 2.0 / 3, false, false, period, 1, 5},
	{"4 parts, mixed", 4, 2.0 / 3, true, false, period, 1, 5},
	{"4 parts from peers, mixed", 4, 0.5, true, true, period, 1, 5},
	{"1 part, mixed, busy", 1, 0.85, true, false, period, 1, 5},
	{"4 parts, all at once", 4, 2.0 / 3, false, false, 250 * ms, 1, 5},
}

const viewersCompared = 500

// ends are the viewers, then their servers.
func (c fetching) ends(r *rand.Rand) []Endpoint {
	servers := viewersCompared / 50
	share := float64(bitrate) / c.load // of the uplinks, for one viewer
	vary := func() float64 {
		if c.mixed {
			return 0.8 + 0.4*r.Float64()
		}
		return 1
	}
	var ends []Endpoint
	for range viewersCompared {
		down := 20 * mbit
		if c.mixed {
			down = unit.Rate(6e6 * math.Pow(16, r.Float64()))
		}
		ends = append(ends, access(unit.Rate(share*vary()), down))
	}
	for range servers {
		ends = append(ends, access(unit.Rate(share*vary()*viewersCompared/float64(servers)), gbit))
	}
	return ends
}

// times are how long each segment took that was asked for in 20 s after the
// first 4, with the same requests for the same seed.
func (c fetching) times(t testing.TB, sharing Sharing) []float64 {
	r := rand.New(rand.NewPCG(8, 8))
	cfg := plain()
	cfg.Sharing = sharing
	n := network(t, cfg, c.ends(r)...)
	phases := make([]time.Duration, viewersCompared)
	for i := range phases {
		phases[i] = time.Duration(r.Int64N(int64(c.within)))
	}
	slices.Sort(phases)
	const rounds, first = 12, 2
	var asked, last []time.Duration
	emit := func(a Arrival) {
		n.Arrive(a.From, a.To, a.Size, a.Traffic)
		last[a.ID] = n.now
	}
	for round := range rounds {
		for viewer, phase := range phases {
			now := time.Duration(round)*period + phase
			n.Advance(now, emit)
			for range c.parts {
				from := viewersCompared + r.IntN(viewersCompared/50)
				if c.peers {
					from = (viewer + 1 + r.IntN(viewersCompared-1)) % viewersCompared
				}
				n.SendBulk(now, int32(from), int32(viewer), bitrate.Bytes(period)/unit.Size(c.parts), 0, uint64(len(asked)))
			}
			asked, last = append(asked, now), append(last, 0)
		}
	}
	n.Advance(time.Hour, emit)
	if err := n.Check(); err != nil {
		t.Fatal(err)
	}
	var took []float64
	for i := first * viewersCompared; i < len(asked); i++ {
		took = append(took, (last[i] - asked[i]).Seconds())
	}
	return took
}

// Lazy sharing gives the time of a segment within the bounds that
// docs/explanation/network.md states.
func TestLazyIsNear(t *testing.T) {
	for _, c := range fetchings {
		exact, lazy := c.times(t, Exact), c.times(t, Lazy)
		errors := make([]float64, len(exact))
		for i := range exact {
			errors[i] = 100 * math.Abs(lazy[i]-exact[i]) / exact[i]
		}
		slices.Sort(errors)
		median, tail := errors[len(errors)/2], errors[len(errors)*95/100]
		line := fmt.Sprintf("%s: the time of a segment is off by %.1f %% in the median, %.1f %% at the 95th percentile", c.name, median, tail)
		if t.Log(line); median > c.median || tail > c.tail {
			t.Errorf("%s; at most %v and %v are allowed", line, c.median, c.tail)
		}
	}
}

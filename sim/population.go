package sim

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/scenarios"
)

// A visit is what is drawn for one viewer before the run begins. It depends on
// the seed and the population section alone.
type visit struct {
	join, leave   time.Duration
	abrupt        bool
	region, class int // index into the population's lists
	pollutes      bool
	defaults      bool
	noDecoder     bool          // for what is in a foreign codec
	patience      time.Duration // for the first frame; 0: without end
}

// visits draws every viewer's visit to a stream of the given length. The first
// come when there is enough to play at the live delay.
func visits(p scenarios.Population, length, delay time.Duration, seed uint64) []visit {
	all := make([]visit, p.Viewers)
	initial := int(math.Round(float64(p.Initial) * float64(p.Viewers)))
	for i := range all {
		at := stream(seed, "arrival", uint64(i))
		v := &all[i]
		if i < initial {
			v.join = delay + time.Duration(at.Float64()*float64(time.Second))
		} else {
			v.join = p.At + time.Duration(Arrival(p.Arrival, at.Float64())*float64(p.Over))
		}
		v.leave = min(length, v.join+stay(p, stream(seed, "session", uint64(i))))
		v.abrupt = stream(seed, "abrupt", uint64(i)).Float64() < float64(p.Abrupt)
		v.region = pick(p.Regions, stream(seed, "region", uint64(i)))
		v.class = pick(p.Classes, stream(seed, "class", uint64(i)))
		v.pollutes = stream(seed, "pollutes", uint64(i)).Float64() < float64(p.Pollutes)
		v.defaults = stream(seed, "defaults", uint64(i)).Float64() < float64(p.Defaults)
		v.noDecoder = stream(seed, "decoder", uint64(i)).Float64() < float64(p.NoDecoder)
		v.patience = patience(p.Patience, stream(seed, "patience", uint64(i)))
	}
	return all
}

// growth is how many e-folds the rate of exponential arrivals rises.
const growth = 3

// Arrival maps a uniform draw to a share of the time in which viewers come.
func Arrival(a scenarios.Arrival, u float64) float64 {
	if a == scenarios.Exponential { // inverse of (e^(growth x) - 1) / (e^growth - 1)
		return math.Log1p(u*math.Expm1(growth)) / growth
	}
	return u
}

// puffer is the distribution of watch times per stream of live TV at Puffer:
// 45,606 streams of the BBA arm, measured from puffer-statistics
// (post_draft_results). No single lognormal fits it; between the points it is
// log-linear.
var puffer = []struct{ p, seconds float64 }{
	{0, 1}, {0.10, 8.1}, {0.25, 31}, {0.50, 150}, {0.75, 1384}, {0.90, 5384}, {0.95, 9433}, {0.99, 25188}, {1, 60000},
}

// stay draws how long a viewer means to watch.
func stay(p scenarios.Population, r *rand.Rand) time.Duration {
	switch p.Session {
	case scenarios.Puffer:
		u := r.Float64()
		i, _ := slices.BinarySearchFunc(puffer, u, func(q struct{ p, seconds float64 }, u float64) int {
			if q.p <= u {
				return -1
			}
			return 1
		})
		a, b := puffer[i-1], puffer[i]
		x := (u - a.p) / (b.p - a.p)
		return time.Duration(a.seconds * math.Exp(x*math.Log(b.seconds/a.seconds)) * float64(time.Second))
	case scenarios.SessionExp:
		return time.Duration(r.ExpFloat64() * float64(p.Mean))
	}
	return math.MaxInt64 / 2
}

// Patience as Krishnan and Sitaraman found it ("Video Stream Quality Impacts
// Viewer Behavior", IMC 2012): nobody leaves in the first two seconds, and 5.8 %
// of all viewers in every second after.
const (
	patienceFrom = 2 * time.Second
	patienceLoss = 0.058
)

// patience draws how long a viewer waits for its first frame; 0 is without end.
func patience(p scenarios.Patience, r *rand.Rand) time.Duration {
	if p != scenarios.Krishnan {
		return 0
	}
	return patienceFrom + time.Duration(r.Float64()/patienceLoss*float64(time.Second))
}

// pick draws an index by weight.
func pick(list []scenarios.Weight, r *rand.Rand) int {
	sum := 0
	for _, w := range list {
		sum += w.Weight
	}
	k := r.IntN(sum)
	for i, w := range list {
		if k < w.Weight {
			return i
		}
		k -= w.Weight
	}
	panic("sim: weights changed while drawing")
}

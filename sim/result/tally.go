package result

import (
	"math"
	"slices"
	"time"
)

// stallNoticed is how long a viewer must have stalled in total to count as a
// stalled viewer.
const stallNoticed = time.Second

// Tally fills in the values that follow from the viewers alone, by the
// formulas that Metrics states, so that anybody can recompute them from
// rows.csv: of those who came within the window how they started, of all who
// were there what they saw. A metric nobody gives evidence for becomes NaN.
func Tally(viewers []Viewer, values []float64, window Window) {
	var startup, stalls, latency []float64
	var watched, stalled, weighted, peers, edges, providers, switches, climb, events float64
	var scores [5]float64
	var came, stalledViewers, started, showed int
	values[UnpaidBytes] = 0
	for i := range viewers {
		v := &viewers[i]
		watched += v.Watched.Seconds()
		stalled += v.Stalled.Seconds()
		weighted += float64(v.Bitrate * v.Watched.Seconds())
		switches += float64(v.Switches)
		climb += v.Climb
		events += float64(v.Stalls)
		peers += float64(v.FromPeers)
		edges += float64(v.FromEdges)
		providers += float64(v.FromProviders)
		values[UnpaidBytes] += float64(v.Unpaid)
		if window.Holds(v.Join) {
			came++
		}
		if !v.Started() {
			continue
		}
		started++
		if window.Holds(v.Join) {
			startup = append(startup, v.Startup.Seconds())
		}
		stalls = append(stalls, v.Stalled.Seconds())
		if window.Whole() || v.Bitrate > 0 { // a segment began to be shown
			showed++
			latency = append(latency, v.Latency.Seconds())
			for i, score := range [...]float64{v.QoELin, v.QoELog, v.QoEHD, v.SabreScore, v.LoLP} {
				scores[i] += score
			}
		}
		if v.Stalled > stallNoticed {
			stalledViewers++
		}
	}
	slices.Sort(startup)
	slices.Sort(stalls)
	slices.Sort(latency)
	values[StartupP50] = Quantile(startup, 0.50)
	values[StartupP95] = Quantile(startup, 0.95)
	values[StartupP99] = Quantile(startup, 0.99)
	values[StallP95] = Quantile(stalls, 0.95)
	values[LatencyP50] = Quantile(latency, 0.50)
	values[LatencyP95] = Quantile(latency, 0.95)
	values[NeverStarted] = over(float64(came-len(startup)), float64(came))
	values[ExitsBeforeStart] = over(tired(viewers, window, 1), float64(came))
	values[ExitsInStall] = over(tired(viewers, window, 2), float64(came))
	values[StalledViewers] = over(float64(stalledViewers), float64(started))
	values[RebufferRatio] = over(stalled, watched+stalled)
	values[Bitrate] = over(weighted, watched)
	values[Switches] = over(switches, watched/60)
	values[SwitchSize] = over(climb, switches)
	values[StallEvents] = over(events, watched/60)
	for i, id := range [...]MetricID{QoeLin, QoeLog, QoeHd, SabreScore, Lolp} {
		values[id] = over(scores[i], float64(showed))
	}
	all := peers + edges + providers
	values[PeerShare] = over(peers, all)
	values[EdgeShare] = over(edges, all)
	values[ProviderShare] = over(providers, all)
}

// tired is how many of those who came within the window lost patience, and why.
func tired(viewers []Viewer, window Window, why int) (n float64) {
	for i := range viewers {
		if v := &viewers[i]; v.GaveUp == why && window.Holds(v.Join) {
			n++
		}
	}
	return n
}

// Quantile is the p-quantile of sorted by nearest rank: the smallest value
// that at least a share p of all values does not exceed. It is NaN if there
// are none.
func Quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := math.Ceil(float64(p*float64(len(sorted))) - 1e-9) // 0.07 × 100 is a hair above 7
	i := int(rank) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// over is a ÷ b, and NaN where there is nothing to divide by.
func over(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

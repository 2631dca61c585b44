package sim

import (
	"fmt"
	"math"
	"slices"

	"kinetoscope/internal/unit"
	"kinetoscope/scenarios"
)

// noteCurves puts the moments of what is drawn by no law of package law beside those of
// what was drawn: arrivals, patience, titles, capacities. As noteLaws, with one seed.
func (w *world) noteCurves() {
	if w.seed != 1 {
		return
	}
	p := w.scenario.Population
	w.noteShares()
	w.noteNATs()
	if a := p.Arrival; a == scenarios.Exponential || a == scenarios.Ramp || a == scenarios.ByTrace {
		var came []float64
		for i := int(math.Round(float64(p.Initial) * float64(p.Viewers))); i < min(p.Viewers, len(w.viewers)); i++ {
			came = append(came, (w.viewers[i].join - p.At).Seconds())
		}
		w.curve(fmt.Sprintf("population.arrival is %s, seconds after population.at", a), func(u float64) float64 { return Arrival(p, u).Seconds() }, came)
	}
	if p.Patience == scenarios.Krishnan {
		var waits []float64
		for i := range min(p.Viewers, len(w.viewers)) {
			waits = append(waits, w.viewers[i].patience.Seconds())
		}
		w.curve("population.patience is krishnan, in seconds", func(u float64) float64 { return patienceFrom.Seconds() + u/patienceLoss }, waits)
	}
	if c := w.scenario.Catalogue; c.Titles > 0 {
		z := newZipf(c.Titles, c.Exponent)
		var ranks []float64
		for _, t := range w.titles {
			ranks = append(ranks, float64(t+1))
		}
		w.curve(fmt.Sprintf("the rank of a title is Zipf's with exponent %v", c.Exponent), func(u float64) float64 { return float64(z.draw(u) + 1) }, ranks)
	}
	if a := w.scenario.Providers.Unequal; a > 0 {
		var sizes []float64
		for i := range w.stream.Spots {
			sizes = append(sizes, float64(w.stream.Spots[i].Weight)/1000)
		}
		w.curve(fmt.Sprintf("providers.unequal is Pareto's with exponent %v, cut off at %d", a, scenarios.MaxUnequal), func(u float64) float64 { return capacity(a, u) }, sizes)
	}
}

// noteShares says of how many viewers each trait was drawn.
func (w *world) noteShares() {
	p := &w.scenario.Population
	for _, s := range []struct {
		key   string
		share unit.Ratio
		trait trait
	}{{"pollutes", p.Pollutes, pollutes}, {"forges", p.Forges, forges}, {"withholds", p.Withholds, withholds}, {"freeloads", p.Freeloads, freeloads}, {"liars", p.Liars, lies},
		{"defaults", p.Defaults, defaults}, {"lingers", p.Lingers, lingers}, {"doubles", p.Doubles, doubles}, {"griefs", p.Griefs, griefs}, {"no_decoder", p.NoDecoder, noDecoder}} {
		if s.share == 0 {
			continue
		}
		of, n := min(p.Viewers, len(w.viewers)), 0
		for i := range of {
			n += one(w.viewers[i].is(s.trait))
		}
		w.note("drawn with seed %d: population.%s is %v: %d of %d viewers", w.seed, s.key, s.share, n, of)
	}
}

// noteNATs says of how many viewers a NAT was drawn, and of how many of those a symmetric one.
func (w *world) noteNATs() {
	n := &w.scenario.Network.NAT
	if n.Share == 0 {
		return
	}
	may, behind, apart := 0, 0, 0
	for i := range min(w.scenario.Population.Viewers, len(w.viewers)) {
		id := int32(w.viewerID(i))
		nat, perDestination := w.topology.Translated(id)
		may, behind, apart = may+one(w.topology.Translates(id)), behind+one(nat), apart+one(perDestination)
	}
	w.note("drawn with seed %d: network.nat.share is %v: %d of %d viewers whose access may have a NAT", w.seed, n.Share, behind, may)
	if n.Symmetric > 0 {
		w.note("drawn with seed %d: network.nat.symmetric is %v: %d of %d viewers behind NATs", w.seed, n.Symmetric, apart, behind)
	}
}

// curve notes mean and quantiles of a law, by its quantile function, and of a sample.
func (w *world) curve(what string, quantile func(float64) float64, drawn []float64) {
	const steps = 10_000
	configured := make([]float64, steps)
	for i := range configured {
		configured[i] = quantile((float64(i) + 0.5) / steps)
	}
	if len(drawn) > 0 {
		w.note("drawn with seed %d: %s: configured %s; drawn n=%d, %s", w.seed, what, moments(configured), len(drawn), moments(drawn))
	}
}

// moments sums values up; it sorts them.
func moments(values []float64) string {
	slices.Sort(values)
	rank := func(p float64) float64 { return values[max(0, int(math.Ceil(p*float64(len(values))))-1)] }
	return fmt.Sprintf("mean %.3g, p50 %.3g, p95 %.3g, p99 %.3g", average(values), rank(0.5), rank(0.95), rank(0.99))
}

package sim

import (
	"slices"

	"kinetoscope/sim/result"
)

// maxSpread bounds the tokens whose placement is looked at in the end.
const maxSpread = 10_000

// measureSpread says how evenly the placement has dealt shards out, to machines
// and to the sites that fail as a whole.
func (w *world) measureSpread(r *result.Run) {
	if w.stream.Coder == nil {
		return
	}
	most := w.stream.Coder.N() - w.stream.Coder.K()
	load, shards, tokens, sites, crowded := make([]float64, len(w.providers)), make([]float64, len(w.providers)), 0, 0, 0
	for i := 0; i < int(w.slots)*len(w.stream.Rates) && tokens < maxSpread; i++ {
		inSite := map[uint32]int{}
		worst := 0
		for _, id := range w.stream.Place(uint32(i/len(w.stream.Rates)), uint8(i%len(w.stream.Rates))) {
			p := int(id - firstProvider)
			site := w.stream.Spots[p].Domain
			shards[p]++
			inSite[site]++
			worst = max(worst, inSite[site])
		}
		tokens++
		sites += len(inSite)
		if worst > most {
			crowded++
		}
	}
	r.Values[result.SitesPerToken] = ratio(float64(sites), float64(tokens))
	r.Values[result.CrowdedTokens] = ratio(float64(crowded), float64(tokens))
	for p, n := range shards {
		load[p] = n
		if heavy := w.stream.Spots[p].Weight; heavy > 0 {
			load[p] = n * 1000 / float64(heavy)
		}
	}
	r.Values[result.LoadGini] = gini(load)
	r.Values[result.ShardPeak] = ratio(slices.Max(shards), average(shards))
	r.Values[result.ShardGini] = gini(shards)
}

// measureEdges says how many edges share what viewers pay for being served. The index is
// Herfindahl's and Hirschman's (Hirschman 1964): 1 if one edge has all.
func (w *world) measureEdges(r *result.Run) {
	served, all := make([]float64, len(w.edges)), 0.0
	for k, e := range w.edges {
		for _, a := range e.Guests() {
			served[k] += float64(e.Served(a))
		}
		all += served[k]
	}
	slices.Sort(served)
	var squares, top float64
	for i, x := range served {
		squares += float64(ratio(x, all) * ratio(x, all))
		if i >= len(served)-10 {
			top += ratio(x, all)
		}
	}
	r.Values[result.EdgeHHI], r.Values[result.EdgeTopTen] = squares, top
}

// gini is how unequal shares are: 0 if all are the same, near 1 if one has all.
// It sorts its argument. (Gini 1912, by the sorted form.)
func gini(list []float64) float64 {
	slices.Sort(list)
	var sum, weighted float64
	for i, x := range list {
		sum += x
		weighted += float64(float64(i+1) * x)
	}
	n := float64(len(list))
	return ratio(float64(2*weighted), n*sum) - (n+1)/n
}

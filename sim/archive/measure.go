package archive

import (
	"fmt"
	"math"

	"kinetoscope/internal/unit"
	"kinetoscope/sim"
	"kinetoscope/sim/law"
	"kinetoscope/sim/result"
)

// look counts what is to be had now.
func (w *world) look() {
	w.looks++
	w.stored += int64(w.begun)
	for a := range w.begun {
		n := 0
		for s := a * w.n; s < (a+1)*w.n; s++ {
			if x := &w.shards[s]; x.there {
				w.stock++
				if !w.places[x.at].away {
					n++
				}
			}
		}
		switch {
		case n < w.k:
			w.gone++
		case n == w.k:
			w.last++
		}
	}
	w.queue.push(event{at: w.now + w.scenario.Duration/looksOf, what: look})
}

// check holds that what is counted step by step is what is there: no more ghosts and no
// fewer than assets of which fewer than k shards were left at a time, and no shard
// with a provider that has left.
func (w *world) check() {
	ghosts := 0
	for a := range w.begun {
		n := 0
		for s := a * w.n; s < (a+1)*w.n; s++ {
			x := &w.shards[s]
			if !x.there {
				continue
			}
			n++
			if w.places[x.at].gone {
				panic(&sim.Broken{Invariant: "acknowledged tokens can be rebuilt", Detail: fmt.Sprintf("shard %d of asset %d is with provider %d, which has left", s-a*w.n, a, x.at)})
			}
		}
		x := &w.assets[a]
		if n != x.there || n < w.k && !x.ghost {
			panic(&sim.Broken{Invariant: "acknowledged tokens can be rebuilt", Detail: fmt.Sprintf("asset %d has %d shards, %d by the books; a ghost: %v", a, n, x.there, x.ghost)})
		}
		if x.ghost {
			ghosts++
		}
	}
	if ghosts != w.ghost {
		panic(&sim.Broken{Invariant: "acknowledged tokens can be rebuilt", Detail: fmt.Sprintf("%d assets are ghosts, %d by the books", ghosts, w.ghost)})
	}
}

// measure makes the record of a finished run.
func (w *world) measure() *result.Run {
	s := &w.scenario
	r := &result.Run{Variant: s.Variant, Seed: w.seed, Values: result.NewValues()}
	for a := range w.begun {
		if x := &w.assets[a]; !x.ghost {
			w.lived += years(w.now - x.born)
		}
	}
	w.ghosts.AddAll(never, uint64(w.begun-w.ghost))
	for i := range w.shards {
		if w.shards[i].lost >= 0 {
			w.unseen.AddAll(never, 1)
		}
	}
	r.Assets, r.Unseen = w.ghosts, w.unseen
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	share := func(n int64) float64 { return ratio(float64(n), float64(w.stored)) }
	set(result.Ghosts, ratio(float64(w.ghost), float64(w.begun)))
	if w.ghost > 0 {
		set(result.HalfLife, math.Ln2*w.lived/float64(w.ghost)*year.Seconds())
	}
	set(result.Unavailability, share(w.gone))
	set(result.TokensAtK, share(w.last))
	set(result.Expansion, ratio(float64(w.stock), float64(w.k)*float64(w.stored)))
	moved := float64(w.repaired) * float64(w.k) * float64(w.piece)
	set(result.RepairBytes, moved)
	gbYears := float64(s.Archive.Size) / 1e9 * w.lived
	set(result.RepairRate, ratio(moved/1e9, gbYears*12))
	stored := s.Prices.Storage.Price.Dollars() * ratio(float64(w.stock), float64(w.k)*float64(w.stored)) * float64(year.Hours()) / unit.MonthHours
	set(result.KeepCost, stored+ratio(s.Prices.Provider.Price.Dollars()*moved/1e9, gbYears))
	if s.Storage.Audit > 0 {
		set(result.AuditFailures, float64(w.failed))
		set(result.UndetectedP50, reached(&w.unseen, 0.50))
		set(result.UndetectedP95, reached(&w.unseen, 0.95))
	}
	r.Notes = w.notes()
	r.Seal()
	return r
}

// reached is a quantile in seconds; NaN if so many never came to it.
func reached(h *result.Histogram, q float64) float64 {
	if x := h.Quantile(q); x < never.Seconds()/2 {
		return x
	}
	return math.NaN()
}

// notes say what is behind the numbers.
func (w *world) notes() []string {
	a := &w.scenario.Archive
	list := []string{
		"not simulated: network, video and who reads; a shard is there or not, uploads take no time, and a shard that is made anew takes " + w.takes.String() + " of its keeper",
		fmt.Sprintf("%d providers left for good, %d were found to cheat, %d shards rotted", w.exits-w.caught, w.caught, w.rotten),
	}
	for i, of := range []struct {
		name string
		law  *law.Config
	}{{"archive.life", &a.Life}, {"archive.up", &a.Up}, {"archive.away", &a.Away}} {
		if of.law.Ends() {
			list = append(list, of.name+": "+w.drawn[i].Compare(of.law))
		}
	}
	return list
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

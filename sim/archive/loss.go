package archive

import (
	"math"
	"slices"
	"time"
)

// walk calls f with every shard that a provider is the keeper of, and forgets
// those that it is not any more.
func (w *world) walk(at int, f func(s int)) {
	p := &w.places[at]
	p.shards = slices.DeleteFunc(p.shards, func(s uint32) bool { return int(w.shards[s].at) != at })
	slices.Sort(p.shards) // what went away and came again is there twice
	p.shards = slices.Compact(p.shards)
	for _, s := range p.shards {
		f(int(s))
	}
}

// leave has a provider go for good. Who audits sees no more than that it is silent.
func (w *world) leave(at int) {
	p := &w.places[at]
	p.gone = true
	w.exits++
	w.walk(at, w.lose)
	w.queue.push(event{at: w.now + w.scenario.Archive.Vacancy, what: newcomer, place: at})
}

// lose takes a shard off its disk.
func (w *world) lose(s int) {
	x := &w.shards[s]
	if !x.there {
		return
	}
	x.there = false
	if x.lost = w.now; !x.kept || !w.places[x.at].usable() { // the auditor counts it out already
		w.notice(s)
	}
	w.thin(s / w.n)
}

// thin counts a shard of an asset less.
func (w *world) thin(a int) {
	w.assets[a].there--
	w.bury(a)
}

// bury counts an asset as lost that has fewer than k shards.
func (w *world) bury(a int) {
	if x := &w.assets[a]; x.there < w.k && !x.ghost {
		x.ghost, x.ended = true, w.now
		w.ghost++
		w.ghosts.Add(w.now - x.born)
		w.lived += years(w.now - x.born)
	}
}

// notice books that the auditor knows of a loss.
func (w *world) notice(s int) {
	if x := &w.shards[s]; x.lost >= 0 {
		w.unseen.Add(w.now - x.lost)
		x.lost = -1
	}
}

// year is 365 days.
const year = 365 * 24 * time.Hour

func years(d time.Duration) float64 { return float64(d) / float64(year) }

// nextRot draws when the next shard vanishes: a Poisson process over all of them.
func (w *world) nextRot() {
	hazard := -math.Log1p(-float64(w.scenario.Archive.Rot)) * float64(len(w.shards)) // a year
	if hazard == 0 {
		return
	}
	wait := w.rot.ExpFloat64() / hazard * float64(year)
	if wait = math.Round(wait/1e3) * 1e3; wait < float64(w.scenario.Duration) {
		w.queue.push(event{at: w.now + time.Duration(wait), what: rots})
	}
}

// rots takes one shard of all off its disk; nothing happens if it is not there.
func (w *world) rots() {
	if s := w.rot.IntN(len(w.shards)); w.shards[s].there {
		w.rotten++
		w.lose(s)
	}
	w.nextRot()
}

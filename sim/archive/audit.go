package archive

import "kinetoscope/protocol/storage"

// audit challenges everybody whom the auditor trusts. Who is there answers at once.
func (w *world) audit() {
	for at := range w.places {
		p := &w.places[at]
		if p.liar {
			continue
		}
		if p.awaited = p.gone || p.away; p.awaited {
			continue
		}
		p.silent = false // it counts again for what it keeps, and drops what others keep by now
		w.prove(at)
	}
	w.queue.push(event{at: w.now + w.scenario.Storage.Detect, what: verdict})
	w.queue.push(event{at: w.now + w.scenario.Storage.Audit, what: audit})
}

// prove has a provider prove some of the shards that it acknowledged. A cheat that
// lacks one makes something up, and is trusted no more; others say that they have
// lost it.
func (w *world) prove(at int) {
	p := &w.places[at]
	for range w.scenario.Archive.Sample {
		s, any := w.sample(p, at)
		if !any {
			return
		}
		x := &w.shards[s]
		if x.there {
			continue
		}
		w.failed++
		if p.cheats {
			p.liar = true
			w.caught++
			w.distrust(at)
			w.leave(at) // nobody pays it any more
			return
		}
		x.kept = false
		w.notice(s)
		w.soil(s / w.n)
	}
}

// tries is how often a challenge is drawn again that hits a shard which is not, or
// not yet, with this provider.
const tries = 64

// sample draws one of the shards that a provider has acknowledged.
func (w *world) sample(p *place, at int) (s int, any bool) {
	for range tries {
		if len(p.shards) == 0 {
			return 0, false
		}
		s := int(p.shards[p.audit.IntN(len(p.shards))])
		if x := &w.shards[s]; int(x.at) == at && x.kept {
			return s, true
		}
	}
	return 0, false
}

// distrust counts out what a provider keeps.
func (w *world) distrust(at int) {
	w.walk(at, func(s int) {
		w.notice(s)
		w.soil(s / w.n)
	})
}

// forget has the auditor see that another provider stands in a place: what the one
// before kept is gone.
func (w *world) forget(at int) {
	w.walk(at, func(s int) {
		x := &w.shards[s]
		x.kept, x.making = false, false
		w.notice(s)
		w.soil(s / w.n)
	})
}

// verdict notes who has not answered, and has made anew what is due.
func (w *world) verdict() {
	for at := range w.places {
		p := &w.places[at]
		if !p.awaited {
			continue
		}
		p.awaited = false
		w.failed++
		if !p.silent {
			p.silent = true
			w.distrust(at)
		}
	}
	if w.scenario.Storage.Repair == storage.Never {
		return
	}
	list := w.dirty
	w.dirty = nil
	for _, a := range list {
		w.assets[a].dirty = false
		w.repair(a)
	}
}

// soil notes that an asset may be due for repair.
func (w *world) soil(a int) {
	if x := &w.assets[a]; !x.dirty {
		x.dirty = true
		w.dirty = append(w.dirty, a)
	}
}

// repair finds new keepers for the shards of an asset that are gone, if that is due,
// as a publisher does. What cannot be done now is tried again after the next audit.
func (w *world) repair(a int) {
	if w.assets[a].ghost {
		return
	}
	var held, missing []int
	live := 0
	for s := a * w.n; s < (a+1)*w.n; s++ {
		x := &w.shards[s]
		switch p := &w.places[x.at]; {
		case p.usable() && x.kept:
			live++
			held = append(held, int(x.at))
		case p.usable() && x.making:
			held = append(held, int(x.at))
		default:
			missing = append(missing, s)
		}
	}
	if live < w.k {
		w.soil(a)
		return
	}
	if !w.scenario.Storage.Due(len(held)) {
		return
	}
	for _, s := range missing {
		at := w.placer.Spare(uint64(a), held, w.usable)
		if at < 0 {
			w.soil(a)
			return
		}
		held = append(held, at)
		w.entrust(s, at)
	}
}

// entrust has a provider make a shard anew, once it has made what it was asked for
// before. What the keeper until now had of it does not count any more.
func (w *world) entrust(s, at int) {
	x, p := &w.shards[s], &w.places[at]
	if x.there {
		x.there = false
		w.thin(s / w.n)
	}
	w.notice(s)
	w.give(s, at)
	p.free = max(p.free, w.now) + w.takes
	w.queue.push(event{at: p.free, what: made, place: at, tenant: p.tenant, shard: s})
}

// made has a provider keep a shard that it has made anew, if it is still there and
// k others are to be had.
func (w *world) made(at, s int, same bool) {
	x := &w.shards[s]
	if !same || int(x.at) != at || !x.making {
		return
	}
	others := 0
	for o := s / w.n * w.n; o < (s/w.n+1)*w.n; o++ {
		if y := &w.shards[o]; y.there && !w.places[y.at].away {
			others++
		}
	}
	if others < w.k {
		x.making = false
		w.soil(s / w.n)
		return
	}
	if w.keep(s) {
		w.repaired++
	}
}

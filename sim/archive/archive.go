// Package archive plays storage alone: many assets in the care of providers over
// many months. Providers leave for good, go dark for a while, lose shards on their
// disks or pretend to have them; an auditor challenges them and has made anew what
// is due. Codes, placements, and when repair is due are those of package storage,
// and the auditor acts as a publisher does that keeps its stream.
//
// What it leaves out: the network, video, and who reads. A shard is there or not; an
// upload takes no time, a shard that is made anew takes what k others take on a link.
package archive

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"kinetoscope/protocol/storage"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/law"
	"kinetoscope/sim/result"
)

// A world is one run.
type world struct {
	scenario scenarios.Scenario
	seed     uint64
	placer   *storage.Placer
	k, n     int
	piece    int64         // bytes of a shard
	takes    time.Duration // to make a shard anew

	now    time.Duration
	queue  queue
	places []place
	assets []asset
	shards []shard // n of each asset
	begun  int     // assets that are stored
	dirty  []int   // assets that may be due for repair
	birth  func(asset int) time.Duration
	rot    *rand.Rand

	drawn            [3]law.Sample // lives, times up, times away
	looks            int
	gone, last       int64   // assets that nobody could read, and with k shards to be had, over all looks
	stock            int64   // shards that were there, over all looks
	stored           int64   // assets, over all looks
	failed, repaired int64   // audits, shards
	lived            float64 // of all assets together, in years
	ghosts, unseen   result.Histogram
	ghost            int // assets
	exits, caught    int // providers that left, and that were found to cheat
	rotten           int // shards
}

// A place is one provider after the other.
type place struct {
	tenant  uint32 // how many came before
	gone    bool   // it is empty, whether anybody knows or not
	away    bool
	cheats  bool
	silent  bool // did not answer the last audit
	liar    bool // answered wrongly: it is trusted with nothing any more
	awaited bool // an audit waits for its answer
	shards  []uint32
	free    time.Duration // when it has made what it was asked for
	draw    *rand.Rand
	audit   *rand.Rand
}

// usable says that it can be given shards, as far as the auditor knows.
func (p *place) usable() bool { return !p.silent && !p.liar }

// An asset is one token.
type asset struct {
	born  time.Duration
	there int  // shards that are somewhere, if only with somebody who is away
	ghost bool // there were too few at a time
	ended time.Duration
	dirty bool // it may be due for repair
}

// A shard is one of an asset.
type shard struct {
	at     uint16        // its place
	there  bool          // the truth
	kept   bool          // what the auditor believes: it was acknowledged
	making bool          // it is being made anew
	lost   time.Duration // since when it is not there and the auditor believes it is; negative if not so
}

const never = time.Duration(1<<63 - 1)

// Run plays an archive once. It returns early with ctx's error when ctx is done. A
// *sim.Broken error says that the books do not add up.
func Run(ctx context.Context, s scenarios.Scenario, seed uint64) (run *result.Run, err error) {
	w := &world{scenario: s, seed: seed, birth: func(int) time.Duration { return 0 }}
	defer func() {
		if p := recover(); p != nil {
			b, ok := p.(*sim.Broken)
			if !ok {
				b = &sim.Broken{Invariant: "no panic", Detail: fmt.Sprint(p)}
			}
			b.Scenario, b.Variant, b.Seed, b.At = s.Name, s.Variant, seed, w.now
			run, err = nil, b
		}
	}()
	if err := w.found(); err != nil {
		return nil, err
	}
	if err := w.play(ctx); err != nil {
		return nil, err
	}
	w.check()
	return w.measure(), nil
}

// looksOf is how often a run counts what is there.
const looksOf = 200

// found draws the providers.
func (w *world) found() error {
	s := &w.scenario
	spots, err := sim.Spots(s.Providers, w.seed)
	if err != nil {
		return err
	}
	w.placer = storage.NewPlacer(s.Storage, spots, w.seed)
	w.k, w.n = s.Storage.Needed(), s.Storage.Shards()
	w.piece = (int64(s.Archive.Size) + int64(w.k) - 1) / int64(w.k)
	w.takes = time.Duration(float64(w.k) * float64(w.piece) * 8 / float64(s.Archive.Rate) * 1e9)
	w.assets = make([]asset, s.Archive.Assets)
	w.shards = make([]shard, len(w.assets)*w.n)
	w.places = make([]place, len(spots))
	for i := range w.places {
		w.places[i].draw = sim.Stream(w.seed, "provider", uint64(i))
		w.places[i].audit = sim.Stream(w.seed, "audit", uint64(i))
		w.come(i)
	}
	w.rot = sim.Stream(w.seed, "rot", 0)
	w.nextRot()
	if s.Storage.Audit > 0 {
		w.queue.push(event{at: s.Storage.Audit, what: audit})
	}
	w.queue.push(event{at: s.Duration / looksOf, what: look})
	return nil
}

// come puts a new provider into a place.
func (w *world) come(i int) {
	a, p := &w.scenario.Archive, &w.places[i]
	p.gone, p.away, p.silent, p.liar, p.awaited, p.free = false, false, false, false, false, w.now
	p.cheats = p.draw.Float64() < float64(a.Cheats)
	life := a.Life.Draw(p.draw.Float64())
	if a.Life.Ends() {
		w.drawn[0].Add(life)
		w.queue.push(event{at: w.now + life, what: exit, place: i, tenant: p.tenant})
	}
	w.rise(i)
}

// rise has a provider be there until it goes away for a while.
func (w *world) rise(i int) {
	a, p := &w.scenario.Archive, &w.places[i]
	p.away = false
	if !a.Up.Ends() {
		return
	}
	up := a.Up.Draw(p.draw.Float64())
	w.drawn[1].Add(up)
	w.queue.push(event{at: w.now + up, what: dark, place: i, tenant: p.tenant})
}

// play lets things happen in their order.
func (w *world) play(ctx context.Context) error {
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for w.begun < len(w.assets) && w.birth(w.begun) <= w.queue.first().at {
			w.now = w.birth(w.begun)
			w.store(w.begun)
		}
		e := w.queue.pop()
		if e.at > w.scenario.Duration {
			w.now = w.scenario.Duration
			return nil
		}
		w.now = e.at
		w.happen(&e)
	}
}

// happen lets one thing happen. What was to come to a provider that has left does
// not.
func (w *world) happen(e *event) {
	p := &w.places[e.place]
	stale := e.tenant != p.tenant
	switch e.what {
	case exit:
		if !stale && !p.gone {
			w.leave(e.place)
		}
	case dark:
		if !stale && !p.gone {
			away := w.scenario.Archive.Away.Draw(p.draw.Float64())
			w.drawn[2].Add(away)
			p.away = true
			w.queue.push(event{at: w.now + away, what: back, place: e.place, tenant: p.tenant})
		}
	case back:
		if !stale && !p.gone {
			w.rise(e.place)
		}
	case newcomer:
		w.forget(e.place)
		p.tenant++
		p.shards = nil
		w.come(e.place)
	case made:
		w.made(e.place, e.shard, !stale)
	case rots:
		w.rots()
	case audit:
		w.audit()
	case verdict:
		w.verdict()
	case look:
		w.look()
	}
}

// store places a new asset, past providers that are known to be gone by who repairs.
func (w *world) store(a int) {
	x := &w.assets[a]
	x.born = w.now
	w.begun++
	places := w.placer.Place(uint64(a))
	if w.scenario.Storage.Repair != storage.Never {
		places = w.avoid(a, places)
	}
	for i, at := range places {
		w.give(a*w.n+i, at)
		w.keep(a*w.n + i)
	}
	w.bury(a)
}

// avoid puts others in the place of providers that are known to be gone.
func (w *world) avoid(a int, places []int) []int {
	var held []int
	for _, at := range places {
		if w.places[at].usable() {
			held = append(held, at)
		}
	}
	if len(held) == len(places) {
		return places
	}
	for i, at := range places {
		if w.places[at].usable() {
			continue
		}
		if spare := w.placer.Spare(uint64(a), held, w.usable); spare >= 0 {
			held, places[i] = append(held, spare), spare
		}
	}
	return places
}

func (w *world) usable(at int) bool { return w.places[at].usable() }

// give makes a provider the keeper of a shard.
func (w *world) give(s, at int) {
	x := &w.shards[s]
	x.at, x.kept, x.making, x.lost = uint16(at), false, true, -1
	w.places[at].shards = append(w.places[at].shards, uint32(s))
}

// keep has the keeper of a shard take it, and says whether it could. A cheat
// acknowledges it and drops it, but for some.
func (w *world) keep(s int) bool {
	x := &w.shards[s]
	p := &w.places[x.at]
	if x.making = false; p.gone || p.away {
		w.soil(s / w.n)
		return false
	}
	x.kept = true
	if p.cheats && p.draw.Float64() >= float64(w.scenario.Archive.Keeps) {
		x.lost = w.now
		return true
	}
	x.there = true
	w.assets[s/w.n].there++
	return true
}

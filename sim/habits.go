package sim

import (
	"slices"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// A habit is what a viewer has done beside watching.
type habit struct {
	seeks, zaps int
}

// customs are the habits of all viewers and what came of them.
type customs struct {
	habits    []habit   // of each viewer; nil if nobody jumps
	jumpWaits []float64 // s, from a jump to the next picture
	again     int       // sessions of those who tried again
}

// Why a viewer left, as its row says it.
const (
	tiredOfStart = 1 + iota // its patience for the first frame ended
	tiredOfStall            // its patience in a stall, or after a jump, ended
)

// settleIn begins the habits of a viewer who has come.
func (w *world) settleIn(i int) {
	if w.habits == nil {
		return
	}
	w.intend(i, toSeek)
	w.intend(i, toZap)
}

// intend draws when a viewer jumps next.
func (w *world) intend(i int, what order) {
	times, sample, purpose, done := &w.scenario.Habits.Seeks, &w.drawn.seeks, "seek", w.habits[i].seeks
	if what == toZap {
		times, sample, purpose, done = &w.scenario.Habits.Zaps, &w.drawn.zaps, "zap", w.habits[i].zaps
	}
	if !times.Ends() {
		return
	}
	after := times.Draw(stream(w.seed, purpose, jumpOf(i, done)).Float64())
	sample.Add(after)
	if at := w.now + after; at < w.end {
		w.push(at, what, w.viewerID(i), 0)
	}
}

// jumpOf names a jump of a viewer among all.
func jumpOf(viewer, jump int) uint64 { return uint64(jump)<<32 | uint64(viewer) }

// jump has a viewer go elsewhere, in its title or to another one.
func (w *world) jump(id protocol.NodeID, what order) {
	i := int(id - w.viewerID(0))
	v, h, c := &w.viewers[i], &w.habits[i], w.stream.Vault
	if v.left {
		return
	}
	var to uint32
	if what == toSeek {
		draw := stream(w.seed, "seek to", jumpOf(i, h.seeks))
		to = w.titles[i]*c.Slots + uint32(draw.IntN(int(c.Slots)))
		h.seeks++
	} else {
		title := newZipf(w.scenario.Catalogue.Titles, w.scenario.Catalogue.Exponent).draw(stream(w.seed, "zap to", jumpOf(i, h.zaps)).Float64())
		if title == w.titles[i] {
			title = (title + 1) % c.Titles
		}
		w.titles[i], to = title, title*c.Slots
		h.zaps++
	}
	if node, ok := w.nodes[id].(*protocol.Viewer); ok && w.logs != nil {
		w.logs[i].Cut(node.Dry() - w.now)
	}
	w.in = protocol.Input{Kind: protocol.Jump, Seq: to}
	w.step(id)
	w.intend(i, what)
}

// jumps is how often a viewer has gone elsewhere.
func (w *world) jumps(id protocol.NodeID) uint64 {
	if w.habits == nil {
		return 0
	}
	h := &w.habits[id-w.viewerID(0)]
	return uint64(h.seeks + h.zaps)
}

// sought counts the wait for a picture after a jump, which has come.
func (w *world) sought(f *protocol.Fact) {
	if f.Value != 0 && w.window.Holds(w.now) {
		w.jumpWaits = append(w.jumpWaits, f.Span.Seconds())
	}
}

// steel begins the patience of a viewer who sees its first picture.
func (w *world) steel(id protocol.NodeID) {
	if w.scenario.Habits.Endures.Ends() {
		w.drawn.endures.Add(w.endurance(id))
		w.tire(id)
	}
}

// endurance is how long a viewer bears that its picture stands still.
func (w *world) endurance(id protocol.NodeID) time.Duration {
	return w.scenario.Habits.Endures.Draw(stream(w.seed, "endures", uint64(id-w.viewerID(0))).Float64())
}

// tire ends the patience of a viewer who has begun, when its picture has
// stood still for as long as it endures. It looks no more often than that can be.
func (w *world) tire(id protocol.NodeID) {
	v := w.visitor(id)
	if v.left {
		return
	}
	if at := w.nodes[id].(*protocol.Viewer).Dry() + w.endurance(id); at > w.now {
		if at < w.end {
			w.push(at, toTire, id, 0)
		}
		return
	}
	v.tired = tiredOfStall
	w.stop(id, v.is(abrupt))
	w.retry(id)
}

// retry has a viewer whose patience has ended come again, if it is one of those
// who do.
func (w *world) retry(id protocol.NodeID) {
	i := int(id - w.viewerID(0))
	if w.drawn.spares == nil || w.drawn.spares[i] == 0 {
		return
	}
	next := w.drawn.spares[i]
	v := &w.viewers[next]
	if w.titles != nil {
		w.titles[next] = w.titles[i]
	}
	pause := w.scenario.Habits.Pause.Draw(stream(w.seed, "pause", uint64(next)).Float64())
	w.drawn.pause.Add(pause)
	if v.join = w.now + pause; v.join < min(v.leave, w.end) {
		w.again++
		w.expect(int(next))
	}
}

// retries appends the sessions that viewers may begin when their patience has
// ended, and says whose each would be. They come after all others, so that
// nobody else is another number.
func (d *drawn) retries(all []visit, h *scenarios.Habits, seed uint64) []visit {
	if h.Retries == 0 {
		return all
	}
	d.spares = make([]int32, len(all))
	for i := range all {
		if all[i].is(sybil) {
			continue
		}
		draw := stream(seed, "retries", uint64(i))
		for last := i; draw.Float64() < float64(h.Retries); last = len(all) - 1 {
			v := all[i]
			v.set(spare, true)
			all, d.spares = append(all, v), append(d.spares, 0)
			d.spares[last] = int32(len(all) - 1)
		}
	}
	return all
}

// measureHabits says what came of habits.
func (w *world) measureHabits(r *result.Run) {
	var watched time.Duration
	var seeks, zaps, came int
	for i := range w.viewers {
		v := &w.viewers[i]
		watched += v.watched()
		came += one(v.joined && !v.is(sybil))
		if w.habits != nil {
			seeks, zaps = seeks+w.habits[i].seeks, zaps+w.habits[i].zaps
		}
	}
	r.Values[result.Retries] = ratio(float64(w.again), float64(came))
	r.Values[result.Seeks] = ratio(float64(seeks), watched.Minutes())
	r.Values[result.Zaps] = ratio(float64(zaps), watched.Minutes())
	slices.Sort(w.jumpWaits)
	r.Values[result.SeekP50] = result.Quantile(w.jumpWaits, 0.50)
	r.Values[result.SeekP95] = result.Quantile(w.jumpWaits, 0.95)
}

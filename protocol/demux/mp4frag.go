package demux

import (
	"math"
	"slices"
)

// maxRuns is how many runs one moof box may have.
const maxRuns = 1 << 14

// A fragment is one moof box (ISO 14496-12, 8.8).
type fragment struct {
	at    int64   // position of it
	parts []*runs // by track
	room  int     // runs that it may still have

	// The track fragment that is read.
	part *runs
	preset
	base int64 // what its places count from
	own  bool  // it says so itself
	next int64 // where the last run ended, -1 none
	dts  int64
}

// runs are the samples that a fragment has of one track, and a walker of them.
type runs struct {
	t    *trak
	list []run // the one that the walker is in, and those to come
	i    int64 // next sample of it
	rows []byte
	pos  int64
	dts  int64
}

// A run is one trun box.
type run struct {
	preset
	first uint32 // flags of the first sample
	has   uint32 // which columns the rows have
	n     int64
	rows  []byte
	off   int64
	dts   int64
	base  int64 // what off was counted from
	own   bool  // the fragment said so itself
}

// fragment reads a moof box at position off.
func (r *mp4Reader) fragment(body []byte, off int64) {
	g := &fragment{at: off, base: off, next: -1, room: maxRuns}
	r.repair(mendNested, children(body, 1, func(b box) { r.inFragment(g, b, 2) }))
	r.frag, r.slip = g, slip{from: -1}
	r.bound(off)
}

func (r *mp4Reader) inFragment(g *fragment, b box, depth int) {
	r.steps++
	switch b.name {
	case "traf":
		g.part = nil
		r.repair(mendNested, children(b.body, depth, func(b box) { r.inFragment(g, b, depth+1) }))
	case "tfhd":
		r.fragmentHeader(g, b.body)
	case "tfdt":
		f := fields{b.body}
		if f.u32()>>24 == 1 {
			g.dts = int64(f.u64() & (1<<60 - 1))
		} else {
			g.dts = int64(f.u32())
		}
	case "trun":
		if g.part == nil {
			return
		}
		if g.room--; g.room < 0 {
			r.repair(lostRuns, 1)
			return
		}
		g.run(b.body)
	}
}

// lostRuns: what a moof box has beyond maxRuns.
const lostRuns = "runs above the limit of one fragment, dropped"

// fragmentHeader finds the track and what its samples fall back to. A track
// that no movie header described is kept: its bytes are known, its codec not.
func (r *mp4Reader) fragmentHeader(g *fragment, p []byte) {
	f := fields{p}
	flags := f.u32()
	id := f.u32()
	t := r.find(id)
	if t == nil {
		if t = r.nameless(id); t == nil {
			return
		}
	}
	i := slices.IndexFunc(g.parts, func(u *runs) bool { return u.t == t })
	if i < 0 {
		i = len(g.parts)
		g.parts = append(g.parts, &runs{t: t})
	}
	g.part = g.parts[i]
	g.preset, g.dts = preset{}, t.next
	for _, x := range r.trex {
		if x.id == id {
			g.preset = x.preset
		}
	}
	switch {
	case flags&1 != 0:
		g.base = int64(min(f.u64(), farAway)) + r.shift
		g.own = true
	case flags&0x20000 != 0 || g.next < 0:
		g.base, g.own = g.at, false
	default:
		g.base = g.next // the data of the track before, by the older rule
	}
	for _, x := range []struct {
		bit uint32
		to  *uint32
	}{{2, &g.entry}, {8, &g.dur}, {0x10, &g.size}, {0x20, &g.flags}} {
		if flags&x.bit != 0 {
			*x.to = f.u32()
		}
	}
	g.next = -1
}

// nameless makes a track that nothing but a fragment speaks of.
func (r *mp4Reader) nameless(id uint32) *trak {
	t := &trak{id: id, kind: Other, blind: true, Track: r.grow(id)}
	if t.Track == nil {
		return nil
	}
	t.scale = r.indexed(id)
	t.Scale = t.scale
	r.traks = append(r.traks, t)
	if !slices.ContainsFunc(r.sidx, func(s sidxed) bool { return s.id == id }) {
		t.Guessed = true
		r.repair(guessScale, 1)
	}
	return t
}

// What a row of a trun box has.
const (
	hasDur   = 0x100
	hasSize  = 0x200
	hasFlags = 0x400
	hasCTS   = 0x800

	notSync = 0x10000 // in flags of samples
)

// run reads one trun box and works out where its samples end and when.
func (g *fragment) run(p []byte) {
	f := fields{p}
	u := run{preset: g.preset, dts: g.dts, off: g.base, base: g.base, own: g.own && g.base != g.at}
	u.has = f.u32()
	n := int64(f.u32())
	if u.has&1 != 0 {
		u.off += int64(int32(f.u32()))
	} else if g.next >= 0 {
		u.off = g.next
	}
	if u.first = g.flags; u.has&4 != 0 {
		u.first = f.u32()
	}
	u.rows = f.p
	size, dur := u.measure(n)
	g.part.list = append(g.part.list, u)
	g.next = min(u.off+size, farAway)
	g.dts = min(g.dts+dur, farAway)
	g.part.t.next = g.dts
}

// measure sets how many samples a run of n can have, as many as it has rows or
// as many as a size of nothing but a number allows, and adds them up.
func (u *run) measure(n int64) (size, dur int64) {
	width := 0
	for bit := uint32(hasDur); bit <= hasCTS; bit <<= 1 {
		width += 4 * b2i(u.has&bit != 0)
	}
	if width == 0 {
		if u.size == 0 {
			n = 0
		}
		u.n = min(n, math.MaxInt32)
		return u.n * int64(u.size), u.n * int64(u.dur)
	}
	u.n = min(n, int64(len(u.rows)/width))
	size, dur = u.n*int64(u.size), u.n*int64(u.dur)
	if u.has&(hasDur|hasSize) == 0 {
		return size, dur
	}
	at := 4 * b2i(u.has&hasDur != 0)
	if at > 0 {
		dur = 0
	}
	if u.has&hasSize != 0 {
		size = 0
	}
	for p := u.rows[:int(u.n)*width]; len(p) > 0; p = p[width:] {
		if at > 0 {
			dur += int64(be.Uint32(p))
		}
		if u.has&hasSize != 0 {
			size += int64(be.Uint32(p[at:]))
		}
	}
	return size, dur
}

// startFragment makes cursors of a fragment, as soon as the samples are in
// that show whether it says where they are.
func (r *mp4Reader) startFragment() bool {
	g := r.frag
	if !r.rebase(g) {
		return false
	}
	for _, u := range g.parts {
		u.begin()
		r.push(u.t, u)
	}
	r.frag = nil
	r.known, r.filled, r.hold = true, r.mdat.to > 0, -1
	return true
}

// rebase mends the same mistake as probe, for fragments that say where they
// lie: if the first picture is not there, but is where it would be if the
// fragment lay where it does, all of them are moved. It says false while the
// bytes to look at have not come.
func (r *mp4Reader) rebase(g *fragment) bool {
	for _, u := range g.parts {
		if !u.t.telling() || len(u.list) == 0 || !u.list[0].own {
			continue
		}
		var s named
		if first := (runs{t: u.t, list: u.list[:1]}); !first.begin().next(&s) {
			continue
		}
		ok, in := r.whole(u.t, s.off, s.size)
		if ok || !in {
			return in
		}
		by := g.at - u.list[0].base
		if ok, in = r.whole(u.t, s.off+by, s.size); ok {
			r.shift += by
			r.repair(mendPlaces, 1)
			g.move(by)
		}
		return in
	}
	return true
}

// move adds to the places that the fragment names by itself.
func (g *fragment) move(by int64) {
	for _, u := range g.parts {
		for i := range u.list {
			if u.list[i].own {
				u.list[i].off += by
			}
		}
	}
}

// begin goes to the front of the first run.
func (u *runs) begin() *runs {
	if u.i = 0; len(u.list) > 0 {
		x := &u.list[0]
		u.rows, u.pos, u.dts = x.rows, x.off, x.dts
	}
	return u
}

func (u *runs) next(s *named) bool {
	for len(u.list) > 0 && u.i >= u.list[0].n {
		u.list = u.list[1:]
		u.begin()
	}
	if len(u.list) == 0 {
		return false
	}
	x := &u.list[0]
	f := fields{u.rows}
	dur, size, flags, cts := x.dur, x.size, x.flags, uint32(0)
	if u.i == 0 {
		flags = x.first
	}
	for _, column := range []struct {
		bit uint32
		to  *uint32
	}{{hasDur, &dur}, {hasSize, &size}, {hasFlags, &flags}, {hasCTS, &cts}} {
		if x.has&column.bit != 0 {
			*column.to = f.u32()
		}
	}
	*s = named{off: u.pos, size: int64(size), dts: u.dts - u.t.start, cts: int32(cts), dur: dur,
		sync: flags&notSync == 0, entry: int(x.entry)}
	u.rows, u.pos, u.dts = f.p, min(u.pos+int64(size), farAway), min(u.dts+int64(dur), farAway)
	u.i++
	return true
}

func (u *runs) rest() int64 {
	if len(u.list) == 0 || u.list[0].has&hasSize != 0 {
		return 0
	}
	n := u.list[0].n - u.i
	u.i += n
	return n
}

func (u *runs) remain() (n int64) {
	for i := range u.list {
		n += u.list[i].n
	}
	return n - min(u.i, n)
}

func (u *runs) floor() int64 {
	least := u.pos
	for i := range u.list {
		if i > 0 {
			least = min(least, u.list[i].off)
		}
	}
	return least
}

package demux

import (
	"math"
	"slices"
)

// A fragment is one moof box while it is read (ISO 14496-12, 8.8).
type fragment struct {
	at   int64 // position of the moof box
	base int64 // what positions of the current track count from
	next int64 // where the last run ended, -1 none
	t    *trak
	preset
	dts int64
}

// fragment reads the runs of one moof box at position off.
func (r *mp4Reader) fragment(body []byte, off int) {
	g := &fragment{at: int64(off), base: int64(off), next: -1}
	r.repair(mendNested, children(body, 1, func(b box) { r.inFragment(g, b, 2) }))
}

func (r *mp4Reader) inFragment(g *fragment, b box, depth int) {
	switch b.name {
	case "traf":
		g.t = nil
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
		if g.t != nil {
			r.run(g, b.body)
		}
	}
}

// fragmentHeader finds the track and what its samples fall back to. A track
// that no movie header described is kept: its bytes are known, its codec not.
func (r *mp4Reader) fragmentHeader(g *fragment, p []byte) {
	f := fields{p}
	flags := f.u32()
	id := f.u32()
	if g.t = r.find(id); g.t == nil {
		if len(r.traks) >= maxTracks {
			r.repair(lostTracks, 1)
			return
		}
		g.t = r.grow(id)
		g.t.listed = true
		if !slices.ContainsFunc(r.sidx, func(s sidxed) bool { return s.id == id }) {
			g.t.Guessed = true
			r.repair(guessScale, 1)
		}
	}
	g.preset, g.dts = preset{}, g.t.next
	for _, x := range r.trex {
		if x.id == id {
			g.preset = x.preset
		}
	}
	if flags&1 != 0 {
		g.base = int64(min(f.u64(), math.MaxInt64/4)) + r.shift
	} else if flags&0x20000 != 0 || g.next < 0 {
		g.base = g.at
	} else {
		g.base = g.next // the data of the track before, by the older rule
	}
	if flags&2 != 0 {
		f.skip(4)
	}
	if flags&8 != 0 {
		g.dur = f.u32()
	}
	if flags&0x10 != 0 {
		g.size = f.u32()
	}
	if flags&0x20 != 0 {
		g.flags = f.u32()
	}
	g.next = -1
}

// What a row of a trun box has.
const (
	hasDur   = 0x100
	hasSize  = 0x200
	hasFlags = 0x400
	hasCTS   = 0x800
)

// run adds the samples of one trun box.
func (r *mp4Reader) run(g *fragment, p []byte) {
	f := fields{p}
	flags := f.u32()
	n := int64(f.u32())
	off := g.base
	if flags&1 != 0 {
		off += int64(int32(f.u32()))
	} else if g.next >= 0 {
		off = g.next
	}
	first := g.flags
	if flags&4 != 0 {
		first = f.u32()
	}
	n = r.rows(g, flags, n, int64(len(f.p)))
	for i := int64(0); i < n; i++ {
		dur, size, cts, own := g.dur, g.size, int32(0), g.flags
		if i == 0 {
			own = first
		}
		if flags&hasDur != 0 {
			dur = f.u32()
		}
		if flags&hasSize != 0 {
			size = f.u32()
		}
		if flags&hasFlags != 0 {
			own = f.u32()
		}
		if flags&hasCTS != 0 {
			cts = int32(f.u32())
		}
		if i == 0 {
			off += r.rebase(g, off, int64(size))
		}
		if !r.add(g.t.Track, off, int64(size), g.dts-g.t.start, cts, dur, own&0x10000 == 0) {
			r.lose(n - i - 1)
			break
		}
		g.dts += int64(dur)
		off += int64(size)
	}
	g.next, g.t.next = off, g.dts
}

// rows is how many samples a run of n can have: as many as it has rows; if the
// rows are empty, as many as the file has room for.
func (r *mp4Reader) rows(g *fragment, flags uint32, n, left int64) int64 {
	width := int64(0)
	for _, bit := range []uint32{hasDur, hasSize, hasFlags, hasCTS} {
		if flags&bit != 0 {
			width += 4
		}
	}
	switch {
	case width > 0:
		return min(n, left/width)
	case g.size > 0:
		return min(n, int64(len(r.b))/int64(g.size))
	}
	return 0
}

// rebase mends the same mistake as probe, for fragments that say where they
// lie: if the first picture is not there, but is where it would be if the
// fragment lay where it does, that is how far off is moved.
func (r *mp4Reader) rebase(g *fragment, off, size int64) int64 {
	by := g.at - g.base
	if by == 0 || !r.broken(g.t, off, size) || !r.whole(g.t, off+by, size) {
		return 0
	}
	r.shift += by
	g.base = g.at
	r.repair(mendPlaces, 1)
	return by
}

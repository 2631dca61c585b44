package demux

import (
	"bytes"
	"slices"
)

// movie reads a moov box, which lies at off. A second one in the same file
// that lists samples lists the same ones again.
func (r *mp4Reader) movie(b box, off int64) {
	if !r.last {
		b.body = bytes.Clone(b.body) // tables outlive the bytes around them
	}
	r.coming, r.cur, r.scale = nil, nil, 1000
	r.header(b, 1)
	listed := slices.ContainsFunc(r.coming, func(t *trak) bool { return t.sizes.count > 0 })
	if !r.fresh && listed {
		r.coming, r.cur = nil, nil
		r.repair(lostHeader, 1)
		return
	}
	r.due, r.fresh = true, r.fresh && len(r.coming) == 0
	r.slip.from = -1
	r.bound(off)
}

// bound sets from where on an index at off may point at samples.
func (r *mp4Reader) bound(off int64) {
	if r.low = off; r.hold >= 0 {
		r.low = r.hold
	}
}

// header reads a box of the movie header and what is inside it. Leaves belong
// to the track whose box was opened last, however they are nested.
func (r *mp4Reader) header(b box, depth int) {
	r.steps++
	if b.name == "trak" {
		r.open()
	}
	if slices.Contains(holders, b.name) {
		r.repair(mendNested, children(b.body, depth, func(b box) { r.header(b, depth+1) }))
		return
	}
	f := fields{b.body}
	switch version := f.u32() >> 24; b.name {
	case "mvhd":
		f.skip(8 + 8*int(version&1))
		if s := int64(f.u32()); s > 0 {
			r.scale = s
		}
	case "trex": // may come before the track it is about
		r.preset(f)
	default:
		if r.cur != nil {
			r.cur.leaf(b)
		}
	}
}

// preset notes what the fragments of one track fall back to.
func (r *mp4Reader) preset(f fields) {
	x := trexed{id: f.u32()}
	x.preset = preset{entry: f.u32(), dur: f.u32(), size: f.u32(), flags: f.u32()}
	i := slices.IndexFunc(r.trex, func(y trexed) bool { return y.id == x.id })
	switch {
	case i >= 0:
		r.trex[i] = x
	case len(r.trex) < maxTracks:
		r.trex = append(r.trex, x)
	}
}

// open begins a track.
func (r *mp4Reader) open() {
	r.cur = &trak{kind: Other}
	if len(r.coming) >= maxTracks {
		r.repair(lostTracks, 1) // read and forgotten
		return
	}
	r.coming = append(r.coming, r.cur)
}

// startTables makes cursors of the sample tables of a moov box, as soon as the
// samples are in that show whether they point at samples.
func (r *mp4Reader) startTables() bool {
	if !r.probe() {
		return false
	}
	old := r.traks
	var all []tables
	for _, t := range r.coming {
		all = append(all, t.tables)
	}
	for _, t := range r.coming {
		if !r.bind(t, &old) {
			continue
		}
		r.repair(noteEdits, b2i(t.edited))
		c, lost := t.cursor(r.shift)
		r.repair(lost, 1)
		if c == nil {
			continue
		}
		if !c.adds() {
			c.others = all
			r.repair(mendChunks, 1)
		}
		r.push(t, c)
	}
	r.due, r.coming, r.cur = false, nil, nil
	r.known, r.filled, r.hold = true, r.mdat.to > 0, -1
	return true
}

// bind finds the track that t goes on with, or makes one. Each track of the
// source can be gone on with once, so that two of the same number stay two.
func (r *mp4Reader) bind(t *trak, old *[]*trak) bool {
	t.start = t.media - t.empty*t.ticks()/r.scale
	i := slices.IndexFunc(*old, func(o *trak) bool { return o.id == t.id && (o.kind == t.kind || o.Total() == 0 || o.blind) })
	if i >= 0 {
		o := (*old)[i]
		*old = slices.Delete(slices.Clone(*old), i, i+1)
		t.Track, t.next = o.Track, o.next
		t.goOn(o)
		r.traks[slices.Index(r.traks, o)] = t
	} else {
		if t.Track = r.grow(t.id); t.Track == nil {
			return false
		}
		r.traks = append(r.traks, t)
	}
	if t.Total() == 0 {
		t.Kind = t.kind
		if t.Scale = t.ticks(); t.scale == 0 {
			t.Scale = r.indexed(t.id)
		}
	}
	t.turn = t.using == 0 && t.become(1)
	return true
}

// indexed is the time scale of a track by a segment index, else the most usual
// one.
func (r *mp4Reader) indexed(id uint32) int64 {
	for _, s := range r.sidx {
		if s.id == id {
			return s.scale
		}
	}
	return usualScale
}

// find is the first track of that number, nil if there is none.
func (r *mp4Reader) find(id uint32) *trak {
	for _, t := range r.traks {
		if t.id == id {
			return t
		}
	}
	return nil
}

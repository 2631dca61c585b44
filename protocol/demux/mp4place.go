package demux

import "slices"

// probe looks whether the first pictures are where the tables say. If not, and
// they are where they would be if the first place in any table were the start
// of some mdat box, all places move: somebody put bytes in front and forgot
// the tables. It says false while the bytes to look at have not come.
func (r *mp4Reader) probe() bool {
	least := int64(-1)
	for _, t := range r.coming {
		if p := t.place(0); p >= 0 && (least < 0 || p < least) {
			least = p
		}
	}
	for _, t := range r.coming {
		if least < 0 || !t.telling() {
			continue
		}
		shifts := []int64{r.shift}
		for _, m := range r.mdats {
			shifts = append(shifts, m-least)
		}
		for i, shift := range shifts {
			ok, in := r.firsts(t, shift)
			mended := false
			if i == 0 && in && !ok {
				mended, in = r.prefix(t)
			}
			switch {
			case !in:
				return false
			case mended:
				return true
			case ok && i > 0:
				r.shift = shift
				r.repair(mendPlaces, 1)
				fallthrough
			case ok:
				return true
			}
		}
	}
	return true
}

// prefix looks whether the first pictures are chains of NAL units with lengths
// of other length than the record says, and corrects it. in is false while the
// bytes to tell have not come.
func (r *mp4Reader) prefix(t *trak) (mended, in bool) {
	c := t.entries[0].codec
	if !c.family.units() {
		return false, true
	}
	was := c.prefix
	in = true
	for _, n := range []int{4, 2, 1, 3} {
		if n == was {
			continue
		}
		c.prefix = n
		ok, whole := r.firsts(t, r.shift)
		if ok {
			t.entries[0].told.prefix = n
			r.repair(mendPrefix, 1)
			return true, true
		}
		in = in && whole
	}
	c.prefix = was
	return false, in
}

// firsts says whether the first sample in each of the first two chunks of t,
// moved by shift, is made as its codec says, and whether all their bytes are in.
func (r *mp4Reader) firsts(t *trak, shift int64) (ok, in bool) {
	n := t.sizes.len()
	if n == 0 {
		return true, true
	}
	ok, in = r.whole(t, t.place(0)+shift, t.sizes.at(0))
	second, _ := (&cursor{tables: t.tables}).chunk(0)
	if !ok || !in || t.place(1) < 0 || second < 0 || second >= n {
		return ok, in
	}
	return r.whole(t, t.place(1)+shift, t.sizes.at(second))
}

// telling says whether samples of t can be told from other bytes.
func (t *trak) telling() bool { return len(t.entries) > 0 && t.entries[0].codec.telling() }

// whole says whether the sample at off is made as its codec says, and whether
// all its bytes are in, or will never be.
func (r *mp4Reader) whole(t *trak, off, size int64) (ok, in bool) {
	switch {
	case size <= 0 || size > maxSample || off < r.low:
		return false, true
	case off+size > r.end():
		return false, r.last
	}
	return t.entries[0].codec.made(r.from(off)[:size]), true
}

// A slip says how far samples lie from where the index says, from one place
// on: somebody took bytes out of the media box, or put some in.
type slip struct {
	from  int64 // -1: no sample has been found so
	by    int64 // as far as the end of the box lies from where it should be
	known bool  // by is final
}

// slid notes that what follows a media box lies so far from where it should.
func (r *mp4Reader) slid(by int64) {
	if r.left, r.slip = 0, (slip{from: -1, by: by, known: true}); by > farAway || by < -farAway {
		r.slip.by = 0
	}
}

// moved is how far a sample lies from its place in the index.
func (r *mp4Reader) moved(place int64) int64 {
	if r.slip.from < 0 || place < r.slip.from {
		return 0
	}
	return r.slip.by
}

// settled looks whether the next sample of s has slipped. It says false while
// bytes are missing to tell.
func (r *mp4Reader) settled(s *source) bool {
	n := &s.head
	beyond := r.last && n.off+n.size > r.end()
	if r.slip.from >= 0 || n.size == 0 || n.size > maxSample || beyond && !r.slip.known || !s.t.telling() {
		return true
	}
	ok, in := r.whole(s.t, n.off, n.size)
	if ok || !in {
		return in
	}
	if !r.slip.known {
		if !r.measure() {
			return false
		}
		r.low = max(r.low, n.off) // what follows a hole lies behind what came before it
	}
	if r.slip.by == 0 {
		return true
	}
	ok, in = r.whole(s.t, n.off+r.slip.by, n.size)
	if ok {
		r.slip.from = n.off
		r.repair(mendPlaces, 1)
	}
	return in
}

// measure finds out by how much the end of the media box has moved. It says
// false while that cannot be seen.
func (r *mp4Reader) measure() bool {
	by := int64(0)
	if to := r.mdat.to; to > 0 && to != endless {
		p := r.from(to)
		if len(p) < 16 && !r.last {
			return false
		}
		if h, ok := headAt(p); len(p) > 0 && !(ok && slices.Contains(topBoxes, h.name)) || to > r.end() {
			from := max(r.mdat.from, r.reach, r.looked)
			i := r.outer(r.from(from), 0, from)
			switch {
			case i >= 0:
				by = from + int64(i) - to
			case !r.last:
				return false
			default:
				by = r.end() - to
			}
		}
	}
	r.slip = slip{from: -1, by: by, known: true}
	return true
}

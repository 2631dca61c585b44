package demux

import "slices"

// A blockHead is the front of a block (RFC 9559, section 10.1).
type blockHead struct {
	track  *mkvTrack // nil if no header describes it
	number uint64
	size   int   // of the head
	time   int64 // against the cluster's
	flags  byte
}

// head reads the front of a block of size bytes, which p begins with. It is
// bad if that cannot be a block of this source.
func (r *mkvReader) head(p []byte, size int64) (h blockHead, v answer) {
	if size < 5 || size > maxSample {
		return h, bad
	}
	n := 0
	if h.number, n = vint(p, 2); n == 0 {
		return h, whyNot(p, 2)
	}
	h.number &^= 1 << (7 * n)
	h.track = r.find(h.number)
	h.size = n + 3
	switch {
	case h.number == 0, h.track == nil && r.described() && !r.torn:
		return h, bad
	case len(p) < h.size:
		return h, short
	}
	h.time = int64(int16(be.Uint16(p[n:])))
	if h.flags = p[n+2]; h.flags&0x70 != 0 {
		return h, bad
	}
	return h, good
}

// described says that some header described a track.
func (r *mkvReader) described() bool {
	return slices.ContainsFunc(r.tracks, func(t *mkvTrack) bool { return t.said != nil })
}

func (r *mkvReader) find(number uint64) *mkvTrack {
	for _, t := range r.tracks {
		if t.number == number {
			return t
		}
	}
	return nil
}

// chain says that p, the frames of a block, is one picture whose own structure
// exactly fills it.
func (r *mkvReader) chain(h blockHead, p []byte) bool {
	if h.track == nil || h.flags&0x06 != 0 {
		return false
	}
	c := h.track.Codec
	switch {
	case c.Cipher:
		return false
	case h.track.strip != nil:
		p = cat2(h.track.strip, p)
	}
	switch {
	case c.family.units() && c.prefix > 0:
		return look(c.family, p, c.prefix, false).whole
	case c.family == av1:
		return wholeAV1(p)
	}
	return false
}

func cat2(a, b []byte) []byte { return append(append(make([]byte, 0, len(a)+len(b)), a...), b...) }

// block reads a SimpleBlock, or the Block of a group.
func (r *mkvReader) block(e element, p []byte) int {
	h, v := r.head(p[e.head:], e.size)
	switch {
	case v == bad && h.number > 0 && h.track == nil && h.size > 0 && e.size >= 0:
		return r.undescribed(e, p)
	case v == bad:
		return r.lose(p)
	}
	whole := int64(e.head) + e.size
	if v == short || whole > int64(len(p)) {
		return r.wait(p)
	}
	body := p[e.head:whole:whole]
	end := r.pos + whole
	if end != r.clusterEnd && (!r.group.open || end != r.group.end) && !r.chain(h, body[h.size:]) {
		switch v := r.follows(p[whole:], r.last); {
		case v == short && !r.last:
			return 0
		case v != good:
			return r.lose(p)
		}
	}
	r.Index += int64(e.head)
	if at := r.pos + int64(e.head); e.id == idBlock && r.group.open {
		r.group.body, r.group.at = body, at
	} else {
		if r.group.open {
			r.closeGroup()
		}
		r.frames(body, at, h.flags&0x80 != 0, -1)
	}
	return int(whole)
}

// undescribed passes over a block of a track that the header does not know.
func (r *mkvReader) undescribed(e element, p []byte) int {
	whole := e.head + int(min(e.size, maxSample))
	if whole > len(p) {
		return r.wait(p)
	}
	if v := r.follows(p[whole:], r.last); v == short && !r.last {
		return 0
	} else if v != good && r.pos+int64(whole) != r.clusterEnd {
		return r.lose(p)
	}
	r.repair(lostBlock, 1)
	return whole
}

// closeGroup takes the block of the group that ends here.
func (r *mkvReader) closeGroup() {
	g := r.group
	r.group = blockGroup{end: -1}
	if g.body != nil {
		r.frames(g.body, g.at, !g.reference, g.dur)
	}
}

// frames adds the samples of one block, which lies at byte at. dur is the
// duration of all of them in the ticks of the source, -1 if it is not told.
func (r *mkvReader) frames(body []byte, at int64, key bool, dur int64) {
	h, _ := r.head(body, int64(len(body)))
	t := h.track
	if t == nil {
		if t = r.stray(h.number); t == nil {
			return
		}
	}
	r.Index += int64(h.size)
	r.doubt = max(0, r.doubt-1)
	var laid [maxFrames]int
	sizes, used, ok := laces(body[h.size:], h.flags>>1&3, laid[:0])
	if !ok {
		r.repair(lostLace, 1)
		return
	}
	r.Index += int64(used)
	time := r.time(t, h.time)
	each := t.frame
	if dur >= 0 {
		each = t.ticks(dur, r.unit) / int64(len(sizes))
	}
	for off, i := h.size+used, 0; i < len(sizes); i++ {
		s := Sample{Bytes: body[off : off+sizes[i] : off+sizes[i]], At: at + int64(off), Size: int32(sizes[i])}
		if off += sizes[i]; key {
			s.Flags |= Sync
		}
		if h.flags&1 != 0 && !key {
			s.Flags |= Disposable
		}
		if r.guessed {
			s.Flags |= Guessed
		}
		step := each
		if step == 0 && len(sizes) > 1 {
			step = soundTicks(t.Codec, s.Bytes, t.Scale)
		}
		r.give(t, s, time, step, dur >= 0 || len(sizes) > 1)
		time += step
	}
}

// give adds one sample that is shown at time and lasts dur ticks. A duration
// that no block told is only the usual one: what counts is the next sample.
func (r *mkvReader) give(t *mkvTrack, s Sample, time, dur int64, told bool) {
	if t.strip != nil {
		s.Bytes = cat2(t.strip, s.Bytes)
	}
	if t.changed {
		s.Flags |= Break
		t.changed = false
	}
	s.Time = time
	if r.doubt > doubtful {
		s.Flags |= Damaged
	}
	if t.Kind == Video || t.said == nil {
		s.Time = t.order.decode(time, max(t.frame, 1))
		s.Shift = int32(max(min(time-s.Time, 1<<31-1), -1<<31))
	} else if told {
		s.Dur = uint32(max(0, min(dur, 1<<32-1)))
	}
	if t.Codec.startCodes {
		r.addUnits(t.Track, s)
	} else {
		r.add(t.Track, s)
	}
}

// time is the presentation time of a block in ticks of t. Behind damage the
// cluster may be another than the last whose time was read: if its blocks seem
// to lie in the past, and more than pictures that are reordered do, it is
// guessed to go on where t was.
func (r *mkvReader) time(t *mkvTrack, rel int64) int64 {
	at := t.ticks(r.base+rel, r.unit)
	late := t.latest - at
	if r.adrift && t.Total() > 0 && late < 1<<32 && (late > t.Scale || late > 0 && t.Kind == Audio) {
		r.base += late * 1e9 / t.Scale / r.unit
		r.repair(guessCluster, 1)
		r.guessed, r.adrift = true, false
		at = t.ticks(r.base+rel, r.unit)
	}
	t.latest = at
	return at - t.delay
}

// laces splits the frames of a block (RFC 9559, section 10.3) into sizes that
// exactly fill it. used is the bytes of the lacing itself.
func laces(p []byte, lacing byte, sizes []int) (_ []int, used int, ok bool) {
	if lacing == 0 {
		return append(sizes, len(p)), 0, true
	}
	if len(p) == 0 {
		return nil, 0, false
	}
	n := int(p[0]) + 1
	q, sum := p[1:], 0
	switch lacing {
	case 1: // Xiph: each size is a run of 255s and a last byte
		for range n - 1 {
			size, rest := seiNumber(q)
			if len(rest) == len(q) {
				return nil, 0, false
			}
			sizes, sum, q = append(sizes, size), sum+size, rest
		}
	case 3: // EBML: the first size, then differences
		size := int64(0)
		for i := range n - 1 {
			v, k := vint(q, 8)
			if k == 0 {
				return nil, 0, false
			}
			v &^= 1 << (7 * k)
			if i == 0 {
				size = int64(v)
			} else {
				size += int64(v) - (1<<(7*k-1) - 1)
			}
			if size < 0 || size > int64(len(p)) {
				return nil, 0, false
			}
			sizes, sum, q = append(sizes, int(size)), sum+int(size), q[k:]
		}
	case 2: // all of one size
		if len(q)%n != 0 {
			return nil, 0, false
		}
		for range n - 1 {
			sizes, sum = append(sizes, len(q)/n), sum+len(q)/n
		}
	}
	if sum > len(q) {
		return nil, 0, false
	}
	return append(sizes, len(q)-sum), len(p) - len(q), true
}

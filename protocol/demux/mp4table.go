package demux

import "math"

// expand turns the sample tables of a track (ISO 14496-12, 8.6 and 8.7) into
// samples. The number of samples is what the size table claims, but never more
// than it has rows, or than the file can hold of that size.
func (r *mp4Reader) expand(t *trak) {
	n := t.sizes.len(int64(len(r.b)))
	if n == 0 {
		return
	}
	if t.place(0) < 0 {
		r.repair(lostUnmapped, 1)
		return
	}
	t.raw = t.Kind == Audio && pcm(t.entry)
	c := cursor{trak: t, dts: -t.start}
	c.delta = t.usual(n)
	if len(t.times) == 0 {
		t.Guessed = true
		r.repair(guessTimes, 1)
	}
	missing := usualPer(t, n) // where stsc is missing
	for k := 0; t.place(k) >= 0 && c.i < n; k++ {
		off := t.place(k) + r.shift
		per := c.per(k)
		if per < 0 {
			per = missing
		}
		per = min(per, n-c.i)
		if t.sound() {
			r.block(&c, off, per)
			continue
		}
		for ; per > 0; per-- {
			size := t.sizes.at(c.i)
			if !r.add(t.Track, off, size, c.dts, c.cts(), c.step(), c.sync()) {
				r.lose(n - c.i - 1)
				return
			}
			c.advance()
			off += size
		}
	}
	t.next = c.dts + t.start
}

// usualPer is how many of n samples each chunk holds if all hold as many.
func usualPer(t *trak, n int64) int64 {
	width := 4
	if t.wide {
		width = 8
	}
	places := int64(len(t.places) / width)
	return (n + places - 1) / places
}

// block adds one run of raw sound as a single sample, as players do: a table
// of 28 million four-byte samples is one hour of sound.
func (r *mp4Reader) block(c *cursor, off, per int64) {
	unit := int64(c.sizes.fixed)
	if unit == 1 && c.unit > 1 {
		unit = int64(c.unit)
	}
	dts := c.dts
	step := c.step()
	c.dts += per * int64(step)
	c.i += per
	c.left -= min(c.left, uint32(min(per, math.MaxUint32)))
	r.add(c.Track, off, per*unit, dts, 0, uint32(min(per*int64(step), math.MaxUint32)), true)
}

// sound says whether the samples of t are single raw sounds.
func (t *trak) sound() bool {
	return t.Kind == Audio && t.sizes.fixed > 0 && t.sizes.fixed <= 64 && (pcm(t.entry) || t.sizes.fixed <= 8)
}

// usual is how long a sample lasts if the table does not say: its share of
// the track's length, else a 25th of a second.
func (t *trak) usual(n int64) uint32 {
	if d := t.span / n; d > 0 && d < math.MaxInt32 {
		return uint32(d)
	}
	return uint32(t.Scale / 25)
}

// len is the number of samples that can be.
func (s *sizeTable) len(file int64) int64 {
	switch {
	case s.bits != 4 && s.bits != 8 && s.bits != 16 && s.bits != 32:
		return 0
	case s.fixed != 0:
		return min(s.count, file/int64(s.fixed))
	}
	return min(s.count, int64(len(s.rows))*8/int64(s.bits))
}

func (s *sizeTable) at(i int64) int64 {
	switch {
	case s.fixed != 0:
		return int64(s.fixed)
	case s.bits == 4:
		return int64(s.rows[i/2] >> (4 * (1 - i&1)) & 15)
	case s.bits == 8:
		return int64(s.rows[i])
	case s.bits == 16:
		return int64(be.Uint16(s.rows[2*i:]))
	}
	return int64(be.Uint32(s.rows[4*i:]))
}

// A cursor walks the run-length tables of a track in step.
type cursor struct {
	*trak
	i     int64 // sample
	dts   int64
	left  uint32 // samples that still have delta
	delta uint32
	shift uint32 // samples that still have off
	off   int32
}

// per is how many samples chunk k (from 0) holds, -1 if the table is missing.
func (c *cursor) per(k int) int64 {
	if len(c.runs) < 12 {
		return -1
	}
	for len(c.runs) >= 24 && int64(be.Uint32(c.runs[12:])) <= int64(k)+1 {
		c.runs = c.runs[12:]
	}
	return int64(be.Uint32(c.runs[4:]))
}

// step is the duration of the current sample. Past the end of the table the
// last one holds. A negative one, which some muxers write, counts as nothing.
func (c *cursor) step() uint32 {
	for c.left == 0 && len(c.times) >= 8 {
		c.left, c.delta = be.Uint32(c.times), be.Uint32(c.times[4:])
		c.times = c.times[8:]
	}
	if c.delta > math.MaxInt32 {
		return 0
	}
	return c.delta
}

// cts is the presentation offset of the current sample.
func (c *cursor) cts() int32 {
	for c.shift == 0 && len(c.offsets) >= 8 {
		c.shift, c.off = be.Uint32(c.offsets), int32(be.Uint32(c.offsets[4:]))
		c.offsets = c.offsets[8:]
	}
	if c.shift == 0 {
		return 0
	}
	return c.off
}

// sync says whether the table flags the current sample as a key picture.
// Without a table all are.
func (c *cursor) sync() bool {
	if !c.hasSyncs {
		return true
	}
	for len(c.syncs) >= 4 && int64(be.Uint32(c.syncs)) <= c.i {
		c.syncs = c.syncs[4:]
	}
	return len(c.syncs) >= 4 && int64(be.Uint32(c.syncs)) == c.i+1
}

func (c *cursor) advance() {
	c.dts += int64(c.step())
	c.left -= min(1, c.left)
	c.shift -= min(1, c.shift)
	c.i++
}

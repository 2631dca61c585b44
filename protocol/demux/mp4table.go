package demux

import (
	"math"
	"sort"
)

// A named sample is what an index says of one: nothing is known yet of the
// bytes.
type named struct {
	off, size int64
	dts       int64 // ticks of the trak
	cts       int32
	dur       uint32
	sync      bool
	entry     int // sample description, from 1
}

// A cursor walks the sample tables of one track, which never exist as a list
// of samples: tables of a few bytes may name millions.
type cursor struct {
	tables
	t     *trak
	shift int64 // added to places
	n     int64 // samples that can be
	least int64 // place that no sample lies below, where places go back

	i      int64    // next sample
	k      int      // next chunk
	pos    int64    // of the next sample
	per    int64    // samples left in the chunk
	most   int64    // samples in a chunk if no table says
	others []tables // of all tracks, if the table of chunks is a lie
	border int64    // where the next chunk of any of them begins
	entry  int      // description of the chunk
	whole  bool     // samples are single sounds: they come in runs
	unit   int64    // bytes that `pack` of them take
	pack   int64
	dts    int64
	left   uint32 // samples that still have delta
	delta  uint32
	moved  uint32 // samples that still have cts
	cts    int32
}

// cursor starts at the front of the tables of t, which it takes over. It is
// nil if they name nothing, and says why if that is a loss.
func (t *trak) cursor(shift int64) (c *cursor, lost string) {
	c = &cursor{tables: t.tables, t: t, shift: shift, n: t.sizes.len(), least: -1, dts: -t.start}
	t.tables = tables{}
	switch {
	case c.n == 0:
		return nil, ""
	case c.place(0) < 0:
		return nil, lostUnmapped
	}
	if d := t.span / c.n; d > 0 && d < math.MaxInt32 {
		c.delta = uint32(d) // its share of the track's length, if no table says
	} else {
		c.delta = uint32(t.ticks() / 25)
	}
	if len(c.times) == 0 {
		t.Guessed = true
		lost = guessTimes
	}
	for k, p, before := 0, c.place(0), int64(0); p >= 0; k, p, before = k+1, c.place(k+1), p {
		c.most++
		if p < before && (c.least < 0 || p < c.least) {
			c.least = p
		}
	}
	c.most = (c.n + c.most - 1) / c.most
	return c, lost
}

// adds says whether the table of chunks accounts for all samples.
func (c *cursor) adds() bool {
	if c.sizes.fixed != 0 {
		return true
	}
	var sum, per int64
	places := int64(len(c.places) / (4 + 4*b2i(c.wide)))
	for rows := c.runs; len(rows) >= 12; rows = rows[12:] {
		from, to := int64(be.Uint32(rows)), places+1
		if len(rows) >= 24 {
			to = min(to, int64(be.Uint32(rows[12:])))
		}
		per = int64(be.Uint32(rows[4:]))
		sum += max(0, to-max(from, 1)) * per
	}
	return sum >= c.n && sum-c.n < max(per, 1)
}

// behind is where the first chunk behind pos begins, of any track.
func (c *cursor) behind(pos int64) int64 {
	border := int64(farAway)
	for i := range c.others {
		t := &c.others[i]
		n := len(t.places) / (4 + 4*b2i(t.wide))
		k := sort.Search(n, func(k int) bool { return t.place(k) > pos })
		if k < n {
			border = min(border, t.place(k))
		}
	}
	return border
}

// next names the next sample.
func (c *cursor) next(s *named) bool {
	if c.others != nil && c.per > 0 && c.pos+c.sizes.at(c.i) > c.border {
		c.per = 0
	}
	for c.per == 0 {
		c.pos = c.place(c.k)
		if c.pos < 0 || c.i >= c.n {
			c.t.next = c.dts + c.t.start
			return false
		}
		if c.per, c.entry = c.chunk(c.k); c.others != nil {
			c.per, c.border = c.n, c.behind(c.pos)+c.shift
		} else if c.per < 0 {
			c.per = c.most
		}
		c.pos += c.shift
		c.per = min(c.per, c.n-c.i)
		c.k++
		c.sounds()
		c.join()
	}
	*s = named{off: c.pos, size: c.sizes.at(c.i), dts: c.dts, cts: c.offset(), dur: c.step(), sync: c.sync(), entry: c.entry}
	n := int64(1)
	if c.whole {
		n = c.run(int64(s.dur))
		s.size = (n + c.pack - 1) / c.pack * c.unit
		s.dur = uint32(min(n*int64(s.dur), math.MaxUint32))
	}
	c.pos += s.size
	c.jump(n)
	return true
}

// rest passes over what is left of the chunk without naming it, and returns
// how many samples that were, if it can do so in one step.
func (c *cursor) rest() int64 {
	if c.sizes.fixed == 0 {
		return 0
	}
	n := c.per
	c.jump(n)
	return n
}

// left is how many samples have not been named.
func (c *cursor) remain() int64 { return c.n - c.i }

// floor is a position that no sample to come lies below.
func (c *cursor) floor() int64 {
	if c.least >= 0 {
		return c.least + c.shift
	}
	if p := c.place(c.k); p >= 0 && (c.per == 0 || p+c.shift < c.pos) {
		return p + c.shift
	}
	return c.pos
}

// sounds sees whether the samples of the chunk are single sounds: raw ones, or
// QuickTime's packets of compressed ones, whose size table counts what comes
// out of the decoder.
func (c *cursor) sounds() {
	c.whole, c.pack, c.unit = false, 1, int64(c.sizes.fixed)
	if c.t.kind != Audio || c.sizes.fixed == 0 || len(c.t.entries) == 0 {
		return
	}
	e := &c.t.entries[min(max(c.entry, 1), len(c.t.entries))-1]
	switch raw := pcm(e.name); {
	case e.packet > 1 && c.unit != int64(e.unit) && c.ones():
		c.pack, c.unit, c.whole = int64(e.packet), int64(e.unit), true
	case raw && c.unit <= 256, c.unit <= 8:
		if c.whole = true; c.unit == 1 && e.unit > 1 && e.packet == 1 {
			c.unit = int64(e.unit)
		}
	}
}

// ones says whether every sample lasts one tick.
func (c *cursor) ones() bool {
	return len(c.times) < 8 && c.delta == 1 || len(c.times) == 8 && be.Uint32(c.times[4:]) == 1
}

// longPacket is how many sounds a packet must have to be a sample by itself.
const longPacket = 160

// run is how many single sounds come as one sample: those of one packet if it
// is long, else those of a chunk, at most one second.
func (c *cursor) run(step int64) int64 {
	n := c.pack
	if n < longPacket {
		n = max(1, c.t.ticks()/max(1, step)/n) * n
	}
	return min(n, c.per)
}

// shortChunk is how many sounds a chunk may have that is joined to others.
const shortChunk = 64

// join takes short chunks of single sounds that lie behind each other as one,
// of up to a second: a film may have a chunk for each sound.
func (c *cursor) join() {
	second := c.t.ticks() / max(1, int64(c.step()))
	for c.whole && c.others == nil && c.per > 0 && c.per < second && c.per%c.pack == 0 {
		per, entry := c.chunk(c.k)
		if c.place(c.k)+c.shift != c.pos+c.per/c.pack*c.unit || entry != c.entry ||
			per <= 0 || per > shortChunk || c.i+c.per+per > c.n {
			return
		}
		c.per += per
		c.k++
	}
}

// chunk is how many samples chunk k (from 0) holds, -1 if the table is
// missing, and which description they have.
func (c *cursor) chunk(k int) (per int64, entry int) {
	if len(c.runs) < 12 {
		return -1, 1
	}
	for len(c.runs) >= 24 && int64(be.Uint32(c.runs[12:])) <= int64(k)+1 {
		c.runs = c.runs[12:]
	}
	return int64(be.Uint32(c.runs[4:])), int(be.Uint32(c.runs[8:]))
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

// offset is the presentation offset of the current sample.
func (c *cursor) offset() int32 {
	for c.moved == 0 && len(c.offsets) >= 8 {
		c.moved, c.cts = be.Uint32(c.offsets), int32(be.Uint32(c.offsets[4:]))
		c.offsets = c.offsets[8:]
	}
	if c.moved == 0 {
		return 0
	}
	return c.cts
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

// jump passes n samples of the chunk.
func (c *cursor) jump(n int64) {
	c.i += n
	c.per -= n
	for left := n; left > 0; {
		step := int64(c.step())
		m := left
		if c.left > 0 {
			m = min(m, int64(c.left))
			c.left -= uint32(m)
		}
		c.dts = min(c.dts+m*step, farAway)
		left -= m
	}
	for left := n; left > 0; {
		c.offset()
		if c.moved == 0 {
			break
		}
		m := min(left, int64(c.moved))
		c.moved -= uint32(m)
		left -= m
	}
}

// farAway is larger than any time or place that is not a lie.
const farAway = math.MaxInt64 / 8

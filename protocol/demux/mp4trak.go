package demux

import "math"

// usualScale is the time scale of a track that tells none.
const usualScale = 90_000

// A trak is a track of an MP4 file: what its header says, and the track of the
// movie that its samples go to. Tables stay what they are in the file, slices
// of it.
type trak struct {
	*Track // nil until the header is complete

	id            uint32
	kind          Kind
	scale         int64 // ticks a second, 0 not told
	width, height int
	entries       []entry
	using         int   // entry in use, from 1; 0 none yet
	turn          bool  // its use changes what a decoder must know: the next sample is a break
	blind         bool  // no header has described it
	next          int64 // decode time of the next fragment that does not say

	media, empty int64 // edit list: where the track starts, how long it waits first
	start        int64 // the same in ticks: to take away from every time
	edited       bool  // the list also cuts or repeats
	span         int64 // of the media header, ticks
	tables
}

// tables are the sample tables of a track (ISO 14496-12, 8.6 and 8.7).
type tables struct {
	sizes    sizeTable
	times    []byte // stts: count, delta
	offsets  []byte // ctts: count, offset
	runs     []byte // stsc: first chunk, samples in each, description
	places   []byte // stco or co64
	wide     bool   // places are co64
	syncs    []byte // stss
	hasSyncs bool
}

// preset are the sample properties that a fragment falls back to.
type preset struct{ entry, dur, size, flags uint32 }

// ticks is the time scale of the tables and fragments of t.
func (t *trak) ticks() int64 {
	if t.scale > 0 {
		return t.scale
	}
	return usualScale
}

// place is where the table says that chunk k lies, -1 if it does not.
func (t *tables) place(k int) int64 {
	if t.wide {
		if len(t.places)/8 <= k {
			return -1
		}
		return int64(min(be.Uint64(t.places[8*k:]), math.MaxInt64/4))
	}
	if len(t.places)/4 <= k {
		return -1
	}
	return int64(be.Uint32(t.places[4*k:]))
}

// A sizeTable is stsz or stz2.
type sizeTable struct {
	fixed uint32
	count int64 // claimed
	rows  []byte
	bits  int // of one row: 0 none, 4, 8, 16, 32
}

// len is the number of samples that can be: as many as it has rows.
func (s *sizeTable) len() int64 {
	switch {
	case s.bits != 4 && s.bits != 8 && s.bits != 16 && s.bits != 32:
		return 0
	case s.fixed != 0:
		return s.count
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

// leaf reads one box of the track header.
func (t *trak) leaf(b box) {
	f := fields{b.body}
	version := f.u32() >> 24
	switch b.name {
	case "tkhd":
		f.skip(8 + 8*int(version&1))
		t.id = f.u32()
		f.skip(60 + 4*int(version&1))
		t.width, t.height = int(f.u32()>>16), int(f.u32()>>16)
	case "mdhd":
		f.skip(8 + 8*int(version&1))
		if n := int64(f.u32()); n > 0 {
			t.scale = n
		}
		if t.span = int64(f.u32()); version == 1 {
			t.span = t.span<<32 | int64(f.u32())
		}
	case "hdlr":
		f.skip(4)
		if kind := handler(f.p); t.kind == Other {
			t.kind = kind
		}
	case "elst":
		t.edits(b.body, version == 1)
	case "stsd":
		t.describe(f.p)
	case "stts":
		t.times = rows(b.body, 8)
	case "ctts":
		t.offsets = rows(b.body, 8)
	case "stsc":
		t.runs = rows(b.body, 12)
	case "stco":
		t.places, t.wide = rows(b.body, 4), false
	case "co64":
		t.places, t.wide = rows(b.body, 8), true
	case "stss":
		t.syncs, t.hasSyncs = rows(b.body, 4), true
	case "stsz":
		t.sizes = sizeTable{fixed: f.u32(), count: int64(f.u32()), bits: 32}
		t.sizes.rows = f.p
	case "stz2":
		t.sizes = sizeTable{bits: int(f.u32() & 255), count: int64(f.u32())}
		t.sizes.rows = f.p
	}
}

func handler(p []byte) Kind {
	if len(p) < 4 {
		return Other
	}
	switch string(p[:4]) {
	case "vide", "auxv", "pict":
		return Video
	case "soun":
		return Audio
	case "text", "sbtl", "subt", "subp", "clcp":
		return Text
	}
	return Other
}

// edits reads an edit list as far as it shifts the start: leading empty edits
// and the first real one. Later edits would cut and repeat what is shown; the
// samples are carried whole.
func (t *trak) edits(p []byte, wide bool) {
	width := 12
	if wide {
		width = 20
	}
	const far, long = 1 << 40, 1 << 30 // ticks of the track, of the movie
	for tb := rows(p, width); len(tb) > 0; tb = tb[width:] {
		f := fields{tb}
		var span, media int64
		if wide {
			span, media = int64(f.u64()), int64(f.u64())
		} else {
			span, media = int64(f.u32()), int64(int32(f.u32()))
		}
		if media >= 0 {
			if media < far {
				t.media = media
			}
			t.edited = len(tb) > width
			return
		}
		if span > 0 && span < long && t.empty < long {
			t.empty += span
		}
	}
}

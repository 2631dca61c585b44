package demux

import (
	"math"
	"strings"
)

// A trak is a track of an MP4 file while its boxes are read. Tables stay what
// they are in the file, slices of it, until they are expanded.
type trak struct {
	*Track
	listed bool  // tables have been expanded
	next   int64 // decode time of the next fragment that does not say

	media, empty int64 // edit list: where the track starts, how long it waits first
	start        int64 // the same in ticks: to take away from every time
	edited       bool  // the list also cuts or repeats
	span         int64 // of the media header, ticks
	entry        string
	unit         int // bytes of one raw sound, where the size table does not say

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
type preset struct{ dur, size, flags uint32 }

// place is where the table says that chunk k lies, -1 if it does not.
func (t *trak) place(k int) int64 {
	if t.wide {
		if len(t.places) < 8*k+8 {
			return -1
		}
		return int64(min(be.Uint64(t.places[8*k:]), math.MaxInt64/2))
	}
	if len(t.places) < 4*k+4 {
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

// leaf reads one box of the track header.
func (t *trak) leaf(b box) {
	f := fields{b.body}
	version := f.u32() >> 24
	switch b.name {
	case "tkhd":
		f.skip(8 + 8*int(version&1))
		t.ID = f.u32()
		f.skip(60 + 4*int(version&1))
		t.Codec.Width, t.Codec.Height = int(f.u32()>>16), int(f.u32()>>16)
	case "mdhd":
		f.skip(8 + 8*int(version&1))
		if n := int64(f.u32()); n > 0 {
			t.Scale = n
		}
		if t.span = int64(f.u32()); version == 1 {
			t.span = t.span<<32 | int64(f.u32())
		}
	case "hdlr":
		f.skip(4)
		if kind := handler(f.p); t.Kind == Other {
			t.Kind = kind
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

// describe reads the first sample entry.
func (t *trak) describe(p []byte) {
	if len(p) < 12 {
		return
	}
	b, ok := boxAt(p[4:])
	if !ok {
		return
	}
	t.entry = b.name
	c := t.Codec
	c.Name, c.family = b.name, familyOf(b.name)
	switch {
	case t.Kind == Video || c.family != plain || b.name == "encv":
		t.Kind = Video
		t.entryVideo(b)
	case t.Kind == Audio || b.name == "mp4a" || b.name == "enca":
		t.Kind = Audio
		t.entryAudio(b)
	}
	if rest, ok := strings.CutPrefix(c.Name, b.name); ok { // encrypted: the entry hides what it is
		c.Name = t.entry + rest
	}
}

func (t *trak) entryVideo(b box) {
	f := fields{b.body}
	f.skip(24)
	if size := f.u32(); size != 0 {
		t.Codec.Width, t.Codec.Height = int(size>>16), int(size&0xffff)
	}
	if len(b.body) > 78 {
		t.boxes(b.body[78:], 5)
	}
}

// entryAudio reads the fields of a sound entry. QuickTime versions 1 and 2
// have more of them than the standard's version 0.
func (t *trak) entryAudio(b box) {
	f := fields{b.body}
	f.skip(8)
	version := f.u32() >> 16
	f.skip(4)
	n := f.u32()
	f.skip(4)
	channels, depth := int(n>>16), int(n&0xffff)
	t.Codec.Channels, t.Codec.Rate = channels, int(f.u32()>>16)
	if pcm(b.name) {
		t.unit = channels * depth / 8
	}
	switch version {
	case 1:
		perPacket := f.u32()
		f.skip(4)
		if frame := f.u32(); perPacket == 1 && frame < 256 && pcm(b.name) {
			t.unit = int(frame)
		}
		f.skip(4)
	case 2:
		f.skip(36)
	}
	t.boxes(f.p, 5)
}

// pcm says whether a sample entry names raw sound.
func pcm(entry string) bool {
	switch entry {
	case "twos", "sowt", "raw ", "NONE", "in24", "in32", "fl32", "fl64", "lpcm", "ipcm", "fpcm", "alaw", "ulaw":
		return true
	}
	return false
}

// boxes looks for configuration among the boxes of a sample entry. An entry
// without a known one keeps all of them but the bit rate as its record.
func (t *trak) boxes(p []byte, depth int) {
	known := false
	var other []byte
	children(p, depth, func(b box) {
		switch b.name {
		case "wave", "sinf", "schi":
			t.boxes(b.body, depth+1)
			known = true
		case "frma":
			if len(b.body) >= 4 {
				t.entry = string(b.body[:4])
				t.Codec.family = familyOf(t.entry)
			}
		case "schm", "tenc":
			t.Codec.Cipher = true
			known = true
		case "btrt", "pasp", "colr", "fiel", "clap", "chan", "free":
		default:
			if t.Codec.describe(t.entry, b.name, b.body) {
				known = true
			} else {
				other = be.AppendUint32(other, uint32(8+len(b.body)))
				other = append(other, b.name...)
				other = append(other, b.body...)
			}
		}
	})
	if !known && t.Codec.Record == nil {
		t.Codec.Record = other
	}
}

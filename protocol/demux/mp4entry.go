package demux

import (
	"fmt"
	"math"
	"strings"
)

// maxEntries is how many sample descriptions a track may have.
const maxEntries = 64

// An entry is one sample description of a track (ISO 14496-12, 8.5.2).
type entry struct {
	name  string // what is in it, if encrypted
	codec *Codec
	told  Codec // the same, before the samples were seen

	// Sound whose size table counts single sounds. QuickTime packs `packet`
	// sounds of all channels into `unit` bytes; 0: not told.
	unit, packet int
}

// describe reads the sample descriptions.
func (t *trak) describe(p []byte) {
	t.entries = nil
	for p = p[min(4, len(p)):]; len(p) >= 8 && len(t.entries) < maxEntries; {
		n := int64(be.Uint32(p))
		if n < 8 && len(t.entries) > 0 {
			return
		}
		if n < 8 || n > int64(len(p)) {
			n = int64(len(p)) // the size is a lie, the entry is there
		}
		t.entries = append(t.entries, t.entry(string(p[4:8]), p[8:n]))
		p = p[n:]
	}
}

// entry reads one sample description. Its kind decides for a track without a
// handler.
func (t *trak) entry(name string, p []byte) entry {
	e := entry{name: name, codec: &Codec{Name: tidy(name), family: familyOf(name), Width: t.width, Height: t.height}}
	switch {
	case t.kind == Video || e.codec.family != plain || name == "encv":
		t.kind = Video
		e.video(p)
	case t.kind == Audio || name == "mp4a" || name == "enca":
		t.kind = Audio
		e.codec.Width, e.codec.Height = 0, 0
		e.audio(p)
	}
	if rest, ok := strings.CutPrefix(e.codec.Name, tidy(name)); ok { // encrypted: the entry hides what it is
		e.codec.Name = tidy(e.name) + rest
	}
	e.told = *e.codec
	return e
}

// tidy makes text of a four-letter code that may be anything.
func tidy(code string) string {
	for _, c := range []byte(code) {
		if c < 0x20 || c > 0x7e {
			return fmt.Sprintf("%x", code)
		}
	}
	return code
}

func (e *entry) video(p []byte) {
	f := fields{p}
	f.skip(24)
	if size := f.u32(); size != 0 {
		e.codec.Width, e.codec.Height = int(size>>16), int(size&0xffff)
	}
	if len(p) > 78 {
		e.boxes(p[78:], 5)
	}
}

// audio reads the fields of a sound entry. QuickTime versions 1 and 2 have
// more of them than the standard's version 0 (QuickTime file format, sound
// sample description).
func (e *entry) audio(p []byte) {
	f := fields{p}
	f.skip(8)
	version := f.u32() >> 16
	f.skip(4)
	n := f.u32()
	f.skip(4)
	channels, depth := int(n>>16), int(n&0xffff)
	e.codec.Channels, e.codec.Rate = channels, int(f.u32()>>16)
	if pcm(e.name) {
		e.unit, e.packet = channels*depth/8, 1
	}
	switch version {
	case 1:
		sounds, _, frame, _ := f.u32(), f.u32(), f.u32(), f.u32()
		if sounds > 0 && sounds <= 1<<16 && frame > 0 && frame <= 1<<20 && (sounds == 1) == pcm(e.name) {
			e.unit, e.packet = int(frame), int(sounds)
		}
	case 2:
		f.skip(4)
		if rate := math.Float64frombits(f.u64()); rate >= 1 && rate < 1<<24 {
			e.codec.Rate = int(rate)
		}
		e.codec.Channels = int(f.u32() & 0xffff)
		f.skip(12)
		if frame, sounds := f.u32(), f.u32(); sounds == 1 && frame > 0 && frame <= 1<<20 {
			e.unit, e.packet = int(frame), 1
		}
	}
	e.boxes(f.p, 5)
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
func (e *entry) boxes(p []byte, depth int) {
	known := false
	var other []byte
	children(p, depth, func(b box) {
		switch b.name {
		case "wave", "sinf", "schi":
			e.boxes(b.body, depth+1)
			known = true
		case "frma":
			if len(b.body) >= 4 {
				e.name = string(b.body[:4])
				e.codec.family = familyOf(e.name)
			}
		case "schm", "tenc":
			e.codec.Cipher = true
			known = true
		case "btrt", "pasp", "colr", "fiel", "clap", "chan", "free":
		default:
			if e.codec.describe(e.name, b.name, b.body) {
				known = true
			} else {
				other = be.AppendUint32(other, uint32(8+len(b.body)))
				other = append(other, b.name...)
				other = append(other, b.body...)
			}
		}
	})
	if !known && e.codec.Record == nil {
		e.codec.Record = other
	}
}

// become makes n, counted from 1, the description of the samples of t to come.
// It says whether that changes what a decoder must know. Numbers that are not
// there change nothing.
func (t *trak) become(n int) (changed bool) {
	if n < 1 || n > len(t.entries) || n == t.using {
		return false
	}
	e := &t.entries[n-1]
	t.using, t.raw = n, pcm(e.name)
	if same(t.Codec, e.codec) && t.Codec.prefix == e.codec.prefix {
		return false
	}
	changed = t.Total() > 0 && !same(t.Codec, e.codec)
	t.Codec = e.codec
	return changed
}

// goOn keeps what the decoder of o knows if t describes its samples alike.
func (t *trak) goOn(o *trak) {
	n := o.using
	if n == 0 || n > len(t.entries) {
		return
	}
	if was, is := &o.entries[n-1].told, &t.entries[n-1].told; same(was, is) && was.prefix == is.prefix {
		t.using = n
	}
}

package demux

import (
	"bytes"
	"cmp"
	"math"
	"strings"
)

// An mkvTrack is a track of a Matroska source.
type mkvTrack struct {
	*Track
	number uint64
	order  order
	strip  []byte // what compression took off the front of each frame
	frame  int64  // usual duration of one frame, ticks; 0: not told
	delay  int64  // ticks that a decoder drops at the start
	latest int64  // presentation time of the block before

	said    *Codec // the codec as the header describes it; nil if none does
	changed bool   // another one, since the last sample
}

// A trackEntry is the description of a track while it is read (RFC 9559, section
// 5.1.4.1).
type trackEntry struct {
	number        uint64
	kind          uint64
	codec         string
	private       []byte
	frame, delay  uint64 // nanoseconds
	width, height uint64
	rate          float64
	channels      uint64
	depth         uint64

	scope  uint64 // of the encoding that is being read
	packed bool   // by an algorithm that does more than take bytes off the front
	strips bool
	strip  []byte
	cipher bool
}

func (e *trackEntry) leaf(id uint32, p []byte) {
	switch id {
	case idNumber:
		e.number = number(p)
	case idType:
		e.kind = number(p)
	case idCodec:
		e.codec = string(bytes.TrimRight(p, "\x00"))
	case idPrivate:
		e.private = bytes.Clone(p)
	case idDefault:
		e.frame = number(p)
	case idDelay:
		e.delay = number(p)
	case idWidth:
		e.width = number(p)
	case idHeight:
		e.height = number(p)
	case idRate:
		e.rate = float(p)
	case idChannels:
		e.channels = number(p)
	case idDepth:
		e.depth = number(p)
	case idScope:
		e.scope = number(p)
	case idEncryption:
		e.cipher = true
	case idAlgorithm:
		e.strips = number(p) == headerStripping
		e.packed = !e.strips
	case idSettings:
		if e.scope&1 != 0 && len(p) <= maxStrip {
			e.strip = bytes.Clone(p)
		}
	}
}

// float reads a float element of four or eight bytes.
func float(p []byte) float64 {
	switch len(p) {
	case 4:
		return float64(math.Float32frombits(be.Uint32(p)))
	case 8:
		return math.Float64frombits(be.Uint64(p))
	}
	return 0
}

// closeEntry makes a track of the description that ends here. A second
// description of a track, in a file behind the first or said again in a live
// stream, changes it only if it differs.
func (r *mkvReader) closeEntry() {
	e := r.entry
	if r.entry = nil; e == nil || e.number == 0 {
		return
	}
	c := e.describe()
	t := r.find(e.number)
	if t != nil && t.Kind != e.kindOf() && t.Total() > 0 {
		t.number = 0 // another file's track of the same number
		t = nil
	}
	if t == nil {
		if t = r.grow(e.number); t == nil {
			return
		}
	}
	if t.Kind = e.kindOf(); t.said == nil || !same(t.said, c) {
		t.Codec, t.said, t.changed = c, c, t.Total() > 0
	}
	t.raw, t.strip = e.raw(), e.strip
	t.frame, t.delay = t.nanos(e.frame), t.nanos(e.delay)
}

// grow adds a track of that number. Its ticks are those of the source where
// they are whole parts of a second and a sample of some seconds can be counted
// in them, else microseconds.
func (r *mkvReader) grow(number uint64) *mkvTrack {
	t := r.Movie.grow(uint32(number))
	if t == nil {
		return nil
	}
	if t.Scale = 1e6; 1e9%r.unit == 0 && r.unit >= 1000 {
		t.Scale = 1e9 / r.unit
	}
	own := &mkvTrack{Track: t, number: number}
	r.tracks = append(r.tracks, own)
	return own
}

// stray is the track of a block whose header is lost: the codec is guessed
// from its samples.
func (r *mkvReader) stray(number uint64) *mkvTrack {
	if len(r.tracks) == 0 {
		r.repair(guessHeader, 1)
	}
	t := r.grow(number)
	if t != nil {
		t.Guessed = true
	}
	return t
}

// ticks turns a time in units of so many nanoseconds into ticks of t.
func (t *mkvTrack) ticks(n, unit int64) int64 {
	if t.Scale*unit == 1e9 {
		return n
	}
	return floorDiv(n*unit+500, 1000)
}

// nanos turns a duration into ticks, rounded; one above a minute is no
// duration of a frame.
func (t *mkvTrack) nanos(ns uint64) int64 {
	if ns > maxGap*1e9 {
		return 0
	}
	return (int64(ns)*t.Scale + 5e8) / 1e9
}

// headerStripping is the compression that takes the same bytes off the front
// of each frame (RFC 9559, section 5.1.4.1.31.7).
const headerStripping = 3

// kindOf is what the track holds. Where its type is damaged the codec tells.
func (e *trackEntry) kindOf() Kind {
	switch e.kind {
	case 1:
		return Video
	case 2:
		return Audio
	case 17:
		return Text
	case 3, 16, 18, 32, 33:
		return Other
	}
	switch {
	case strings.HasPrefix(e.codec, "V_"):
		return Video
	case strings.HasPrefix(e.codec, "A_"):
		return Audio
	}
	return Other
}

// describe makes the codec of the description.
func (e *trackEntry) describe() *Codec {
	c := &Codec{Cipher: e.cipher}
	switch e.kindOf() {
	case Video:
		c.Width, c.Height = int(min(e.width, maxSide)), int(min(e.height, maxSide))
	case Audio:
		c.Channels = int(min(cmp.Or(e.channels, 1), 255))
		if c.Rate = 8000; e.rate >= 1 && e.rate < 1e7 {
			c.Rate = int(e.rate)
		}
	}
	e.identify(c)
	if e.packed || e.strips && e.strip == nil {
		return &Codec{Name: "packed"}
	}
	return c
}

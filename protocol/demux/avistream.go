package demux

import (
	"bytes"
	"cmp"
	"math"
)

// jpeg is the codec name of motion JPEG.
const jpeg = "mp4v.6c"

// An aviStream is a track and how its chunks make times.
type aviStream struct {
	*Track
	made    bool      // up: no header told of it
	tick    int64     // a chunk, or a unit of bytes, lasts so long
	unit    int       // bytes of one unit of raw or constant-rate sound; 0: chunks count
	next    int64     // time of the next chunk
	from    int64     // time of the first
	row     *soundRow // of frames that are cut anywhere; nil: chunks are whole
	form    string    // format of the samples
	changed bool      // since the last sample
	held    []byte    // MPEG-4: second picture of a packed chunk, waiting for its turn
	where   int64     // of held
}

// header reads a stream header (strh). Of a second file only what may change
// is read: the track goes on.
func (s *aviStream) header(p []byte) {
	if s.Track == nil {
		return
	}
	p = append(p[:len(p):len(p)], make([]byte, max(0, 48-len(p)))...)
	tick, scale := int64(le.Uint32(p[20:])), int64(le.Uint32(p[24:]))
	guessed := tick == 0 || scale == 0 || scale/tick > maxAVISpeed
	if guessed {
		tick, scale = 1, usualRate
	}
	if s.tick == 0 || s.made {
		s.Kind, s.Guessed, s.Scale, s.made = cmp.Or(kindsAVI[string(p[:4])], Other), guessed, scale, false
		if start := int64(le.Uint32(p[28:])); float64(start)*float64(tick) < maxGap*float64(scale) {
			s.from = start * tick
			s.next = s.from
		}
	}
	s.tick = max(1, tick*s.Scale/scale)
	if s.unit = int(min(le.Uint32(p[44:]), math.MaxInt32)); s.Kind != Audio {
		s.unit = 0
	}
}

var kindsAVI = map[string]Kind{"vids": Video, "iavs": Video, "auds": Audio, "txts": Text}

// format reads what describes the samples (strf), if that is news.
func (s *aviStream) format(p []byte) {
	if s.Track == nil || s.form == string(p) {
		return
	}
	s.form, s.changed = string(p), s.Total() > 0
	c := &Codec{}
	switch {
	case s.Kind == Video && len(p) >= 40:
		c.describeBitmap(p)
	case s.Kind == Audio && len(p) >= 16:
		if s.raw, s.row = c.describeWave(p), nil; s.unit > 0 {
			s.row = rowOf(c)
		}
	default:
		return
	}
	s.Codec = c
}

// intra says of codecs that are not looked into otherwise whether a picture is
// a key picture: all are, or its first bits say so. Of others only the first
// is known to be one.
func (c *Codec) intra(p []byte) bool {
	switch c.Name {
	case jpeg, "raw", "dvsd", "dv25", "dvcp", "hfyu", "ffvh", "ulrg", "uly0", "yuy2", "uyvy", "i420", "yv12":
		return true
	case "div3", "div4", "mp43", "mp42", "div2", "wmv1": // 2 bits of picture type
		return len(p) > 0 && p[0]>>6 == 0
	case "wmv2":
		return len(p) > 0 && p[0]>>7 == 0
	}
	return false
}

// makeUp guesses what a stream without a header is from its first chunk.
func (s *aviStream) makeUp(p []byte) {
	body := p[chunkHead:]
	s.Scale, s.tick, s.Guessed, s.Kind = usualRate, 1, true, Video
	s.Codec = &Codec{}
	_, _, sound := mpegAudio(body)
	switch {
	case string(p[2:4]) == "wb":
		if s.Kind = Audio; sound {
			s.Codec.Name = mp3
		}
	case bytes.HasPrefix(body, []byte("\xff\xd8")):
		s.Codec.Name = jpeg
	case mpeg4.front(body) > 0 || bytes.HasPrefix(body, []byte("\x00\x00\x01\xb6")):
		s.Codec = nalCodec(mpeg4)
	case mpeg2.front(body) > 0:
		s.Codec = nalCodec(mpeg2)
	case nextCode(body, 0) < 2:
		s.Codec.behindCodes(h264, nil)
	}
}

// take adds the samples of one chunk. An empty one stands for the picture
// before, shown longer.
func (s *aviStream) take(m *Movie, p []byte, at int64) {
	span := s.tick
	if s.unit > 0 {
		span = s.tick * int64(len(p)/s.unit)
	}
	one := Sample{Bytes: p, At: at, Size: int32(len(p)), Time: s.next, Dur: uint32(min(span, math.MaxUint32))}
	s.next += span
	if s.made {
		one.Flags |= Guessed
	}
	if s.Codec.family == plain && (s.Total() == 0 || s.Codec.intra(p)) {
		one.Flags |= Sync
	}
	switch {
	case len(p) == 0:
	case s.row != nil:
		s.frames(m, p, at, one.Flags, goesOn)
	case s.Codec.family == mpeg4:
		s.unpack(m, one)
	default:
		s.emit(m, one)
	}
}

// emit adds a sample.
func (s *aviStream) emit(m *Movie, one Sample) {
	if s.changed {
		one.Flags |= Break
		s.changed = false
	}
	if s.Codec.startCodes {
		m.addUnits(s.Track, one)
	} else {
		m.add(s.Track, one)
	}
}

// gap says that bytes are missing.
func (s *aviStream) gap() {
	if s.held = nil; s.row != nil {
		s.row.tear()
	}
}

// finish adds what was held back.
func (s *aviStream) finish(m *Movie) {
	if held := s.held; held != nil {
		s.held = nil
		s.emit(m, Sample{Bytes: held, At: s.where, Size: int32(len(held)), Time: s.next, Dur: uint32(min(s.tick, math.MaxUint32))})
	}
	if s.row != nil && len(s.row.part) > 0 {
		s.frames(m, nil, 0, 0, nothing)
		s.gap()
	}
}

// unpack gives each picture of a packed MPEG-4 stream its own sample: a chunk
// with two pictures hands the second one on to the next chunk, and so on until
// a chunk comes whose own picture is an empty one that only keeps the count.
func (s *aviStream) unpack(m *Movie, one Sample) {
	const vop, empty = 0xb6, 19 // bytes
	first := nextOf(one.Bytes, 0, vop)
	second := nextOf(one.Bytes, first+4, vop)
	single := second == len(one.Bytes)
	if held := s.held; held != nil {
		s.held = nil
		late := one
		late.Bytes, late.At, late.Size = held, s.where, int32(len(held))
		s.emit(m, late)
		if single && len(one.Bytes) <= empty {
			return
		}
		if single {
			s.held, s.where = one.Bytes, one.At
			return
		}
	}
	if !single {
		s.held, s.where = one.Bytes[second:], one.At+int64(second)
		one.Bytes, one.Size = one.Bytes[:second:second], int32(second)
	}
	s.emit(m, one)
}

// nextOf is where the next start code with that value begins in p, not before
// from; len(p) if there is none.
func nextOf(p []byte, from int, code byte) int {
	for at := nextCode(p, from); at+3 < len(p); at = nextCode(p, at+3) {
		if p[at+3] == code {
			return at
		}
	}
	return len(p)
}

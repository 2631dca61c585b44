package demux

import (
	"bytes"
	"cmp"
	"math"
	"strings"
)

// An aviStream is a track and how its chunks make times.
type aviStream struct {
	*Track
	made    bool   // up: no header told of it
	tick    int64  // a chunk, or a unit of bytes, lasts so long
	unit    int    // bytes of one unit of raw or constant-rate sound; 0: chunks count
	next    int64  // time of the next chunk
	codes   string // of the codec: four characters, or "wave"
	form    string // format of the samples
	changed bool   // since the last sample
	held    []byte // MPEG-4: second picture of a packed chunk, waiting for its turn
	where   int64  // of held
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
	s.codes = trimmed(p[4:8])
	if s.tick == 0 || s.made {
		s.Kind, s.Guessed, s.Scale, s.made = cmp.Or(kindsAVI[string(p[:4])], Other), guessed, scale, false
		if start := int64(le.Uint32(p[28:])); start*tick/scale < maxGap {
			s.next = start * tick
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
	s.form, s.changed = string(p), s.Total > 0
	switch {
	case s.Kind == Video && len(p) >= 40:
		s.picture(p)
	case s.Kind == Audio && len(p) >= 14:
		s.sound(p)
	}
}

// Codes of pictures in AVI, by codec; case does not matter.
var codesAVI = map[string]family{
	"H264": h264, "X264": h264, "AVC1": h264, "VSSH": h264, "DAVC": h264, "HEVC": h265, "H265": h265, "X265": h265, "HVC1": h265, "HEV1": h265,
	"VVC1": h266, "XVID": mpeg4, "DIVX": mpeg4, "DX50": mpeg4, "FMP4": mpeg4, "MP4V": mpeg4, "M4S2": mpeg4, "MP4S": mpeg4, "3IV2": mpeg4,
	"MPG1": mpeg2, "MPG2": mpeg2, "MPEG": mpeg2, "MPGV": mpeg2, "VP80": vp8, "VP90": vp9, "AV01": av1,
}

// pictureCodec is the codec that a code of AVI, and of the formats that took
// it over, stands for; extra is what comes behind a BITMAPINFOHEADER.
func pictureCodec(code string, extra []byte) *Codec {
	f := codesAVI[strings.ToUpper(code)]
	switch {
	case f == h264 && len(extra) >= 7 && extra[0] == 1:
		c := &Codec{}
		c.describe("avc1", "avcC", extra)
		return c
	case f == h265 && len(extra) >= 23 && extra[0] == 1:
		c := &Codec{}
		c.describe("hvc1", "hvcC", extra)
		return c
	case f.units():
		c := nalCodec(f)
		var known sets
		for unit := range unitsOf(extra) {
			if f.role(unit) == roleSet {
				known = known.with(f, unit)
			}
		}
		c.tell(known)
		return c
	case f == mpeg2, f == mpeg4:
		c := nalCodec(f)
		if v, ok := f.readFront(extra); ok {
			c.Record = extra
			c.shape(v, true)
		}
		return c
	case f != plain:
		return &Codec{Name: map[family]string{vp8: "vp08", vp9: "vp09", av1: "av01"}[f], family: f, Record: extra}
	}
	switch strings.ToUpper(code) {
	case "MJPG":
		return &Codec{Name: "mp4v.6c", Record: extra}
	case "":
		return &Codec{Name: "raw", Record: extra}
	}
	return &Codec{Name: strings.ToLower(code), Record: extra}
}

// picture reads a BITMAPINFOHEADER.
func (s *aviStream) picture(p []byte) {
	code := trimmed(p[16:20])
	if codesAVI[strings.ToUpper(code)] == plain && codesAVI[strings.ToUpper(s.codes)] != plain {
		code = s.codes
	}
	c := pictureCodec(code, p[40:])
	if width, height := int(le.Uint32(p[4:])), int(int32(le.Uint32(p[8:]))); c.Width == 0 && width < maxSide {
		c.Width, c.Height = width, max(height, -height)
	}
	if c.Name == "raw" { // how the bytes of a picture are to be read
		c.Record = p
	}
	s.Codec = c
}

// Sounds by WAVE format tag.
var waves = map[uint16]string{
	6: "alaw", 7: "ulaw", 0x50: mp3, 0x55: mp3, 0xff: "mp4a.40", 0x1610: "mp4a.40", 0x2000: "ac-3", 0x2001: "dtsc", 0xf1ac: "flac",
	0x566f: "vorbis", 0x704f: "opus",
}

// sound reads a WAVEFORMATEX.
func (s *aviStream) sound(p []byte) {
	p = append(p[:len(p):len(p)], make([]byte, max(0, 18-len(p)))...)
	tag, depth := le.Uint16(p), int(le.Uint16(p[14:]))
	c := &Codec{Channels: int(le.Uint16(p[2:])), Rate: int(le.Uint32(p[4:]))}
	extra := p[18:][:min(int(le.Uint16(p[16:])), len(p)-18)]
	switch name := waves[tag]; {
	case tag == 1 && depth == 16:
		c.Name = "sowt"
	case tag == 1 && depth == 8:
		c.Name = "raw "
	case name == "mp4a.40" && len(extra) >= 2:
		c.describeAAC(extra)
	case name != "":
		c.Name, c.Record = name, extra
	default: // a player that knows the tag knows the rest
		c.Name, c.Record = "wave."+strings.Trim(hex([]byte{byte(tag >> 8), byte(tag)}), " "), p
	}
	s.raw = tag == 1 || tag == 3
	s.Codec = c
}

// makeUp guesses what a stream without a header is from its first chunk.
func (s *aviStream) makeUp(p []byte) {
	body := p[chunkHead:]
	s.Scale, s.tick, s.Guessed, s.Kind = usualRate, 1, true, Video
	switch {
	case string(p[2:4]) == "wb":
		s.Kind, s.Codec = Audio, &Codec{}
		if _, _, ok := mpegAudio(body); ok {
			s.Codec.Name = mp3
		}
	case bytes.HasPrefix(body, []byte("\xff\xd8")):
		s.Codec = pictureCodec("MJPG", nil)
	case mpeg4.front(body) > 0 || bytes.HasPrefix(body, []byte("\x00\x00\x01\xb6")):
		s.Codec = nalCodec(mpeg4)
	case mpeg2.front(body) > 0:
		s.Codec = nalCodec(mpeg2)
	case bytes.HasPrefix(body, []byte("\x00\x00\x00\x01")), bytes.HasPrefix(body, []byte("\x00\x00\x01")):
		s.Codec = nalCodec(h264)
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
	if s.changed && len(p) > 0 {
		one.Flags |= Break
		s.changed = false
	}
	if s.Codec.family == plain && (s.Codec.Name == "mp4v.6c" || s.Codec.Name == "raw" || s.Total == 0) {
		one.Flags |= Sync
	}
	switch {
	case len(p) == 0:
	case s.Codec.family == mpeg4:
		s.unpack(m, one)
	case s.Codec.family.units() && s.Codec.prefix == 4 && nextCode(p, 0) < 2:
		m.addUnits(s.Track, one)
	default:
		m.add(s.Track, one)
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
		m.add(s.Track, late)
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
	m.add(s.Track, one)
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

package demux

import (
	"bytes"
	"fmt"
)

// MPEG-1, MPEG-2 and MPEG-4 part 2 video: start codes inside the samples, and
// headers in front of some that a decoder needs first.

// maxFront is how many bytes of headers may become the record of a codec.
const maxFront = 4096

// front is how many bytes of headers a sample begins with: the sequence header
// of MPEG-2 with its extensions, the visual objects of MPEG-4.
func (f family) front(p []byte) int {
	for at := nextCode(p, 0); at+3 < len(p) && at < maxFront; at = nextCode(p, at+3) {
		switch code := p[at+3]; {
		case f == mpeg2 && (code == 0xb8 || code < 0xb0), f == mpeg4 && (code == 0xb3 || code == 0xb6):
			return at
		}
	}
	return 0
}

// headed moves the headers in front of a sample into its codec and classifies
// the picture. Headers before a picture that nothing can start at stay there.
func (m *Movie) headed(t *Track, s *Sample) bool {
	f := t.Codec.family
	n := f.front(s.Bytes)
	front := bytes.TrimRight(s.Bytes[:n], "\x00")
	pic := f.coded(s.Bytes[n:])
	s.Key, s.lead = pic.key, pic.lead
	if pic.apart {
		s.Flags |= Disposable
	}
	if v, ok := f.readFront(front); ok && (pic.key != None || len(t.Codec.Record) == 0) {
		if bytes.Equal(front, t.Codec.Record) || m.renew(t, s, front, v) {
			s.Bytes = s.Bytes[n:]
		}
	}
	return true
}

// renew gives t a codec with another record.
func (m *Movie) renew(t *Track, s *Sample, front []byte, v sps) bool {
	if m.learnt += int64(len(front)); m.learnt > maxRecord+m.size/4 {
		m.repair(lostSets, 1)
		return false
	}
	c := *t.Codec
	c.Record = bytes.Clone(front)
	c.shape(v, true)
	t.Codec, s.Codec = &c, &c
	if t.Total() > 0 {
		s.Flags |= Break
	}
	return true
}

// shape takes what headers say, as far as they do.
func (c *Codec) shape(v sps, sized bool) {
	if v.text != "mp4v.20" || c.Name == "" {
		c.Name = v.text
	}
	if sized && v.width > 0 && v.height > 0 {
		c.Width, c.Height = v.width, v.height
	}
}

// coded classifies the first picture in p, which has no headers in front. An
// intra picture is open until the pictures that lead it turn out to be none.
func (f family) coded(p []byte) (pic picture) {
	closed := false
	for at := nextCode(p, 0); at+4 < len(p); at = nextCode(p, at+3) {
		r := bitReader{b: p, n: 8 * (at + 4)}
		switch code := p[at+3]; {
		case f == mpeg2 && code == 0xb8: // group of pictures
			r.skip(25)
			closed = r.read(2) == 2 // and no broken link
		case f == mpeg4 && code == 0xb3:
			r.skip(18)
			closed = r.read(2) == 2
		case f == mpeg2 && code == 0:
			r.skip(10)
			return intra(r.read(3)-1, closed)
		case f == mpeg4 && code == 0xb6:
			return intra(r.read(2), closed)
		}
	}
	return pic
}

// intra is the class of a picture of type 0 (I), 1 (P) or 2 (B).
func intra(kind int, closed bool) picture {
	switch {
	case kind == 0 && closed:
		return picture{key: Closed}
	case kind == 0:
		return picture{key: Open, lead: heads}
	case kind == 2:
		return picture{lead: skipped, apart: true}
	}
	return picture{}
}

// readFront reads the headers in front of a picture. It is not ok if they are
// not there.
func (f family) readFront(p []byte) (v sps, ok bool) {
	for at := nextCode(p, 0); at+3 < len(p); at = nextCode(p, at+3) {
		r := &bitReader{b: p, n: 8 * (at + 4)}
		switch code := p[at+3]; {
		case f == mpeg2 && code == 0xb3:
			ok = v.sequence(r)
		case f == mpeg2 && code == 0xb5 && ok && r.read(4) == 1:
			v.extension(r)
		case f == mpeg4 && code == 0xb0:
			v.text = fmt.Sprintf("mp4v.20.%d", r.read(8))
		case f == mpeg4 && code >= 0x20 && code < 0x30:
			ok = v.layer(r)
		}
	}
	if v.text == "" {
		v.text = "mp4v.20"
	}
	return v, ok
}

// rates are the picture rates of ISO 13818-2, table 6-4: scale and tick.
var rates = [16][2]int{
	{}, {24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1},
}

// sequence reads a sequence header (ISO 11172-2, 2.4.2.3).
func (v *sps) sequence(r *bitReader) bool {
	v.text = "mp4v.6a"
	v.width, v.height = r.read(12), r.read(12)
	r.skip(4)
	rate := rates[r.read(4)]
	v.scale, v.tick = rate[0], rate[1]
	return v.width > 0 && v.height > 0 && !r.past()
}

// extension reads the sequence extension that makes it MPEG-2 (ISO 13818-2,
// 6.2.2.3).
func (v *sps) extension(r *bitReader) {
	level := r.read(8)
	objects := [8]int{0x61, 0x64, 0x63, 0x62, 0x61, 0x60, 0x61, 0x61} // ISO 14496-1, table 5
	object := objects[level>>4&7]
	if level&0x80 != 0 {
		object = 0x65
	}
	v.text = fmt.Sprintf("mp4v.%02x", object)
	r.skip(3)
	v.width |= r.read(2) << 12
	v.height |= r.read(2) << 12
	r.skip(22)
	v.scale *= r.read(2) + 1
	v.tick *= r.read(5) + 1
}

// layer reads a video object layer (ISO 14496-2, 6.2.3).
func (v *sps) layer(r *bitReader) bool {
	r.skip(9)
	version := 1
	if r.read(1) == 1 {
		version = r.read(4)
		r.skip(3)
	}
	if r.read(4) == 15 {
		r.skip(16)
	}
	if r.read(1) == 1 {
		r.skip(3)
		r.skip(79 * r.read(1))
	}
	shape := r.read(2)
	if shape == 3 && version != 1 {
		r.skip(4)
	}
	r.skip(1)
	scale := r.read(16)
	r.skip(1)
	v.scale, v.tick = scale, 1
	if r.read(1) == 1 { // every picture lasts as long
		bits := 1
		for scale > 1<<bits {
			bits++
		}
		v.tick = r.read(bits)
	} else if scale > 120 && scale%1000 == 0 {
		v.tick = 1001
	}
	if v.tick == 0 || v.scale > maxPace*v.tick || v.tick > 3600*v.scale {
		v.scale, v.tick = 0, 0
	}
	if shape == 0 {
		r.skip(1)
		v.width = r.read(13)
		r.skip(1)
		v.height = r.read(13)
	}
	return !r.past()
}

package demux

import (
	"bytes"
	"fmt"
)

// Kinds of open bitstream unit (AV1 bitstream specification, 6.2.2).
const (
	obuSequence  = 1
	obuDelimiter = 2
	obuHeader    = 3 // of a frame
	obuFrame     = 6
	obuPadding   = 15
)

// An obu is one open bitstream unit.
type obu struct {
	kind  byte
	head  []byte // its first byte, and the second if there is an extension
	body  []byte
	plain bool // it tells its size, in the fewest bytes
	sized bool
}

// nextOBU splits the first unit off p (5.3). One that does not tell its size
// goes on to the end. It is not ok if it claims more than there is.
func nextOBU(p []byte) (u obu, rest []byte, ok bool) {
	if len(p) == 0 || p[0]&0x81 != 0 {
		return u, nil, false
	}
	u.kind = p[0] >> 3 & 15
	n := 1 + int(p[0]>>2&1)
	if len(p) < n {
		return u, nil, false
	}
	u.head, p = p[:n], p[n:]
	if u.head[0]&2 == 0 {
		u.body = p
		return u, nil, true
	}
	size, k := leb128(p)
	if k == 0 || size > uint64(len(p)-k) {
		return u, nil, false
	}
	u.sized, u.plain = true, k == 1 || size>>(7*(k-1)) != 0
	u.body = p[k : k+int(size)]
	return u, p[k+int(size):], true
}

// append writes u with its size.
func (u obu) append(out []byte) []byte {
	out = append(out, u.head...)
	out[len(out)-len(u.head)] |= 2
	n := len(u.body)
	for ; n > 0x7f; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), u.body...)
}

// leb128 reads a little-endian base-128 number; k is the bytes it took, 0 if
// there is none.
func leb128(p []byte) (n uint64, k int) {
	for k < min(8, len(p)) {
		n |= uint64(p[k]&0x7f) << (7 * k)
		k++
		if p[k-1]&0x80 == 0 {
			return n, k
		}
	}
	return 0, 0
}

// A temporal is what the headers of one temporal unit say.
type temporal struct {
	key      Key
	sequence []byte // body of the sequence header, nil if there is none
	whole    bool   // its units exactly fill it
	frames   bool   // it has some
	odd      bool   // it holds what a payload leaves out or writes otherwise
}

// lookAV1 reads a temporal unit. A key frame that is shown is closed; one that
// is kept for later is a delayed random access point: what is shown before it
// needs earlier frames. A switch frame needs an earlier one, and one that only
// shows a key frame again does not hold it. still: frames have no header.
func lookAV1(p []byte, still bool) (t temporal) {
	for len(p) > 0 {
		u, rest, ok := nextOBU(p)
		if !ok {
			return t
		}
		p = rest
		t.odd = t.odd || !u.plain
		switch u.kind {
		case obuSequence:
			t.odd = true
			if len(u.body) > 0 {
				still = u.body[0]&0x08 != 0
				if t.sequence == nil {
					t.sequence = u.body
				}
			}
		case obuDelimiter, obuPadding:
			t.odd = true
		case obuHeader, obuFrame:
			if t.frames = true; t.key == None {
				t.key = keyFrame(u.body, still)
			}
		}
	}
	t.whole = true
	return t
}

// keyFrame reads the front of a frame header (5.9.2).
func keyFrame(p []byte, still bool) Key {
	r := bitReader{b: p}
	switch {
	case len(p) == 0:
		return None
	case still:
		return Closed
	case r.read(1) == 1, r.read(2) != 0: // shows an earlier frame, or is no key
		return None
	case r.read(1) == 1:
		return Closed
	}
	return Open
}

// wholeAV1 says that p is a chain of units that tell their sizes, and that it
// holds a frame.
func wholeAV1(p []byte) bool {
	frames := false
	for len(p) > 0 {
		u, rest, ok := nextOBU(p)
		if !ok || !u.sized {
			return false
		}
		frames = frames || u.kind == obuHeader || u.kind == obuFrame
		p = rest
	}
	return frames
}

// leanAV1 is a temporal unit as a payload carries it: each unit tells its size
// in the fewest bytes; delimiters, padding and sequence headers equal to the
// one in the record are left out.
func leanAV1(p, sequence []byte) []byte {
	out := make([]byte, 0, len(p)+8)
	for len(p) > 0 {
		u, rest, ok := nextOBU(p)
		if !ok {
			panic("demux: a sample that was checked is no chain of units")
		}
		p = rest
		switch {
		case u.kind == obuDelimiter, u.kind == obuPadding:
		case u.kind == obuSequence && bytes.Equal(u.body, sequence):
		default:
			out = u.append(out)
		}
	}
	return out
}

// A sequence is what matters here of a sequence header (5.5).
type sequence struct {
	profile, level, tier    int
	still                   bool
	width, height           int
	high, twelve, mono      int
	chromaX, chromaY, place int
	tick, scale             int64 // a picture lasts tick/scale seconds; 0: not told
}

// readSequence reads the body of a sequence header. It is not ok if it is cut.
func readSequence(p []byte) (s sequence, ok bool) {
	r := &bitReader{b: p}
	s.profile = r.read(3)
	r.skip(1)
	if s.still = r.read(1) == 1; s.still {
		s.level = r.read(5)
	} else {
		s.operation(r)
	}
	w, h := r.read(4)+1, r.read(4)+1
	s.width, s.height = r.read(w)+1, r.read(h)+1
	s.tools(r)
	s.colour(r)
	return s, !r.past() && s.profile < 3
}

// operation reads timing and the first operating point.
func (s *sequence) operation(r *bitReader) {
	model, delayBits := 0, 0
	if r.read(1) == 1 {
		tick, scale := int64(r.read(32)), int64(r.read(32))
		if r.read(1) == 1 { // pictures are as long as each other
			tick *= int64(r.golomb()) + 1
			if tick > 0 && scale > 0 && tick < 1<<40 {
				s.tick, s.scale = tick, scale
			}
		}
		if model = r.read(1); model == 1 {
			delayBits = r.read(5) + 1
			r.skip(42)
		}
	}
	delay := r.read(1)
	for i := range r.read(5) + 1 {
		r.skip(12)
		level, tier := r.read(5), 0
		if level > 7 {
			tier = r.read(1)
		}
		if i == 0 {
			s.level, s.tier = level, tier
		}
		if model == 1 && r.read(1) == 1 {
			r.skip(2*delayBits + 1)
		}
		if delay == 1 && r.read(1) == 1 {
			r.skip(4)
		}
	}
}

// tools passes over the coding tools.
func (s *sequence) tools(r *bitReader) {
	if !s.still && r.read(1) == 1 {
		r.skip(7)
	}
	r.skip(3)
	if !s.still {
		r.skip(4)
		order := r.read(1)
		r.skip(2 * order)
		screen := 2
		if r.read(1) == 0 {
			screen = r.read(1)
		}
		if screen > 0 && r.read(1) == 0 {
			r.skip(1)
		}
		r.skip(3 * order)
	}
	r.skip(3)
}

// colour reads the colour configuration (5.5.2).
func (s *sequence) colour(r *bitReader) {
	if s.high = r.read(1); s.high == 1 && s.profile == 2 {
		s.twelve = r.read(1)
	}
	if s.profile != 1 {
		s.mono = r.read(1)
	}
	described := 0
	if r.read(1) == 1 {
		described = r.read(24)
	}
	const srgb = 1<<16 | 13<<8
	s.chromaX, s.chromaY = 1, 1
	switch {
	case s.mono == 1:
		r.skip(1)
		return
	case described == srgb:
		s.chromaX, s.chromaY = 0, 0
		return
	}
	r.skip(1)
	switch {
	case s.profile == 1:
		s.chromaX, s.chromaY = 0, 0
	case s.twelve == 1:
		if s.chromaX = r.read(1); s.chromaX == 1 {
			s.chromaY = r.read(1)
		} else {
			s.chromaY = 0
		}
	case s.profile == 2:
		s.chromaY = 0
	}
	if s.chromaX == 1 && s.chromaY == 1 {
		s.place = r.read(2)
	}
}

// codecAV1 is the codec that a sequence header tells, the same in every
// container: its record is an av1C box (AV1 in ISOBMFF, 2.3) with that header
// alone and without a presentation delay.
func codecAV1(body []byte) (c Codec, ok bool) {
	s, ok := readSequence(body)
	if !ok {
		return c, false
	}
	c = Codec{family: av1, Width: s.width, Height: s.height, still: s.still}
	c.Record = obu{head: []byte{obuSequence << 3}, body: body}.append([]byte{
		0x81, byte(s.profile<<5 | s.level),
		byte(s.tier<<7 | s.high<<6 | s.twelve<<5 | s.mono<<4 | s.chromaX<<3 | s.chromaY<<2 | s.place), 0,
	})
	depth := 8 + 2*s.high + 2*s.twelve
	c.Name = fmt.Sprintf("av01.%d.%02d%c.%02d", s.profile, s.level, "MH"[s.tier], depth)
	return c, true
}

// sequence is the body of the sequence header in a record of AV1.
func (c *Codec) sequence() []byte {
	if len(c.Record) > 4 {
		if u, _, ok := nextOBU(c.Record[4:]); ok && u.kind == obuSequence {
			return u.body
		}
	}
	return nil
}

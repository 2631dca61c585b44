package demux

import "bytes"

// What the reader of AV1 streams mends beyond what movie counts.
const (
	mendUnits = "bytes between temporal units, skipped"
	guessBeat = "streams that do not tell how long a picture lasts, guessed"
)

// An obuReader reads AV1 streams without a container (AV1 bitstream
// specification): open bitstream units that tell their sizes one behind the
// other (section 5.2), or in nested lengths (annex B). Temporal delimiters
// begin temporal units, each of which is a sample. A unit that does not fit
// spoils its temporal unit; reading goes on at the next delimiter.
type obuReader struct {
	*Movie
	t      *Track
	last   bool
	nested bool // annex B
	told   bool // it has been found out which
	lost   bool
	missed int // temporal units dropped since the last sample
	tick   int64
	n      int64 // pictures so far
}

func openOBU() scanner { return &obuReader{} }

// delimiter is a temporal delimiter that tells its size.
var delimiter = []byte{obuDelimiter<<3 | 2, 0}

// sniffOBU wants a delimiter and the head of another unit at the start, or a
// temporal unit of annex B; else two temporal units in a row. More bytes never
// change what is sure.
func sniffOBU(head []byte, _ int64) confidence {
	if bytes.HasPrefix(head, delimiter) {
		if _, _, v := obuHead(head[len(delimiter):]); v == good {
			return sure
		}
	}
	if _, v := nestedUnit(head); v == good {
		return sure
	}
	for at := 0; ; at++ {
		i := bytes.Index(head[at:], delimiter)
		if i < 0 {
			return no
		}
		at += i
		if n, v := temporalUnit(head[at:]); v == good {
			if n, v := temporalUnit(head[at+n:]); n > 0 && v != bad {
				return likely
			}
		}
	}
}

// temporalUnit measures the temporal unit at the front of p. short: what is
// here can be one, up to n at least, and goes on.
func temporalUnit(p []byte) (n int, v answer) {
	if !bytes.HasPrefix(p, delimiter) {
		if bytes.HasPrefix(delimiter, p) {
			return 0, short
		}
		return 0, bad
	}
	frames := false
	for n = len(delimiter); ; {
		if v = oneOf(p[n:], string(delimiter)); frames && v != bad {
			return n, v
		}
		k, kind, v := obuAt(p[n:])
		if v != good {
			return n, v
		}
		n += k
		frames = frames || kind == obuHeader || kind == obuFrame
	}
}

// obuAt measures the unit at the front of p, which tells its size and is of a
// kind that stands in a temporal unit.
func obuAt(p []byte) (n int, kind byte, v answer) {
	n, kind, v = obuHead(p)
	if v == good && n > len(p) {
		v = short
	}
	return n, kind, v
}

// obuHead is the same and does not ask whether all of it has come.
func obuHead(p []byte) (n int, kind byte, v answer) {
	if len(p) == 0 {
		return 0, 0, short
	}
	kind = p[0] >> 3 & 15
	if p[0]&0x83 != 2 || kind == 0 || kind == obuDelimiter || kind > 8 && kind < obuPadding {
		return 0, 0, bad
	}
	at := 1 + int(p[0]>>2&1)
	if at >= len(p) {
		return 0, 0, short
	}
	size, k := leb128(p[at:])
	switch {
	case k == 0 && len(p)-at < 8:
		return 0, 0, short
	case k == 0, size > maxPicture, size == 0:
		return 0, 0, bad
	}
	return at + k + int(size), kind, good
}

// nestedStart says whether a temporal unit of annex B can begin at the front
// of p: its size, that of its first frame unit, that of a delimiter.
func nestedStart(p []byte) answer {
	whole, a := leb128(p)
	if a == 0 {
		return shortOr(p, 8)
	}
	part, b := leb128(p[a:])
	if b == 0 {
		return shortOr(p[a:], 8)
	}
	rest := p[a+b:]
	switch {
	case whole > maxPicture, part+uint64(b) > whole, part < 2:
		return bad
	case len(rest) < 2:
		return short
	case rest[0] == 1 && rest[1] == obuDelimiter<<3:
		return good
	case len(rest) < 3:
		return short
	case rest[0] == 2 && bytes.Equal(rest[1:3], delimiter):
		return good
	}
	return bad
}

func shortOr(p []byte, most int) answer {
	if len(p) < most {
		return short
	}
	return bad
}

// nestedUnit measures a temporal unit of annex B and checks that its lengths
// fill one another.
func nestedUnit(p []byte) (n int, v answer) {
	if v := nestedStart(p); v != good {
		return 0, v
	}
	whole, a := leb128(p)
	n = a + int(whole)
	if n > len(p) {
		return 0, short
	}
	if unnest(p[:n]) == nil {
		return 0, bad
	}
	return n, good
}

// unnest writes the units of a temporal unit of annex B one behind the other,
// with their sizes. It is nil if the lengths do not fill one another.
func unnest(p []byte) (out []byte) {
	_, a := leb128(p)
	out = make([]byte, 0, len(p))
	for p = p[a:]; len(p) > 0; {
		size, k := leb128(p)
		if k == 0 || size > uint64(len(p)-k) {
			return nil
		}
		part := p[k : k+int(size)]
		p = p[k+int(size):]
		for len(part) > 0 {
			size, k := leb128(part)
			if k == 0 || size == 0 || size > uint64(len(part)-k) {
				return nil
			}
			u, rest, ok := nextOBU(part[k : k+int(size)])
			if !ok || len(rest) > 0 {
				return nil
			}
			out, part = u.append(out), part[k+int(size):]
		}
	}
	return out
}

func (r *obuReader) scan(m *Movie, b []byte, at int64, last bool) int {
	r.Movie, r.last = m, last
	off := 0
	for off < len(b) && !m.enough() {
		n := r.step(b[off:], at+int64(off))
		if n == 0 {
			break
		}
		off += n
	}
	return off
}

// step reads one temporal unit or passes over what is none.
func (r *obuReader) step(p []byte, at int64) int {
	if !r.told {
		n, v := temporalUnit(p)
		r.nested = n == 0 && v == bad && nestedStart(p) == good
		r.told = true
	}
	if r.lost {
		n, found := r.seek(p)
		r.lost = !found
		if r.repair(mendUnits, n); n > 0 || !found {
			return n
		}
	}
	n, v := r.measure(p)
	switch {
	case v == short && !r.last:
		return 0
	case v == short && !r.nested && n == len(p): // ends with the source
		v = good
	}
	if v != good {
		r.lost = true
		r.missed += b2i(r.t != nil)
		r.repair(mendUnits, 1)
		return 1
	}
	r.unit(p[:n:n], at)
	return n
}

func (r *obuReader) measure(p []byte) (n int, v answer) {
	if r.nested {
		return nestedUnit(p)
	}
	return temporalUnit(p)
}

// seek finds the first place in p where a temporal unit can begin. If there is
// none, nothing before n is one.
func (r *obuReader) seek(p []byte) (n int, found bool) {
	for i := range p {
		v := r.start(p[i:])
		switch {
		case v == good:
			return i, true
		case v == short && !r.last:
			return i, false
		}
	}
	return len(p), false
}

// start says whether a temporal unit can begin at the front of p.
func (r *obuReader) start(p []byte) answer {
	if r.nested {
		return nestedStart(p)
	}
	v := oneOf(p, string(delimiter))
	if v == good {
		_, _, v = obuHead(p[len(delimiter):])
	}
	return v
}

// unit adds one temporal unit.
func (r *obuReader) unit(p []byte, at int64) {
	s := Sample{Lost: uint16(min(r.missed, 1<<16-1))}
	if r.nested {
		s.Bytes, s.At, s.Size = unnest(p), at, int32(len(p))
	} else {
		s.Bytes, s.At, s.Size = p[len(delimiter):], at+int64(len(delimiter)), int32(len(p)-len(delimiter))
		r.Index += int64(len(delimiter))
	}
	if r.t == nil {
		if r.t = r.grow(1); r.t == nil {
			return
		}
		r.t.Kind, r.t.Codec = Video, &Codec{Name: "av01", family: av1}
		r.pace(s.Bytes)
	}
	r.missed = 0
	s.Time, s.Dur = r.n*r.tick, uint32(r.tick)
	r.n++
	r.add(r.t, s)
}

// pace takes from the first sequence header how long a picture lasts. Most do
// not tell: then 25 a second are as good as anything.
func (r *obuReader) pace(p []byte) {
	s, ok := readSequence(lookAV1(p, false).sequence)
	if ok && s.tick > 0 && s.scale < 1<<32 && s.tick < 1<<31 {
		r.t.Scale, r.tick = s.scale, s.tick
		return
	}
	r.t.Scale, r.tick, r.t.Guessed = 25, 1, true
	r.repair(guessBeat, 1)
}

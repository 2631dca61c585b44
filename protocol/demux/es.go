package demux

import "bytes"

// Elementary streams: one track of pictures without a container, whose only
// structure is start codes, and whose times are what a header says of the rate.

// usualRate is pictures a second where no header says.
const usualRate = 25

// guessRate is about streams whose headers do not say how long a picture lasts.
const guessRate = "streams without a picture rate, taken to be 25 a second"

// An esReader reads an elementary stream of pictures.
type esReader struct {
	*splitter
	t    *Track
	tick int // of the pictures of t, in units of its scale
}

// openES makes readers of one codec.
func openES(f family) func() scanner {
	return func() scanner { return &esReader{splitter: newSplitter(f)} }
}

func (r *esReader) scan(m *Movie, b []byte, at int64, last bool) int {
	used := 0
	for !m.enough() {
		n := r.next(b[used:], last)
		if n == 0 {
			break
		}
		r.picture(m, b[used:used+n:used+n], at+int64(used))
		used += n
	}
	return used
}

// picture adds one access unit. The first one sets the time scale.
func (r *esReader) picture(m *Movie, p []byte, at int64) {
	v := r.rate(p)
	if r.t == nil {
		if r.t = m.track(1); v.tick == 0 {
			v.scale, v.tick = usualRate, 1
			m.repair(guessRate, 1)
		}
		r.t.Kind, r.t.Codec, r.t.Guessed = Video, nalCodec(r.f), true
		r.t.Scale = int64(v.scale)
	}
	if v.tick > 0 { // nearly always what it was
		r.tick = int(max(1, int64(v.tick)*r.t.Scale/int64(v.scale)))
	}
	s := Sample{Bytes: p, At: at, Size: int32(len(p)), Dur: uint32(r.tick), Flags: Guessed}
	if r.t.dated {
		s.Time = r.t.last + r.t.step - r.t.moved
	}
	m.addUnits(r.t, s)
}

// rate reads how long pictures last from the headers in front of p, if there.
func (r *esReader) rate(p []byte) (v sps) {
	if !r.f.units() {
		v, _ = r.f.readFront(p[:r.f.front(p)])
		return v
	}
	kind := r.f.spsKind()
	for unit := range unitsOf(p[:min(len(p), maxRecord)]) {
		switch {
		case r.f.role(unit) >= roleSlice:
			return sps{}
		case r.f.role(unit) == roleSet && r.f.kind(unit) == kind:
			v, _ = r.f.readSPS(unit)
			return v
		}
	}
	return v
}

// sniffES makes a sniffer for streams of one codec, by what the start codes in
// the head say. A stream is sure if it begins with a start code, and nothing
// but units that fit comes up to the first picture, among them the header that
// tells the size. Else most of what there is has to fit.
func sniffES(f family) func([]byte, int64) confidence {
	return func(head []byte, _ int64) confidence {
		v := votes{f: f}
		first := nextCode(head, 0)
		for at := first; at+3 < len(head); {
			next := nextCode(head, at+3)
			if v.unit(head[at+3:next], next < len(head)); v.sure && zerosBefore(head, first) == first && first < 8 {
				return sure
			}
			at = next
		}
		if v.bad*8 < v.good && (v.header || v.good >= 4 && v.bad == 0 && v.pictures >= 2) {
			return likely
		}
		return no
	}
}

// votes counts the units that fit a codec and those that do not.
type votes struct {
	f         family
	good, bad int
	pictures  int  // parts of pictures, among good
	header    bool // one that tells the size has come and parses
	sure      bool
	row       byte // MPEG-2: of the slice before
}

// unit counts one unit; whole says that its end has come. One that has hardly
// begun does not count, so that more bytes do not change what was sure.
func (v *votes) unit(p []byte, whole bool) {
	if p = bytes.TrimRight(p, "\x00"); len(p) == 0 || !whole && len(p) < 8 {
		return
	}
	fits, header, picture := v.nal(p)
	if !v.f.units() {
		fits, header, picture = v.code(p[0])
	}
	v.good += b2i(fits)
	v.bad += b2i(!fits)
	if fits && header && whole && !v.header {
		v.header = v.f.sized(p)
	}
	v.pictures += b2i(picture)
	v.sure = v.sure || picture && v.header && v.bad == 0
}

// sized says that p, a unit that should tell the size of pictures, does.
func (f family) sized(p []byte) (ok bool) {
	if f.units() {
		_, ok = f.readSPS(p)
		return ok
	}
	v, ok := f.readFront(append([]byte{0, 0, 1}, p...))
	return ok && v.width > 0
}

// nal judges a NAL unit.
func (v *votes) nal(p []byte) (fits, header, picture bool) {
	if len(p) <= v.f.header() || p[0]&0x80 != 0 || !v.f.fits(p) {
		return false, false, false
	}
	return true, v.f.kind(p) == v.f.spsKind(), v.f.role(p) >= roleSlice
}

// fits says whether a NAL unit is one that streams of the codec have.
func (f family) fits(unit []byte) bool {
	switch f {
	case h264:
		return fitsAVC(unit)
	case h265:
		return fitsHEVC(unit)
	}
	kind := unit[1] >> 3
	return unit[0] == 0 && unit[1]&7 != 0 && (kind <= 10 || kind >= 14 && kind <= 25)
}

// code judges a start code of MPEG video. Those of MPEG-2 slices count only in
// their order.
func (v *votes) code(c byte) (fits, header, picture bool) {
	switch {
	case v.f == mpeg4:
		fits = c == 0xb6 || c < 0x30 || c == 0xb0 || c == 0xb2 || c == 0xb3 || c == 0xb5
		return fits, c >= 0x20 && c < 0x30, c == 0xb6
	case c > 0 && c < 0xb0:
		fits = v.row > 0 && c >= v.row && c-v.row < 3
		v.row = c
		return fits, false, fits
	}
	v.row = 1
	return c == 0 || c >= 0xb2 && c <= 0xb8 && c != 0xb6, c == 0xb3, false
}

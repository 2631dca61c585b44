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
	for !m.Full() {
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
// the head say: one that names a codec's headers and parses is not chance, and
// what follows has to fit.
func sniffES(f family) func([]byte, int64) confidence {
	return func(head []byte, _ int64) confidence {
		good, bad, headers := f.statistics(head)
		switch {
		case good == 0 || bad*8 > good:
			return no
		case headers && bytes.HasPrefix(bytes.TrimLeft(head[:min(len(head), 8)], "\x00"), []byte{1}):
			return sure
		case headers, good >= 4 && bad == 0:
			return likely
		}
		return no
	}
}

// statistics counts the start codes in head that fit the codec and those that
// do not, and says whether a header that it needs is there and parses.
func (f family) statistics(head []byte) (good, bad int, headers bool) {
	if !f.units() {
		return f.codes(head)
	}
	for unit := range unitsOf(head) {
		fits := len(unit) > f.header() && unit[0]&0x80 == 0 && f.fits(unit)
		good += b2i(fits)
		bad += b2i(!fits)
		if fits && !headers && f.kind(unit) == f.spsKind() {
			_, headers = f.readSPS(unit)
		}
	}
	return good, bad, headers
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

// codes counts the start codes of MPEG video. Those of MPEG-2 slices count
// only in their order.
func (f family) codes(head []byte) (good, bad int, headers bool) {
	row := byte(0)
	for at := nextCode(head, 0); at+4 < len(head); at = nextCode(head, at+3) {
		code := head[at+3]
		fits := false
		switch {
		case f == mpeg2 && code > 0 && code < 0xb0:
			fits = code >= row && row > 0 && code-row < 3
			row = code
		case f == mpeg2:
			fits = code == 0 || code >= 0xb2 && code <= 0xb8 && code != 0xb6
			row = 1
		default:
			fits = code == 0xb6 || code < 0x30 || code == 0xb0 || code == 0xb2 || code == 0xb3 || code == 0xb5
		}
		if code == 0xb3 && f == mpeg2 || f == mpeg4 && code >= 0x20 && code < 0x30 {
			v, ok := f.readFront(head[at:min(len(head), at+maxFront)])
			headers = headers || ok && v.width > 0
		}
		good += b2i(fits)
		bad += b2i(!fits)
	}
	return good, bad, headers
}

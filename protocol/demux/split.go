package demux

// maxPicture is how many bytes one access unit may take in a byte stream. A
// longer one, or as many bytes without a start code, is cut there.
const maxPicture = 16 << 20

// A splitter cuts a stream of start codes into access units: one coded picture
// with what comes before it, two fields being one picture.
//
//	for n := s.next(b, last); n > 0; n = s.next(b, last) { use b[:n]; b = b[n:] }
type splitter struct {
	f    family
	read func(s *splitter, unit []byte) verdict

	seen   int  // bytes of b that have been looked at
	coded  bool // the access unit has a coded picture
	pend   int  // where the next one may have begun; -1: nowhere
	paired bool // the access unit has two fields
	slice  sliceAVC
	sps    [32]sps    // H.264, by number
	owner  [256]uint8 // number of the sequence set of each picture set
	field  uint8      // MPEG-2: structure of the picture, 3: a whole frame
	order  int        // MPEG-2: its temporal reference
}

// A verdict says what a unit means for the border between access units.
type verdict uint8

const (
	inside    verdict = iota // belongs to what came before
	maybe                    // begins the next access unit if the next slice does
	begins                   // begins the next access unit, but is no picture yet
	picture1                 // slice: first of another picture
	continued                // slice: of the picture before, or of its second field
)

// lookahead is how many bytes of a unit decide; of parameter sets all.
const lookahead = 64

func newSplitter(f family) *splitter {
	s := &splitter{f: f, pend: -1}
	switch f {
	case h264:
		s.read = (*splitter).avc
	case h265:
		s.read = (*splitter).hevc
	case h266:
		s.read = (*splitter).vvc
	case mpeg2:
		s.read = (*splitter).mpeg2
	default:
		s.read = (*splitter).mpeg4
	}
	return s
}

// next is how long the access unit at the start of b is; 0: more bytes are
// needed, which follow those of b in the next call. After last there is no
// more: everything up to the end is the last access unit.
func (s *splitter) next(b []byte, last bool) int {
	for {
		at := nextCode(b, s.seen)
		if min(at, len(b)-2) > maxPicture {
			return s.cut(maxPicture, maxPicture)
		}
		if at == len(b) {
			s.seen = max(s.seen, len(b)-2)
			break
		}
		unit, ok := s.peek(b[at+3:], last)
		if !ok {
			s.seen = at
			break
		}
		begin := at
		if at > 0 && b[at-1] == 0 && s.f.units() { // the start code's own zero
			begin--
		}
		if n := s.judge(s.read(s, unit), begin, at+3); n > 0 {
			return n
		}
	}
	if !last || len(b) == 0 {
		return 0
	}
	return s.cut(len(b), len(b))
}

// judge draws the border that the verdict on the unit at begin, read up to
// done, asks for; 0 if it asks for none.
func (s *splitter) judge(v verdict, begin, done int) int {
	if s.seen = done; s.pend < 0 && v != inside && v != continued {
		s.pend = begin
	}
	had := s.coded
	switch v {
	case continued:
		s.coded, s.pend = true, -1
		return 0
	case picture1:
		s.coded = true
	case inside, maybe:
		return 0
	}
	border := s.pend
	s.pend = -1
	if !had || border == 0 {
		return 0
	}
	coded := v == picture1
	n := s.cut(border, done)
	s.coded = coded
	return n
}

// cut ends the access unit at n; what follows has been read up to done.
func (s *splitter) cut(n, done int) int {
	s.seen, s.pend, s.coded, s.paired = done-n, -1, false, false
	return n
}

// peek is as much as matters of the unit at the start of p, or not ok if that
// has not come yet.
func (s *splitter) peek(p []byte, last bool) ([]byte, bool) {
	need := lookahead
	if len(p) >= 2 && s.f.units() && s.f.role(p) == roleSet {
		need = maxRecord / 16
	}
	near := p[:min(len(p), need+3)]
	end := nextCode(near, 0)
	return p[:min(end, need)], last || end < len(near) || len(p) >= need+3
}

// A sliceAVC is the front of an H.264 slice header (7.3.3).
type sliceAVC struct {
	known         bool // of a known parameter set: the rest is true
	idr, ref      bool
	field, bottom bool
	first         int // macroblock
	plane         int
	set           int
	frame         int
	idrID         int
	order         int // pic_order_cnt_lsb
}

// avc reads one NAL unit of H.264 (7.4.1.2.3 and 7.4.1.2.4).
func (s *splitter) avc(unit []byte) verdict {
	if len(unit) == 0 {
		return inside
	}
	switch kind := unit[0] & 31; kind {
	case 1, 2, 5:
		return s.sliceAVC(unit)
	case spsAVC, ppsAVC:
		s.learn(unit)
		return s.ahead()
	case 6, 9:
		return s.ahead()
	case 14, 15, 16, 17, 18: // 14 may also stand before each slice
		return maybe
	}
	return inside
}

// ahead is the verdict on a unit that only stands before a picture. It may
// stand before the second field of one.
func (s *splitter) ahead() verdict {
	if s.slice.field && s.coded && !s.paired {
		return maybe
	}
	return begins
}

// learn keeps what slice headers need of the parameter sets.
func (s *splitter) learn(unit []byte) {
	n, ok := h264.readSet(unit)
	switch {
	case !ok:
	case n.kind == spsAVC && n.id < len(s.sps):
		if v, ok := h264.readSPS(unit); ok {
			s.sps[n.id] = v
		}
	case n.kind == ppsAVC && n.id < len(s.owner):
		r := bitReader{b: unbroken(unit), n: 8}
		r.golomb()
		s.owner[n.id] = uint8(r.golomb() & 31)
	}
}

func (s *splitter) sliceAVC(unit []byte) verdict {
	was, is := s.slice, s.header(unit)
	s.slice = is
	switch {
	case !s.coded:
		return picture1
	case !s.paired && second(was, is):
		s.paired = true
		return continued
	case is.first == 0 && is.plane == 0, is.known && was.known && differs(was, is):
		return picture1
	}
	return continued
}

// header reads a slice header as far as the parameter sets are known.
func (s *splitter) header(unit []byte) (h sliceAVC) {
	r := bitReader{b: unbroken(unit), n: 8}
	h.idr, h.ref = unit[0]&31 == 5, unit[0]&0x60 != 0
	h.first = r.golomb()
	r.golomb() // type
	h.set = r.golomb()
	v := &s.sps[s.owner[h.set&255]&31]
	if v.frameBits == 0 || h.set > 255 {
		return h
	}
	h.known = true
	if v.planes {
		h.plane = r.read(2)
	}
	h.frame = r.read(v.frameBits)
	if v.fields {
		if h.field = r.read(1) == 1; h.field {
			h.bottom = r.read(1) == 1
		}
	}
	if h.idr {
		h.idrID = r.golomb()
	}
	h.order = r.read(v.orderBits)
	return h
}

// second says that b is of the second field of the frame whose first is a's.
func second(a, b sliceAVC) bool {
	return a.field && b.field && a.bottom != b.bottom && a.frame == b.frame && !b.idr && (a.ref || !b.ref)
}

// differs says that two slices are of different pictures (7.4.1.2.4).
func differs(a, b sliceAVC) bool {
	return a.frame != b.frame || a.idr != b.idr || a.idrID != b.idrID || a.ref != b.ref ||
		a.field != b.field || a.bottom != b.bottom || a.order != b.order
}

// hevc reads one NAL unit of H.265 (7.4.2.4.4). Units of further layers belong
// to the picture of the base layer.
func (s *splitter) hevc(unit []byte) verdict {
	if len(unit) < 3 || unit[0]&1 != 0 || unit[1]>>3 != 0 {
		return inside
	}
	switch kind := unit[0] >> 1; {
	case kind < 32 && (unit[2]&0x80 != 0 || !s.coded):
		return picture1
	case kind < 32:
		return continued
	case kind <= 35, kind == 39, kind >= 41 && kind <= 44, kind >= 48 && kind <= 55:
		return begins
	}
	return inside
}

// vvc reads one NAL unit of H.266 (7.4.2.4.3): a picture begins with its
// header, alone or in a slice.
func (s *splitter) vvc(unit []byte) verdict {
	if len(unit) < 3 || unit[0]&0x3f != 0 {
		return inside
	}
	switch kind := unit[1] >> 3; {
	case kind == 19, kind < 12 && unit[2]&0x80 != 0:
		return picture1
	case kind < 12:
		return continued
	case kind <= 17, kind == 20, kind == 23, kind == 26, kind >= 28:
		return begins
	}
	return inside
}

// mpeg2 reads one start code of MPEG-1 or MPEG-2 video (ISO 13818-2, 6.2).
func (s *splitter) mpeg2(unit []byte) verdict {
	if len(unit) == 0 {
		return inside
	}
	switch code := unit[0]; {
	case code == 0xb3, code == 0xb8:
		return begins
	case code == 0 && len(unit) >= 3:
		order := int(unit[1])<<2 | int(unit[2]>>6)
		if s.coded && !s.paired && s.field != 3 && order == s.order {
			return maybe // the second field, if its extension says so
		}
		s.order, s.field = order, 3
		return picture1
	case code == 0xb5 && len(unit) >= 4 && unit[1]>>4 == 8:
		return s.structure(unit[3] & 3)
	case code != 0 && code < 0xb0 && s.pend >= 0 && s.coded:
		s.field = 3
		return picture1
	}
	return inside
}

// structure takes what a picture coding extension says of fields.
func (s *splitter) structure(field uint8) verdict {
	switch {
	case s.pend < 0:
		s.field = field
	case s.field^field == 3:
		s.paired = true
		return continued
	default:
		s.field = field
		return picture1
	}
	return inside
}

// mpeg4 reads one start code of MPEG-4 part 2 (ISO 14496-2, 6.2.1).
func (s *splitter) mpeg4(unit []byte) verdict {
	if len(unit) == 0 {
		return inside
	}
	switch code := unit[0]; {
	case code == 0xb6:
		return picture1
	case code < 0x30, code == 0xb0, code == 0xb3, code == 0xb5:
		return begins
	}
	return inside
}

package demux

import "slices"

const (
	maxPackHead = 14 + 7 // bytes
	maxPadding  = 64     // zeros between packs that are no damage
)

// What the program stream reader mends.
const (
	lostPack = "bytes between packs, skipped"
	mendPack = "PES packets that claim more than there is, cut"
)

// A psReader reads MPEG program streams (ISO 13818-1, 2.5) and the system
// streams of MPEG-1 (ISO 11172-1): PES packets one behind the other. Few have a
// table; what streams are is told by their numbers and their bytes.
type psReader struct {
	mux
	clock   epoch
	b       []byte // the window
	at      int64  // where it lies in the source
	last    bool   // nothing follows it
	pos     int
	lost    bool // out of step
	away    int  // bytes since
	zeros   bool // and zeros at first
	ended   bool // the last thing was the end of a program
	streams []*stream
}

func openPS() scanner { return &psReader{} }

// sniffPS wants the header of a pack.
func sniffPS(head []byte, _ int64) confidence {
	for at := nextCode(head, 0); at < len(head); at = nextCode(head, at+3) {
		if packHead(head[at:]) == 0 {
			continue
		}
		if at == 0 {
			return sure
		}
		return likely
	}
	return no
}

// packHead is the size of the pack header at the start of b (2.5.3.3; ISO
// 11172-1, 2.4.3.2); 0 if the bits that mark one are not there.
func packHead(b []byte) int {
	switch {
	case len(b) < 14 || be.Uint32(b) != 0x1ba:
	case b[4]&0xc4 == 0x44 && b[6]&b[8]&4 != 0 && b[9]&1 != 0 && b[12]&3 == 3:
		return 14 + int(b[13]&7)
	case b[4]&0xf1 == 0x21 && b[6]&b[8]&b[11]&1 != 0 && b[9]&0x80 != 0:
		return 12
	}
	return 0
}

func (r *psReader) scan(m *Movie, b []byte, at int64, last bool) int {
	r.Movie, r.b, r.at, r.last, r.pos = m, b, at, last, 0
	for !m.enough() {
		if r.step() {
			continue
		}
		if last {
			r.repair(lostTail, len(b)-r.pos)
			for _, s := range r.streams {
				s.close()
			}
			r.streams = nil
			return len(b)
		}
		break
	}
	return r.pos
}

// step reads one pack header or packet. It says false when it needs more bytes.
func (r *psReader) step() bool {
	b := r.b[r.pos:]
	if r.lost {
		return r.resync(b)
	}
	if len(b) < maxPackHead && !r.last || len(b) < 4 {
		return false
	}
	switch code := be.Uint32(b); {
	case code == 0x1b9:
		r.skip(4)
		r.ended = true
	case packHead(b) > 0:
		r.skip(min(len(b), packHead(b)))
		r.ended = false
	case code > 0x1ba && code < 0x200 && len(b) >= 6:
		return r.packet(b)
	default:
		r.lost, r.away, r.zeros = true, 0, blank(b[:3])
	}
	return true
}

// skip passes over structure.
func (r *psReader) skip(n int) {
	r.Index += int64(n)
	r.pos += n
}

// resync finds the next pack, or a packet that another follows.
func (r *psReader) resync(b []byte) bool {
	n, v := nextCode(b, 0), inside
	for n < len(b) {
		if v = r.begins(b[n:]); v != inside {
			break
		}
		n = nextCode(b, n+3)
	}
	if n == len(b) && !r.last {
		n = max(0, n-2)
	}
	r.pos += n
	r.away += n
	switch {
	case v == begins:
		r.found()
	case r.last:
		r.repair(lostPack, r.away)
		if r.away = 0; r.ended {
			break
		}
		for _, s := range r.streams {
			s.perhapsCut()
		}
	}
	return n > 0 || v == begins
}

// found ends being out of step.
func (r *psReader) found() {
	r.lost = false
	if r.zeros && r.away <= maxPadding {
		r.Index += int64(r.away)
		return
	}
	r.repair(lostPack, r.away)
	r.tear()
}

// tear is called where bytes are missing: of which streams is not known.
func (r *psReader) tear() {
	for _, s := range r.streams {
		s.gap()
	}
}

// begins says whether a pack begins at b, or a packet that another follows.
func (r *psReader) begins(b []byte) verdict {
	short := maybe
	if r.last {
		short = inside
	}
	if len(b) < 14 {
		return short
	}
	if b[3] == 0xba {
		if packHead(b) > 0 {
			return begins
		}
		return inside
	}
	n := 6 + int(be.Uint16(b[4:]))
	switch {
	case b[3] < 0xbb || b[3] > 0xef || n == 6:
		return inside
	case len(b) < n+4:
		return short
	}
	h, ok := readPES(b[:n])
	switch {
	case !ok || h.size == 0:
		return inside
	case be.Uint32(b[n:]) >= 0x1b9 && be.Uint32(b[n:]) < 0x200:
		return begins
	}
	return inside
}

// packet reads one packet.
func (r *psReader) packet(b []byte) bool {
	n, torn, ok := r.extent(b)
	if !ok {
		return false
	}
	switch id := b[3]; {
	case id == 0xbc:
		r.table(b[:n])
	case id == 0xbd || id >= 0xc0 && id < 0xf0 || id == 0xfd:
		r.pes(b[:n], r.at+int64(r.pos), torn)
	}
	r.skip(n)
	return true
}

// extent is the size of a packet. One whose end is no begin has been cut where
// a pack begins inside it. It is not ok while more bytes are needed.
func (r *psReader) extent(b []byte) (n int, torn, ok bool) {
	if n = 6 + int(be.Uint16(b[4:])); n == 6 { // not told
		for n = nextCode(b, n); n+3 < len(b) && b[n+3] < 0xb9; {
			n = nextCode(b, n+3)
		}
		return min(n, len(b)), false, n+3 < len(b) || r.last || n > maxFrame
	}
	if len(b) < n+4 {
		return min(n, len(b)), len(b) < n, r.last
	}
	if next := be.Uint32(b[n:]); next>>8 == 0 || next >= 0x1b9 && next < 0x200 {
		return n, false, true
	}
	for at := nextCode(b[:n], 6); at < n; at = nextCode(b[:n], at+3) {
		if packHead(b[at:n+4]) > 0 {
			r.repair(mendPack, 1)
			return at, true, true
		}
	}
	return n, false, true
}

// table reads a program stream map (ISO 13818-1, 2.5.4).
func (r *psReader) table(p []byte) {
	if len(p) < 16 || crcMPEG(p) != 0 {
		r.repair(lostSection, 1)
		return
	}
	p = p[8 : len(p)-4]
	p = p[min(len(p), 2+int(be.Uint16(p))):]
	for p = p[min(len(p), 2):]; len(p) >= 4; {
		n := min(len(p), 4+int(be.Uint16(p[2:])))
		if e := essenceOf(p[0], p[4:n], false); e.name != "" && e.name != noPES.name {
			r.stream(uint32(p[1]), e)
		}
		p = p[n:]
	}
}

// pes reads a packet of a stream.
func (r *psReader) pes(b []byte, at int64, torn bool) {
	h, ok := readPES(b)
	if !ok || h.size == 0 {
		r.repair(lostHead, 1)
		return
	}
	id, e, n := substream(h.id, b[h.size:])
	s := r.stream(id, e)
	s.finish()
	h.left = len(b) - h.size - n
	s.begin(h)
	s.short = false
	s.write(b[h.size+n:], at+int64(h.size+n))
	if torn {
		r.tear()
	}
}

// substream tells what is in the private stream of a disc: the number of the
// stream in it, what it holds, and how many bytes stand before that.
func substream(id byte, p []byte) (uint32, essence, int) {
	if id != 0xbd || len(p) < 7 || p[0] == 0x0b && p[1] == 0x77 {
		return uint32(id), essence{}, 0
	}
	switch sub := p[0]; {
	case sub >= 0x20 && sub < 0x40:
		return uint32(sub), other("dvdsub", Text), 1
	case sub >= 0x80 && sub < 0x88:
		return uint32(sub), audio("ac-3", dolbySound), 4
	case sub >= 0x88 && sub < 0x90:
		return uint32(sub), audio("dtsc", dtsSound), 4
	case sub >= 0xa0 && sub < 0xa8:
		return uint32(sub), other("lpcm", Audio), 7
	}
	return uint32(id), essence{}, 0
}

// stream finds or makes the stream of that number.
func (r *psReader) stream(id uint32, e essence) *stream {
	if i := slices.IndexFunc(r.streams, func(s *stream) bool { return s.id == id }); i >= 0 {
		return r.streams[i]
	}
	s := &stream{mux: &r.mux, id: id, program: &r.clock, enough: guessFrom, native: true, stray: true}
	r.streams = append(r.streams, s)
	switch {
	case e.name != "":
		s.become(e)
	case id >= 0xc0 && id < 0xf0: // tracks in the order of their first bytes
		if s.t = r.track(id); s.t != nil {
			s.t.Kind = Audio
		}
		if s.t != nil && id >= 0xe0 {
			s.t.Kind = Video
		}
	}
	return s
}

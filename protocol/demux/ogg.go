package demux

import (
	"bytes"
	"cmp"
	"slices"
)

// What the Ogg reader mends beyond what movie counts.
const (
	mendPages = "bytes between pages, skipped"
	mendSums  = "pages with a wrong checksum, marked as damaged"
	lostPages = "pages that are missing"
	lostParts = "packets of which a part is missing, dropped"
	noteChain = "further files behind the first, joined"
)

// An oggReader reads Ogg (RFC 3533): pages of up to 64 KiB, each with a
// checksum, whose segments make the packets of one of several streams. The
// packets that end on a page are dated by its granule position, all at once.
type oggReader struct {
	*Movie
	pos     int64
	last    bool
	streams []*oggStream
	former  []*oggStream // of the file before this one in a chain
	data    bool         // something else than first pages has come since it began
	shift   int64        // nanoseconds: where it begins
}

func openOgg() scanner { return &oggReader{} }

// sniffOgg looks for a page at the start, else further on.
func sniffOgg(head []byte, _ int64) confidence {
	if bytes.HasPrefix(head, pageMark) {
		return sure
	}
	for at := 0; ; at++ {
		n := bytes.Index(head[at:], pageMark)
		if n < 0 {
			return no
		}
		at += n
		if p, v := pageAt(head[at:]); v == good && p.intact {
			return likely
		}
	}
}

// A page is one page of Ogg (RFC 3533, section 6).
type page struct {
	flags   byte
	granule int64
	serial  uint32
	number  uint32
	table   []byte // sizes of segments
	body    []byte
	intact  bool // its checksum is right
}

// size is how long the page says that it is.
func (g *page) size() int {
	size := 27 + len(g.table)
	for _, n := range g.table {
		size += int(n)
	}
	return size
}

// Flags of a page.
const (
	pageContinued = 1 << iota // it begins inside a packet
	pageFirst
	pageEnd
)

var pageMark = []byte("OggS\x00")

// pageAt reads the page at the front of p.
func pageAt(p []byte) (g page, v answer) {
	if !bytes.HasPrefix(p, pageMark[:min(len(p), len(pageMark))]) {
		return g, bad
	}
	if len(p) < 27 || len(p) < 27+int(p[26]) {
		return g, short
	}
	g = page{flags: p[5], granule: int64(le.Uint64(p[6:])), serial: le.Uint32(p[14:]), number: le.Uint32(p[18:])}
	g.table = p[27 : 27+int(p[26])]
	size := g.size()
	if g.body = p[27+len(g.table) : min(size, len(p))]; size > len(p) {
		return g, short
	}
	sum := oggSum(0, p[:22])
	sum = oggSum(sum, zeros[:4])
	g.intact = oggSum(sum, p[26:size]) == le.Uint32(p[22:])
	return g, good
}

// cut leaves of the page what lies before end, as far as it is whole packets.
func (g *page) cut(end int) {
	room, keep := end-27-len(g.table), 0
	for i, n := range g.table {
		if room -= int(n); room < 0 {
			break
		}
		if n < 255 {
			keep = i + 1
		}
	}
	g.table, g.granule, g.intact = g.table[:keep], -1, false
}

func (r *oggReader) scan(m *Movie, b []byte, at int64, last bool) int {
	r.Movie, r.last = m, last
	off := 0
	for off < len(b) && !m.enough() {
		r.pos = at + int64(off)
		n := r.step(b[off:])
		if n == 0 {
			break
		}
		off += n
	}
	return off
}

// step reads one page or passes over what is none.
func (r *oggReader) step(p []byte) int {
	g, v := pageAt(p)
	switch {
	case v == short && !r.last:
		return 0
	case v == good && !g.intact:
		v = r.chained(p[g.size():])
		if v == short && !r.last {
			return 0
		}
	}
	if v == good {
		r.page(&g)
		return g.size()
	}
	n := bytes.Index(p[1:], pageMark) + 1
	if end := min(cmp.Or(n, len(p)), g.size()); g.table != nil && r.known(g.serial) {
		g.cut(end) // what stands before the damage may be right
		r.page(&g)
		return end
	}
	if n == 0 {
		n = len(p)
		if !r.last {
			n = max(1, n-len(pageMark)+1)
		}
	}
	r.repair(mendPages, n)
	return n
}

// chained says whether a page follows one whose checksum is wrong. Then its
// segments may be right all the same.
func (r *oggReader) chained(p []byte) answer {
	switch {
	case len(p) == 0 && r.last, bytes.HasPrefix(p, pageMark):
		return good
	case len(p) < len(pageMark) && !r.last:
		return short // also for those who look for the next page
	}
	return bad
}

// page takes the packets of one page.
func (r *oggReader) page(g *page) {
	r.Index += int64(27 + len(g.table))
	if !g.intact {
		r.repair(mendSums, 1)
	}
	s := r.stream(g)
	if s == nil {
		return
	}
	if s.pages > 0 && g.number != s.number+1 && g.intact {
		r.repair(lostPages, int(max(1, min(g.number-s.number-1, 1000))))
		s.cut(r.Movie)
		s.block = 0
	}
	s.pages, s.number = s.pages+1, g.number
	at := r.pos + int64(27+len(g.table))
	if g.flags&pageContinued == 0 || len(s.part) == 0 {
		s.cut(r.Movie)
		s.headless = g.flags&pageContinued != 0
	}
	body, size := g.body, 0
	for i, n := range g.table {
		if size += int(n); n == 255 && i+1 < len(g.table) {
			continue
		}
		r.piece(s, body[:size:size], at, n < 255, !g.intact)
		body, at, size = body[size:], at+int64(size), 0
	}
	s.flush(r, g)
	s.ended = g.flags&pageEnd != 0
}

// piece takes a packet, or the part of one that lies on this page.
func (r *oggReader) piece(s *oggStream, p []byte, at int64, ends, damaged bool) {
	s.damaged = s.damaged || damaged
	if len(s.part) > 0 || !ends {
		if len(s.part) == 0 {
			s.partAt = at
		}
		if len(s.part)+len(p) > maxSample {
			s.cut(r.Movie)
			return
		}
		s.part = append(s.part, p...)
		p, at = s.part, s.partAt
	}
	if !ends {
		return
	}
	if s.headless {
		s.lost++
		r.repair(lostParts, 1)
	} else {
		s.packet(r, p, at)
	}
	s.part, s.headless, s.damaged = nil, false, false
}

// stream is the one that a page belongs to. A first page after others begins
// another file: its tracks go on with those of the file before.
func (r *oggReader) stream(g *page) *oggStream {
	var own *oggStream
	for _, s := range r.streams {
		if s.serial == g.serial {
			own = s
		}
	}
	first := g.flags&pageFirst != 0 && (g.intact || oggCodec(g.body) >= 0)
	switch {
	case first && r.data:
		r.former, r.streams, r.data = r.streams, nil, false
		r.shift = r.end()
		r.repair(noteChain, 1)
	case first && own != nil:
		return own
	case !first:
		r.data = true
		if own != nil || !g.intact || len(r.streams) >= maxTracks {
			return own
		}
		if len(r.streams) == 0 {
			r.repair(guessHeader, 1)
		}
	}
	if len(r.streams) >= maxTracks {
		return nil
	}
	own = &oggStream{serial: g.serial}
	r.streams = append(r.streams, own)
	return own
}

// known says that a stream of that number has begun.
func (r *oggReader) known(serial uint32) bool {
	return slices.ContainsFunc(r.streams, func(s *oggStream) bool { return s.serial == serial })
}

// end is when the last sample of any track is over, in nanoseconds.
func (r *oggReader) end() (ns int64) {
	for _, s := range r.former {
		if s.t != nil {
			ns = max(ns, s.t.Nanos(s.until)+1) // rounded down again when it is used
		}
	}
	return ns
}

// take finds the track of a stream: that of a stream of the file before which
// was of the same codec, else a new one.
func (r *oggReader) take(s *oggStream) {
	for _, f := range r.former {
		if f.t != nil && f.codec == s.codec {
			s.t, f.t = f.t, nil
			return
		}
	}
	s.t = r.grow(s.serial)
}

// oggSum is the checksum of a page: the remainder by 0x04c11db7, from the
// highest bit down, no bit turned. Eight bytes at a time.
func oggSum(sum uint32, p []byte) uint32 {
	for ; len(p) >= 8; p = p[8:] {
		sum ^= be.Uint32(p)
		sum = oggTable[7][sum>>24] ^ oggTable[6][sum>>16&255] ^ oggTable[5][sum>>8&255] ^ oggTable[4][sum&255] ^
			oggTable[3][p[4]] ^ oggTable[2][p[5]] ^ oggTable[1][p[6]] ^ oggTable[0][p[7]]
	}
	for _, c := range p {
		sum = sum<<8 ^ oggTable[0][byte(sum>>24)^c]
	}
	return sum
}

// oggTable[k][c] is the sum of the byte c and k zeros behind it.
var oggTable = func() (t [8][256]uint32) {
	for c := range 256 {
		sum := uint32(c) << 24
		for range 8 {
			sum = sum<<1 ^ 0x04c11db7*(sum>>31)
		}
		t[0][c] = sum
	}
	for k := 1; k < 8; k++ {
		for c := range 256 {
			t[k][c] = t[k-1][c]<<8 ^ t[0][t[k-1][c]>>24]
		}
	}
	return t
}()

package demux

import (
	"bytes"
	"slices"
)

// Program specific information (ISO 13818-1, 2.4.4): which streams there are.

// Limits of tables.
const (
	maxSection  = 4096 // bytes
	maxPrograms = 256
	maxLook     = 1 << 20 // bytes that are searched for tables before streams are told by their bytes
)

// What is mended in tables.
const (
	lostSection  = "tables with a wrong check sum or cut short, ignored"
	mendSection  = "tables whose wrong check sum is repeated, believed"
	lostPrograms = "programs above the limit of 256, and maps that change all the time, ignored"
	noteProgram  = "program tables that changed"
)

// sections puts together the sections of one packet identifier.
type sections struct {
	buf      []byte
	begun    bool
	wrong    []byte // the last one with a wrong check sum
	believed bool   // and it came again
}

// write takes the payload of a packet. It hands each section that is whole to
// use.
func (s *sections) write(p []byte, start bool, use func([]byte)) {
	if start {
		if len(p) == 0 || int(p[0])+1 > len(p) {
			s.begun = false
			return
		}
		before := p[1 : 1+int(p[0])]
		p = p[1+int(p[0]):]
		if s.begun {
			s.buf = append(s.buf, before...)
			s.split(use)
		}
		s.buf, s.begun = s.buf[:0], true
	}
	if s.begun {
		s.buf = append(s.buf, p...)
		s.split(use)
	}
}

func (s *sections) split(use func([]byte)) {
	b := s.buf
	for len(b) >= 3 && b[0] != 0xff {
		n := 3 + int(be.Uint16(b[1:])&0xfff)
		if n > maxSection {
			s.begun = false
			return
		}
		if len(b) < n {
			s.buf = s.buf[:copy(s.buf, b)]
			return
		}
		use(b[:n])
		b = b[n:]
	}
	s.buf = s.buf[:copy(s.buf, b)]
	s.begun = len(b) < 3
}

// checked is a section of the kind of tables that are read here, without its
// check sum; nil if the sum is wrong or it is not one for now.
func (r *tsReader) checked(s *sections, p []byte, table byte) []byte {
	if p[0] != table || len(p) < 12 || p[1]&0x80 == 0 {
		return nil
	}
	if crcMPEG(p) != 0 {
		if !bytes.Equal(p, s.wrong) {
			s.wrong, s.believed = bytes.Clone(p), false
			r.repair(lostSection, 1)
			return nil
		}
		r.repair(mendSection, b2i(!s.believed))
		s.believed = true
	}
	if p[5]&1 == 0 { // for later
		return nil
	}
	return p[:len(p)-4]
}

// A program is one row of the program association table.
type program struct {
	number  int
	table   []byte // its map as it was last read
	applied bool
	clock   epoch
	pids    []int // of its streams
}

// association reads the program association table.
func (r *tsReader) association(p []byte) {
	for rows := p[8:]; len(rows) >= 4; rows = rows[4:] {
		number, pid := int(be.Uint16(rows)), int(be.Uint16(rows[2:])&0x1fff)
		if number == 0 {
			continue // network information
		}
		g := r.program(number)
		if g == nil {
			r.repair(lostPrograms, 1)
			return
		}
		if c := r.channel(pid); c.sections == nil {
			c.sections = &sections{}
		}
	}
	r.listed = true
}

// program finds or makes the program of that number; nil above the limit.
func (r *tsReader) program(number int) *program {
	for _, g := range r.programs {
		if g.number == number {
			return g
		}
	}
	if len(r.programs) >= maxPrograms {
		return nil
	}
	g := &program{number: number}
	r.programs = append(r.programs, g)
	return g
}

// complete says that the map of each program is known.
func (r *tsReader) complete() bool {
	for _, g := range r.programs {
		if g.table == nil {
			return false
		}
	}
	return r.listed && len(r.programs) > 0
}

// mapHead is the bytes of a program map before its first descriptor.
const mapHead = 12

// mapped takes a program map. While looking ahead it is only kept. Maps may
// change for each 64 KiB of the source, not more often.
func (r *tsReader) mapped(p []byte) {
	if len(p) < mapHead {
		r.repair(lostSection, 1)
		return
	}
	g := r.program(int(be.Uint16(p[3:])))
	if g == nil || bytes.Equal(g.table, p) {
		return
	}
	if r.changes++; int64(r.changes) > maxPrograms+(r.at+int64(r.pos))>>16 {
		r.repair(lostPrograms, 1)
		return
	}
	g.table = bytes.Clone(p)
	if !r.looking {
		r.apply(g)
	}
}

// apply makes the streams what the map of g says. A stream that goes while one
// of its kind comes lives on in that: to a viewer it is the same track.
func (r *tsReader) apply(g *program) {
	rows := g.rows()
	r.repair(noteProgram, b2i(g.applied))
	old := g.pids
	g.pids, g.applied = g.pids[:0:0], true
	for _, row := range rows {
		g.pids = append(g.pids, row.code)
		r.channel(row.code).programs++
	}
	var gone []*stream
	for _, pid := range old {
		c := r.pids[pid]
		if c.programs--; c.programs == 0 && c.stream != nil {
			gone = append(gone, c.stream)
			c.stream = nil
		}
	}
	for _, row := range rows {
		c := r.channel(row.code)
		if row.name == noPES.name {
			continue
		}
		if c.stream == nil {
			i := slices.IndexFunc(gone, func(s *stream) bool { return s.essence.kind == row.kind })
			if i >= 0 {
				c.stream = gone[i]
				gone = slices.Delete(gone, i, i+1)
				c.stream.close()
				c.stream.brk = true
			} else {
				c.stream = r.stream(uint32(row.code), &g.clock)
			}
		}
		if row.name != "" {
			c.stream.become(row.essence)
		}
	}
	for _, s := range gone {
		s.close()
	}
}

// rows are the streams that the map of a program names.
func (g *program) rows() (out []typed[int]) {
	p := g.table
	info := p[mapHead:min(len(p), mapHead+int(be.Uint16(p[10:])&0xfff))]
	disc := bytes.HasPrefix(info, []byte("\x05\x04HDMV"))
	for p = p[mapHead+len(info):]; len(p) >= 5; {
		n := min(len(p), 5+int(be.Uint16(p[3:])&0xfff))
		out = append(out, typed[int]{int(be.Uint16(p[1:]) & 0x1fff), essenceOf(p[0], p[5:n], disc)})
		p = p[n:]
	}
	return out
}

// crcMPEG is the check sum of sections (ISO 13818-1, annex A): zero over one
// that carries its own.
func crcMPEG(p []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range p {
		crc = crc<<8 ^ crcTable[byte(crc>>24)^c]
	}
	return crc
}

var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			c = c<<1 ^ 0x04c11db7&-(c>>31)
		}
		t[i] = c
	}
	return t
}()

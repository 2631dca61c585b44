package demux

import "bytes"

const (
	tsSync   = 0x47
	tsPacket = 188
	tsNull   = 0x1fff // packets of nothing
	tsTables = 0x20   // below are tables of the system
)

// tsPitches are the distances of packets: bare, with a time stamp before each
// (m2ts), with a check sum behind each.
var tsPitches = [3]int{188, 192, 204}

// What the transport stream reader mends.
const (
	lostStep     = "bytes between packets, skipped"
	mendSync     = "packets with a wrong sync byte, read all the same"
	mendFlagged  = "packets flagged as wrong by who sent them, marked as damaged"
	lostField    = "packets with an adaptation field that is too long, dropped"
	lostPackets  = "packets missing by their count, at least"
	lostStranger = "packets of streams that no program lists, skipped"
)

// A tsReader reads MPEG transport streams (ISO 13818-1, 2.4.3). It looks ahead
// for tables first, so that streams that begin before theirs lose nothing; if
// none come, streams are told by their bytes.
type tsReader struct {
	mux
	clock    epoch  // of streams of no program
	b        []byte // the window
	at       int64  // where it lies in the source
	last     bool   // nothing follows it
	pos      int    // of the next packet in it
	pitch    int    // from packet to packet; 0: out of step
	usual    int    // the last one that was not 0
	lost     int    // where step was lost
	behind   *channel
	looking  bool // for tables only
	listed   bool // the programs are known
	guessing bool // some of their streams are not
	done     bool
	pids     [tsNull + 1]*channel
	programs []*program
	changes  int // of their maps
}

// A channel is what has one packet identifier.
type channel struct {
	sections *sections
	stream   *stream
	programs int  // that have it
	count    byte // of the last packet, if begun
	begun    bool
	twice    bool // that packet has come twice
	jumps    bool // the count may jump
}

func openTS() scanner {
	r := &tsReader{looking: true}
	r.channel(0).sections = &sections{}
	return r
}

// channel finds or makes the channel of an identifier.
func (r *tsReader) channel(pid int) *channel {
	if r.pids[pid] == nil {
		r.pids[pid] = &channel{}
	}
	return r.pids[pid]
}

func (r *tsReader) stream(id uint32, clock *epoch) *stream {
	return &stream{mux: &r.mux, id: id, program: clock, enough: guessFrom}
}

// sniffTS wants five sync bytes at one distance.
func sniffTS(head []byte, _ int64) confidence {
	for i := bytes.IndexByte(head, tsSync); i >= 0 && i < len(head); i++ {
		for _, pitch := range tsPitches {
			if i+4*pitch >= len(head) || !steps(head[i:], pitch, 4) {
				continue
			}
			if i <= pitch-tsPacket {
				return sure
			}
			return likely
		}
		n := bytes.IndexByte(head[i+1:], tsSync)
		if n < 0 {
			break
		}
		i += n
	}
	return no
}

// steps says whether b begins with a sync byte and n more follow at that
// distance, as far as b goes.
func steps(b []byte, pitch, n int) bool {
	for i := 0; i <= n*pitch && i < len(b); i += pitch {
		if b[i] != tsSync {
			return false
		}
	}
	return true
}

// scan keeps the packet before the next one in sight: where step is lost, the
// bytes of that may hold the first whole packet.
func (r *tsReader) scan(m *Movie, b []byte, at int64, last bool) int {
	r.Movie, r.b, r.at, r.last = m, b, at, last
	if r.looking && !r.look() || r.done {
		return 0
	}
	for !m.enough() {
		if r.step() {
			continue
		}
		if last {
			r.end()
			return len(b)
		}
		break
	}
	used := max(0, min(r.pos, len(b))-tsPacket)
	r.pos -= used
	r.lost -= used
	return used
}

// look reads ahead for tables. It says false when it needs more bytes.
func (r *tsReader) look() bool {
	m := r.Movie
	r.Movie = &Movie{}
	for !r.complete() && r.pos < maxLook && r.step() {
	}
	r.Movie = m
	if !r.complete() && r.pos < maxLook && !r.last {
		return false
	}
	r.looking, r.guessing = false, !r.complete()
	r.pos, r.pitch, r.usual, r.lost = 0, 0, 0, 0
	for _, c := range r.pids {
		if c != nil {
			c.begun = false
		}
		if c != nil && c.sections != nil {
			*c.sections = sections{}
		}
	}
	for _, g := range r.programs {
		if g.table != nil {
			r.apply(g)
		}
	}
	return true
}

// end closes all streams.
func (r *tsReader) end() {
	r.done = true
	if r.pitch == 0 {
		r.repair(lostStep, max(0, len(r.b)-r.lost))
	} else {
		r.repair(lostTail, max(0, len(r.b)-r.pos))
		r.partial()
	}
	for _, c := range r.pids {
		if c == nil || c.stream == nil {
			continue
		}
		if r.pitch == 0 {
			c.stream.perhapsCut()
		}
		c.stream.close()
	}
}

// partial looks at the last packet of a source that was cut inside it: the
// stream it is of was cut, too.
func (r *tsReader) partial() {
	if b := r.b[min(r.pos, len(r.b)):]; len(b) > 3 && b[0] == tsSync {
		if c := r.pids[be.Uint16(b[1:])&0x1fff]; c != nil && c.stream != nil && b[1]&0x40 == 0 {
			c.stream.gap()
		}
	}
}

// step reads one packet, or finds step again. It says false when it needs more
// bytes.
func (r *tsReader) step() bool {
	if r.pitch == 0 {
		return r.resync()
	}
	if r.pos+tsPacket > len(r.b) {
		return false
	}
	b := r.b[r.pos:]
	if b[0] != tsSync {
		if len(b) <= 2*r.pitch && !r.last {
			return false
		}
		if len(b) <= r.pitch || !steps(b[r.pitch:], r.pitch, 1) {
			r.lose()
			return true
		}
		r.repair(mendSync, 1)
	}
	r.Index += int64(r.pitch)
	r.packet(b[:tsPacket], r.at+int64(r.pos))
	r.pos += r.pitch
	return true
}

// lose is called where a packet should begin and does not. Perhaps one begins
// inside of that before.
func (r *tsReader) lose() {
	r.lost = r.pos
	r.pos = max(0, r.pos-tsPacket+1)
	r.pitch = 0
}

// found ends being out of step. If a packet begins inside of that before, that
// has been cut; else it may be whole, or bytes may have come into it.
func (r *tsReader) found(pitch int) {
	r.pitch, r.usual = pitch, pitch
	n := r.pos - r.lost
	if n > 0 && n == pitch-tsPacket {
		r.Index += int64(n)
		return
	}
	r.repair(lostStep, max(0, n))
	if r.behind == nil || r.behind.stream == nil {
		return
	}
	if n < 0 {
		r.behind.stream.gap()
	} else {
		r.behind.stream.doubt(tsPacket)
	}
}

// resync finds a sync byte that others follow: four, or two at the distance
// there was before.
func (r *tsReader) resync() bool {
	for {
		n := bytes.IndexByte(r.b[min(r.pos, len(r.b)):], tsSync)
		if n < 0 {
			r.pos = len(r.b)
			return false
		}
		r.pos += n
		b := r.b[r.pos:]
		if len(b) <= 4*204 && !r.last {
			return false
		}
		for _, pitch := range tsPitches {
			need := 4
			if pitch == r.usual {
				need = 2
			}
			if len(b) > pitch && steps(b, pitch, need) {
				r.found(pitch)
				return true
			}
		}
		r.pos++
	}
}

// packet reads one packet, which lies at byte at of the source.
func (r *tsReader) packet(p []byte, at int64) {
	pid := int(be.Uint16(p[1:]) & 0x1fff)
	c := r.pids[pid]
	r.behind = c
	switch {
	case pid == tsNull:
		return
	case r.looking && (c == nil || c.sections == nil):
		return
	}
	n, jumps, sync := 4, false, false
	if p[3]&0x20 != 0 {
		if n = 5 + int(p[4]); n > tsPacket {
			r.repair(lostField, 1)
			return
		}
		jumps, sync = n > 5 && p[5]&0x80 != 0, n > 5 && p[5]&0x40 != 0
	}
	start := p[1]&0x40 != 0
	if c == nil {
		if c = r.stranger(pid, p[n:], start); c == nil {
			return
		}
	}
	c.jumps = c.jumps || jumps
	if p[3]&0x10 == 0 { // no payload
		return
	}
	if p[1]&0x80 != 0 {
		r.repair(mendFlagged, 1)
		if c.begun && p[3]&15 != (c.count+1)&15 { // nor is its header to be believed
			return
		}
	}
	if !r.counts(c, p[3]&15, p[n:]) {
		return
	}
	switch {
	case p[3]&0xc0 != 0:
		r.repair(lostCipher, 1)
		if c.stream != nil {
			c.stream.gap()
		}
	case c.sections != nil:
		c.sections.write(p[n:], start, func(b []byte) { r.section(c.sections, b) })
	case c.stream != nil:
		if start {
			c.stream.start(sync)
		}
		c.stream.wrong = p[1]&0x80 != 0
		c.stream.write(p[n:], at+int64(n))
	}
}

// counts follows the continuity counter of a channel (2.4.3.3). It says false
// for the second copy of a packet, which is legal. Where the count jumps, there
// is a gap, unless the stream said so.
func (r *tsReader) counts(c *channel, count byte, p []byte) bool {
	again, next := count == c.count, count == (c.count+1)&15
	switch {
	case !c.begun || next || r.looking:
	case again && !c.twice && !c.jumps && c.repeats(p):
		c.twice = true
		return false
	default:
		if c.stream != nil && !c.jumps {
			r.repair(lostPackets, max(1, int(count-c.count-1)&15))
			c.stream.gap()
		} else if c.stream != nil {
			c.stream.close()
			c.stream.brk = true
		}
		if c.sections != nil {
			c.sections.begun = false
		}
	}
	c.count, c.begun, c.twice, c.jumps = count, true, false, false
	return true
}

// repeats says whether p is the payload that came last, as far as it is still
// there to compare.
func (c *channel) repeats(p []byte) bool {
	if c.stream == nil {
		return true
	}
	n := min(len(p), len(c.stream.buf))
	return bytes.HasSuffix(p, c.stream.buf[len(c.stream.buf)-n:])
}

// section reads one table.
func (r *tsReader) section(s *sections, b []byte) {
	if s == r.pids[0].sections {
		if p := r.checked(s, b, 0); p != nil {
			r.association(p)
		}
	} else if p := r.checked(s, b, 2); p != nil {
		r.mapped(p)
	}
}

// stranger is the channel of a packet that no table names: a new one, if not
// all tables have come and a PES packet begins here.
func (r *tsReader) stranger(pid int, p []byte, start bool) *channel {
	if pid < tsTables {
		return nil
	}
	if !r.guessing {
		r.repair(lostStranger, 1)
		return nil
	}
	if h, ok := readPES(p); !start || !ok || h.id < 0xbd || len(r.Tracks) >= maxTracks {
		return nil
	}
	c := r.channel(pid)
	c.stream = r.stream(uint32(pid), &r.clock)
	c.stream.stray = true
	return c
}

package demux

import (
	"bytes"
	"slices"
)

// An oggStream is one logical stream of an Ogg file.
type oggStream struct {
	serial uint32
	number uint32 // of the last page
	pages  int
	ended  bool
	codec  string // by the first packet; "" unknown
	t      *Track // nil until it is known whether there is one

	part     []byte // a packet that goes on on the next page
	partAt   int64
	headless bool // its beginning is lost
	damaged  bool // some of it is
	lost     int  // packets before the next one

	headers [][]byte // of the codec
	tick    int64    // of the track, that a granule counts
	skip    int64    // granules that a decoder drops at the start
	keyBits int      // Theora: bits of a granule that count from a key picture
	early   bool     // Theora before 3.2.1: granules count from 0
	modes   []bool   // Vorbis: long blocks
	blocks  [2]int64 // Vorbis: sizes of blocks
	block   int64    // Vorbis: of the packet before; 0: none

	done   []oggPacket // ended on this page
	dated  bool
	now    int64 // granules up to here
	until  int64 // end of the last sample, ticks
	breaks bool  // before the next sample
}

// An oggPacket waits for the granule position of its page.
type oggPacket struct {
	Sample
	dur int64 // granules
}

type oggIdentity struct {
	sign, name string
	kind       Kind
}

// oggCodecs are told by how the first packet of a stream begins.
var oggCodecs = []oggIdentity{
	{"\x01vorbis", "vorbis", Audio},
	{"OpusHead", "opus", Audio},
	{"\x7fFLAC", "flac", Audio},
	{"Speex   ", "speex", Audio},
	{"\x80theora", "theora", Video},
	{"OVP80", "vp8", Video},
	{"fishead\x00", "skeleton", Other}, // about the others
}

// oggCodec is the place in oggCodecs of what a packet begins, -1 if there is
// none.
func oggCodec(p []byte) int {
	return slices.IndexFunc(oggCodecs, func(c oggIdentity) bool { return bytes.HasPrefix(p, []byte(c.sign)) })
}

// cut gives up the packet that waits for its end.
func (s *oggStream) cut(m *Movie) {
	if len(s.part) > 0 {
		m.repair(lostParts, 1)
		s.lost++
		s.part, s.damaged, s.block = nil, false, 0
	}
}

// packet takes a whole packet.
func (s *oggStream) packet(r *oggReader, p []byte, at int64) {
	if s.t == nil && s.codec == "" && !s.begin(r, p) {
		return
	}
	if s.header(p) {
		r.Index += int64(len(p))
		s.configure(p)
		return
	}
	x := oggPacket{Sample{Bytes: p, At: at, Size: int32(len(p)), Lost: uint16(min(s.lost, 1<<16-1))}, s.duration(p)}
	if s.damaged {
		x.Flags |= Damaged
	}
	s.lost = 0
	s.done = append(s.done, x)
}

// begin tells the codec by the first packet. It says false if the stream has
// no samples.
func (s *oggStream) begin(r *oggReader, p []byte) bool {
	s.codec, s.tick = "unknown", 1
	if i := oggCodec(p); i >= 0 {
		c := &oggCodecs[i]
		if s.codec = c.name; c.kind == Other {
			return false
		}
		if r.take(s); s.t == nil {
			return false
		}
		s.t.Kind, s.breaks = c.kind, s.t.Total() > 0
		return true
	}
	if r.take(s); s.t != nil {
		s.t.Scale, s.t.Guessed = 25, true
		r.repair(guessTimes, 1)
	}
	return s.t != nil
}

// header says that a packet is about the stream and holds no sample.
func (s *oggStream) header(p []byte) bool {
	switch s.codec {
	case "skeleton":
		return true
	case "vorbis":
		return len(p) > 0 && p[0]&1 == 1
	case "theora":
		return len(p) > 0 && p[0]&0x80 != 0
	case "opus":
		return bytes.HasPrefix(p, []byte("Opus"))
	case "vp8":
		return bytes.HasPrefix(p, []byte("OVP80"))
	case "flac":
		return len(p) > 0 && p[0] != 0xff
	case "speex":
		return len(s.headers) < 2
	}
	return false
}

// configure reads a header packet.
func (s *oggStream) configure(p []byte) {
	if s.t == nil || len(s.headers) >= 3 || len(p) > maxLeaf {
		return
	}
	s.headers = append(s.headers, bytes.Clone(p))
	c, first := Codec{Name: s.codec}, s.headers[0]
	scale := int64(0)
	switch {
	case s.codec == "opus" && len(first) >= 19:
		c.opus(opusRecord(first))
		s.skip, scale = int64(le.Uint16(first[10:])), 48_000
	case s.codec == "flac" && len(first) >= 51:
		c.flac(flacRecord(first[9:]))
		scale = int64(c.Rate)
	case s.codec == "speex" && len(first) >= 68:
		c.Rate, c.Channels, c.Record = int(min(le.Uint32(first[36:]), 1e6)), int(min(le.Uint32(first[48:]), 255)), first
		scale = int64(c.Rate)
	case s.codec == "vp8" && len(first) >= 26:
		c.family, c.Width, c.Height = vp8, int(be.Uint16(first[8:])), int(be.Uint16(first[10:]))
		scale, s.tick = int64(be.Uint32(first[18:])), int64(be.Uint32(first[22:]))
	case s.codec == "theora" && len(first) >= 42:
		scale, s.tick = int64(be.Uint32(first[22:])), int64(be.Uint32(first[26:]))
		s.keyBits = int(be.Uint16(first[40:]) >> 5 & 31)
		s.early = be.Uint32(first[6:])&0xffffff < 0x030201
		c.family = theora
		s.three(&c)
	case s.codec == "vorbis" && len(first) >= 30:
		scale = int64(le.Uint32(first[12:]))
		s.blocks = [2]int64{1 << (first[28] & 15), 1 << (first[28] >> 4)}
		s.three(&c)
	}
	if scale > 0 && scale < 1<<31 && s.tick > 0 && s.tick < 1<<31 && s.t.Total() == 0 {
		s.t.Scale = scale
	} else if s.t.Total() == 0 {
		s.t.Scale, s.tick, s.t.Guessed = 25, 1, true
	}
	if !same(s.t.Codec, &c) && (s.t.Total() == 0 || c.Record != nil) {
		s.t.Codec = &c
	}
}

// three makes the record of a codec with three header packets when all have
// come.
func (s *oggStream) three(c *Codec) {
	if len(s.headers) < 3 {
		return
	}
	c.headers([3][]byte(s.headers))
	if s.codec == "vorbis" {
		s.modes = vorbisModes(s.headers[2])
	}
}

// duration is how many granules a packet lasts.
func (s *oggStream) duration(p []byte) int64 {
	switch s.codec {
	case "opus":
		return opusSounds(p)
	case "flac":
		return int64(flacSounds(p))
	case "vorbis":
		return s.vorbisSounds(p)
	case "vp8":
		if len(p) > 0 {
			return int64(p[0] >> 4 & 1) // shown or not
		}
		return 0
	case "speex":
		h := s.headers[0]
		if len(h) < 68 {
			return 0
		}
		return int64(min(le.Uint32(h[56:]), 2000)) * int64(max(1, min(le.Uint32(h[64:]), 100)))
	}
	return 1
}

// vorbisSounds is how many sounds a packet completes: it overlaps the one
// before (Vorbis I, 4.3.8). The first completes none; it is taken to follow a
// short one, so that it stands before the sounds that need it.
func (s *oggStream) vorbisSounds(p []byte) int64 {
	if len(s.modes) == 0 || len(p) == 0 {
		return 0
	}
	bits := 0
	for 1<<bits < len(s.modes) {
		bits++
	}
	mode := int(p[0]>>1) & (1<<bits - 1)
	if mode >= len(s.modes) {
		return 0
	}
	before := s.block
	if s.block = s.blocks[b2i(s.modes[mode])]; before == 0 {
		before = s.blocks[0]
	}
	return (before + s.block) / 4
}

// granules is the time at which the last packet of a page ends.
func (s *oggStream) granules(g int64) int64 {
	switch s.codec {
	case "theora":
		end := g>>s.keyBits + g&(1<<s.keyBits-1)
		return end + int64(b2i(s.early))
	case "vp8":
		return g>>32 - int64(b2i(g>>30&3 == 0))
	}
	return g
}

// flush dates the packets that ended on page g and adds them.
func (s *oggStream) flush(r *oggReader, g *page) {
	if len(s.done) == 0 {
		return
	}
	sum := int64(0)
	for i := range s.done {
		sum += s.done[i].dur
	}
	over := int64(0) // granules of the last packet that are not to be heard
	end := s.granules(g.granule)
	if g.granule >= 0 && g.intact && s.codec != "unknown" && end < 1<<56/s.tick {
		switch {
		case g.flags&pageEnd == 0:
			s.now, s.dated = end-sum, true
		case s.now+sum > end:
			over = s.now + sum - end
		case s.dated:
			s.now = end - sum
		}
	}
	from := s.t.ticks(r.shift)
	for i := range s.done {
		x := &s.done[i]
		if i == len(s.done)-1 {
			x.dur = max(0, x.dur-over)
		}
		x.Time = from + (s.now-s.skip)*s.tick
		x.Dur = uint32(max(0, min(x.dur*s.tick, 1<<32-1)))
		if s.now += x.dur; s.breaks {
			x.Flags |= Break
			s.breaks = false
		}
		s.until = max(s.until, x.Time+int64(x.Dur))
		r.add(s.t, x.Sample)
	}
	s.done = s.done[:0]
}

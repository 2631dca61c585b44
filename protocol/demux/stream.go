package demux

import (
	"bytes"
	"math"
	"slices"
)

// An elementary stream inside a transport or program stream comes piece by
// piece. Frames are cut out of it by what they are, not by how they were
// packed: one PES packet may hold several frames, and a frame take several.

// Limits of streams.
const (
	maxFrame   = 4 << 20  // bytes that wait for the end of one frame
	maxPending = 16 << 20 // bytes that wait in all streams
	steady     = 4        // PES packets in a row that begin with a frame, after which the end of one ends a frame
	longPES    = 60_000   // bytes of a packet that may be one of several for one frame
	maxLost    = 1 << 15  // samples that a hole in the time is taken for
)

// What is mended in streams.
const (
	lostHead    = "PES packets without a readable header, skipped"
	lostCipher  = "scrambled packets, skipped"
	lostSurplus = "bytes behind the end of a PES packet, skipped"
	lostTorn    = "frames with bytes missing, marked as damaged"
	lostLong    = "frames that do not end within 4 MiB, cut off and marked as damaged"
	lostAmong   = "bytes between frames, skipped"
	mendOrder   = "pictures shown before they are decoded, shown then"
)

// A mux is what the streams of one source share.
type mux struct {
	*Movie
	held int // bytes in the buffers of all streams
}

// An epoch is the time that has been reached. Time stamps have 33 bits: of all
// times that one can mean, the nearest to what has been reached is meant.
type epoch struct {
	now int64 // ticks of 90 kHz, unwrapped
	set bool
}

func (e *epoch) unwrap(raw int64) int64 {
	if e.set {
		raw = e.now + (raw-e.now)<<31>>31
	}
	e.now, e.set = raw, true
	return raw
}

// A stamp is what the header of one PES packet says.
type stamp struct {
	off      int64 // where the packet begins in the elementary stream
	pts, dts int64 // ticks of 90 kHz, unwrapped, if dated
	dated    bool
	sync     bool // flagged as a place to start
}

// A piece is a run of bytes of the elementary stream and its place in the source.
type piece struct{ off, at int64 }

// A stream is one elementary stream on its way into a track.
type stream struct {
	*mux
	id      uint32
	native  bool    // tables are not usual here
	stray   bool    // no table names it
	t       *Track  // nil until it is known what this is
	f       framer  // nil until then
	essence essence // what a table says, or a guess
	program *epoch  // the time of its program
	own     epoch

	head  []byte // PES header that is not whole
	mode  mode
	left  int  // bytes of the PES packet that are to come; -1: not told
	short bool // the packet is shorter than it may be: nobody had to cut a frame
	sync  bool // the packet is flagged as a place to start
	wrong bool // the next bytes may be

	buf    []byte  // bytes in no frame yet
	base   int64   // where they begin in the elementary stream
	pieces []piece // where they come from, in order
	stamps []stamp // of the packets that begin among them, in order
	enough int     // bytes of an unknown stream to look at
	row    int     // packets in a row that begin with a frame; -1: one did not

	dated bool
	from  int64    // decode time of the last stamp of a sound, or of the last picture
	spans int64    // sounds since
	holed bool     // bytes are missing since the last frame
	stain [2]int64 // bytes of the elementary stream that may be wrong
	brk   bool     // the next frame is a break
}

// A mode is what a stream makes of the next bytes.
type mode uint8

const (
	drops   mode = iota // until a PES packet begins
	inHead              // they belong to the header of one
	inBytes             // they are its payload
)

// A framer finds the frames of one elementary stream.
type framer interface {
	// frame reads the first frame of b. What its answer is done with is not
	// shown again, the rest is, with more behind it.
	frame(b []byte, e end) frame
	// tear says that bytes are missing: the next are inside of some frame.
	tear()
}

// An end says what follows.
type end uint8

const (
	goesOn     end = iota // more, perhaps of the same frame
	packetEnds            // a PES packet, and this one ended with a frame
	nothing               // nothing that belongs to it
	hole                  // bytes are missing
)

// A frame is an access unit of picture or sound.
type frame struct {
	skip   int    // bytes before it that belong to none
	size   int    // bytes; 0: it is not whole yet
	body   []byte // what a sample carries of it
	codec  *Codec // that it needs; nil: that of the track
	sounds int    // how long it lasts; 0 unknown
	torn   bool   // it should be longer
}

// start begins a PES packet with the bytes that come next.
func (s *stream) start(sync bool) {
	s.finish()
	s.head, s.mode, s.sync = s.head[:0], inHead, sync
}

// finish ends the PES packet before. If some of it is missing, there is a gap.
func (s *stream) finish() {
	switch {
	case s.mode == inHead:
		s.repair(lostHead, 1)
	case s.mode == inBytes && s.left > 0:
		s.gap()
	case s.essence.whole():
		s.pump(packetEnds)
	}
	s.mode = drops
}

// close ends the stream.
func (s *stream) close() {
	s.finish()
	s.pump(nothing)
}

// gap says that bytes are missing here, up to the next ones that come.
func (s *stream) gap() {
	if s.mode == inBytes && s.left == 0 && s.short {
		s.pump(nothing)
	} else {
		s.pump(hole)
	}
	s.holed = true
	if s.f != nil {
		s.f.tear()
	}
	if s.essence.whole() || s.mode == inHead {
		s.mode = drops
	}
	s.left = -1
}

// doubt says that the last n bytes that came may be wrong.
func (s *stream) doubt(n int) {
	stop := s.base + int64(len(s.buf))
	if s.stain[1] <= s.base {
		s.stain[0] = stop - int64(n)
	}
	s.stain[1] = stop
}

// perhapsCut is called where more of the stream may have been and is lost:
// pictures do not tell where they end.
func (s *stream) perhapsCut() {
	if s.essence.family != plain {
		s.doubt(len(s.buf))
	}
}

// write takes the next bytes of a PES packet, which lie at byte at of the
// source.
func (s *stream) write(p []byte, at int64) {
	switch s.mode {
	case inBytes:
		s.payload(p, at)
	case inHead:
		all := p
		if len(s.head) > 0 {
			s.head = append(s.head, p...)
			all = s.head
		}
		h, ok := readPES(all)
		switch {
		case !ok, len(all) > maxPESHead && h.size == 0:
			s.mode = drops
			s.repair(lostHead, 1)
		case h.size > 0:
			s.begin(h)
			n := len(p) - (len(all) - h.size)
			s.write(p[n:], at+int64(n))
		case len(s.head) == 0:
			s.head = append(s.head, p...)
		}
	}
}

// begin opens the PES packet whose header has been read.
func (s *stream) begin(h pesHead) {
	s.mode, s.left, s.short = inBytes, h.left, h.left > 0 && h.left < longPES
	if h.cipher {
		s.repair(lostCipher, 1)
		s.gap()
		s.mode = drops
		return
	}
	st := stamp{off: s.base + int64(len(s.buf)), dated: h.dated, sync: s.sync}
	if h.dated {
		if !s.own.set {
			s.own = *s.program
		}
		st.dts = s.own.unwrap(h.dts)
		*s.program = s.own
		if st.pts = st.dts + (h.pts-h.dts)<<31>>31; st.pts < st.dts {
			st.pts = st.dts
			s.repair(mendOrder, 1)
		}
	}
	if n := len(s.stamps); n > 0 && s.stamps[n-1].off == st.off {
		s.stamps = s.stamps[:n-1]
	}
	s.stamps = append(s.stamps, st)
}

// payload takes bytes of the elementary stream.
func (s *stream) payload(p []byte, at int64) {
	if s.left >= 0 && len(p) > s.left {
		s.repair(lostSurplus, len(p)-s.left)
		p = p[:s.left]
	}
	if len(p) == 0 {
		return
	}
	s.pieces = append(s.pieces, piece{s.base + int64(len(s.buf)), at})
	s.buf = append(s.buf, p...)
	s.held += len(p)
	s.Index -= int64(len(p))
	if s.wrong {
		s.doubt(len(p))
	}
	e := goesOn
	if s.left > 0 {
		if s.left -= len(p); s.left == 0 && (s.essence.whole() || s.short && s.row >= steady) {
			e = packetEnds
		}
	}
	s.pump(e)
	if len(s.buf) > maxFrame || s.held > maxPending {
		s.repair(lostLong, 1)
		s.gap()
		s.mode = drops
	}
}

// pump adds the frames that are whole.
func (s *stream) pump(e end) {
	if s.f == nil && !s.recognise(e) {
		if e >= nothing {
			s.forget(len(s.buf))
		}
		return
	}
	n := 0
	for n < len(s.buf) {
		f := s.f.frame(s.buf[n:], e)
		s.repair(lostAmong, f.skip)
		if n += f.skip; f.size == 0 {
			if f.skip == 0 {
				break
			}
			continue
		}
		s.emit(f, n)
		n += f.size
	}
	if e >= nothing {
		s.repair(lostAmong, len(s.buf)-n)
		n = len(s.buf)
	}
	s.forget(n)
}

// forget drops the first n bytes, and what was known of them alone.
func (s *stream) forget(n int) {
	if n == 0 {
		return
	}
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
	s.base += int64(n)
	s.held -= n
	i := 0
	for i+1 < len(s.pieces) && s.pieces[i+1].off <= s.base {
		i++
	}
	s.pieces = slices.Delete(s.pieces, 0, i)
	for i = 0; i+1 < len(s.stamps) && s.stamps[i+1].off <= s.base; {
		i++
	}
	s.stamps = slices.Delete(s.stamps, 0, i)
}

// place is where a byte of the elementary stream lies in the source.
func (s *stream) place(off int64) int64 {
	i := len(s.pieces) - 1
	for i > 0 && s.pieces[i].off > off {
		i--
	}
	return s.pieces[i].at + off - s.pieces[i].off
}

// emit adds the frame that begins at buf[n].
func (s *stream) emit(f frame, n int) {
	t, off := s.t, s.base+int64(n)
	if f.codec != nil && f.codec != t.Codec {
		t.Codec = f.codec
		s.brk = s.brk || t.Total() > 0
	}
	sample := Sample{Bytes: f.body, At: s.place(off), Size: int32(f.size)}
	st := s.stamped(off+int64(idle(f.body)), off+int64(f.size))
	s.date(&sample, st, f.sounds)
	if f.torn {
		s.repair(lostTorn, 1)
	}
	if f.torn || off < s.stain[1] && off+int64(f.size) > s.stain[0] {
		sample.Flags |= Damaged
	}
	if s.brk {
		sample.Flags |= Break
	}
	if st.sync {
		sample.Flags |= Sync
	}
	seen := t.Total()
	if t.Codec.family.units() {
		s.addUnits(t, sample)
	} else {
		sample.Bytes = bytes.Clone(f.body)
		s.add(t, sample)
	}
	if t.Total() > seen {
		s.brk, s.holed = false, false
	}
}

// idle counts the zeros before the start code of a picture: they belong to
// the one before.
func idle(p []byte) int {
	n := 0
	for n < len(p) && p[n] == 0 {
		n++
	}
	return max(0, n-2)
}

// stamped is the stamp of the frame that begins at off and stops at stop: that
// of the packet in which it is the first to begin.
func (s *stream) stamped(off, stop int64) (st stamp) {
	i := 0
	for i < len(s.stamps) && s.stamps[i].off <= off {
		st = s.stamps[i]
		i++
	}
	s.stamps = slices.Delete(s.stamps, 0, i)
	switch {
	case len(s.stamps) > 0 && s.stamps[0].off < stop:
		s.row = -1
	case i > 0 && s.row >= 0:
		s.row++
	}
	return st
}

// date sets the times of a sample of so many sounds.
func (s *stream) date(a *Sample, st stamp, sounds int) {
	t := s.t
	rate := int64(t.Codec.Rate)
	exact := sounds > 0 && rate > 0
	due := s.from
	switch {
	case exact:
		due += s.spans * t.Scale / rate
		a.Dur = uint32((s.spans+int64(sounds))*t.Scale/rate - s.spans*t.Scale/rate)
	case s.dated:
		due += t.pace()
	}
	switch {
	case st.dated:
		if away := st.dts - due; s.holed && s.dated && away > 0 && away < maxGap*t.Scale {
			a.Lost = uint16(min((away+t.pace()/2)/t.pace(), maxLost))
		}
		s.from, s.spans, s.dated = st.dts, 0, true
		due = st.dts
		a.Shift = int32(min(st.pts-st.dts, math.MaxInt32))
	case !s.dated:
		due = s.program.now
		s.from, s.spans, s.dated = due, 0, true
		a.Flags |= Guessed
	case !exact || s.holed:
		a.Flags |= Guessed
	}
	if a.Time = due; exact {
		s.spans += int64(sounds)
	} else {
		s.from = due
	}
}

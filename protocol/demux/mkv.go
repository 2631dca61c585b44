package demux

import "slices"

// What the Matroska reader mends beyond what movie counts.
const (
	mendElements = "bytes between elements, skipped"
	mendSwallow  = "elements that claim to hold what follows them, cut"
	lostBlock    = "blocks of tracks that no header describes, dropped"
	lostLace     = "blocks whose frames do not fit into them, dropped"
	lostUnpacked = "blocks without the bytes that their compression needs, dropped"
	guessCluster = "clusters whose time is lost, guessed"
	guessHeader  = "streams that begin without their header"
)

// Limits of a Matroska source.
const (
	maxLeaf    = 1 << 20 // bytes of one header element; a longer one is passed over
	maxStrange = 1 << 12 // bytes of an element of an unknown number
	maxFrames  = 256     // of one block: its count has one byte
	maxStrip   = 16      // that compression takes off the front of each frame
	maxLeap    = 4 << 20 // bytes of a block that may be where reading goes on after damage
	maxNanos   = 1 << 62 // of a clock
	doubtful   = 100     // blocks after damage within which more of it casts doubt on all
)

// An mkvReader reads Matroska and WebM (RFC 9559). It walks a flat row of
// elements: masters are entered by reading their head alone, and where they
// end is believed only when something else agrees. So unknown sizes cost
// nothing, and a wrong size spoils one element.
//
// A block is taken when something vouches for its size: its pictures are
// chains that it exactly fills, or it ends where its group or cluster ends, or
// what follows it can be an element. Else, and where no element begins, reading
// goes on at the next cluster, the next header or the next block that
// something vouches for.
type mkvReader struct {
	*Movie
	pos  int64 // of what is read now
	last bool  // nothing follows

	lost  bool  // looking for a place to go on
	skip  int64 // bytes of a body that are to be passed over
	after bool  // in or behind a cluster
	torn  bool  // the header is damaged: tracks may be undescribed
	doubt int   // grows with damage, shrinks with blocks

	tracks []*mkvTrack
	entry  *trackEntry // the track that is being described
	unit   int64       // nanoseconds of one tick

	clusterEnd int64 // -1: not told
	base       int64 // time of the cluster, ticks
	adrift     bool  // reading went on behind damage: the base may be that of a lost cluster
	guessed    bool  // it was, and has been guessed
	group      blockGroup
}

// A blockGroup waits: what stands behind its block is about it.
type blockGroup struct {
	open      bool
	end       int64  // -1: not told
	body      []byte // of the block
	at        int64  // where that lies
	dur       int64
	reference bool
}

func openMKV() scanner { return &mkvReader{unit: 1e6, clusterEnd: -1} }

// sniffMKV looks for the EBML header, else for what reading could go on with:
// a stream joined late has no header.
func sniffMKV(head []byte, _ int64) confidence {
	if e, v := elementAt(head); v == good && e.id == idEBML && head[0] == 0x1a {
		return sure
	}
	r := mkvReader{after: true, torn: true}
	for off := 0; off < len(head); {
		n, v := r.seek(head[off:])
		if v != good {
			break
		}
		if off += n; r.chained(head[off:]) {
			return likely
		}
		off++
	}
	return no
}

// chained says that four elements stand behind one another, or a header of
// the format.
func (r *mkvReader) chained(p []byte) bool {
	for range 4 {
		e, v := elementAt(p)
		switch {
		case v != good || r.follows(p, false) != good:
			return false
		case e.head == 0, e.size > int64(len(p)-e.head):
			return false
		case e.id == idTracks, e.id == idEntry, e.id == idEBML:
			return true
		}
		if p = p[e.head:]; shapesCluster[e.id] != entered && e.size > 0 {
			p = p[e.size:]
		}
	}
	return true
}

func (r *mkvReader) scan(m *Movie, b []byte, at int64, last bool) int {
	r.Movie, r.last = m, last
	if e, v := elementAt(b); at == 0 && v == good && e.id != idEBML {
		r.lost = true // other bytes in front, or joined late
	}
	off := 0
	for off < len(b) && !m.enough() {
		r.pos = at + int64(off)
		n := r.step(b[off:])
		if n == 0 {
			break
		}
		off += n
	}
	if r.pos = at + int64(off); r.group.open && (last && off == len(b) || r.pos == r.group.end) {
		r.closeGroup()
	}
	if last && off == len(b) {
		r.closeEntry()
	}
	return off
}

// step reads one element or one stretch of other bytes and returns how many
// bytes it is done with. Zero: it needs more.
func (r *mkvReader) step(p []byte) int {
	switch {
	case r.lost:
		return r.goOn(p)
	case r.skip > 0:
		return r.pass(p)
	}
	if r.group.open && r.group.end >= 0 && r.pos >= r.group.end {
		r.closeGroup()
	}
	e, v := elementAt(p)
	if v == short && !r.last {
		return 0
	}
	if v != good {
		return r.lose(p)
	}
	shape, known := r.shape(e.id)
	whole := int64(e.head) + e.size
	switch {
	case r.after && !known:
		return r.stranger(e, p)
	case shape == entered:
		r.enter(e)
		r.Index += int64(e.head)
		return e.head
	case e.size == unsized, r.after && small(e.id) && e.size > 8:
		return r.lose(p)
	case shape == block:
		return r.block(e, p)
	case shape == leaf && e.size <= maxLeaf:
		if whole > int64(len(p)) {
			return r.wait(p)
		}
		r.leaf(e.id, p[e.head:whole])
		r.Index += whole
		return int(whole)
	}
	r.leave(e.id)
	r.skip = e.size
	r.Index += int64(e.head)
	return e.head
}

func (r *mkvReader) shape(id uint32) (shape, bool) {
	shapes := shapesHeader
	if r.after {
		shapes = shapesCluster
	}
	s, known := shapes[id]
	return s, known
}

// wait says that more bytes are needed. If none come, what is here is read as
// if it were damaged: it may hold others whole.
func (r *mkvReader) wait(p []byte) int {
	if r.last {
		return r.lose(p)
	}
	return 0
}

// lose gives up the element at the front of p.
func (r *mkvReader) lose(p []byte) int {
	if r.group.open {
		r.closeGroup()
	}
	r.lost, r.adrift = true, true
	r.doubt = min(r.doubt+doubtful, 4*doubtful)
	r.torn = r.torn || !r.after
	r.closeEntry()
	r.repair(mendElements, 1)
	return min(1, len(p))
}

// goOn looks for the next place where reading can go on.
func (r *mkvReader) goOn(p []byte) int {
	n, v := r.seek(p)
	switch {
	case v == good:
		r.lost = false
		if id, _ := vint(p[n:], 4); id == idSimpleBlock || id == idGroup {
			r.after = true
		}
	case r.last:
		n = len(p)
	}
	r.repair(mendElements, n)
	if v == good && n == 0 {
		return r.step(p)
	}
	return n
}

// pass goes over the body of an element that does not matter. If it seems to
// hold a cluster or a header, its size is a lie.
func (r *mkvReader) pass(p []byte) int {
	n := int(min(r.skip, int64(len(p))))
	for i, c := range p[:n] {
		if !marks[c] || c == 0xa3 || c == 0xa0 {
			continue
		}
		switch v := r.landmark(p[i:]); {
		case v == good:
			r.repair(mendSwallow, 1)
			r.skip = 0
			r.Index += int64(i)
			if i == 0 {
				return r.step(p)
			}
			return i
		case v == short && !r.last:
			r.skip -= int64(i)
			r.Index += int64(i)
			return i
		}
	}
	r.skip -= int64(n)
	r.Index += int64(n)
	return n
}

// stranger reads an element of an unknown number in a cluster.
func (r *mkvReader) stranger(e element, p []byte) int {
	switch r.beyond(e, p, r.last) {
	case good:
		r.Index += int64(e.head) + e.size
		return e.head + int(e.size)
	case short:
		return r.wait(p)
	}
	return r.lose(p)
}

// leave closes what ends where the element id begins.
func (r *mkvReader) leave(id uint32) {
	if r.group.open && !slices.Contains([]uint32{idDuration, idReference, idPriority, idAdditions, idPadding, idState, idVoid}, id) {
		r.closeGroup()
	}
	if id > 1<<24 {
		r.closeEntry()
	}
	if id == idEBML { // another file begins
		r.after = false
	}
}

// enter begins a master element.
func (r *mkvReader) enter(e element) {
	r.leave(e.id)
	end := int64(-1)
	if e.size != unsized {
		end = r.pos + int64(e.head) + e.size
	}
	switch e.id {
	case idSegment, idInfo, idTracks:
		r.after = false
	case idEntry:
		r.closeEntry()
		r.entry = &trackEntry{}
	case idEncoding:
		if r.entry != nil {
			r.entry.scope = 1
		}
	case idCompression:
		if r.entry != nil {
			r.entry.packed = true
		}
	case idCluster:
		r.after, r.clusterEnd = true, end
		r.guessed, r.adrift = false, false
	case idGroup:
		r.group = blockGroup{open: true, end: end, at: -1, dur: -1}
	}
}

// leaf reads one small element.
func (r *mkvReader) leaf(id uint32, p []byte) {
	switch id {
	case idScale:
		if n := int64(number(p)); n > 0 && n <= 1e9 {
			r.unit = n
		}
	case idTime:
		r.leave(id)
		if n := number(p); n < uint64(maxNanos/r.unit) {
			r.base = int64(n)
			r.guessed, r.adrift = false, false
		}
	case idDuration:
		r.group.dur = int64(min(number(p), 1<<40))
	case idReference:
		r.group.reference = true
	default:
		if r.entry != nil && len(r.entry.private) < maxLeaf {
			r.entry.leaf(id, p)
		}
	}
}

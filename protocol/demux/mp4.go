package demux

import (
	"bytes"
	"slices"
)

// What the MP4 reader mends beyond what movie counts.
const (
	mendBetween = "bytes between boxes, skipped"
	mendTop     = "boxes that claim more than the file has, cut"
	mendNested  = "boxes that claim more than their parent holds, cut"
	lostHeader  = "further movie headers for the same samples, ignored"
	noteEdits   = "edit lists of which only the start is applied"
	mendPlaces  = "tables that point beside the pictures, moved"
	mendChunks  = "tables of chunks that do not add up, chunks filled up to the next"
	mendPrefix  = "codec records that tell the wrong length of lengths, corrected"
)

// maxHeader is how large a box may be that is read as a whole. The index of a
// film of ten hours has 20 MB; a box that claims more than this is cut where
// the next one starts.
const maxHeader = 256 << 20

// An mp4Reader reads MP4, MOV, 3GP and fragmented MP4 (ISO 14496-12 and the
// QuickTime file format).
//
// It walks the boxes of the top level. A moov or moof box starts cursors, one
// a track, which name one sample after the other, and the walk rests until
// they have come to their end. Samples are taken in the order of their times,
// as soon as their bytes are in. Bytes are used up when no cursor can name
// them any more; those in front of the first index wait for it.
//
// What is read does not depend on how the source was cut: a decision that
// needs bytes which have not come waits for them.
type mp4Reader struct {
	*Movie
	b    []byte // what has come and not been used up
	at   int64  // where it lies in the source
	last bool   // nothing follows it

	off    int64 // next box of the top level
	lost   bool  // it has to be searched for
	swept  bool  // the last search of a source without an index
	mdat   span  // the media box that off stands at, if any
	mdats  []int64
	left   int64 // where the last media box claimed to end
	looked int64 // up to where there is no box that can hold an index
	reach  int64 // end of the last sample found
	hold   int64 // what must be kept for an index to come; -1 nothing
	filled bool  // mdat has an index, which came before it
	slip         // how far its samples lie from where the index says
	low    int64 // what the current index may point at
	shift  int64 // what must be added to positions in tables

	coming []*trak   // read from a moov box, not started yet
	cur    *trak     // the one whose header is being read
	due    bool      // a moov box waits to be started
	moov   int64     // where it lies
	fresh  bool      // no moov box since the file began
	known  bool      // some index has been read
	scale  int64     // of the movie header
	traks  []*trak   // started
	sidx   []sidxed  // time scales that a segment index tells
	trex   []trexed  // sample properties that a movie header tells
	frag   *fragment // a moof box that waits to be started
	queue  []*source // cursors, a heap by time
	steps  int64     // boxes, rows and samples looked at, for tests
}

// A span is the body of a media box: from its first byte to behind its last.
type span struct{ from, to int64 }

type sidxed struct {
	id    uint32
	scale int64
}

type trexed struct {
	id uint32
	preset
}

// topBoxes are the names that may stand at the top level.
var topBoxes = []string{
	"ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "sidx", "ssix", "pdin", "prft",
	"emsg", "mfra", "meta", "uuid", "pnot", "udta", "imda", "PICT",
}

// sniffMP4 looks for a top-level box at the start, else for a telling one soon
// after: junk in front of a file is common.
func sniffMP4(head []byte, size int64) confidence {
	if h, ok := headAt(head); ok && slices.Contains(topBoxes, h.name) {
		switch n := be.Uint32(head); {
		case n == 1, int64(n) <= size, h.name == "mdat", h.name == "moov", h.name == "ftyp" && n <= 1024:
			return sure
		}
	}
	if nextOuter(head, 0) >= 0 {
		return likely
	}
	if i := bytes.Index(head[:min(len(head), 4096)], []byte("mdat")); i >= 4 {
		return likely
	}
	return no
}

func openMP4() scanner { return &mp4Reader{scale: 1000, fresh: true} }

func (r *mp4Reader) scan(m *Movie, b []byte, at int64, last bool) int {
	m.tabled = true
	r.Movie, r.b, r.at, r.last = m, b, at, last
	for !m.enough() && r.step() {
		r.steps++
	}
	return int(r.needed() - at)
}

// step does the next small thing. It says false if that needs more bytes or if
// everything is done.
func (r *mp4Reader) step() bool {
	switch {
	case len(r.queue) > 0:
		return r.emit()
	case r.pending() && r.mdat.to > 0:
		return r.start()
	case r.mdat.to > 0:
		return r.leave()
	}
	return r.walk()
}

// pending says that an index has been read and its cursors not been started.
func (r *mp4Reader) pending() bool { return r.due || r.frag != nil }

// start starts them. It says false while bytes are missing to look at first.
func (r *mp4Reader) start() bool {
	if r.frag != nil {
		return r.startFragment()
	}
	return r.startTables()
}

// end is where the bytes that have come end.
func (r *mp4Reader) end() int64 { return r.at + int64(len(r.b)) }

// from is what has come of the source from off on.
func (r *mp4Reader) from(off int64) []byte {
	return r.b[min(max(off-r.at, 0), int64(len(r.b))):]
}

// needed is the first byte that is not used up.
func (r *mp4Reader) needed() int64 {
	k := min(r.off, r.end())
	if r.mdat.to > 0 && r.known {
		k = min(max(r.mdat.from, r.reach, r.looked), r.mdat.to, r.end())
	}
	for _, s := range r.queue {
		k = min(k, max(min(s.head.off, s.floor())+min(r.slip.by, 0), r.low))
	}
	if r.hold >= 0 {
		k = min(k, r.hold)
	}
	if r.pending() {
		k = min(k, r.low)
	}
	return max(k, r.at)
}

// walk reads the next box of the top level. What is no box is skipped up to
// the next that can hold an index, even inside a box that claims to go on.
func (r *mp4Reader) walk() bool {
	p := r.from(r.off)
	if !r.last && (len(p) < 16 || be.Uint32(p) == 1 && len(p) < glance) {
		return false
	}
	if len(p) < 8 {
		return r.finish()
	}
	if r.lost {
		return r.search(p)
	}
	h, ok := headAt(p)
	known := slices.Contains(topBoxes, h.name)
	if !ok && (media(h.name) || outer(p)) { // only the size is a lie
		h.size, h.open, ok = endless, true, true
	}
	switch {
	case !ok, !known && (r.off == 0 || h.size > maxHeader):
		r.lost = true
		return true
	case r.pending() && r.over(h.name):
		return r.start()
	case media(h.name):
		r.enter(h)
		return true
	}
	loose := h.open || h.size > maxHeader || h.name == "ftyp" && h.size > 1024
	if !loose && h.size > int64(len(p)) {
		if !r.last {
			return false
		}
		loose = true
	}
	if loose && !known {
		r.lost = true
		return true
	}
	return r.take(h, p, loose)
}

// over says whether a pending index is complete in front of a box of that
// name. A header may go on with boxes that should be inside it, and wants to
// know where some media begins.
func (r *mp4Reader) over(name string) bool {
	if name == "moof" || name == "moov" {
		return true
	}
	return r.due && !slices.Contains(inner, name) && len(r.mdats) > 0
}

// media says whether a box of that name holds samples.
func media(name string) bool { return name == "mdat" || name == "imda" }

// take reads the box h in front of p. One that goes on too far ends where the
// next that can hold an index begins.
func (r *mp4Reader) take(h head, p []byte, loose bool) bool {
	n := min(h.size, int64(len(p)))
	if loose {
		p = p[:min(len(p), maxHeader)]
		more := !r.last && len(p) < maxHeader
		next, found, short := boxesEnd(p, h.head)
		if short && more {
			return false
		}
		if !found {
			next = r.outer(p, max(1, next), r.off)
		}
		switch {
		case next >= 0:
			n = int64(next)
		case more:
			return false
		default:
			n = int64(len(p))
		}
		r.repair(mendTop, b2i(!h.open || next >= 0))
	}
	off := r.off
	r.off += n
	r.Index += n
	r.top(box{name: h.name, head: h.head, body: p[min(int64(h.head), n):n]}, off)
	return true
}

// outer is nextOuter for p, which lies at off, and does not look twice at what
// it has seen: while more is to come, it is asked again and again.
func (r *mp4Reader) outer(p []byte, from int, off int64) int {
	from = max(from, int(min(r.looked-off, int64(len(p)))))
	i := nextOuter(p, from)
	r.steps += int64(len(p)-from) / 16
	if i < 0 {
		r.looked = max(r.looked, off+int64(len(p))-glance+1)
	}
	return i
}

// search looks for the next box that can hold an index.
func (r *mp4Reader) search(p []byte) bool {
	i := nextOuter(p, b2i(r.off == 0))
	r.lost = i < 0
	if i < 0 {
		if i = len(p); !r.last {
			i -= min(i, glance-1)
		}
	}
	r.steps += int64(i) / 16
	r.repair(mendBetween, i)
	r.off += int64(i)
	if !r.lost && r.left > 0 {
		r.slid(r.off - r.left)
	}
	if r.Index == 0 && string(p[min(i+4, len(p)):min(i+8, len(p))]) == "ftyp" {
		r.begin(r.off) // positions in tables count from here
	}
	return i > 0
}

// finish ends the walk. A source in which no index turned up is searched once
// more, whatever its boxes claim.
func (r *mp4Reader) finish() bool {
	switch {
	case r.pending():
		return r.start()
	case !r.known && !r.swept:
		r.swept = true
		for i := nextOuter(r.b, 1); i >= 0; i = nextOuter(r.b, i+1) {
			if r.b[i+4] == 'm' {
				r.off = r.at + int64(i)
				return true
			}
		}
	}
	r.off, r.hold = r.end(), -1
	return false
}

// begin notes that another file begins at off.
func (r *mp4Reader) begin(off int64) {
	r.shift, r.fresh = off, true
}

// top reads one box of the top level, which lies at off. A moov box that says
// too little spills its children onto the top level: they are read as if
// inside.
func (r *mp4Reader) top(b box, off int64) {
	switch b.name {
	case "ftyp":
		if off > 0 && r.known {
			r.begin(off)
		}
	case "moov":
		r.movie(b, off)
	case "moof":
		r.fragment(b.body, off)
	case "sidx":
		f := fields{b.body}
		f.skip(4)
		id, scale := f.u32(), int64(f.u32())
		if scale > 0 && len(r.sidx) < maxTracks {
			r.sidx = append(r.sidx, sidxed{id, scale})
		}
	default:
		if r.due && slices.Contains(inner, b.name) {
			r.header(b, 2)
		}
	}
}

// enter stops at the media box h. If no index is under way, its bytes may be
// those of an index to come.
func (r *mp4Reader) enter(h head) {
	r.Index += int64(h.head)
	r.mdat = span{r.off + int64(h.head), r.off + h.size}
	if h.open {
		r.mdat.to = endless
	}
	r.looked, r.slip = 0, slip{from: -1}
	if !r.filled && !r.pending() && r.hold < 0 {
		r.hold = r.off
	}
	if len(r.mdats) < maxTracks {
		r.mdats = append(r.mdats, r.mdat.from)
	}
}

// leave goes on behind the media box when all samples in it have been read. As
// long as nothing is known of what is in it, its size is believed. Else what
// lies behind the last sample must not hold another index: if it does, the
// size is a lie.
func (r *mp4Reader) leave() bool {
	from, to := r.mdat.from, min(r.mdat.to, r.end())
	whole := r.mdat.to <= r.end()
	if !whole && !r.last && !r.known {
		return false
	}
	next := int64(-1)
	if r.known || !whole {
		if from = max(from, r.reach, r.looked); from < to {
			if i := r.outer(r.b[from-r.at:to-r.at], 0, from); i >= 0 {
				next = from + int64(i)
			}
		}
	}
	switch {
	case next >= 0:
		r.off = next
		r.slid(next - r.mdat.to)
	case !whole && !r.last:
		return false
	default:
		r.off = to
	}
	r.repair(mendTop, b2i(next >= 0 || !whole && r.mdat.to != endless))
	r.left = r.mdat.to
	r.mdat, r.filled = span{}, false
	return true
}

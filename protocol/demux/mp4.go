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
	lostHeader  = "further movie headers, ignored"
	noteEdits   = "edit lists of which only the start is applied"
	mendPlaces  = "tables that point beside the pictures, moved"
)

// An mp4Reader reads MP4, MOV, 3GP and fragmented MP4 (ISO 14496-12 and the
// QuickTime file format).
type mp4Reader struct {
	*Movie
	b     []byte // the whole file
	shift int64  // what tables must add to their positions
	traks []*trak
	cur   *trak    // the one whose header is being read
	scale int64    // of the movie header
	moovs int      // seen so far
	sidx  []sidxed // time scales that a segment index tells
	trex  []trexed // sample properties that a movie header tells
	mdats []int64  // where the bodies of the first mdat boxes start
}

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
	if b, ok := boxAt(head); ok && slices.Contains(topBoxes, b.name) {
		switch n := be.Uint32(head); {
		case n == 1, int64(n) <= size, b.name == "mdat", b.name == "moov", b.name == "ftyp" && n <= 1024:
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

func openMP4() scanner { return &mp4Reader{scale: 1000} }

// scan waits for the whole file, because the index may be its last box.
func (r *mp4Reader) scan(m *Movie, b []byte, _ int64, last bool) int {
	if !last {
		return 0
	}
	r.Movie, r.b = m, b
	r.walk()
	return len(b)
}

// walk reads the top level. Where that breaks it goes on at the next box that
// can hold an index, even inside a box that claims to go on.
func (r *mp4Reader) walk() {
	for off := 0; off+8 <= len(r.b); {
		b, ok := boxAt(r.b[off:])
		loose := !ok || b.cut || b.open || b.name == "ftyp" && b.size() > 1024
		if loose || off == 0 {
			ok = ok && slices.Contains(topBoxes, b.name)
		}
		if ok && !loose {
			r.top(b, off)
			off += b.size()
			continue
		}
		next := nextOuter(r.b, off+1)
		if next < 0 {
			next = len(r.b)
		}
		if ok {
			b.body = b.body[:min(len(b.body), max(0, next-off-b.head))]
			r.top(b, off)
			r.repair(mendTop, b2i(b.cut || next < len(r.b)))
		} else {
			r.repair(mendBetween, next-off)
		}
		if off == 0 && !ok && next < len(r.b) && string(r.b[next+4:next+8]) == "ftyp" {
			r.shift = int64(next) // positions in tables count from here
		}
		off = next
	}
	r.list()
}

// top reads one top-level box at off. A moov box that says too little spills
// its children onto the top level: they are read as if inside.
func (r *mp4Reader) top(b box, off int) {
	r.Index += int64(b.head)
	if b.name != "mdat" && b.name != "imda" {
		r.Index += int64(len(b.body))
	} else if len(r.mdats) < maxTracks {
		r.mdats = append(r.mdats, int64(off+b.head))
	}
	switch b.name {
	case "moov":
		if r.moovs++; r.moovs > 1 && len(r.traks) > 0 {
			r.repair(lostHeader, 1)
			return
		}
		r.header(b, 1)
	case "moof":
		r.list()
		r.fragment(b.body, off)
	case "sidx":
		f := fields{b.body}
		f.skip(4)
		id, scale := f.u32(), int64(f.u32())
		if scale > 0 && len(r.sidx) < maxTracks {
			r.sidx = append(r.sidx, sidxed{id, scale})
		}
	default:
		if r.moovs == 1 && slices.Contains(inner, b.name) {
			r.header(b, 2)
		}
	}
}

// header reads a box of the movie header and what is inside it. Leaves belong
// to the track whose box was opened last, however they are nested.
func (r *mp4Reader) header(b box, depth int) {
	if b.name == "trak" {
		r.open()
	}
	if slices.Contains(holders, b.name) {
		r.repair(mendNested, children(b.body, depth, func(b box) { r.header(b, depth+1) }))
		return
	}
	f := fields{b.body}
	switch version := f.u32() >> 24; b.name {
	case "mvhd":
		f.skip(8 + 8*int(version&1))
		if s := int64(f.u32()); s > 0 {
			r.scale = s
		}
	case "trex": // may come before the track it is about
		id := f.u32()
		f.skip(4)
		if len(r.trex) < maxTracks {
			r.trex = append(r.trex, trexed{id, preset{f.u32(), f.u32(), f.u32()}})
		}
	default:
		if r.cur != nil {
			r.cur.leaf(b)
		}
	}
}

// open begins a track.
func (r *mp4Reader) open() {
	if len(r.traks) >= maxTracks {
		r.repair(lostTracks, 1)
		r.cur = &trak{Track: &Track{Kind: Other, Codec: &Codec{}}} // read and forgotten
		return
	}
	r.cur = r.grow(0)
}

// grow adds an empty track. Its scale is that of a segment index, else guessed
// to be the most usual one, until a header tells.
func (r *mp4Reader) grow(id uint32) *trak {
	t := &trak{Track: r.Movie.grow(id)}
	for _, s := range r.sidx {
		if s.id == id {
			t.Scale = s.scale
		}
	}
	r.traks = append(r.traks, t)
	return t
}

// find is the first track of that number, nil if there is none.
func (r *mp4Reader) find(id uint32) *trak {
	for _, t := range r.traks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// list turns the sample tables read so far into samples.
func (r *mp4Reader) list() {
	r.probe()
	for _, t := range r.traks {
		if !t.listed {
			t.listed = true
			t.settleScale(r)
			r.expand(t)
			r.repair(noteEdits, b2i(t.edited))
		}
	}
}

// probe looks whether the first pictures are where the tables say. If not, and
// they are where they would be if the first place in any table were the start
// of some mdat box, all places move: somebody put bytes in front and forgot
// the tables.
func (r *mp4Reader) probe() {
	least := int64(-1)
	for _, t := range r.traks {
		if p := t.place(0); !t.listed && p >= 0 && (least < 0 || p < least) {
			least = p
		}
	}
	for _, t := range r.traks {
		if t.listed || least < 0 || !r.firsts(t, r.shift, r.broken) {
			continue
		}
		for _, m := range r.mdats {
			if r.firsts(t, m-least, r.whole) {
				r.shift = m - least
				r.repair(mendPlaces, 1)
				return
			}
		}
	}
}

// firsts says whether test holds of the first sample in each of the first two
// chunks of t, moved by shift.
func (r *mp4Reader) firsts(t *trak, shift int64, test func(t *trak, off, size int64) bool) bool {
	n := t.sizes.len(int64(len(r.b)))
	if n == 0 || t.place(0) < 0 || !test(t, t.place(0)+shift, t.sizes.at(0)) {
		return false
	}
	second := (&cursor{trak: &trak{runs: t.runs}}).per(0)
	if t.place(1) < 0 || second < 0 || second >= n {
		return true
	}
	return test(t, t.place(1)+shift, t.sizes.at(second))
}

// whole says that a sample at off is a chain of NAL units.
func (r *mp4Reader) whole(t *trak, off, size int64) bool {
	c := t.Codec
	if !c.family.units() || c.prefix == 0 || c.Cipher || size <= 0 || off < 0 || off > int64(len(r.b))-size {
		return false
	}
	return look(c.family, r.b[off:off+size], c.prefix, false).whole
}

// broken says that a sample at off should be a chain of NAL units and is not.
func (r *mp4Reader) broken(t *trak, off, size int64) bool {
	return t.Codec.family.units() && t.Codec.prefix > 0 && !t.Codec.Cipher && !r.whole(t, off, size)
}

// settleScale turns the edit list, whose empty parts count in the movie's
// scale, into one shift of the track's own.
func (t *trak) settleScale(r *mp4Reader) {
	t.start = t.media - t.empty*t.Scale/r.scale
}

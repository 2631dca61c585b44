package swarm

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/internal/prefetch"
)

// Window is how many of the newest slots a Table remembers of each neighbour.
const Window = 8

// A Table holds a viewer's neighbours and what they hold. Its size is fixed
// when it is made, and allocated when there is something to note, which is never
// where nobody announces. The ids stand apart, so that finding one reads a single
// cache line.
type Table struct {
	ids   []uint32
	notes *notes // nil: nothing was noted of any
}

// Notes are what was noted of neighbours, in the order of their ids.
type notes struct {
	peers []peer          // nil: no score, and nothing that one holds
	rests []time.Duration // of each: not to be asked before; nil: all may be asked
}

type peer struct {
	score uint32         // what a Selection goes by, the lower the better
	top   uint32         // newest slot announced; have covers (top-Window, top]
	have  [Window]uint16 // bit r of have[seq%Window]: holds rendition r
}

// NewTable makes room for n neighbours.
func NewTable(n int) Table {
	return Table{ids: make([]uint32, 0, n)}
}

// marks is what neighbours hold and how they score, or nothing.
func (t *Table) marks() []peer {
	if t.notes == nil {
		return nil
	}
	return t.notes.peers
}

// rests is until when they are not to be asked, or nothing.
func (t *Table) rests() []time.Duration {
	if t.notes == nil {
		return nil
	}
	return t.notes.rests
}

// write is where notes are put.
func (t *Table) write() *notes {
	if t.notes == nil {
		t.notes = new(notes)
	}
	return t.notes
}

// Len is how many neighbours there are.
func (t *Table) Len() int { return len(t.ids) }

// Full says that no more fit.
func (t *Table) Full() bool { return len(t.ids) == cap(t.ids) }

// At is the i-th neighbour.
func (t *Table) At(i int) uint32 { return t.ids[i] }

// IDs are the neighbours, valid until the table changes.
func (t *Table) IDs() []uint32 { return t.ids }

// Foresee has the table fetched from memory, for a viewer that will soon look.
func (t *Table) Foresee() {
	if len(t.ids) == 0 {
		return
	}
	prefetch.Line(&t.ids[0])
	marks := t.marks()
	for i := range marks {
		prefetch.Line(&marks[i])
	}
}

// ForeseePeer does so with what is known of id.
func (t *Table) ForeseePeer(id uint32) {
	if p := t.find(id); p != nil {
		prefetch.Line(p)
	}
}

// Holds says whether the i-th neighbour has announced slot seq in any rendition.
func (t *Table) Holds(i int, seq uint32) bool {
	marks := t.marks()
	if marks == nil {
		return false
	}
	p := &marks[i]
	return seq <= p.top && p.top-seq < Window && p.have[seq%Window] != 0
}

// Idle says that the i-th neighbour has announced nothing of the Window before
// slot seq.
func (t *Table) Idle(i int, seq uint32) bool {
	var top uint32
	if marks := t.marks(); marks != nil {
		top = marks[i].top
	}
	return seq > top && seq-top >= Window
}

// Expect has the Window of Idle begin at slot seq for id, of whom nothing was heard before.
func (t *Table) Expect(id, seq uint32) {
	if p := t.noted(id); p != nil {
		p.top = max(p.top, seq)
	}
}

// Add makes id a neighbour and says whether it is one now.
func (t *Table) Add(id uint32) bool {
	if t.Has(id) {
		return true
	}
	if t.Full() {
		return false
	}
	t.ids = append(t.ids, id)
	if marks := t.marks(); marks != nil {
		t.notes.peers = append(marks, peer{})
	}
	if rests := t.rests(); rests != nil {
		t.notes.rests = append(rests, 0)
	}
	return true
}

// Remove forgets id.
func (t *Table) Remove(id uint32) {
	if i := t.index(id); i >= 0 {
		t.ids = append(t.ids[:i], t.ids[i+1:]...)
		if marks := t.marks(); marks != nil {
			t.notes.peers = append(marks[:i], marks[i+1:]...)
		}
		if rests := t.rests(); rests != nil {
			t.notes.rests = append(rests[:i], rests[i+1:]...)
		}
	}
}

// Has says whether id is a neighbour.
func (t *Table) Has(id uint32) bool { return t.index(id) >= 0 }

// Mark notes that id holds a rendition of slot seq; it says whether id is a
// neighbour.
func (t *Table) Mark(id, seq uint32, rendition uint8) bool {
	p := t.noted(id)
	if p == nil {
		return false
	}
	if seq > p.top {
		for k := range min(seq-p.top, Window) {
			p.have[(seq-k)%Window] = 0
		}
		p.top = seq
	}
	if p.top-seq < Window {
		p.have[seq%Window] |= 1 << rendition
	}
	return true
}

// Rest keeps id from being chosen before until.
func (t *Table) Rest(id uint32, until time.Duration) {
	i := t.index(id)
	if i < 0 {
		return
	}
	n := t.write()
	if n.rests == nil {
		n.rests = make([]time.Duration, len(t.ids), cap(t.ids))
	}
	n.rests[i] = until
}

// resting says that the i-th neighbour is not to be asked now.
func (t *Table) resting(i int, now time.Duration) bool {
	rests := t.rests()
	return rests != nil && now < rests[i]
}

// Forget lets go of the memory of what was noted if none of it makes a difference any
// more to who looks for slot seq and later ones, at now and later.
func (t *Table) Forget(now time.Duration, seq uint32) {
	n := t.notes
	if n == nil {
		return
	}
	if !slices.ContainsFunc(n.peers, func(p peer) bool { return p.score != 0 || seq <= p.top || seq-p.top < Window }) {
		n.peers = nil
	}
	if !slices.ContainsFunc(n.rests, func(until time.Duration) bool { return now < until }) {
		n.rests = nil
	}
	if n.peers == nil && n.rests == nil {
		t.notes = nil
	}
}

// Score sets what a Selection goes by.
func (t *Table) Score(id, score uint32) {
	if p := t.noted(id); p != nil {
		p.score = score
	}
}

// Choose picks one of the neighbours that are not resting and hold slot seq in
// the wanted rendition or, if none does, in the nearest one of those that will
// do (bit r of accept: rendition r), the lower one first.
func (t *Table) Choose(now time.Duration, seq uint32, wanted uint8, accept uint16, by Selection, draw *rand.Rand) (id uint32, rendition uint8, ok bool) {
	var at [MaxNeighbours]uint8
	var scores [MaxNeighbours]uint32
	n, least := 0, math.MaxInt
	marks := t.marks()
	for i := range marks {
		r, far := t.offer(i, now, seq, wanted, accept)
		if far < least {
			n, least, rendition = 0, far, r
		}
		if far == least && far != math.MaxInt {
			at[n], scores[n] = uint8(i), marks[i].score
			n++
		}
	}
	if n == 0 {
		return 0, 0, false
	}
	return t.ids[at[by.Pick(scores[:n], draw)]], rendition, true
}

// Awake draws one of the neighbours that are not resting, if there is one.
func (t *Table) Awake(now time.Duration, draw *rand.Rand) (id uint32, ok bool) {
	n := 0
	for i := range t.ids {
		if !t.resting(i, now) {
			if n++; draw.IntN(n) == 0 {
				id = t.ids[i]
			}
		}
	}
	return id, n > 0
}

// Holders is how many neighbours are not resting and hold slot seq in a rendition
// that will do.
func (t *Table) Holders(now time.Duration, seq uint32, accept uint16) (n int) {
	for i := range t.marks() {
		if _, far := t.offer(i, now, seq, 0, accept); far != math.MaxInt {
			n++
		}
	}
	return n
}

// offer is the best that the i-th neighbour has to give, and how far that is
// from what is wanted; math.MaxInt if it has nothing that will do.
func (t *Table) offer(i int, now time.Duration, seq uint32, wanted uint8, accept uint16) (rendition uint8, far int) {
	if !t.Holds(i, seq) || t.resting(i, now) {
		return 0, math.MaxInt
	}
	return closest(t.notes.peers[i].have[seq%Window]&accept, wanted)
}

// closest is the set bit of have that is nearest to wanted, the lower one of
// two, and a measure of how near: 0 is wanted itself.
func closest(have uint16, wanted uint8) (rendition uint8, far int) {
	far = math.MaxInt
	for ; have != 0; have &= have - 1 {
		r := uint8(bits.TrailingZeros16(have))
		d := 2 * (int(wanted) - int(r))
		if d < 0 {
			d = -d + 1
		}
		if d < far {
			rendition, far = r, d
		}
	}
	return rendition, far
}

// find is what was noted of id, nil if nothing.
func (t *Table) find(id uint32) *peer {
	marks := t.marks()
	if i := t.index(id); i >= 0 && marks != nil {
		return &marks[i]
	}
	return nil
}

// noted is where to note something of id, nil if it is no neighbour.
func (t *Table) noted(id uint32) *peer {
	i := t.index(id)
	if i < 0 {
		return nil
	}
	n := t.write()
	if n.peers == nil {
		n.peers = make([]peer, len(t.ids), cap(t.ids))
	}
	return &n.peers[i]
}

func (t *Table) index(id uint32) int {
	for i, x := range t.ids {
		if x == id {
			return i
		}
	}
	return -1
}

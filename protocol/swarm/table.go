package swarm

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"time"
)

// Window is how many of the newest slots a Table remembers of each neighbour.
const Window = 8

// A Table holds a viewer's neighbours and what they hold. Its size is fixed
// when it is made, so that announcements allocate nothing. The ids stand apart,
// so that finding one reads a single cache line.
type Table struct {
	ids   []uint32
	peers []peer // of ids, in the same order
}

type peer struct {
	top   uint32         // newest slot announced; have covers (top-Window, top]
	have  [Window]uint16 // bit r of have[seq%Window]: holds rendition r
	until time.Duration  // not to be asked before
}

// NewTable makes room for n neighbours.
func NewTable(n int) Table {
	return Table{ids: make([]uint32, 0, n), peers: make([]peer, 0, n)}
}

// Len is how many neighbours there are.
func (t *Table) Len() int { return len(t.ids) }

// Full says that no more fit.
func (t *Table) Full() bool { return len(t.ids) == cap(t.ids) }

// At is the i-th neighbour.
func (t *Table) At(i int) uint32 { return t.ids[i] }

// Holds says whether the i-th neighbour has announced slot seq in any rendition.
func (t *Table) Holds(i int, seq uint32) bool {
	p := &t.peers[i]
	return seq <= p.top && p.top-seq < Window && p.have[seq%Window] != 0
}

// Add makes id a neighbour and says whether it is one now.
func (t *Table) Add(id uint32) bool {
	if t.find(id) != nil {
		return true
	}
	if t.Full() {
		return false
	}
	t.ids, t.peers = append(t.ids, id), append(t.peers, peer{})
	return true
}

// Remove forgets id.
func (t *Table) Remove(id uint32) {
	if i := t.index(id); i >= 0 {
		t.ids = append(t.ids[:i], t.ids[i+1:]...)
		t.peers = append(t.peers[:i], t.peers[i+1:]...)
	}
}

// Has says whether id is a neighbour.
func (t *Table) Has(id uint32) bool { return t.index(id) >= 0 }

// Mark notes that id holds a rendition of slot seq; it says whether id is a
// neighbour.
func (t *Table) Mark(id, seq uint32, rendition uint8) bool {
	p := t.find(id)
	if p == nil {
		return false
	}
	if seq > p.top {
		for s := max(p.top+1, seq-min(seq, Window-1)); s <= seq; s++ {
			p.have[s%Window] = 0
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
	if p := t.find(id); p != nil {
		p.until = until
	}
}

// Choose draws one of the neighbours that are not resting and hold slot seq in
// the wanted rendition or, if none does, in the nearest one of those that will
// do (bit r of accept: rendition r), the lower one first.
func (t *Table) Choose(now time.Duration, seq uint32, wanted uint8, accept uint16, draw *rand.Rand) (id uint32, rendition uint8, ok bool) {
	n, least := 0, math.MaxInt
	for i := range t.peers {
		p := &t.peers[i]
		if now < p.until || !t.Holds(i, seq) {
			continue
		}
		r, far := closest(p.have[seq%Window]&accept, wanted)
		switch {
		case far > least || far == math.MaxInt:
			continue
		case far < least:
			n, least = 0, far
		}
		n++
		if draw.IntN(n) == 0 { // each of n candidates stays with probability 1/n
			id, rendition = t.ids[i], r
		}
	}
	return id, rendition, n > 0
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

func (t *Table) find(id uint32) *peer {
	if i := t.index(id); i >= 0 {
		return &t.peers[i]
	}
	return nil
}

func (t *Table) index(id uint32) int {
	for i, x := range t.ids {
		if x == id {
			return i
		}
	}
	return -1
}

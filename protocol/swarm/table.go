package swarm

import (
	"math/rand/v2"
	"time"
)

// Window is how many of the newest slots a Table remembers of each neighbour.
const Window = 8

// A Table holds a viewer's neighbours and what they hold. Its size is fixed
// when it is made, so that announcements allocate nothing.
type Table struct {
	peers []peer
}

type peer struct {
	id    uint32
	top   uint32         // newest slot announced; have covers (top-Window, top]
	have  [Window]uint16 // bit r of have[seq%Window]: holds rendition r
	until time.Duration  // not to be asked before
}

// NewTable makes room for n neighbours.
func NewTable(n int) Table { return Table{peers: make([]peer, 0, n)} }

// Len is how many neighbours there are.
func (t *Table) Len() int { return len(t.peers) }

// Full says that no more fit.
func (t *Table) Full() bool { return len(t.peers) == cap(t.peers) }

// At is the i-th neighbour.
func (t *Table) At(i int) uint32 { return t.peers[i].id }

// Add makes id a neighbour and says whether it is one now.
func (t *Table) Add(id uint32) bool {
	if t.find(id) != nil {
		return true
	}
	if t.Full() {
		return false
	}
	t.peers = append(t.peers, peer{id: id})
	return true
}

// Remove forgets id.
func (t *Table) Remove(id uint32) {
	for i := range t.peers {
		if t.peers[i].id == id {
			t.peers = append(t.peers[:i], t.peers[i+1:]...)
			return
		}
	}
}

// Has says whether id is a neighbour.
func (t *Table) Has(id uint32) bool { return t.find(id) != nil }

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

// Choose draws one of the neighbours that hold the rendition of slot seq and
// are not resting.
func (t *Table) Choose(now time.Duration, seq uint32, rendition uint8, draw *rand.Rand) (uint32, bool) {
	n, found := 0, uint32(0)
	for i := range t.peers {
		p := &t.peers[i]
		if seq > p.top || p.top-seq >= Window || p.have[seq%Window]&(1<<rendition) == 0 || now < p.until {
			continue
		}
		n++
		if draw.IntN(n) == 0 { // each of n candidates stays with probability 1/n
			found = p.id
		}
	}
	return found, n > 0
}

func (t *Table) find(id uint32) *peer {
	for i := range t.peers {
		if t.peers[i].id == id {
			return &t.peers[i]
		}
	}
	return nil
}

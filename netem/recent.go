package netem

import (
	"math"
	"math/bits"
	"time"

	"kinetoscope/internal/prefetch"
)

// A recent remembers something of pairs of endpoints for as long as it matters:
// the table is as large as the number of pairs that still do. It is open
// addressing with linear probing, in parts that grow one by one and by as much as
// they must, so that a large table never lies in memory twice.
//
// A pair is a number below a limit. Its lowest bits say to which part it belongs,
// so many that the others fit the four bytes that a slot has for them.
type recent[V any] struct {
	parts []recentPart[V]
	bits  uint8                                 // of a pair that say which part
	room  int                                   // slots for every two pairs that matter, after a rehash: 3 and more
	over  func(now time.Duration, what *V) bool // it does not matter any more
}

type recentPart[V any] struct {
	slots []recentSlot[V]
	used  int // slots that were taken since the last rehash
}

type recentSlot[V any] struct {
	name uint32 // the other bits of the pair, plus one; 0: never taken
	what V
}

const (
	recentBits = 6
	minRecent  = 8
)

// init makes the table for pairs below a limit. Much room is for what soon does not
// matter any more: a table of little is made anew for every few pairs.
func (r *recent[V]) init(pairs uint64, room int, over func(now time.Duration, what *V) bool) {
	*r = recent[V]{bits: recentBits, room: room, over: over}
	for pairs>>r.bits >= math.MaxUint32 {
		r.bits++
	}
	r.parts = make([]recentPart[V], 1<<r.bits)
}

// part is where a pair belongs, and its name there.
func (r *recent[V]) part(pair uint64) (*recentPart[V], uint32) {
	return &r.parts[pair&(1<<r.bits-1)], uint32(pair>>r.bits) + 1
}

// of is what is remembered of a pair, perhaps something that does not matter any
// more, or zero. It is valid until the next call.
func (r *recent[V]) of(now time.Duration, pair uint64) *V {
	p, name := r.part(pair)
	if 8*(p.used+1) > 7*len(p.slots) {
		r.rehash(now, p)
	}
	s := p.slot(name)
	if s.name == 0 {
		p.used++
		s.name = name
	}
	return &s.what
}

// find is the same for a pair that is in the table, or nil.
func (r *recent[V]) find(pair uint64) *V {
	p, name := r.part(pair)
	if len(p.slots) == 0 {
		return nil
	}
	if s := p.slot(name); s.name == name {
		return &s.what
	}
	return nil
}

// foresee has the place fetched from memory where the search for a pair begins.
func (r *recent[V]) foresee(pair uint64) {
	if p, name := r.part(pair); len(p.slots) > 0 {
		prefetch.Line(&p.slots[p.at(name)])
	}
}

// size is how many slots there are.
func (r *recent[V]) size() (n int) {
	for i := range r.parts {
		n += len(r.parts[i].slots)
	}
	return n
}

// at is where the search for a name begins.
func (p *recentPart[V]) at(name uint32) int {
	at, _ := bits.Mul64(mix(uint64(name)), uint64(len(p.slots)))
	return int(at)
}

// slot is the slot of a name, or the free one where it belongs.
func (p *recentPart[V]) slot(name uint32) *recentSlot[V] {
	for i := p.at(name); ; {
		if s := &p.slots[i]; s.name == name || s.name == 0 {
			return s
		}
		if i++; i == len(p.slots) {
			i = 0
		}
	}
}

// rehash drops the pairs that no longer matter, and makes room for others.
func (r *recent[V]) rehash(now time.Duration, p *recentPart[V]) {
	live := 0
	for i := range p.slots {
		if s := &p.slots[i]; s.name > 0 && !r.over(now, &s.what) {
			live++
		}
	}
	old := p.slots
	p.slots, p.used = make([]recentSlot[V], max(minRecent, (live*r.room+1)/2)), live
	for i := range old {
		if s := &old[i]; s.name > 0 && !r.over(now, &s.what) {
			*p.slot(s.name) = *s
		}
	}
}

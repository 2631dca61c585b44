package netem

import (
	"math/bits"
	"time"

	"kinetoscope/internal/prefetch"
)

// A recent remembers something of pairs of endpoints, each for a time, after
// which the pair is as good as never seen: the table is as large as the number
// of pairs that still matter. It is open addressing with linear probing, in parts
// that grow one by one and by as much as they must, so that a large table never
// lies in memory twice.
type recent[V any] struct {
	parts [recentParts]recentPart[V]
}

type recentPart[V any] struct {
	slots []recentSlot[V]
	used  int // slots that were taken since the last rehash
}

// A recentSlot is words of four bytes, so that nothing is lost between two.
type recentSlot[V any] struct {
	pair  halves
	until halves // 0: never taken
	what  V
}

// halves are the lower and the upper half of a number.
type halves [2]uint32

func split(n uint64) halves     { return halves{uint32(n), uint32(n >> 32)} }
func (h halves) number() uint64 { return uint64(h[1])<<32 | uint64(h[0]) }

const (
	recentParts = 64
	minRecent   = 8
)

func (s *recentSlot[V]) ends() time.Duration { return time.Duration(s.until.number()) }

func (s *recentSlot[V]) keep(until time.Duration) { s.until = split(uint64(until)) }

// part is where a pair belongs, and the number by which it is found there.
func (r *recent[V]) part(pair uint64) (*recentPart[V], uint64) {
	h := hash(0, pair)
	return &r.parts[h%recentParts], h
}

// of is the slot of a pair, which ends after now if it is remembered; if
// it is not, what is zero. A pair is any number that stands for two endpoints.
// The caller has it end after now before it asks again, and keeps no slot
// meanwhile.
func (r *recent[V]) of(now time.Duration, pair uint64) *recentSlot[V] {
	p, h := r.part(pair)
	if 5*(p.used+1) > 4*len(p.slots) {
		p.rehash(now)
	}
	s := p.slot(h, split(pair))
	if s.until == (halves{}) {
		p.used++
		s.pair = split(pair)
	}
	if s.ends() <= now {
		var none V
		s.what = none
	}
	return s
}

// find is the slot of a pair that is remembered, or nil.
func (r *recent[V]) find(now time.Duration, pair uint64) *recentSlot[V] {
	p, h := r.part(pair)
	if len(p.slots) == 0 {
		return nil
	}
	if s := p.slot(h, split(pair)); s.ends() > now {
		return s
	}
	return nil
}

// foresee has the place fetched from memory where the search for a pair begins.
func (r *recent[V]) foresee(pair uint64) {
	if p, h := r.part(pair); len(p.slots) > 0 {
		prefetch.Line(&p.slots[p.at(h)])
	}
}

// size is how many slots there are.
func (r *recent[V]) size() (n int) {
	for i := range r.parts {
		n += len(r.parts[i].slots)
	}
	return n
}

// at is where the search for a hash begins.
func (p *recentPart[V]) at(h uint64) int {
	at, _ := bits.Mul64(h, uint64(len(p.slots)))
	return int(at)
}

// slot is the slot of the pair, or the free one where it belongs.
func (p *recentPart[V]) slot(h uint64, pair halves) *recentSlot[V] {
	for i := p.at(h); ; {
		if s := &p.slots[i]; s.until == (halves{}) || s.pair == pair {
			return s
		}
		if i++; i == len(p.slots) {
			i = 0
		}
	}
}

// rehash drops the pairs that no longer matter, and leaves as much room as two
// thirds of the rest.
func (p *recentPart[V]) rehash(now time.Duration) {
	live := 0
	for i := range p.slots {
		if p.slots[i].ends() > now {
			live++
		}
	}
	old := p.slots
	p.slots, p.used = make([]recentSlot[V], max(minRecent, live+(2*live+2)/3)), live
	for i := range old {
		if s := &old[i]; s.ends() > now {
			*p.slot(hash(0, s.pair.number()), s.pair) = *s
		}
	}
}

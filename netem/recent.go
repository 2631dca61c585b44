package netem

import "time"

// A recent remembers something of pairs of endpoints, each for a time, after
// which the pair is as good as never seen: the table is as large as the number
// of pairs that still matter. It is open addressing with linear probing.
type recent[V any] struct {
	slots []recentSlot[V]
	spare []recentSlot[V]
	used  int // slots that were taken since the last rehash
}

type recentSlot[V any] struct {
	pair  uint64
	until time.Duration // 0: never taken
	what  V
}

const (
	minRecent   = 64
	largeRecent = 1 << 14
)

// of is the slot of a pair, whose until is after now if it is remembered; if
// it is not, what is zero. A pair is any number that stands for two endpoints.
// The caller sets an until after now before it asks again, and keeps no slot
// meanwhile.
func (r *recent[V]) of(now time.Duration, pair uint64) *recentSlot[V] {
	if 4*(r.used+1) > 3*len(r.slots) {
		r.rehash(now)
	}
	s := r.slot(pair)
	if s.until == 0 {
		r.used++
		s.pair = pair
	}
	if s.until <= now {
		*s = recentSlot[V]{pair: pair, until: s.until}
	}
	return s
}

// find is the slot of a pair that is remembered, or nil.
func (r *recent[V]) find(now time.Duration, pair uint64) *recentSlot[V] {
	if len(r.slots) == 0 {
		return nil
	}
	if s := r.slot(pair); s.until > now {
		return s
	}
	return nil
}

// slot is the slot of the pair, or the free one where it belongs.
func (r *recent[V]) slot(pair uint64) *recentSlot[V] {
	mask := len(r.slots) - 1
	for i := int(hash(0, pair)) & mask; ; i = (i + 1) & mask {
		if s := &r.slots[i]; s.until == 0 || s.pair == pair {
			return s
		}
	}
}

// rehash drops the pairs that no longer matter, and doubles the table if the
// rest fill more than five eighths of it. A small table is kept for the next time.
func (r *recent[V]) rehash(now time.Duration) {
	live := 0
	for i := range r.slots {
		if r.slots[i].until > now {
			live++
		}
	}
	size := max(minRecent, len(r.slots))
	for 5*size < 8*live {
		size *= 2
	}
	if len(r.spare) == size {
		clear(r.spare)
	} else {
		r.spare = make([]recentSlot[V], size)
	}
	r.slots, r.spare, r.used = r.spare, r.slots, 0
	for _, s := range r.spare {
		if s.until > now {
			*r.slot(s.pair) = s
			r.used++
		}
	}
	if size > largeRecent {
		r.spare = nil
	}
}

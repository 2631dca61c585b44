package netem

import "time"

// An order remembers when the last message between two endpoints arrives, so
// that the next does not overtake it. A pair whose last message has arrived
// is forgotten: the table is as large as the number of pairs with messages
// under way. It is open addressing with linear probing.
type order struct {
	slots []orderSlot
	spare []orderSlot
	used  int // slots that were taken since the last rehash
}

type orderSlot struct {
	pair uint64
	last time.Duration // 0: never taken
}

const minOrder = 64

// after is the time at which a message of the pair that would arrive at "at"
// does arrive: at or, if that is later, with the one before it. It remembers
// the answer. A pair is any number that stands for one direction between two
// endpoints; now is the time of sending, never goes back, and is below at.
func (o *order) after(now time.Duration, pair uint64, at time.Duration) time.Duration {
	if 2*(o.used+1) > len(o.slots) {
		o.rehash(now)
	}
	s := o.slot(pair)
	if s.last == 0 {
		o.used++
		s.pair = pair
	}
	s.last = max(s.last, at)
	return s.last
}

// slot is the slot of the pair, or the free one where it belongs.
func (o *order) slot(pair uint64) *orderSlot {
	mask := len(o.slots) - 1
	for i := int(hash(0, pair)) & mask; ; i = (i + 1) & mask {
		if s := &o.slots[i]; s.last == 0 || s.pair == pair {
			return s
		}
	}
}

// rehash drops the pairs that have nothing under way, and doubles the table if
// the rest fill a quarter of it.
func (o *order) rehash(now time.Duration) {
	live := 0
	for i := range o.slots {
		if o.slots[i].last > now {
			live++
		}
	}
	size := max(minOrder, len(o.slots))
	for size < 4*live {
		size *= 2
	}
	if len(o.spare) == size {
		clear(o.spare)
	} else {
		o.spare = make([]orderSlot, size)
	}
	o.slots, o.spare, o.used = o.spare, o.slots, 0
	for _, s := range o.spare {
		if s.last > now {
			*o.slot(s.pair) = s
			o.used++
		}
	}
}

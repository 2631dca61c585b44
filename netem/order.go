package netem

import "time"

// An order remembers when the last message between two endpoints arrives, so
// that the next does not overtake it.
type order struct{ recent[struct{}] }

// after is the time at which a message of the pair that would arrive at "at"
// does arrive: at or, if that is later, with the one before it. It remembers
// the answer. A pair is any number that stands for one direction between two
// endpoints; now is the time of sending, never goes back, and is below at.
func (o *order) after(now time.Duration, pair uint64, at time.Duration) time.Duration {
	s := o.of(now, pair)
	at = max(s.ends(), at)
	s.keep(at)
	return at
}

// directed stands for the messages of one kind from one node to another.
func directed(from, to int32, t Traffic) uint64 { return uint64(from)<<36 | uint64(to)<<8 | uint64(t) }

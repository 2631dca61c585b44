package packet

import (
	"math/bits"
	"time"

	"kinetoscope/internal/unit"
)

// A link is one direction of an access: it sends one packet after the other,
// each for as long as its bytes take at the link's rate. Because that is known
// when a packet comes, a first-in-first-out link needs no queue, only the time
// at which it will be idle again.
type link struct {
	idle time.Duration
}

// send puts a packet of that many bytes behind those that wait. It says when
// the last of its bits has left, or that it would have to wait for longer than
// limit and is dropped.
func (l *link) send(now time.Duration, size int, rate unit.Rate, limit time.Duration) (left time.Duration, ok bool) {
	start := max(now, l.idle)
	if start-now > limit {
		return 0, false
	}
	l.idle = start + serviceTime(size, rate)
	return l.idle, true
}

// serviceTime is how long a link of a rate is busy with size bytes, rounded up
// to a nanosecond.
func serviceTime(size int, rate unit.Rate) time.Duration {
	hi, lo := bits.Mul64(uint64(size)*8, uint64(time.Second))
	lo, carry := bits.Add64(lo, uint64(rate)-1, 0)
	quotient, _ := bits.Div64(hi+carry, lo, uint64(rate))
	return time.Duration(quotient)
}

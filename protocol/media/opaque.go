package media

import (
	"time"

	"kinetoscope/protocol/token"
)

// An opaque source is cut into pieces while its bytes come.
type opaque struct {
	b      []byte
	last   bool
	target int64 // microseconds that each piece counts as
	n      int64 // pieces so far
}

func (o *opaque) feed(p []byte) {
	if len(o.b) == 0 {
		o.b = p
		return
	}
	o.b = append(o.b[:len(o.b):cap(o.b)], p...)
}

// next gives the next piece, once its end cannot move any more.
func (o *opaque) next() (Segment, bool) {
	if len(o.b) == 0 || len(o.b) < maxPiece && !o.last {
		return Segment{}, false
	}
	n := edge(o.b)
	s := Segment{
		Start: time.Duration(o.n*o.target) * time.Microsecond, Duration: time.Duration(o.target) * time.Microsecond,
		Flags: token.Independent | token.Guessed | token.Opaque, Bytes: int64(n), Payload: o.b[:n:n],
	}
	o.b = o.b[n:]
	o.n++
	return s, true
}

package replay

import (
	"fmt"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// A link is a place in a recorded trace, which repeats for ever. It counts in
// bits and nanoseconds with fractions, so that looking at a download more often
// does not change when it ends.
type link struct {
	steps   []netem.Step
	payload float64 // part of the rate that carries the segment
	at      int
	left    float64 // of the step, ns
}

// newLink begins at the first step. At least one must carry something.
func newLink(name string, steps []netem.Step, payload unit.Ratio) (*link, error) {
	for _, s := range steps {
		if s.Down > 0 && s.For > 0 {
			return &link{steps: steps, payload: float64(payload), left: float64(steps[0].For)}, nil
		}
	}
	return nil, fmt.Errorf("trace %s carries nothing: name one that has a rate above 0bit/s", name)
}

// rate is that of now, in bits a nanosecond.
func (l *link) rate() float64 {
	return float64(l.steps[l.at].Down) / 1e9 * l.payload
}

// pass lets time go by, at most to the end of the step.
func (l *link) pass(ns float64) {
	l.left -= ns
	for l.left <= 0 {
		l.at = (l.at + 1) % len(l.steps)
		l.left = float64(l.steps[l.at].For)
	}
}

// idle lets time go by.
func (l *link) idle(ns float64) {
	for ns > 0 {
		some := min(ns, l.left)
		l.pass(some)
		ns -= some
	}
}

// carry moves up to so many bits, but no more than until the least bits and the
// least time are both through.
func (l *link) carry(most, least, span float64) (bits, ns float64) {
	for most > 0 && (least > 0 || span > 0) {
		rate := l.rate()
		some := min(most, max(least, span*rate))
		took := l.left
		switch {
		case rate > 0 && some <= l.left*rate:
			took = some / rate
			if some < most {
				least, span = 0, 0
			}
		case rate > 0:
			some = l.left * rate
		default: // an outage
			if some = 0; least <= 0 {
				took = min(took, span)
			}
		}
		l.pass(took)
		bits, ns = bits+some, ns+took
		most, least, span = most-some, least-some, span-took
	}
	return bits, ns
}

package sim

import (
	"math"
	"slices"
	"time"

	"kinetoscope/sim/qoe"
)

// A course is what a viewer was shown, as stretches of equal segments. Most viewers
// seldom switch, so that it takes a quarter of the memory of what the models of
// experience ask for. That is summed when there is no room for another stretch, and at
// the end, segment by segment in the order of their showing: the sums are the same to
// the bit as if each had been added when it was shown.
type course struct {
	stretches [6]stretch // the newest first
	before    *sums      // of what came before them; nil: nothing
}

// A stretch is so many segments of one rung and one length.
type stretch struct {
	times  uint16 // 0: no stretch
	rung   uint8
	length uint8 // index into world.lengths
}

// sums are what a course comes to.
type sums struct {
	qoe.Session
	rateTime float64 // of bitrate times length
}

// maxLengths is how many lengths of segments stretches may have; what is of another is
// summed at once.
const maxLengths = 64

// show adds a segment.
func (c *course) show(w *world, rung uint8, length time.Duration) {
	if s := &c.stretches[0]; s.times > 0 && s.times < math.MaxUint16 && s.rung == rung && w.lengths[s.length] == length {
		s.times++
		return
	}
	at := slices.Index(w.lengths, length)
	if at < 0 && len(w.lengths) < maxLengths {
		at, w.lengths = len(w.lengths), append(w.lengths, length)
	}
	if at < 0 || c.stretches[len(c.stretches)-1].times > 0 {
		*c = course{before: c.sum(w)}
	}
	if at < 0 {
		c.before.show(w, rung, length)
		return
	}
	copy(c.stretches[1:], c.stretches[:])
	c.stretches[0] = stretch{1, rung, uint8(at)}
}

// sum is what the course comes to; what was summed before is taken on.
func (c *course) sum(w *world) *sums {
	all := c.before
	if all == nil {
		all = new(sums)
	}
	for _, s := range slices.Backward(c.stretches[:]) {
		for range s.times {
			all.show(w, s.rung, w.lengths[s.length])
		}
	}
	return all
}

func (s *sums) show(w *world, rung uint8, length time.Duration) {
	s.rateTime += float64(w.stream.Rates[rung]) * length.Seconds()
	s.Show(w.rungs, int(rung), length)
}

// played is how long the segments of the course are.
func (c *course) played(w *world) (d time.Duration) {
	if c.before != nil {
		d = c.before.Played
	}
	for _, s := range c.stretches {
		if s.times > 0 {
			d += time.Duration(s.times) * w.lengths[s.length]
		}
	}
	return d
}

// seen is what the viewer experienced, for the models.
func (c *counts) seen(w *world) *sums {
	own := c.course
	if own.before != nil {
		own.before = new(*own.before)
	}
	s := own.sum(w)
	s.Startup, s.Stalled, s.Stalls, s.Abandoned, s.LiveCost = c.startup, c.stalled, c.stalls, c.abandoned, c.liveCost
	return s
}

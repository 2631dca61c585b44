package netem

import "math"

// isSame reports whether two levels differ by rounding alone. An infinite one
// differs from every finite one.
func isSame(a, b float64) bool {
	return a == b || math.Abs(a-b) <= float64(sameLevel*min(a, b))
}

// cached is the level if no flow has come to be limited elsewhere, or no
// longer is, since the last evaluation.
func (k *link) cached() (float64, bool) {
	free := len(k.slots) - int(k.below)
	switch {
	case k.edits <= 0:
		return 0, false
	case free == 0:
		return infinite, k.sum <= k.rate
	}
	level := (k.rate - k.sum) / float64(free)
	return level, k.high < level && level <= k.low
}

// hasRoom says that an awake link needs no evaluation: it was not saturated, and
// what its flows could have elsewhere still fits.
func (k *link) hasRoom() bool {
	return k.level == infinite && int(k.below) == len(k.slots) && k.sum <= k.rate && k.edits > 0 && k.state == awake
}

// solve is Newton's method on sum(min(level, bound)) = rate, which is concave
// and piecewise linear: wherever it begins, the second level is at or below
// the solution, and from there on it only rises, until the same flows are
// below it as before.
func (k *link) solve() (level float64, p parting) {
	fair := k.rate / float64(len(k.slots)) // at or below the solution
	level = fair
	if k.level < infinite {
		if p = k.split(k.level); p.free > 0 {
			if level = max((k.rate-p.sum)/float64(p.free), fair); p.holds(level) {
				return level, p
			}
		}
	}
	for {
		if p = k.split(level); p.free == 0 {
			return infinite, p
		}
		if level = max((k.rate-p.sum)/float64(p.free), level); p.holds(level) {
			return level, p
		}
	}
}

// A parting is how a level parts the bounds of a link's flows.
type parting struct {
	sum       float64 // of those below
	free      int     // those that are not below
	high, low int64   // bits of the highest below, or of 0; of the lowest that is not, or of infinity
}

// holds says whether another level parts them the same way.
func (p *parting) holds(level float64) bool {
	at := int64(math.Float64bits(level))
	return p.high < at && at <= p.low
}

// split parts the bounds by a level. Which are below is hard to foresee, so that
// there is no branch for it: bounds are not negative, and such floats are in the
// order of their bits.
func (k *link) split(level float64) parting {
	limit := int64(math.Float64bits(level))
	sum, free, high, low := 0.0, 0, int64(0), int64(math.Float64bits(infinite))
	for i := range k.slots {
		bits := int64(math.Float64bits(k.slots[i].bound))
		below := (bits - limit) >> 63 // all ones if it is below, or zero
		sum += math.Float64frombits(uint64(bits & below))
		free += int(below) + 1
		high = max(high, bits&below)
		low = min(low, bits|below&math.MaxInt64)
	}
	return parting{sum, free, high, low}
}

// sort notes which bounds are below the level and what a change of the level
// would have to pass, from how the level parts them.
func (n *share) sort(l int32, level float64, p parting) {
	k := &n.links[l]
	for j := range k.slots {
		s := &k.slots[j]
		if below := s.bound < level; below != s.below {
			s.below = below
			n.move(s.flow)
		}
	}
	k.sum, k.below, k.edits = p.sum, int32(len(k.slots)-p.free), int32(max(len(k.slots), minEdits))
	k.high, k.low = math.Float64frombits(uint64(p.high)), math.Float64frombits(uint64(p.low))
}

// count adds a slot to what an evaluation found.
func (k *link) count(s *slot) {
	switch {
	case !s.below:
		k.low = min(k.low, s.bound)
	case s.promise:
		k.edits = 0
	default:
		k.sum += s.bound
		k.below++
		k.high = max(k.high, s.bound)
		k.edits--
	}
}

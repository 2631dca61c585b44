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
	case int(k.edits) >= len(k.slots):
		return 0, false
	case free == 0:
		return infinite, k.sum <= k.rate
	}
	level := (k.rate - k.sum) / float64(free)
	return level, k.high < level && level <= k.low
}

// solve is Newton's method on sum(min(level, bound)) = rate, which is concave
// and piecewise linear: wherever it begins, the second level is at or below
// the solution, and from there on it only rises, until the same flows are
// below it as before.
func (k *link) solve() float64 {
	fair := k.rate / float64(len(k.slots)) // at or below the solution
	level := fair
	if k.level < infinite {
		if sum, free := k.split(k.level); free > 0 {
			level = max((k.rate-sum)/float64(free), fair)
		}
	}
	for last := -1; ; {
		sum, free := k.split(level)
		switch free {
		case 0:
			return infinite
		case last:
			return level
		}
		level, last = max((k.rate-sum)/float64(free), level), free
	}
}

// split is the sum of the bounds below a level, and how many are not below.
// Which are is hard to foresee, so that there is no branch for it: bounds are not
// negative, and such floats are in the order of their bits.
func (k *link) split(level float64) (sum float64, free int) {
	limit := int64(math.Float64bits(level))
	for i := range k.slots {
		bits := int64(math.Float64bits(k.slots[i].bound))
		below := (bits - limit) >> 63 // all ones if it is below, or zero
		sum += math.Float64frombits(uint64(bits & below))
		free += int(below) + 1
	}
	return sum, free
}

// sort notes which bounds are below the level and what a change of the level
// would have to pass.
func (n *share) sort(l int32, level float64) {
	k := &n.links[l]
	sum, count, high, low := 0.0, int32(0), 0.0, infinite
	for j := range k.slots {
		s := &k.slots[j]
		below := s.bound < level
		if below != s.below {
			s.below = below
			n.move(s.flow)
		}
		switch {
		case !below:
			if s.bound < low {
				low = s.bound
			}
			continue
		case s.bound > high:
			high = s.bound
		}
		sum += s.bound
		count++
	}
	k.sum, k.below, k.high, k.low, k.edits = sum, count, high, low, 0
}

// count adds a slot to what an evaluation found.
func (k *link) count(s *slot) {
	switch {
	case !s.below:
		k.low = min(k.low, s.bound)
	case s.promise:
		k.edits = stale
	default:
		k.sum += s.bound
		k.below++
		k.high = max(k.high, s.bound)
		k.edit()
	}
}

func (k *link) edit() {
	if k.edits < stale {
		k.edits++
	}
}

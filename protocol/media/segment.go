package media

// A rule says where a movie may be cut. All times are milliseconds.
type rule struct {
	target int64 // cut at the first closed key picture at or after this
	slack  int64 // a key this much before the target is at it: half a picture
	least  int64 // never shorter, but for a last rest that cannot be merged
	most   int64 // never longer
}

func ruleFor(target int64) rule {
	least, most := MinSegment.Milliseconds(), MaxSegment.Milliseconds()
	return rule{target: min(max(target, least), most), least: least, most: most}
}

// A keyAt is a picture that a cut may fall on.
type keyAt struct {
	ms  int64
	key Key
}

// cuts are the starts of the segments between 0 and end, the first being 0.
// keys are in order of time. It gives up at one more than maxSegments.
func (r rule) cuts(keys []keyAt, end int64) []int64 {
	out := []int64{0}
	for s := int64(0); len(out) <= maxSegments; {
		for len(keys) > 0 && keys[0].ms < s+r.least {
			keys = keys[1:]
		}
		next := r.next(keys, s, end)
		if next >= end {
			break
		}
		out = append(out, next)
		s = next
	}
	return out
}

// next is where the segment that starts at s ends. In order of preference: the
// first closed key from target on, in the first half of what is allowed; any
// key from target on; the last closed key before target; the time that is the
// most allowed. A rest shorter than least stays with the segment before it.
func (r rule) next(keys []keyAt, s, end int64) int64 {
	target := max(r.target-r.slack, r.least)
	half := max(r.target, r.most/2)
	var any, early int64
	for _, k := range keys {
		d := k.ms - s
		if d > r.most || k.ms > end-r.least {
			break
		}
		switch {
		case d < target && k.key == Closed:
			early = k.ms
		case d >= target && d <= half && k.key == Closed:
			return k.ms
		case d >= target && any == 0:
			any = k.ms
		}
	}
	switch {
	case any > 0:
		return any
	case end-s <= r.most:
		return end
	case early > 0:
		return early
	}
	return min(s+r.most, end-r.least)
}

// even cuts by time alone: for sound, where every sample can be started at.
func (r rule) even(end int64) []int64 {
	out := []int64{0}
	for t := r.target; t <= end-r.least && len(out) <= maxSegments; t += r.target {
		out = append(out, t)
	}
	return out
}

// keys lists the pictures of t that a segment may start at, in order of time.
func (t *track) keys() []keyAt {
	var out []keyAt
	for i := range t.samples {
		s := &t.samples[i]
		if s.key != Closed && s.key != Open {
			continue
		}
		if n := len(out); n > 0 && out[n-1].ms >= s.ms {
			continue // damaged times: keys that do not move on are none
		}
		out = append(out, keyAt{s.ms, s.key})
	}
	return out
}

// cutOne cuts a movie by itself.
func (m *movie) cutOne(r rule) []int64 {
	t := m.main()
	if t.kind != Video {
		return r.even(t.end())
	}
	r.slack = t.frame() / 2
	return r.cuts(t.keys(), t.end())
}

// split says for each cut which sample of t is the first behind it, and ends
// with the number of samples.
func (t *track) split(cuts []int64) []int {
	out := make([]int, 0, len(cuts)+1)
	i := 0
	for n, at := range cuts {
		if n > 0 {
			i = t.behind(i, at)
		}
		out = append(out, i)
	}
	return append(out, len(t.samples))
}

// behind is the first sample from i on that belongs behind a cut at time at. A
// sound goes where most of it is. A picture that can be started at and is due
// within half a picture of the cut begins the segment, so that renditions whose
// clocks differ a little are cut alike; without one, the first that is due.
func (t *track) behind(i int, at int64) int {
	slack := t.frame() / 2
	due := at
	if t.kind == Audio {
		due -= slack
	}
	for i < len(t.samples) && t.samples[i].ms < due-slack {
		i++
	}
	if t.kind == Video {
		for j := i; j < len(t.samples) && t.samples[j].ms <= at+slack; j++ {
			if s := &t.samples[j]; s.ms >= at-slack && (s.key == Closed || s.key == Open) {
				return j
			}
		}
	}
	for i < len(t.samples) && t.samples[i].ms < due {
		i++
	}
	return i
}

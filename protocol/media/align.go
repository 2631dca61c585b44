package media

import "slices"

// align chooses the files that can be switched between and where all of them
// are cut, the start left out. They are cut where each of them has a closed key
// picture, give or take half a picture. A file whose keys would make segments
// too long is demoted: left out, with a note. Sound alone follows any picture.
func (l *Ladder) align(files []*file, r rule) (kept []*file, cuts []int64) {
	kept = widest(files, r)
	var end int64
	for _, f := range kept {
		end = max(end, f.end)
	}
	for _, f := range files {
		if !slices.Contains(kept, f) {
			l.note("%s: demoted: its key pictures meet those of the others too rarely, so it is left out of the ladder", f.name)
		}
	}
	for _, f := range kept {
		if end-f.end > max(f.frame, 1000) {
			l.note("%s: ends %d ms before the others", f.name, (end-f.end)/1000)
		}
	}
	keys, frame := common(kept)
	if frame == 0 {
		return kept, r.even(end)
	}
	return kept, r.plan(keys, end, frame/2)
}

// plan cuts by common keys: at the first from target on, else the last before
// it, else by time.
func (r rule) plan(keys []int64, end, slack int64) (cuts []int64) {
	for start := int64(0); len(cuts) <= maxSegments; start = cuts[len(cuts)-1] {
		for len(keys) > 0 && keys[0] < start+r.least {
			keys = keys[1:]
		}
		next := r.next(keys, start, slack)
		if next == 0 && end-start > r.most {
			next = start + r.most
		}
		if next == 0 || next >= end {
			return cuts
		}
		cuts = append(cuts, next)
	}
	return cuts
}

// next is the common key that ends the segment from start on, 0 if there is
// none. The keys are at least the shortest segment behind it.
func (r rule) next(keys []int64, start, slack int64) (early int64) {
	for _, k := range keys {
		switch d := k - start; {
		case d > r.most:
			return early
		case d >= r.target-slack:
			return k
		}
		early = k
	}
	return 0 // the rest is no longer than allowed, or has no key
}

// even cuts by time alone: for sound, where every sample can be started at.
func (r rule) even(end int64) (cuts []int64) {
	for t := r.target; t < end && len(cuts) <= maxSegments; t += r.target {
		cuts = append(cuts, t)
	}
	return cuts
}

// widest is the largest set of files whose common keys leave no long gap. Each
// file in turn is the first of a set that takes in whoever leaves no gap longer
// than half of what is allowed, or than the first has by itself. Among equal
// sets the one with the most bytes wins, then the earlier. A file that by
// itself has a gap longer than allowed begins a set only if all files have.
func widest(files []*file, r rule) []*file {
	var best []*file
	var bestBytes int
	rare := !slices.ContainsFunc(files, func(f *file) bool { return gap([]*file{f}) <= r.most })
	for _, first := range files {
		set := []*file{first}
		own := gap(set)
		if own > r.most && !rare {
			continue
		}
		allowed := max(own, r.most/2)
		bytes := len(first.b)
		for _, f := range files {
			if f != first && gap(append(slices.Clone(set), f)) <= allowed {
				set = append(set, f)
				bytes += len(f.b)
			}
		}
		if len(set) > len(best) || len(set) == len(best) && bytes > bestBytes {
			best, bestBytes = set, bytes
		}
	}
	return best
}

// gap is the longest time between two common keys of the set, counting its
// start and its end. Sound alone has none.
func gap(set []*file) int64 {
	keys, frame := common(set)
	if frame == 0 {
		return 0
	}
	var last, most, end int64
	for _, f := range set {
		end = max(end, f.end)
	}
	for _, k := range keys {
		most = max(most, k-last)
		last = k
	}
	return max(most, end-last)
}

// common lists the closed keys that all pictures of the set share, at the
// times of the first of them, and the shortest picture. It is 0 if the set has
// sound alone.
func common(set []*file) (keys []int64, frame int64) {
	for _, f := range set {
		switch {
		case f.frame == 0:
		case frame == 0:
			keys, frame = f.keys, f.frame
		default:
			frame = min(frame, f.frame)
			keys = meet(keys, f.keys, frame/2)
		}
	}
	return keys, frame
}

// meet keeps the keys of a that have one of b within slack. Both are in order.
func meet(a, b []int64, slack int64) []int64 {
	var out []int64
	for _, k := range a {
		for len(b) > 0 && b[0] < k-slack {
			b = b[1:]
		}
		if len(b) > 0 && b[0] <= k+slack {
			out = append(out, k)
		}
	}
	return out
}

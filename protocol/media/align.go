package media

import "slices"

// align chooses the files that can be switched between and where all of them
// are cut. A single file is cut by its own keys. Several are cut where each of
// them has a closed key picture, give or take half a picture. A file whose
// keys would make segments too long is left out, with a note; sound alone
// follows any picture.
func (l *Ladder) align(files []*source, r rule) (kept []*source, cuts []int64) {
	if len(files) == 1 {
		return files, files[0].m.cutOne(r)
	}
	kept = widest(files, r)
	var end int64
	for _, f := range kept {
		end = max(end, f.m.main().end())
	}
	for _, f := range files {
		if !slices.Contains(kept, f) {
			l.note("%s: its key pictures meet those of the others too rarely: left out of the ladder", f.name)
		}
	}
	for _, f := range kept {
		if t := f.m.main(); end-t.end() > t.frame() {
			l.note("%s: ends %d ms before the others", f.name, end-t.end())
		}
	}
	keys, frame := common(kept)
	if frame == 0 {
		return kept, r.even(end)
	}
	r.slack = frame / 2
	return kept, r.cuts(keys, end)
}

// widest is the largest set of files whose common keys leave no long gap. Each
// file in turn is the first of a set that takes in whoever leaves no gap longer
// than half of what is allowed, or than the first has by itself. Among equal
// sets the one with the most bytes wins, then the earlier. A file that by
// itself has a gap longer than allowed begins a set only if all files have.
func widest(files []*source, r rule) []*source {
	var best []*source
	var bestBytes int
	rare := !slices.ContainsFunc(files, func(f *source) bool { return gap([]*source{f}) <= r.most })
	for _, first := range files {
		set := []*source{first}
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
func gap(set []*source) int64 {
	keys, frame := common(set)
	if frame == 0 {
		return 0
	}
	var last, most, end int64
	for _, f := range set {
		end = max(end, f.m.main().end())
	}
	for _, k := range keys {
		most = max(most, k.ms-last)
		last = k.ms
	}
	return max(most, end-last)
}

// common lists the closed keys that all pictures of the set share, at the
// times of the first of them, and the shortest picture. It is 0 if the set has
// sound alone.
func common(set []*source) (keys []keyAt, frame int64) {
	for _, f := range set {
		t := f.m.main()
		if t.kind != Video {
			continue
		}
		own := slices.DeleteFunc(t.keys(), func(k keyAt) bool { return k.key != Closed })
		if frame == 0 {
			keys, frame = own, t.frame()
			continue
		}
		frame = min(frame, t.frame())
		keys = meet(keys, own, frame/2)
	}
	return keys, frame
}

// meet keeps the keys of a that have one of b within slack. Both are in order.
func meet(a, b []keyAt, slack int64) []keyAt {
	var out []keyAt
	for _, k := range a {
		for len(b) > 0 && b[0].ms < k.ms-slack {
			b = b[1:]
		}
		if len(b) > 0 && b[0].ms <= k.ms+slack {
			out = append(out, k)
		}
	}
	return out
}

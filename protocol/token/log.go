package token

import "math/bits"

// A log is the Merkle tree of RFC 6962 over entries that are only ever
// appended. It keeps the roots of the full subtrees on the right edge, one for
// each bit of its size: at most 32 hashes, however long the stream.
type log struct {
	size  int
	peaks []ID // largest subtree first
}

func (l *log) append(leaf ID) {
	l.peaks = append(l.peaks, leaf)
	for range bits.TrailingZeros(^uint(l.size)) { // as a carry goes through the ones of size
		last := len(l.peaks) - 2
		l.peaks[last] = entryTree.node(&l.peaks[last], &l.peaks[last+1])
		l.peaks = l.peaks[:last+1]
	}
	l.size++
}

// root is the root over all leaves, of which there is at least one.
func (l *log) root() ID {
	root := l.peaks[len(l.peaks)-1]
	for i := len(l.peaks) - 2; i >= 0; i-- {
		root = entryTree.node(&l.peaks[i], &root)
	}
	return root
}

// A history keeps the roots of all full subtrees, two hashes for each leaf, so
// that any proof takes a few look-ups. levels[h][i] is over the leaves from
// i<<h to (i+1)<<h.
type history struct{ levels [][]ID }

func (h *history) append(leaf ID) {
	for level := 0; ; level++ {
		if level == len(h.levels) {
			h.levels = append(h.levels, nil)
		}
		row := append(h.levels[level], leaf)
		h.levels[level] = row
		if len(row)%2 == 1 {
			return
		}
		leaf = entryTree.node(&row[len(row)-2], &row[len(row)-1])
	}
}

// root is the root over leaves lo to hi, which are a subtree of the log at a
// time when it had at least hi leaves.
func (h *history) root(lo, hi int) ID {
	if n := hi - lo; n&(n-1) == 0 {
		level := bits.TrailingZeros(uint(n))
		return h.levels[level][lo>>level]
	}
	k := lo + split(hi-lo)
	left, right := h.root(lo, k), h.root(k, hi)
	return entryTree.node(&left, &right)
}

// path leads from leaf index to the root over leaves lo to hi, lowest step
// first.
func (h *history) path(index, lo, hi int) []ID {
	if hi-lo == 1 {
		return nil
	}
	if k := lo + split(hi-lo); index < k {
		return append(h.path(index, lo, k), h.root(k, hi))
	} else {
		return append(h.path(index, k, hi), h.root(lo, k))
	}
}

// growth is the consistency proof of RFC 6962, section 2.1.2, between the
// first old of leaves lo to hi and all of them. known says that whoever checks
// it has the root of the old ones; 0 < old <= hi-lo.
func (h *history) growth(old, lo, hi int, known bool) []ID {
	if old == hi-lo {
		if known {
			return nil
		}
		return []ID{h.root(lo, hi)}
	}
	if k := split(hi - lo); old <= k {
		return append(h.growth(old, lo, lo+k, known), h.root(lo+k, hi))
	} else {
		return append(h.growth(old-k, lo+k, hi, false), h.root(lo, lo+k))
	}
}

// grow is the roots that the first old of count leaves and all of them have by
// a consistency proof of growthLen hashes; was is the old root that is claimed.
func grow(was ID, old, count int, known bool, path []ID) (before, after ID) {
	if old == count {
		if known {
			return was, was
		}
		return path[0], path[0]
	}
	last := len(path) - 1
	if k := split(count); old <= k {
		before, after = grow(was, old, k, known, path[:last])
		return before, entryTree.node(&after, &path[last])
	} else {
		before, after = grow(was, old-k, count-k, false, path[:last])
		return entryTree.node(&path[last], &before), entryTree.node(&path[last], &after)
	}
}

// growthLen is the number of hashes of a consistency proof; 0 < old <= count.
func growthLen(old, count int) int {
	n, known := 0, true
	for ; old != count; n++ {
		if k := split(count); old <= k {
			count = k
		} else {
			old, count, known = old-k, count-k, false
		}
	}
	if !known {
		n++
	}
	return n
}

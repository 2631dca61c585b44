package token

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// testLog has the leaves of n entries, as a log, a history and a plain list.
func testLog(n int) (l log, h history, leaves []ID) {
	for i := range n {
		leaf := entryTree.leaf([]byte{byte(i), byte(i >> 8)})
		l.append(leaf)
		h.append(leaf)
		leaves = append(leaves, leaf)
	}
	return l, h, leaves
}

// The log that grows, the history and the plain tree over all leaves agree at
// every size, and the log stays small.
func TestLogAgainstTheWholeTree(t *testing.T) {
	var l log
	_, h, leaves := testLog(300)
	for n, leaf := range leaves {
		l.append(leaf)
		want := entryTree.root(leaves[:n+1], nil)
		if got := l.root(); got != want || l.size != n+1 {
			t.Fatalf("%d leaves: the log has another root", n+1)
		}
		if got := h.root(0, n+1); got != want {
			t.Fatalf("%d leaves: the history has another root", n+1)
		}
		if len(l.peaks) > 9 { // 300 < 2^9
			t.Fatalf("%d leaves: the log keeps %d hashes", n+1, len(l.peaks))
		}
	}
}

func TestHistoryPathsAreThoseOfTheTree(t *testing.T) {
	_, h, leaves := testLog(70)
	for n := 1; n <= len(leaves); n++ {
		paths := make([][]ID, n)
		entryTree.root(leaves[:n], paths)
		for i := range n {
			if got := h.path(i, 0, n); !slices.Equal(got, paths[i]) {
				t.Fatalf("entry %d of %d: another path", i, n)
			}
		}
	}
}

// consistent is the check of RFC 9162, section 2.1.4.2, step by step.
func consistent(first, second int, was, is ID, path []ID) bool {
	if first == second {
		return len(path) == 0 && was == is
	}
	if first&(first-1) == 0 {
		path = append([]ID{was}, path...)
	}
	if len(path) == 0 {
		return false
	}
	fn, sn := first-1, second-1
	for fn%2 == 1 {
		fn, sn = fn/2, sn/2
	}
	fr, sr := path[0], path[0]
	for i := range path[1:] {
		c := &path[1+i]
		if sn == 0 {
			return false
		}
		if fn%2 == 1 || fn == sn {
			fr, sr = entryTree.node(c, &fr), entryTree.node(c, &sr)
			for fn%2 == 0 && fn != 0 {
				fn, sn = fn/2, sn/2
			}
		} else {
			sr = entryTree.node(&sr, c)
		}
		fn, sn = fn/2, sn/2
	}
	return fr == was && sr == is && sn == 0
}

func TestGrowthByTheLetter(t *testing.T) {
	const most = 40
	_, h, leaves := testLog(most)
	draw := rand.New(rand.NewPCG(4, 2))
	for to := 1; to <= most; to++ {
		is := entryTree.root(leaves[:to], nil)
		for from := 1; from <= to; from++ {
			was := entryTree.root(leaves[:from], nil)
			path := h.growth(from, 0, to, true)
			if len(path) != growthLen(from, to) {
				t.Fatalf("%d to %d: %d hashes, growthLen says %d", from, to, len(path), growthLen(from, to))
			}
			holds := func() bool {
				before, after := grow(was, from, to, true, path)
				ours := before == was && after == is
				if ours != consistent(from, to, was, is, path) {
					t.Fatalf("%d to %d: we and RFC 9162 disagree", from, to)
				}
				return ours
			}
			if !holds() {
				t.Fatalf("%d to %d: an honest proof fails", from, to)
			}
			if len(path) > 0 {
				path[draw.IntN(len(path))][draw.IntN(32)] ^= 1
				if holds() {
					t.Fatalf("%d to %d: a forged proof holds", from, to)
				}
			}
		}
	}
}

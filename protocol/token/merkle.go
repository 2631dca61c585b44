package token

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
)

// An ID names bytes by their content: the root of a binary SHA-256 Merkle tree
// over their 16 KiB pieces, in the form of RFC 6962, section 2.1. The size of
// the bytes is not part of it; a header states the size next to it.
type ID [sha256.Size]byte

// String is the id in hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// A tree is a Merkle tree of RFC 6962 with its own pair of prefixes, so that a
// leaf is never taken for a node, nor a piece of a payload for a header, nor a
// header for an entry of a manifest.
type tree struct{ leafByte, nodeByte byte }

var (
	contentTree = tree{0x00, 0x01} // the prefixes of RFC 6962
	headerTree  = tree{0x02, 0x03}
	entryTree   = tree{0x04, 0x05}
)

// leaf is the hash of one leaf's bytes, which are few: it copies them.
func (tr tree) leaf(b []byte) ID {
	var buf [1 + MaxHeaderSize]byte
	return sha256.Sum256(append(append(buf[:0], tr.leafByte), b...))
}

func (tr tree) node(left, right *ID) ID {
	var buf [1 + 2*sha256.Size]byte
	buf[0] = tr.nodeByte
	copy(buf[1:], left[:])
	copy(buf[1+sha256.Size:], right[:])
	return sha256.Sum256(buf[:])
}

// root is the root over the leaves, of which there is at least one. If paths
// is not nil, it has one path per leaf, and root appends to each what climb
// needs to get from that leaf to the root.
func (tr tree) root(leaves []ID, paths [][]ID) ID {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(len(leaves))
	var leftPaths, rightPaths [][]ID
	if paths != nil {
		leftPaths, rightPaths = paths[:k], paths[k:]
	}
	left := tr.root(leaves[:k], leftPaths)
	right := tr.root(leaves[k:], rightPaths)
	for i := range leftPaths {
		leftPaths[i] = append(leftPaths[i], right)
	}
	for i := range rightPaths {
		rightPaths[i] = append(rightPaths[i], left)
	}
	return tr.node(&left, &right)
}

// climb is the root that the leaf at index of count leaves has with this path,
// and whether the path has the right length. 0 <= index < count.
func (tr tree) climb(leaf ID, index, count int, path []ID) (ID, bool) {
	if len(path) != pathLen(index, count) {
		return ID{}, false
	}
	if count == 1 {
		return leaf, true
	}
	last := len(path) - 1
	if k := split(count); index < k {
		left, ok := tr.climb(leaf, index, k, path[:last])
		return tr.node(&left, &path[last]), ok
	} else {
		right, ok := tr.climb(leaf, index-k, count-k, path[:last])
		return tr.node(&path[last], &right), ok
	}
}

// pathLen is the number of steps from the leaf at index of count leaves.
func pathLen(index, count int) int {
	left, right := steps(index, count)
	return left + right
}

// steps is how many siblings on the way from the leaf at index of count leaves
// to the root are on its left and on its right. 0 <= index < count.
func steps(index, count int) (left, right int) {
	for count > 1 {
		if k := split(count); index < k {
			count = k
			right++
		} else {
			index, count = index-k, count-k
			left++
		}
	}
	return left, right
}

// fold is the root over leaves lo to hi. It asks inside for each leaf that is
// in the range from to to, and outside for the root of each largest subtree
// without any of them, all from left to right.
func (tr tree) fold(lo, hi, from, to int, inside func(leaf int) ID, outside func(lo, hi int) ID) ID {
	switch {
	case hi <= from || to <= lo:
		return outside(lo, hi)
	case hi-lo == 1:
		return inside(lo)
	}
	k := lo + split(hi-lo)
	left := tr.fold(lo, k, from, to, inside, outside)
	right := tr.fold(k, hi, from, to, inside, outside)
	return tr.node(&left, &right)
}

// split is the largest power of two below count: how many leaves are on the
// left. count >= 2.
func split(count int) int { return 1 << (bits.Len(uint(count-1)) - 1) }

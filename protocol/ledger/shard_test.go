package ledger

import (
	"math/bits"

	"kinetoscope/protocol/token"
)

// shard is bytes to keep, their content id and the path of each piece, by the
// tree of package token.
func shard(pieces int) (id [32]byte, piece func(i int) []byte, path func(i int) [][32]byte) {
	const size = 16 << 10
	b := make([]byte, (pieces-1)*size+100)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	p := token.NewPayload(b)
	piece = func(i int) []byte { return b[i*size : min((i+1)*size, len(b))] }
	path = func(i int) [][32]byte {
		proof, err := p.Prove(i*size, i*size+1)
		if err != nil {
			panic(err)
		}
		return climbing(proof.Path, i, pieces)
	}
	return p.ID(), piece, path
}

// climbing orders the hashes beside the way of a leaf, which a range's proof
// has from left to right, from the leaf to the root.
func climbing(hashes []token.ID, index, count int) (path [][32]byte) {
	var onLeft []bool // the sibling of each step, from the root
	n := 0
	for count > 1 {
		k := 1 << (bits.Len(uint(count-1)) - 1)
		if onLeft = append(onLeft, index >= k); index >= k {
			index, count, n = index-k, count-k, n+1
		} else {
			count = k
		}
	}
	left, right := hashes[:n], hashes[n:]
	for i := len(onLeft) - 1; i >= 0; i-- {
		if onLeft[i] {
			path, left = append(path, left[len(left)-1]), left[:len(left)-1]
		} else {
			path, right = append(path, right[0]), right[1:]
		}
	}
	return path
}

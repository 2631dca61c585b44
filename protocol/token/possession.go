package token

import "slices"

// Pieces is how many pieces of 16 KiB the payload has, of which its content id
// is the tree. Who shows a piece and its Path has the bytes, to somebody who knows
// the content id alone: a contract.
func (p *Payload) Pieces() int { return len(p.leaves) }

// Piece is the bytes of a piece, to be read only. It panics, as Leaf and Path
// do, for one that there is not.
func (p *Payload) Piece(i int) []byte { return p.b[i*pieceSize : min((i+1)*pieceSize, len(p.b))] }

// Leaf is the hash of a piece in the tree.
func (p *Payload) Leaf(i int) ID { return p.leaves[i] }

// Path is the hashes beside the way from a piece to the content id, lowest
// first (RFC 9162, section 2.1.3.1).
func (p *Payload) Path(i int) (path []ID) {
	for lo, hi := 0, len(p.leaves); hi-lo > 1; {
		middle := lo + split(hi-lo)
		if i < middle {
			path, hi = append(path, contentTree.root(p.leaves[middle:hi], nil)), middle
		} else {
			path, lo = append(path, contentTree.root(p.leaves[lo:middle], nil)), middle
		}
	}
	slices.Reverse(path)
	return path
}

package token

import (
	"encoding/binary"
	"fmt"

	"kinetoscope/internal/unit"
)

// A RangeProof shows that bytes From to To (To not included) of a payload are
// those that its content id names, to a receiver who has no other byte of it.
// A range is made of whole pieces of 16 KiB: From is a multiple of that, and so
// is To unless it is the end of the payload. 0 <= From < To <= size.
type RangeProof struct {
	From, To int
	Path     []ID // roots of the largest subtrees outside the range, from left to right
}

// maxRangePath is the number of hashes in the longest proof of a range, which
// has the middle of a payload of MaxSize in it: one on either side for each
// level of its tree below the root's children.
const maxRangePath = 2 * 11

// MaxRangeProofSize is the most bytes that AppendRangeProof appends.
const MaxRangeProofSize = 2 + 2 + maxRangePath*len(ID{})

// Prove is the proof of the least range that contains bytes from to to. Its
// bytes are p.Bytes()[proof.From:proof.To]. An error, which matches ErrRange,
// says that there are no such bytes.
func (p *Payload) Prove(from, to int) (RangeProof, error) {
	if from < 0 || to <= from || to > len(p.b) {
		return RangeProof{}, fmt.Errorf("%w: bytes %d to %d of %d", ErrRange, from, to, len(p.b))
	}
	first, last := from/pieceSize, pieces(to)
	proof := RangeProof{From: first * pieceSize, To: min(last*pieceSize, len(p.b))}
	contentTree.fold(0, len(p.leaves), first, last,
		func(leaf int) ID { return p.leaves[leaf] },
		func(lo, hi int) ID {
			proof.Path = append(proof.Path, contentTree.root(p.leaves[lo:hi], nil))
			return proof.Path[len(proof.Path)-1]
		})
	return proof, nil
}

// check reports a range or a path that a payload of size bytes cannot have.
func (r *RangeProof) check(size int) error {
	switch {
	case size > MaxSize || r.From < 0 || r.To <= r.From || r.To > size || r.From%pieceSize != 0 || r.To%pieceSize != 0 && r.To != size:
		return fmt.Errorf("%w: a range from byte %d to %d of %d: whole pieces of %d bytes", ErrProof, r.From, r.To, size, pieceSize)
	case len(r.Path) != rangeLen(r.From/pieceSize, pieces(r.To), pieces(size)):
		return fmt.Errorf("%w: a range with %d hashes", ErrProof, len(r.Path))
	}
	return nil
}

// rangeLen is the number of hashes that prove leaves first to last of count.
func rangeLen(first, last, count int) int {
	left, _ := steps(first, count)
	_, right := steps(last-1, count)
	return left + right
}

// Check reports whether b is what the proof says: the bytes of the range, in
// a payload of this content id and size, both from a header that was checked.
// ErrSize says that b is not as long as the range, ErrProof that the proof does
// not fit the payload, ErrContent that a byte, a hash or the place is wrong.
func (r *RangeProof) Check(id ID, size unit.Size, b []byte) error {
	if err := r.check(int(size)); err != nil {
		return err
	}
	if len(b) != r.To-r.From {
		return fmt.Errorf("%w: %d bytes for a range of %d", ErrSize, len(b), r.To-r.From)
	}
	var h Hasher
	h.hash(b)
	path := r.Path
	first := r.From / pieceSize
	root := contentTree.fold(0, pieces(int(size)), first, pieces(r.To),
		func(leaf int) ID { return h.leaves[leaf-first] },
		func(int, int) (next ID) {
			next, path = path[0], path[1:]
			return next
		})
	if root != id {
		return fmt.Errorf("%w: bytes %d to %d", ErrContent, r.From, r.To)
	}
	return nil
}

// AppendRangeProof appends the wire form of r, without the bytes of the range.
func AppendRangeProof(b []byte, r *RangeProof) []byte {
	b = binary.AppendUvarint(b, uint64(r.From/pieceSize))
	b = binary.AppendUvarint(b, uint64(pieces(r.To)-r.From/pieceSize))
	return appendPath(b, r.Path)
}

// ParseRangeProof reads a proof for a payload of size bytes from the front of
// b and says how many bytes it took. How many hashes there are follows from the
// size and the range: a proof has exactly one wire form, and anything else is
// refused with an error that matches ErrFormat and names the place.
func ParseRangeProof(b []byte, size unit.Size) (RangeProof, int, error) {
	r := reader{b: b}
	count := pieces(int(min(max(size, 0), MaxSize)))
	first := int(r.uvarint("first piece", uint64(max(count-1, 0))))
	n := int(r.uvarint("number of pieces", uint64(count-first)))
	if r.err == nil && n == 0 {
		r.fail("number of pieces", "is 0: a range has at least one")
	}
	if r.err != nil {
		return RangeProof{}, 0, r.err
	}
	proof := RangeProof{From: first * pieceSize, To: min((first+n)*pieceSize, int(size))}
	proof.Path = r.path(rangeLen(first, first+n, count))
	if r.err != nil {
		return RangeProof{}, 0, r.err
	}
	return proof, r.at, nil
}

package token

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
)

// pieceSize is how many bytes of a payload one leaf of its tree covers.
const pieceSize = 16 << 10

// A Payload is the bytes of a segment and their content id. It never changes
// and may be shared between goroutines: the bytes of a segment exist once
// however many nodes hold it.
type Payload struct {
	b      []byte
	leaves []ID // of the pieces of b, from which any range is proved
	id     ID
}

// NewPayload takes the bytes over, which must not change any more, and
// computes their content id, at one to two gigabytes per second and core.
func NewPayload(b []byte) *Payload {
	var w Builder
	w.leaves = make([]ID, 0, pieces(len(b)))
	w.b = b
	return w.Payload()
}

// Bytes are the payload's bytes, to be read only.
func (p *Payload) Bytes() []byte { return p.b }

// Len is the number of bytes.
func (p *Payload) Len() int { return len(p.b) }

// ID is the content id, computed when the payload was made.
func (p *Payload) ID() ID { return p.id }

// Flip is a payload of other bytes, in which one bit differs: what a dishonest
// peer serves. Bit 0 is the lowest bit of the first byte. It panics for a bit
// outside the payload.
func (p *Payload) Flip(bit int) *Payload {
	if bit < 0 || bit >= 8*len(p.b) {
		panic(fmt.Sprintf("token: bit %d of a payload of %d bytes", bit, len(p.b)))
	}
	b := slices.Clone(p.b)
	b[bit/8] ^= 1 << (bit % 8)
	return NewPayload(b)
}

// pieces is the number of pieces of size bytes.
func pieces(size int) int { return (size + pieceSize - 1) / pieceSize }

// A Builder makes a payload of bytes that arrive one after the other, and
// hashes each piece as soon as it is whole: when the last byte is in, less than
// one piece is left to hash. The zero value is ready.
type Builder struct {
	b      []byte
	leaves []ID
	hash   hash.Hash
}

// Write appends bytes, which it copies. It returns len(b) and no error.
func (w *Builder) Write(b []byte) (int, error) {
	w.b = append(w.b, b...)
	w.hashUpTo(len(w.b) - len(w.b)%pieceSize)
	return len(b), nil
}

// Len is the number of bytes that were written.
func (w *Builder) Len() int { return len(w.b) }

// Payload is what was written since the last call; the Builder starts anew.
func (w *Builder) Payload() *Payload {
	p := &Payload{b: w.b}
	if len(w.b) == 0 {
		p.id = sha256.Sum256(nil) // as RFC 6962 has it
		return p
	}
	w.hashUpTo(len(w.b))
	p.leaves = w.leaves
	p.id = contentTree.root(p.leaves, nil)
	w.b, w.leaves = nil, nil
	return p
}

// hashUpTo hashes the pieces that end at or before byte end and were not
// hashed yet. It hashes in place: only the first 63 bytes of a piece, which
// fill the block that the prefix has begun, are copied.
func (w *Builder) hashUpTo(end int) {
	if w.hash == nil {
		w.hash = sha256.New()
	}
	for len(w.leaves) < pieces(end) {
		at := len(w.leaves) * pieceSize
		w.leaves = append(w.leaves, ID{})
		w.hash.Reset()
		w.hash.Write(contentPrefix)
		w.hash.Write(w.b[at:min(at+pieceSize, end)])
		w.hash.Sum(w.leaves[len(w.leaves)-1][:0])
	}
}

// contentPrefix goes before each piece.
var contentPrefix = []byte{contentTree.leafByte}

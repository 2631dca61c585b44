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
func NewPayload(b []byte) *Payload { return new(Hasher).Payload(b) }

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

// A Hasher computes the content id of a payload while its bytes arrive: each
// piece is hashed as soon as it is whole, so that when the last byte is in, no
// more than one piece is left. It copies nothing. The zero value is ready.
type Hasher struct {
	leaves []ID
	mended bool // the first of them has to be hashed again
	sha    hash.Hash
}

// Arrived hashes the whole pieces of b that it has not seen. b is all that is
// there of the payload: it begins with what was there at the call before.
func (h *Hasher) Arrived(b []byte) { h.hash(b[:len(b)-len(b)%pieceSize]) }

// Mended says that bytes of the first piece have changed since it was hashed:
// lengths and counts stand in front, and are known last.
func (h *Hasher) Mended() { h.mended = true }

// Payload is the payload of all of b, which it takes over. The Hasher starts
// anew.
func (h *Hasher) Payload(b []byte) *Payload {
	if len(b) == 0 {
		return &Payload{id: sha256.Sum256(nil)} // as RFC 6962 has it
	}
	h.hash(b)
	p := &Payload{b: b, leaves: h.leaves, id: contentTree.root(h.leaves, nil)}
	h.leaves = nil
	return p
}

// hash hashes the pieces of b that were not hashed yet.
func (h *Hasher) hash(b []byte) {
	if h.sha == nil {
		h.sha = sha256.New()
	}
	if h.mended && len(h.leaves) > 0 {
		h.piece(b, 0)
	}
	h.mended = false
	count := pieces(len(b))
	h.leaves = slices.Grow(h.leaves, max(0, count-len(h.leaves)))
	for i := len(h.leaves); i < count; i++ {
		h.leaves = append(h.leaves, ID{})
		h.piece(b, i)
	}
}

// piece hashes piece i of b, in place: only its first 63 bytes, which fill the
// block that the prefix has begun, are copied.
func (h *Hasher) piece(b []byte, i int) {
	h.sha.Reset()
	h.sha.Write(contentPrefix)
	h.sha.Write(b[i*pieceSize : min((i+1)*pieceSize, len(b))])
	h.sha.Sum(h.leaves[i][:0])
}

// contentPrefix goes before each piece.
var contentPrefix = []byte{contentTree.leafByte}

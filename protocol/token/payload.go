package token

import (
	"crypto/sha256"
	"fmt"
	"slices"
)

// pieceSize is how many bytes of a payload one leaf of its tree covers.
const pieceSize = 16 << 10

// A Payload is the bytes of a segment and their content id. It never changes
// and may be shared between goroutines: the bytes of a segment exist once
// however many nodes hold it.
type Payload struct {
	b  []byte
	id ID
}

// NewPayload takes the bytes over, which must not change any more, and
// computes their content id, at one to two gigabytes per second and core.
func NewPayload(b []byte) *Payload {
	return &Payload{b: b, id: contentID(b)}
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

// contentID is the root over the pieces of b; for no bytes the SHA-256 of
// nothing, as RFC 6962 has it.
func contentID(b []byte) ID {
	if len(b) == 0 {
		return sha256.Sum256(nil)
	}
	leaves := make([]ID, 0, (len(b)+pieceSize-1)/pieceSize)
	prefix := []byte{contentTree.leafByte}
	h := sha256.New()
	for piece := range slices.Chunk(b, pieceSize) {
		var id ID
		h.Reset()
		h.Write(prefix)
		h.Write(piece)
		h.Sum(id[:0])
		leaves = append(leaves, id)
	}
	return contentTree.root(leaves, nil)
}

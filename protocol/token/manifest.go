package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"
)

// MaxEntries is the most entries of a head: with a slot a second, 136 years.
const MaxEntries = math.MaxUint32

// A Manifest is the append-only list of a stream's slots, as the publisher of a
// live stream or a viewer who follows it keeps it: a Merkle tree of RFC 6962,
// of which it holds no more than 32 hashes. An [Archive] holds all of it.
type Manifest struct {
	stream uint64
	next   uint64 // the least slot number that may follow
	log    log
}

// NewManifest is an empty manifest of a stream.
func NewManifest(stream uint64) *Manifest { return &Manifest{stream: stream} }

// Append adds the entry of the next slot. An error says what is wrong with it;
// slots that are left out are gaps, but none comes twice or late.
func (m *Manifest) Append(e *Entry) error {
	_, err := m.add(e)
	return err
}

// add is Append and the leaf that was appended.
func (m *Manifest) add(e *Entry) (ID, error) {
	if err := e.check(); err != nil {
		return ID{}, fmt.Errorf("token: slot %d: an entry with %w", e.Seq, err)
	}
	if uint64(e.Seq) < m.next {
		return ID{}, fmt.Errorf("token: slot %d after slot %d: the slots of a manifest only rise", e.Seq, m.next-1)
	}
	m.next = uint64(e.Seq) + 1
	leaf := e.leaf()
	m.log.append(leaf)
	return leaf, nil
}

// leaf is the entry's leaf in the manifest's tree.
func (e *Entry) leaf() ID { return entryTree.leaf(AppendEntry(nil, e)) }

// Size is the number of entries.
func (m *Manifest) Size() int { return m.log.size }

// Root is the root over all entries. It panics if there is none.
func (m *Manifest) Root() ID { return m.log.root() }

// Head signs what the manifest has now. It panics if it has nothing.
func (m *Manifest) Head(key ed25519.PrivateKey) *Head {
	h := &Head{Stream: m.stream, Size: m.Size(), Root: m.Root()}
	copy(h.Sig[:], ed25519.Sign(key, h.statement()))
	return h
}

// A Head is the publisher's word for the first Size entries of its manifest.
// Two heads of one stream and size with different roots, or two heads without a
// proof of consistency, show that the publisher told two stories.
type Head struct {
	Stream uint64
	Size   int // number of entries; 1 <= Size <= MaxEntries
	Root   ID
	Sig    [64]byte // Ed25519, over the statement of the head
}

// headTag keeps the signature from being taken for one over a slot.
const headTag = "kinetoscope head 1\n"

func (h *Head) statement() []byte {
	b := make([]byte, 0, len(headTag)+8+4+len(h.Root))
	b = append(b, headTag...)
	b = binary.BigEndian.AppendUint64(b, h.Stream)
	b = binary.BigEndian.AppendUint32(b, uint32(h.Size))
	return append(b, h.Root[:]...)
}

// Check reports whether the owner of key signed the head: ErrSignature if not.
func (h *Head) Check(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || h.Size < 1 || h.Size > MaxEntries || !ed25519.Verify(key, h.statement(), h.Sig[:]) {
		return fmt.Errorf("%w: a head of %d entries", ErrSignature, h.Size)
	}
	return nil
}

// MaxHeadSize is the most bytes that AppendHead appends.
const MaxHeadSize = 1 + 10 + 5 + len(ID{}) + ed25519.SignatureSize

// AppendHead appends the wire form of h.
func AppendHead(b []byte, h *Head) []byte {
	b = append(b, version)
	b = binary.AppendUvarint(b, h.Stream)
	b = binary.AppendUvarint(b, uint64(h.Size))
	b = append(b, h.Root[:]...)
	return append(b, h.Sig[:]...)
}

// ParseHead reads one head from the front of b and says how many bytes it
// took. An error matches ErrFormat and names the place.
func ParseHead(b []byte) (*Head, int, error) {
	r := reader{b: b}
	r.version()
	h := &Head{Stream: r.uvarint("stream", math.MaxUint64)}
	h.Size = int(r.some("number of entries", MaxEntries))
	r.fixed("root", h.Root[:])
	r.fixed("signature", h.Sig[:])
	if r.err != nil {
		return nil, 0, r.err
	}
	return h, r.at, nil
}

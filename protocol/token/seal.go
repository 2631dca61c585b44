package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A Secret is what the publisher of a sealed stream keeps: the keys of all of
// its tokens follow from it. 32 bytes of true chance.
type Secret [32]byte

// A TokenKey opens one token. The publisher grants it after payment.
type TokenKey [32]byte

// SealOverhead is how many bytes a sealed payload is longer than what is in it:
// the commitment to the key, the nonce and the tag.
const SealOverhead = sha256.Size + nonceSize + tagSize

const (
	nonceSize = 12
	tagSize   = 16
)

// The first words of what is derived, so that no two derivations meet.
const (
	keyTag    = "kinetoscope key 1\n"
	nonceTag  = "kinetoscope nonce 1\n"
	commitTag = "kinetoscope commitment 1\n"
)

// place is what a key is for, after the tag of what is derived.
func place(tag string, stream uint64, seq uint32, rendition uint8) []byte {
	b := append([]byte(nil), tag...)
	b = binary.BigEndian.AppendUint64(b, stream)
	b = binary.BigEndian.AppendUint32(b, seq)
	return append(b, rendition)
}

// TokenKey is the key of one token: HKDF-SHA-256 (RFC 5869) of the secret. The
// publisher derives it again whenever it grants it and stores none.
func (s *Secret) TokenKey(stream uint64, seq uint32, rendition uint8) (k TokenKey) {
	s.derive(k[:], place(keyTag, stream, seq, rendition))
	return k
}

func (s *Secret) derive(to, about []byte) {
	b, err := hkdf.Key(sha256.New, s[:], nil, string(about), len(to))
	if err != nil {
		panic(fmt.Sprintf("token: deriving %d bytes: %v", len(to), err)) // far below the limit of RFC 5869
	}
	copy(to, b)
}

// commitment is what a sealed payload begins with. It ties the payload to one
// key: no other opens it to other bytes, and anyone who sees the first piece of
// the payload can tell whether a key that was granted is the right one.
func (k *TokenKey) commitment() [sha256.Size]byte {
	return sha256.Sum256(append([]byte(commitTag), k[:]...))
}

// cipher is AES-256-GCM under the key.
func (k *TokenKey) cipher() cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(fmt.Sprintf("token: AES with a key of %d bytes: %v", len(k), err))
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(fmt.Sprintf("token: GCM: %v", err))
	}
	return aead
}

// SealPayload encrypts p for the place that h names by stream, slot and
// rendition, and returns h with the flag Sealed and the payload to sign under
// it. The same payload at the same place gives the same bytes, so that a
// sealed token is content-addressed like any other and checked by those who
// have no key. The nonce follows from the secret, the place and p's content id:
// a place that is sealed again with other content has another nonce.
//
// Equal payloads of two publishers, or at two places of one stream, are not
// equal once sealed: sealing gives deduplication up. An error says that p is
// empty or too large, or that h is sealed already.
func SealPayload(s *Secret, h Header, p *Payload) (Header, *Payload, error) {
	if h.Flags&Sealed != 0 {
		return Header{}, nil, fmt.Errorf("token: slot %d, rendition %d is sealed already", h.Seq, h.Rendition)
	}
	if p.Len() < 1 || p.Len() > MaxSize-SealOverhead {
		return Header{}, nil, fmt.Errorf("token: sealing %d bytes: allowed are 1 to %d", p.Len(), MaxSize-SealOverhead)
	}
	key := s.TokenKey(h.Stream, h.Seq, h.Rendition)
	id := p.ID()
	var nonce [nonceSize]byte
	s.derive(nonce[:], append(place(nonceTag, h.Stream, h.Seq, h.Rendition), id[:]...))
	commitment := key.commitment()
	b := make([]byte, 0, p.Len()+SealOverhead)
	b = append(append(b, commitment[:]...), nonce[:]...)
	b = key.cipher().Seal(b, nonce[:], p.Bytes(), nil)
	h.Flags |= Sealed
	return h, NewPayload(b), nil
}

// Open is the payload that was sealed in t, which was checked. An error, which
// matches ErrKey, says that the key is another token's, that a byte was changed
// or that nothing is sealed here.
func (t *Token) Open(k *TokenKey) (*Payload, error) {
	if t.Flags&Sealed == 0 || t.Payload == nil || t.Payload.Len() <= SealOverhead {
		return nil, fmt.Errorf("%w: slot %d, rendition %d is not sealed", ErrKey, t.Seq, t.Rendition)
	}
	b := t.Payload.Bytes()
	commitment, nonce, sealed := b[:sha256.Size], b[sha256.Size:][:nonceSize], b[sha256.Size+nonceSize:]
	if k.commitment() != [sha256.Size]byte(commitment) {
		return nil, fmt.Errorf("%w: slot %d, rendition %d was sealed with another", ErrKey, t.Seq, t.Rendition)
	}
	open, err := k.cipher().Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: slot %d, rendition %d: %w", ErrKey, t.Seq, t.Rendition, err)
	}
	return NewPayload(open), nil
}

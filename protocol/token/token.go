// Package token names, signs, seals and checks segments.
//
// A token is a small signed header and the payload that it names. The payload
// is named by its content: two publishers who cut the same pictures get the
// same [ID]. The publisher signs once per slot, which is one segment of every
// rendition: the signature covers the root of a Merkle tree over the slot's
// headers, and every token carries its path to that root.
//
// A [RangeProof] shows that a part of a payload is right before the rest is
// there. A [Manifest] is the append-only list of a stream's slots with what was
// lost, guessed and mended in each; an [Archive] of it proves single segments
// and that nothing was taken back. [SealPayload] encrypts a payload under a key
// that is granted after payment. Every wire form is described byte by byte in
// docs/reference/token.md, and every choice in docs/explanation/tokens.md.
//
// What it leaves out: what a payload means (protocol/media cuts it), where it
// is kept (protocol/storage), who may publish a stream, and how keys are paid
// for.
package token

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"kinetoscope/internal/unit"
)

// Limits of one token. Sign refuses to pass them and ParseHeader to read
// beyond them, so that a peer cannot make a reader reserve more.
const (
	MaxRenditions = 64            // tokens of one slot
	MaxSize       = 64 << 20      // bytes of a payload
	MaxDuration   = 1 * time.Hour // play time of a payload
)

// Errors of Check and of parsing. They say what a peer did wrong; a caller
// counts them and goes on. All are matched with errors.Is.
var (
	ErrFormat    = errors.New("token: malformed bytes")
	ErrProof     = errors.New("token: the Merkle path does not fit")
	ErrSignature = errors.New("token: the publisher did not sign this")
	ErrSize      = errors.New("token: the payload has another size than the header says")
	ErrContent   = errors.New("token: the payload has another content id than the header says")
	ErrManifest  = errors.New("token: the manifest says otherwise")
	ErrKey       = errors.New("token: the key does not open this payload")
	ErrRange     = errors.New("token: there is no such range")
)

// Flags say what is known about a segment.
type Flags uint8

// The flags of a segment. The wire form uses the bit that is free for its own.
const (
	Independent Flags = 1 << 0 // starts at a closed keyframe, so that it decodes alone
	Guessed     Flags = 1 << 1 // its times are guessed, not read from the source
	Opaque      Flags = 1 << 2 // its bytes could not be parsed to samples
	Break       Flags = 1 << 4 // clock, codec or configuration change before it: a decoder is reset
	Damaged     Flags = 1 << 5 // samples were lost before or are broken in it
	Undecodable Flags = 1 << 6 // no viewer can show it: encrypted by its source, unknown codec, no key picture in reach
	Sealed      Flags = 1 << 7 // the payload is encrypted by the publisher, who grants the key after payment

	allFlags = ^Flags(configFlag)
)

// Billable reports whether a viewer owes money for the segment: for whatever
// can be shown, and for a piece of an opaque file that was asked for as such,
// but not for what turned undecodable in the middle of a stream.
func (f Flags) Billable() bool { return f&Undecodable == 0 }

// A ConfigID names the record that a decoder needs before the samples: the
// first eight bytes of the record's SHA-256. Zero means that there is none.
// It only has to tell the few records of one publisher apart, which signs it.
type ConfigID [8]byte

// A Header is what a token says about its payload.
type Header struct {
	Stream     uint64        // chosen by the publisher
	Seq        uint32        // slot number within the stream
	Rendition  uint8         // index in the ladder; 0 <= Rendition < Renditions
	Renditions uint8         // how many tokens the slot has, at most MaxRenditions
	Flags      Flags         //
	Duration   time.Duration // play time in whole microseconds; zero if unknown
	Size       unit.Size     // bytes of the payload; 1 <= Size <= MaxSize
	Config     ConfigID      //
	Content    ID            // of the payload
}

// A Token is a signed header and, once it has arrived, its payload. It is not
// changed after it was made and may be shared between goroutines.
type Token struct {
	Header
	Proof   []ID     // from the header's leaf up to the slot's root, lowest first
	Sig     [64]byte // Ed25519, over the statement of the slot
	Payload *Payload // nil: only the header is here

	seen atomic.Pointer[verdict]
}

// A verdict remembers whether a signature held, and everything the answer
// depends on: it cannot speak for a token that was changed since.
type verdict struct {
	key    [ed25519.PublicKeySize]byte
	header Header
	proof  []ID
	sig    [64]byte
	err    error
}

// Sign makes the tokens of one slot: headers[i] describes payloads[i] in
// rendition i. All headers name the same stream and slot. Sign sets
// Renditions, Size and Content, rounds Duration to the nearest microsecond,
// and signs once. An error says which header is wrong.
func Sign(key ed25519.PrivateKey, headers []Header, payloads []*Payload) ([]*Token, error) {
	if len(headers) != len(payloads) || len(headers) == 0 || len(headers) > MaxRenditions {
		return nil, fmt.Errorf("token: a slot has %d headers and %d payloads: as many of each, and 1 to %d",
			len(headers), len(payloads), MaxRenditions)
	}
	tokens := make([]*Token, len(headers))
	leaves := make([]ID, len(headers))
	paths := make([][]ID, len(headers))
	for i, h := range headers {
		if payloads[i] == nil {
			return nil, fmt.Errorf("token: header %d has no payload", i)
		}
		h.Renditions = uint8(len(headers))
		h.Size = unit.Size(payloads[i].Len())
		h.Content = payloads[i].ID()
		h.Duration = h.Duration.Round(time.Microsecond)
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("token: header %d: %w", i, err)
		}
		if h.Stream != headers[0].Stream || h.Seq != headers[0].Seq || int(h.Rendition) != i {
			return nil, fmt.Errorf("token: header %d is stream %d, slot %d, rendition %d: the slot is stream %d, slot %d, and renditions count from 0",
				i, h.Stream, h.Seq, h.Rendition, headers[0].Stream, headers[0].Seq)
		}
		tokens[i] = &Token{Header: h, Payload: payloads[i]}
		leaves[i] = h.leaf()
	}
	root := headerTree.root(leaves, paths)
	sig := ed25519.Sign(key, tokens[0].statement(root))
	for i, t := range tokens {
		t.Proof = paths[i]
		copy(t.Sig[:], sig)
	}
	return tokens, nil
}

// check says which field of a header is out of its range.
func (h *Header) check() error {
	switch {
	case h.Renditions < 1 || h.Renditions > MaxRenditions:
		return fmt.Errorf("%d renditions: a slot has 1 to %d", h.Renditions, MaxRenditions)
	case h.Rendition >= h.Renditions:
		return fmt.Errorf("rendition %d of %d: they count from 0", h.Rendition, h.Renditions)
	case h.Flags&^allFlags != 0:
		return fmt.Errorf("unknown flags %#02x: known are %#02x", uint8(h.Flags&^allFlags), uint8(allFlags))
	case h.Duration < 0 || h.Duration > MaxDuration:
		return fmt.Errorf("a duration of %v: allowed are 0 to %v", h.Duration, MaxDuration)
	case h.Duration%time.Microsecond != 0:
		return fmt.Errorf("a duration of %v: the wire form has whole microseconds", h.Duration)
	case h.Size < 1 || h.Size > MaxSize:
		return fmt.Errorf("a payload of %v: allowed are 1B to %v", h.Size, unit.Size(MaxSize))
	}
	return nil
}

// With is a token of the same header, proof and signature with payload p: what
// a receiver makes of a header and the bytes that followed.
func (t *Token) With(p *Payload) *Token {
	w := &Token{Header: t.Header, Proof: t.Proof, Sig: t.Sig, Payload: p}
	w.seen.Store(t.seen.Load())
	return w
}

// Check reports whether the publisher who owns key signed exactly this token:
// ErrContent, ErrSize, ErrProof or ErrSignature say what is wrong. A token
// without its payload fails with ErrContent; see CheckHeader.
//
// The costly part is done once per token and key however often and from
// however many goroutines Check is called: it is a pure function of bytes
// that do not change. A caller that models a receiver's cost charges it anew.
func (t *Token) Check(key ed25519.PublicKey) error {
	switch {
	case t.Payload == nil:
		return fmt.Errorf("%w: there is no payload", ErrContent)
	case unit.Size(t.Payload.Len()) != t.Size:
		return fmt.Errorf("%w: %d bytes instead of %d", ErrSize, t.Payload.Len(), int64(t.Size))
	case t.Payload.ID() != t.Content:
		return ErrContent
	}
	return t.CheckHeader(key)
}

// CheckHeader is Check without the payload: it tells whether a header is worth
// fetching the payload for.
func (t *Token) CheckHeader(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: the key has %d bytes instead of %d", ErrSignature, len(key), ed25519.PublicKeySize)
	}
	if v := t.seen.Load(); v != nil && v.covers(t, key) {
		return v.err
	}
	v := &verdict{header: t.Header, proof: slices.Clone(t.Proof), sig: t.Sig, err: t.verify(key)}
	copy(v.key[:], key)
	t.seen.Store(v)
	return v.err
}

// covers reports whether v was reached for exactly this token and key.
func (v *verdict) covers(t *Token, key ed25519.PublicKey) bool {
	return bytes.Equal(v.key[:], key) && v.sig == t.Sig && v.header == t.Header && slices.Equal(v.proof, t.Proof)
}

func (t *Token) verify(key ed25519.PublicKey) error {
	root, err := t.Root()
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, t.statement(root), t.Sig[:]) {
		return ErrSignature
	}
	return nil
}

// Root is the root of the slot's headers, to which the token's path leads.
// Whether the publisher signed it, Check and a manifest tell. An error matches
// ErrProof; there is none for a token that Sign made.
func (t *Token) Root() (ID, error) {
	if err := t.check(); err != nil {
		return ID{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	root, ok := headerTree.climb(t.leaf(), int(t.Rendition), int(t.Renditions), t.Proof)
	if !ok {
		return ID{}, fmt.Errorf("%w: %d steps instead of %d for rendition %d of %d",
			ErrProof, len(t.Proof), pathLen(int(t.Rendition), int(t.Renditions)), t.Rendition, t.Renditions)
	}
	return root, nil
}

// leaf is the header's leaf in the slot's tree.
func (h *Header) leaf() ID {
	var b [MaxHeaderSize]byte
	return headerTree.leaf(h.append(b[:0]))
}

// statementTag keeps the signature from being taken for one over anything
// else that the same key signs.
const statementTag = "kinetoscope slot 1\n"

// statement is the message that the publisher signs: the tag, stream, slot,
// number of renditions and root, all of fixed size.
func (h *Header) statement(root ID) []byte {
	b := make([]byte, 0, len(statementTag)+8+4+1+len(root))
	b = append(b, statementTag...)
	b = binary.BigEndian.AppendUint64(b, h.Stream)
	b = binary.BigEndian.AppendUint32(b, h.Seq)
	b = append(b, h.Renditions)
	return append(b, root[:]...)
}

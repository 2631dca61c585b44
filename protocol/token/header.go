package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"time"

	"kinetoscope/internal/unit"
)

// version is the first byte of every header. It changes with any change of
// the wire form that a reader of the older form would not refuse.
const version = 1

// configFlag is set in the wire form's flags byte where a config id follows.
// No bit of the byte is left over.
const configFlag = 1 << 3

// MaxHeaderSize is the most bytes that a header takes: every varint at its
// longest and the path of a slot of MaxRenditions.
const MaxHeaderSize = 2 + 10 + 5 + 2 + 5 + 4 + len(ConfigID{}) + len(ID{}) + maxPath*len(ID{}) + ed25519.SignatureSize

// maxPath is the number of steps in the longest path.
const maxPath = 6 // log2 of MaxRenditions

// AppendHeader appends the wire form of t without its payload. Parsing it
// gives the same header, proof and signature, for every token that Sign made.
func AppendHeader(b []byte, t *Token) []byte {
	b = appendPath(t.Header.append(b), t.Proof)
	return append(b, t.Sig[:]...)
}

func appendPath(b []byte, path []ID) []byte {
	for i := range path {
		b = append(b, path[i][:]...)
	}
	return b
}

// append appends the part of the wire form that a leaf covers.
func (h *Header) append(b []byte) []byte {
	flags := byte(h.Flags)
	if h.Config != (ConfigID{}) {
		flags |= configFlag
	}
	b = append(b, version, flags)
	b = binary.AppendUvarint(b, h.Stream)
	b = binary.AppendUvarint(b, uint64(h.Seq))
	b = append(b, h.Rendition, h.Renditions)
	b = binary.AppendUvarint(b, uint64(h.Duration/time.Microsecond))
	b = binary.AppendUvarint(b, uint64(h.Size))
	if flags&configFlag != 0 {
		b = append(b, h.Config[:]...)
	}
	return append(b, h.Content[:]...)
}

// HeaderSize is how many bytes AppendHeader appends.
func (t *Token) HeaderSize() int {
	n := 2 + uvarintLen(t.Stream) + uvarintLen(uint64(t.Seq)) + 2 +
		uvarintLen(uint64(t.Duration/time.Microsecond)) + uvarintLen(uint64(t.Size)) +
		len(t.Content) + len(t.Proof)*len(ID{}) + len(t.Sig)
	if t.Config != (ConfigID{}) {
		n += len(t.Config)
	}
	return n
}

// uvarintLen is a seventh of the bits, rounded up; 9/64 and one are the same for so few.
func uvarintLen(x uint64) int { return int((9*uint(bits.Len64(x|1)) + 64) / 64) }

// ParseHeader reads one header from the front of b and says how many bytes it
// took; what follows, if anything, is the caller's. A header has exactly one
// wire form: anything else is refused with an error that matches ErrFormat and
// names the place. The token refers to no byte of b and has no payload.
func ParseHeader(b []byte) (*Token, int, error) {
	r := reader{b: b}
	t := &Token{}
	r.version()
	flags := r.byte("flags")
	t.Flags = Flags(flags) & allFlags
	t.Stream = r.uvarint("stream", math.MaxUint64)
	t.Seq = uint32(r.uvarint("slot", math.MaxUint32))
	t.Rendition = r.byte("rendition")
	t.Renditions = r.byte("number of renditions")
	t.Duration = time.Duration(r.uvarint("duration", uint64(MaxDuration/time.Microsecond))) * time.Microsecond
	t.Size = unit.Size(r.uvarint("size", MaxSize))
	if flags&configFlag != 0 {
		r.fixed("config id", t.Config[:])
		if r.err == nil && t.Config == (ConfigID{}) {
			r.fail("config id", "is zero: a header without one leaves it out")
		}
	}
	r.fixed("content id", t.Content[:])
	if r.err == nil {
		if err := t.check(); err != nil {
			r.fail("header", "has "+err.Error())
		}
	}
	if r.err == nil {
		t.Proof = r.path(pathLen(int(t.Rendition), int(t.Renditions)))
	}
	r.fixed("signature", t.Sig[:])
	if r.err != nil {
		return nil, 0, r.err
	}
	return t, r.at, nil
}

// Append appends the wire form of t with its payload: the header and the
// payload's bytes.
func Append(b []byte, t *Token) []byte {
	return append(AppendHeader(b, t), t.Payload.Bytes()...)
}

// Parse reads a header and its payload, which must take all of b; it does not
// check the signature. The payload refers to b, which must not change any
// more. An error matches ErrFormat or ErrSize.
func Parse(b []byte) (*Token, error) {
	t, n, err := ParseHeader(b)
	if err != nil {
		return nil, err
	}
	if rest := len(b) - n; unit.Size(rest) != t.Size {
		return nil, fmt.Errorf("%w: %d bytes follow the header instead of %d", ErrSize, rest, int64(t.Size))
	}
	t.Payload = NewPayload(b[n:])
	return t, nil
}

// A reader takes fields off the front of bytes and keeps the first error,
// after which every field reads as zero.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(field, what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: byte %d: %s %s", ErrFormat, r.at, field, what)
	}
}

func (r *reader) version() {
	if v := r.byte("version"); r.err == nil && v != version {
		r.fail("version", fmt.Sprintf("is %d: known is %d", v, version))
	}
}

func (r *reader) byte(field string) byte {
	var one [1]byte
	r.fixed(field, one[:])
	return one[0]
}

func (r *reader) fixed(field string, to []byte) {
	if r.err == nil && len(r.b)-r.at < len(to) {
		r.fail(field, fmt.Sprintf("is cut off: %d of %d bytes", len(r.b)-r.at, len(to)))
	}
	if r.err != nil {
		return
	}
	r.at += copy(to, r.b[r.at:])
}

// path reads n hashes. It reserves no more than what is there.
func (r *reader) path(n int) []ID {
	if need := n * len(ID{}); r.err == nil && len(r.b)-r.at < need {
		r.fail("path", fmt.Sprintf("is cut off: %d of %d bytes", len(r.b)-r.at, need))
	}
	if r.err != nil || n == 0 {
		return nil
	}
	path := make([]ID, n)
	for i := range path {
		r.fixed("path", path[i][:])
	}
	return path
}

// uvarint reads a varint in its shortest form.
func (r *reader) uvarint(field string, most uint64) uint64 {
	if r.err != nil {
		return 0
	}
	x, n := binary.Uvarint(r.b[r.at:])
	switch {
	case n == 0:
		r.fail(field, "is cut off")
	case n < 0:
		r.fail(field, "has more than 64 bits")
	case n > 1 && r.b[r.at+n-1] == 0:
		r.fail(field, "is not in its shortest form")
	case x > most:
		r.fail(field, fmt.Sprintf("is %d: the most is %d", x, most))
	}
	if r.err != nil {
		return 0
	}
	r.at += n
	return x
}

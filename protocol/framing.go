package protocol

import (
	"math/bits"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/token"
)

// Wire is what m takes on the wire in the form that the scenario asks for, and how much
// of that is token headers. In the form that is executed it is m's own Size.
func (s *Stream) Wire(m *Message) (all, headers unit.Size) {
	own := m.HeaderBytes()
	all = m.size(own)
	if m.Token == nil || s.executed {
		return all, own
	}
	n := len(m.Bytes)
	if m.Kind != Part {
		n = m.Token.Payload.Len()
	}
	headers = unit.Size(s.Tokens.headers(m.Token, n))
	return all - own + headers, headers
}

// HeaderBytes is how much of Size is token header.
func (m *Message) HeaderBytes() unit.Size {
	if m.Token == nil {
		return 0
	}
	return unit.Size(m.Token.HeaderSize())
}

// headers is how many bytes of header go with n bytes of t's payload or of one
// of its shards: a header for each fragment or, if there is but one, the
// segment's alone.
func (c *TokenConfig) headers(t *token.Token, n int) int {
	count := c.fragments(n)
	switch {
	case c.Executed():
		return t.HeaderSize()
	case c.Header != 0:
		return count * int(c.Header)
	case count == 1:
		return c.segmentHeader(t, 0)
	}
	total := c.segmentHeader(t, count)
	for i := range count {
		total += c.fragmentHeader(t, i, count)
	}
	return total
}

// segmentHeader is the size of the header of a segment in that many fragments,
// 0 if it is not cut. A segment that is signed by itself needs no path, one
// that is cut names its fragments' size.
func (c *TokenConfig) segmentHeader(t *token.Token, fragments int) int {
	z := sizer{encoding: c.Encoding}
	z.number("version", 1)
	z.number("stream", t.Stream)
	z.number("seq", uint64(t.Seq))
	z.number("rendition", uint64(t.Rendition))
	z.number("renditions", uint64(t.Renditions))
	z.number("flags", uint64(t.Flags))
	z.number("duration_us", uint64(t.Duration/time.Microsecond))
	z.number("size", uint64(t.Size))
	if t.Config != (token.ConfigID{}) {
		z.bytes("config", len(t.Config))
	}
	z.bytes("content", len(t.Content))
	if fragments > 0 {
		z.number("fragment", uint64(c.Fragment))
	}
	if fragments > 0 && c.Proof == ByList {
		z.list("hashes", fragments, len(t.Content))
	}
	if c.Proof != BySignature {
		z.list("path", len(t.Proof), len(token.ID{}))
	}
	z.bytes("sig", len(t.Sig))
	return z.size()
}

// fragmentHeader is the size of the header of fragment i of count.
func (c *TokenConfig) fragmentHeader(t *token.Token, i, count int) int {
	z := sizer{encoding: c.Encoding}
	z.number("version", 1)
	z.number("stream", t.Stream)
	z.number("seq", uint64(t.Seq))
	z.number("rendition", uint64(t.Rendition))
	z.number("index", uint64(i))
	switch c.Proof {
	case BySignature:
		z.bytes("sig", len(t.Sig))
	case ByList:
	default:
		z.list("path", steps(i, count), len(token.ID{}))
	}
	return z.size()
}

// steps is the length of the path from the leaf at index of count in a tree of
// RFC 6962, section 2.1.
func steps(index, count int) int {
	n := 0
	for ; count > 1; n++ {
		left := 1 << (bits.Len(uint(count-1)) - 1)
		if index < left {
			count = left
		} else {
			index, count = index-left, count-left
		}
	}
	return n
}

// A sizer adds up what a header takes in one encoding. The binary form writes
// every number; the others, which name their fields, leave out what is zero or
// empty.
type sizer struct {
	encoding Encoding
	fields   int
	n        int
}

func (z *sizer) number(name string, x uint64) {
	switch z.encoding {
	case CBOR, Protobuf, JSON:
		if x == 0 {
			return
		}
	}
	z.field(name)
	switch z.encoding {
	case CBOR:
		z.n += cborHead(x)
	case JSON:
		z.n += decimals(x)
	default:
		z.n += uvarintLen(x)
	}
}

func (z *sizer) bytes(name string, n int) {
	z.field(name)
	z.n += z.item(n)
}

// list is count strings of n bytes each.
func (z *sizer) list(name string, count, n int) {
	if count == 0 {
		return
	}
	z.n += count * z.item(n)
	switch z.encoding {
	case Protobuf: // every entry has its tag
		z.n += count
		return
	case CBOR:
		z.n += cborHead(uint64(count))
	case JSON:
		z.n += len("[]") + (count - 1)
	}
	z.field(name)
}

// field is what stands in front of a value: a CBOR key or a Protocol Buffers
// tag of one byte, a JSON name with quotes and colon.
func (z *sizer) field(name string) {
	z.fields++
	switch z.encoding {
	case CBOR, Protobuf:
		z.n++
	case JSON:
		z.n += len(name) + len(`"":`)
	}
}

// item is a string of n bytes with what says how long it is.
func (z *sizer) item(n int) int {
	switch z.encoding {
	case CBOR:
		return cborHead(uint64(n)) + n
	case Protobuf:
		return uvarintLen(uint64(n)) + n
	case JSON:
		return len(`""`) + (n+2)/3*4
	}
	return n
}

// size is the whole: CBOR says how many fields there are, JSON puts braces
// around them and commas between.
func (z *sizer) size() int {
	switch z.encoding {
	case CBOR:
		return cborHead(uint64(z.fields)) + z.n
	case JSON:
		return len("{}") + z.n + max(0, z.fields-1)
	}
	return z.n
}

// cborHead is the size of an initial byte and its argument: RFC 8949, section 3.
func cborHead(x uint64) int {
	switch {
	case x < 24:
		return 1
	case x < 1<<8:
		return 2
	case x < 1<<16:
		return 3
	case x < 1<<32:
		return 5
	}
	return 9
}

// decimals is the number of digits of x.
func decimals(x uint64) int {
	n := 1
	for ; x >= 10; x /= 10 {
		n++
	}
	return n
}

// uvarintLen is a seventh of the bits, rounded up; 9/64 and one are the same for so few.
func uvarintLen(v uint64) int { return int((9*uint(bits.Len64(v|1)) + 64) / 64) }

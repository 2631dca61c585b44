package tcp

import (
	"encoding/binary"
	"errors"
)

// A Seq is a position in the bytes of one direction, modulo 2^32. Positions
// are compared as if they were less than 2^31 apart: RFC 9293, 3.4.
type Seq uint32

// Before says whether s comes before o.
func (s Seq) Before(o Seq) bool { return int32(s-o) < 0 }

// Plus is the position n bytes on.
func (s Seq) Plus(n int) Seq { return s + Seq(uint32(n)) }

// Minus is how many bytes s lies after o.
func (s Seq) Minus(o Seq) int { return int(int32(s - o)) }

// Flags are the control bits of a segment.
type Flags uint8

// The flags that are used.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// A Segment is what TCP sends: RFC 9293, 3.1.
type Segment struct {
	Source, Destination uint16 // ports
	Seq, Ack            Seq
	Flags               Flags
	Window              uint16
	Options             Options
	Data                []byte
}

// Options are those that are understood. Others are skipped.
type Options struct {
	MSS    uint16  // largest segment that the sender takes; 0: not said
	Scale  int8    // shift of the sender's windows plus one; 0: not said
	SACK   bool    // the sender understands Blocks
	Blocks []Block // what has arrived beyond Ack; at most maxBlocks
}

// A Block is bytes from one position up to another.
type Block struct{ From, To Seq }

// HeaderSize is what TCP adds to data, without options.
const HeaderSize = 20

const (
	maxBlocks = 4
	maxScale  = 14 // RFC 7323, 2.3

	optionEnd, optionNone, optionMSS, optionScale, optionPermitted, optionSACK = 0, 1, 2, 3, 4, 5
)

// ErrSegment says that bytes are not a segment.
var ErrSegment = errors.New("tcp: not a segment")

// Parse reads a segment. Its data are those of b. The checksum is not looked
// at: see Intact.
func Parse(b []byte) (s Segment, err error) {
	if len(b) < HeaderSize {
		return s, ErrSegment
	}
	size := int(b[12]>>4) * 4
	if size < HeaderSize || size > len(b) {
		return s, ErrSegment
	}
	be := binary.BigEndian
	s = Segment{Source: be.Uint16(b), Destination: be.Uint16(b[2:]), Seq: Seq(be.Uint32(b[4:])), Ack: Seq(be.Uint32(b[8:])),
		Flags: Flags(b[13]) & (FIN | SYN | RST | PSH | ACK), Window: be.Uint16(b[14:]), Data: b[size:]}
	return s, s.Options.parse(b[HeaderSize:size])
}

func (o *Options) parse(b []byte) error {
	for len(b) > 0 && b[0] != optionEnd {
		if b[0] == optionNone {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return ErrSegment
		}
		o.read(b[0], b[2:b[1]])
		b = b[b[1]:]
	}
	return nil
}

// read takes one option. One that has another length than it must is skipped.
func (o *Options) read(kind byte, b []byte) {
	be := binary.BigEndian
	switch {
	case kind == optionMSS && len(b) == 2:
		o.MSS = be.Uint16(b)
	case kind == optionScale && len(b) == 1:
		o.Scale = int8(min(b[0], maxScale)) + 1
	case kind == optionPermitted && len(b) == 0:
		o.SACK = true
	case kind == optionSACK && len(b)%8 == 0:
		for ; len(b) > 0 && len(o.Blocks) < maxBlocks; b = b[8:] {
			o.Blocks = append(o.Blocks, Block{Seq(be.Uint32(b)), Seq(be.Uint32(b[4:]))})
		}
	}
}

// Append adds the bytes of a segment to b, with a checksum of zero: see Seal.
func (s *Segment) Append(b []byte) []byte {
	start, be := len(b), binary.BigEndian
	b = be.AppendUint16(b, s.Source)
	b = be.AppendUint16(b, s.Destination)
	b = be.AppendUint32(b, uint32(s.Seq))
	b = be.AppendUint32(b, uint32(s.Ack))
	b = append(b, 0, byte(s.Flags))
	b = be.AppendUint16(b, s.Window)
	b = append(b, 0, 0, 0, 0)
	b = s.Options.append(b)
	b[start+12] = byte((len(b) - start) / 4 << 4)
	return append(b, s.Data...)
}

// append adds options, each filled up to words.
func (o *Options) append(b []byte) []byte {
	if o.MSS > 0 {
		b = append(b, optionMSS, 4, byte(o.MSS>>8), byte(o.MSS))
	}
	if o.Scale > 0 {
		b = append(b, optionNone, optionScale, 3, byte(o.Scale-1))
	}
	if o.SACK {
		b = append(b, optionNone, optionNone, optionPermitted, 2)
	}
	if n := len(o.Blocks); n > 0 {
		b = append(b, optionNone, optionNone, optionSACK, byte(2+8*n))
		for _, k := range o.Blocks {
			b = binary.BigEndian.AppendUint32(b, uint32(k.From))
			b = binary.BigEndian.AppendUint32(b, uint32(k.To))
		}
	}
	return b
}

// span is how many positions the segment takes: its data, SYN and FIN.
func (s *Segment) span() int {
	n := len(s.Data)
	if s.Flags&SYN != 0 {
		n++
	}
	if s.Flags&FIN != 0 {
		n++
	}
	return n
}

// Refuse is the answer to a segment that belongs to no connection: a reset, but
// none to a reset. RFC 9293, 3.10.7.1.
func Refuse(s *Segment) (answer Segment, ok bool) {
	if s.Flags&RST != 0 {
		return Segment{}, false
	}
	answer = Segment{Source: s.Destination, Destination: s.Source, Flags: RST}
	if s.Flags&ACK != 0 {
		answer.Seq = s.Ack
	} else {
		answer.Flags |= ACK
		answer.Ack = s.Seq.Plus(s.span())
	}
	return answer, true
}

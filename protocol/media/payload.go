package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"kinetoscope/protocol/demux"
)

// payloadVersion is the first byte of every payload and configuration record.
const payloadVersion = 1

// maxTracks is how many tracks a payload can have.
const maxTracks = 256

// A Part is what a segment carries of one track.
type Part struct {
	Clock   Clock
	Start   int64 // milliseconds from the start of the segment to step 0; may be negative
	Samples []Sample
}

// A Sample is one picture or sound as a payload carries it.
type Sample struct {
	Step    int64 // presentation, in steps of the part's clock; the first in decode order is 0
	Key     demux.Key
	Damaged bool   // some of its bytes are lost or wrong
	Bytes   []byte // what a decoder takes; H.264, H.265 and H.266 as NAL units behind four bytes of length
}

// Time is when sample i is presented, since the start of the segment.
func (p *Part) Time(i int) time.Duration {
	return time.Duration(p.Start*1000+p.Clock.micros(p.Samples[i].Step)) * time.Microsecond
}

// damagedBit marks a damaged sample in its flags, above the two bits of its key.
const damagedBit = 4

// EncodePayload writes the parts of one segment, one for each track in the
// order of the rendition's configuration record, with samples in decode order.
// The layout is in docs/reference/media.md; equal samples give equal bytes.
func EncodePayload(parts []Part) []byte { return encodePayload(nil, parts) }

// encodePayload writes them into room, if that is large enough.
func encodePayload(room []byte, parts []Part) []byte {
	size := 0
	for i := range parts {
		size += 20
		for j := range parts[i].Samples {
			size += len(parts[i].Samples[j].Bytes) + 8
		}
	}
	b := start(room, size, len(parts))
	for i := range parts {
		b = parts[i].append(b)
	}
	return b
}

// start begins a payload of that many tracks, in room or, if that is too small
// for size more bytes, in memory of its own.
func start(room []byte, size, tracks int) []byte {
	if size += 1 + binary.MaxVarintLen32; cap(room) < size {
		room = make([]byte, 0, size)
	}
	return binary.AppendUvarint(append(room[:0], payloadVersion), uint64(tracks))
}

func (p *Part) append(b []byte) []byte {
	return p.samples(p.head(b, len(p.Samples)), 0)
}

// head writes what comes before the samples, of which there are n.
func (p *Part) head(b []byte, n int) []byte {
	b = binary.AppendUvarint(b, uint64(n))
	if n == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(p.Clock.Num))
	b = binary.AppendUvarint(b, uint64(p.Clock.Den))
	return binary.AppendVarint(b, p.Start)
}

// samples writes those from i on.
func (p *Part) samples(b []byte, i int) []byte {
	for ; i < len(p.Samples); i++ {
		s := &p.Samples[i]
		flags := byte(s.Key)
		if s.Damaged {
			flags |= damagedBit
		}
		b = append(b, flags)
		if i > 0 {
			b = binary.AppendVarint(b, s.Step-p.Samples[i-1].Step)
		}
		b = binary.AppendUvarint(b, uint64(len(s.Bytes)))
		b = append(b, s.Bytes...)
	}
	return b
}

// DecodePayload reads what EncodePayload wrote. The samples share memory with
// b. Anything that EncodePayload would not have written is an error, so that
// one segment has one payload and one name.
func DecodePayload(b []byte) ([]Part, error) {
	r := reader{b: b}
	if v := r.byte(); v != payloadVersion {
		return nil, fmt.Errorf("payload: version %d, this program reads %d", v, payloadVersion)
	}
	var parts []Part
	for n := r.uvarint(); n > 0 && r.err == nil; n-- {
		if len(parts) == maxTracks {
			return nil, fmt.Errorf("payload: more than %d tracks", maxTracks)
		}
		parts = append(parts, r.part())
	}
	if r.err == nil && len(r.b) > 0 {
		r.fail(fmt.Errorf("%d bytes after the last sample", len(r.b)))
	}
	if r.err != nil {
		return nil, fmt.Errorf("payload: at byte %d: %w", len(b)-len(r.b), r.err)
	}
	return parts, nil
}

func (r *reader) part() (p Part) {
	left := r.uvarint()
	if left == 0 {
		return p
	}
	p.Clock = Clock{r.clock(), r.clock()}
	p.Start = r.varint()
	var last int64
	for i := 0; left > 0 && r.err == nil; left, i = left-1, i+1 {
		flags := r.byte()
		if flags > damagedBit|byte(demux.Gradual) {
			r.fail(errors.New("flags of which only the lowest three bits have a meaning"))
		}
		if i > 0 {
			last += r.varint()
		}
		size := r.uvarint()
		p.Samples = append(p.Samples, Sample{Step: last, Key: demux.Key(flags & 3), Damaged: flags&damagedBit != 0, Bytes: r.take(size)})
	}
	return p
}

// clock reads half of a clock.
func (r *reader) clock() uint32 {
	n := r.uvarint()
	if r.err == nil && (n < 1 || n > 1<<24) {
		r.fail(fmt.Errorf("a clock of %d, allowed are 1 to 2^24", n))
	}
	return uint32(min(max(n, 1), 1<<24))
}

// reader takes numbers and bytes off the front of b until the first error.
type reader struct {
	b   []byte
	err error
}

var errShort = errors.New("ends too early")

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail(errShort)
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// uvarint accepts only the shortest form of a number.
func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	switch {
	case n == 0:
		r.fail(errShort)
		return 0
	case n < 0 || n > 1 && r.b[n-1] == 0:
		r.fail(errors.New("a number in a longer form than needed"))
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail(errShort)
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

// appendConfig writes the configuration record of a segment: what a decoder
// needs before its first sample. The layout is in docs/reference/media.md.
func appendConfig(dst []byte, tracks []*lane) []byte {
	dst = append(dst, payloadVersion)
	dst = binary.AppendUvarint(dst, uint64(len(tracks)))
	for _, t := range tracks {
		c := t.codec
		dst = append(dst, byte(rank(t.track.Kind)))
		dst = binary.AppendUvarint(dst, uint64(len(c.Name)))
		dst = append(dst, c.Name...)
		for _, n := range []int{c.Width, c.Height, c.Rate, c.Channels, len(c.Record)} {
			dst = binary.AppendUvarint(dst, uint64(max(0, n)))
		}
		dst = append(dst, c.Record...)
	}
	return dst
}

package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// payloadVersion is the first byte of every payload and configuration record.
const payloadVersion = 1

// A Sample is one picture or sound as a payload carries it.
type Sample struct {
	Time  int64  // presentation, milliseconds since the start of the segment; may be negative
	Key   Key    //
	Bytes []byte // what a decoder takes; H.264, H.265 and H.266 as NAL units behind four bytes of length
}

// EncodePayload writes the samples of one segment, a list for each track in
// the order of the rendition's configuration record, each in decode order.
// The layout is in docs/reference/media.md; equal samples give equal bytes.
func EncodePayload(tracks [][]Sample) []byte {
	size := 1 + binary.MaxVarintLen32
	for _, t := range tracks {
		size += binary.MaxVarintLen32
		for i := range t {
			size += len(t[i].Bytes) + 8
		}
	}
	b := append(make([]byte, 0, size), payloadVersion)
	b = binary.AppendUvarint(b, uint64(len(tracks)))
	for _, t := range tracks {
		b = binary.AppendUvarint(b, uint64(len(t)))
		var last int64
		for i := range t {
			s := &t[i]
			b = binary.AppendUvarint(b, uint64(len(s.Bytes)))
			b = binary.AppendVarint(b, s.Time-last)
			b = append(b, byte(s.Key))
			b = append(b, s.Bytes...)
			last = s.Time
		}
	}
	return b
}

// DecodePayload reads what EncodePayload wrote. The samples share memory with
// b. Anything that EncodePayload would not have written is an error, so that
// one segment has one payload and one name.
func DecodePayload(b []byte) ([][]Sample, error) {
	r := reader{b: b}
	if v := r.byte(); v != payloadVersion {
		return nil, fmt.Errorf("payload: version %d, this program reads %d", v, payloadVersion)
	}
	var tracks [][]Sample
	for n := r.uvarint(); n > 0 && r.err == nil; n-- {
		if len(tracks) == maxTracks {
			return nil, fmt.Errorf("payload: more than %d tracks", maxTracks)
		}
		var samples []Sample
		var last int64
		for k := r.uvarint(); k > 0 && r.err == nil; k-- {
			size := r.uvarint()
			last += r.varint()
			key := r.byte()
			if key > byte(Gradual) {
				r.fail(errors.New("flags of which only the lowest two bits have a meaning"))
			}
			samples = append(samples, Sample{Time: last, Key: Key(key), Bytes: r.take(size)})
		}
		tracks = append(tracks, samples)
	}
	if r.err == nil && len(r.b) > 0 {
		r.fail(fmt.Errorf("%d bytes after the last sample", len(r.b)))
	}
	if r.err != nil {
		return nil, fmt.Errorf("payload: at byte %d: %w", len(b)-len(r.b), r.err)
	}
	return tracks, nil
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

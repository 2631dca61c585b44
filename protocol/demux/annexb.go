package demux

import (
	"encoding/binary"
	"iter"
)

// What the start-code reader mends.
const (
	lostUnit  = "NAL units with a wrong header, dropped"
	lostFront = "bytes before the first start code of a picture, skipped"
)

// nalCodec is the codec of pictures that come behind start codes, before their
// headers or parameter sets have been seen.
func nalCodec(f family) *Codec {
	switch f {
	case mpeg2:
		return &Codec{Name: "mp4v.61", family: f}
	case mpeg4:
		return &Codec{Name: "mp4v.20", family: f}
	}
	return &Codec{Name: f.code(), family: f, code: f.code(), prefix: 4}
}

// addUnits adds one access unit whose NAL units stand behind start codes (ITU-T
// H.264 annex B; the same in H.265 and H.266), or one picture of MPEG video.
// t.Codec must be a nalCodec or what became of it. What a payload leaves out is dropped here, so that the
// bytes are copied once.
func (m *Movie) addUnits(t *Track, s Sample) bool {
	f, b := t.Codec.family, s.Bytes
	if !f.units() {
		return m.add(t, s)
	}
	first := nextCode(b, 0)
	m.repair(lostFront, len(b[:first])-zerosBefore(b, first))
	kept, size := m.kept[:0], 0
	for unit := range unitsOf(b[first:]) {
		switch r := f.role(unit); {
		case len(unit) < f.header() || unit[0]&0x80 != 0:
			m.repair(lostUnit, 1)
			s.Flags |= Damaged
		case r == roleIdle || r == roleSet && t.decoder().has(unit):
		default:
			kept = append(kept, unit)
			size += 4 + len(unit)
		}
	}
	s.Bytes = make([]byte, 0, size) // exactly: filler may be most of a sample
	for _, unit := range kept {
		s.Bytes = append(be.AppendUint32(s.Bytes, uint32(len(unit))), unit...)
	}
	clear(kept)
	m.kept = kept
	return m.add(t, s)
}

// unitsOf yields the NAL units of p, which lie behind start codes, without the
// zeros behind each; what stands before the first start code is not one.
func unitsOf(p []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for at := nextCode(p, 0) + 3; at < len(p); {
			next := nextCode(p, at)
			if end := next - zerosBefore(p[at:], next-at); end > at && !yield(p[at:end:end]) {
				return
			}
			at = next + 3
		}
	}
}

// nextCode is where the next start code 00 00 01 begins in p, not before from;
// len(p) if there is none. It looks at eight bytes at once: no start code
// begins where there is no zero.
func nextCode(p []byte, from int) int {
	i := from
	for i+3 <= len(p) {
		if i+8 <= len(p) {
			const low, high = 0x0101010101010101, 0x8080808080808080
			if v := binary.LittleEndian.Uint64(p[i:]); (v-low)&^v&high == 0 {
				i += 8
				continue
			}
		}
		for end := min(i+8, len(p)-2); i < end; i++ {
			if p[i] == 0 && p[i+1] == 0 && p[i+2] == 1 {
				return i
			}
		}
	}
	return len(p)
}

// zerosBefore counts the zero bytes right before p[end].
func zerosBefore(p []byte, end int) int {
	n := 0
	for n < end && p[end-1-n] == 0 {
		n++
	}
	return n
}

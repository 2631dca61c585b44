package media

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// A Fallback names how deep a publisher goes to save a segment that cannot be
// read like those before it. Each level includes those above it.
type Fallback string

// The levels, from the one that keeps most to the one that keeps least.
const (
	ToSamples   Fallback = "samples"   // the container is read, whatever the codec is
	ToKeyframes Fallback = "keyframes" // the container is broken: the bytes are searched for pictures
	ToOpaque    Fallback = "opaque"    // the bytes are passed on as they are
	ToSkip      Fallback = "skip"      // viewers are told to leave out the rendition
	ToGap       Fallback = "gap"       // viewers are told that nothing of the slot can be shown
)

// Names lists the levels from the first to the deepest.
func (Fallback) Names() []string {
	return []string{string(ToSamples), string(ToKeyframes), string(ToOpaque), string(ToSkip), string(ToGap)}
}

// UnmarshalText accepts the names in Names.
func (f *Fallback) UnmarshalText(b []byte) error {
	if !slices.Contains(f.Names(), string(b)) {
		return fmt.Errorf("unknown level %q: use one of %s", b, strings.Join(f.Names(), ", "))
	}
	*f = Fallback(b)
	return nil
}

// Reaches says whether going as deep as f includes level other.
func (f Fallback) Reaches(other Fallback) bool {
	return slices.Index(f.Names(), string(other)) <= slices.Index(f.Names(), string(f))
}

// Recover makes of b, which came where a segment like before was due, the best
// segment it can, going no deeper than told. It says at which level: that of
// how b was read. It is not ok if b cannot be read so far, and nothing is left to publish.
func Recover(b []byte, before *Segment, deepest Fallback) (s Segment, level Fallback, ok bool) {
	if s, ok := whole(b, before); ok {
		return s, ToSamples, true
	}
	if deepest.Reaches(ToKeyframes) {
		if s, ok := rescue(b, before); ok {
			return s, ToKeyframes, true
		}
	}
	if !deepest.Reaches(ToOpaque) {
		return Segment{}, "", false
	}
	return Segment{Start: before.Start, Duration: before.Duration, Bytes: int64(len(b)), Payload: b,
		Flags: token.Opaque | token.Undecodable | token.Break}, ToOpaque, true
}

// whole reads b as one segment. It is not ok if it holds nothing of the kind
// that before shows.
func whole(b []byte, before *Segment) (Segment, bool) {
	c := NewCutter(MaxSegment)
	c.plan = []int64{} // no cut
	c.Feed(b)
	c.Close()
	s, ok := c.Next()
	if !ok || s.Init == nil || s.Samples == 0 || before.Init != nil && s.Init.Width > 0 != (before.Init.Width > 0) {
		return Segment{}, false
	}
	s.Start = before.Start
	if !before.Independent() { // it goes on where the one before ended
		s.Flags &^= token.Undecodable
		if len(s.Init.Codecs) > 0 && c.lead.codec.Cipher {
			s.Flags |= token.Undecodable
		}
	}
	if before.Init == nil || s.Init.ID != before.Init.ID {
		s.Flags |= token.Break
	}
	return s, true
}

// rescue searches b for pictures of the codec that before had: NAL units behind
// four bytes of length, found by their headers. Their times are guessed: spread
// evenly over the segment. Sound cannot be told from noise and is lost.
func rescue(b []byte, before *Segment) (Segment, bool) {
	if before.Init == nil {
		return Segment{}, false
	}
	tracks, err := readConfig(before.Init.Record)
	if err != nil || len(tracks) == 0 || tracks[0].kind != demux.Video {
		return Segment{}, false
	}
	kind := unitsOf(tracks[0].code())
	if kind == nil {
		return Segment{}, false
	}
	pictures := kind.pictures(b)
	if len(pictures) == 0 {
		return Segment{}, false
	}
	p := Part{Clock: millis}
	for i, bytes := range pictures {
		p.Samples = append(p.Samples, Sample{Step: int64(i) * before.Duration.Milliseconds() / int64(len(pictures)), Bytes: bytes})
	}
	w := wrapping{tracks: tracks[:1], entry: func(d *described) []byte { return plainEntry(d, d.code(), configBox(d.code(), d.record)) }}
	s, ok := whole(append(w.head([]Part{p}), w.fragment([]Part{p})...), before)
	if !ok {
		return Segment{}, false
	}
	s.Flags |= token.Guessed | token.Damaged
	s.Facts.Guessed, s.Facts.Doubt, s.Bytes, s.Duration = uint32(s.Samples), 100, int64(len(b)), before.Duration
	return s, true
}

// A unitKind tells NAL units of one codec apart.
type unitKind struct {
	head      int                                // bytes of a unit's header
	plausible func(h []byte) bool                // may begin a unit
	picture   func(h []byte) (slice, first bool) // is a slice; the first of its picture
}

// unitsOf is how to find pictures of a codec, nil if that is not known.
func unitsOf(code string) *unitKind {
	switch code {
	case "avc1", "avc2", "avc3", "avc4": // ITU-T H.264, table 7-1
		return &unitKind{head: 1,
			plausible: func(h []byte) bool { return h[0]&0x80 == 0 && (h[0]&31 == 1 || h[0]&31 >= 5 && h[0]&31 <= 9) },
			picture:   func(h []byte) (bool, bool) { return h[0]&31 == 1 || h[0]&31 == 5, h[1]&0x80 != 0 }}
	case "hvc1", "hev1": // ITU-T H.265, table 7-1; layer 0, a temporal id
		return &unitKind{head: 2,
			plausible: func(h []byte) bool {
				kind := h[0] >> 1
				return h[0]&0x81 == 0 && h[1]>>3 == 0 && h[1]&7 != 0 && (kind <= 9 || kind >= 16 && kind <= 21 || kind >= 32 && kind <= 40)
			},
			picture: func(h []byte) (bool, bool) { return h[0]>>1 < 32, h[2]&0x80 != 0 }}
	}
	return nil
}

// unit is the length of the unit at the front of b with its own length, 0 if
// none is there.
func (k *unitKind) unit(b []byte) int {
	if len(b) < 4+k.head+1 {
		return 0
	}
	n := int64(binary.BigEndian.Uint32(b))
	if n <= int64(k.head) || n > int64(len(b)-4) || !k.plausible(b[4:]) {
		return 0
	}
	return 4 + int(n)
}

// pictures finds the pictures in b, each a chain of units. A unit counts if
// another one follows it or precedes it, so that noise is rarely taken for one.
func (k *unitKind) pictures(b []byte) (out [][]byte) {
	begun, sliced, chained := -1, false, false
	flush := func(end int) {
		if sliced {
			out = append(out, b[begun:end:end])
		}
		begun, sliced = -1, false
	}
	at := 0
	for at < len(b) {
		n := k.unit(b[at:])
		if n == 0 || !chained && k.unit(b[at+n:]) == 0 && at+n < len(b) {
			flush(at)
			chained = false
			at++
			continue
		}
		slice, first := k.picture(b[at+4:])
		if sliced && (!slice || first) {
			flush(at)
		}
		if begun < 0 {
			begun = at
		}
		sliced, chained = sliced || slice, true
		at += n
	}
	flush(at)
	return out
}

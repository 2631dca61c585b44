package media

import (
	"crypto/sha256"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// A Segment is one piece of one encoding.
type Segment struct {
	Start    time.Duration // since the first picture, whole microseconds
	Duration time.Duration // at most MaxSegment, but for what cannot be cut
	Flags    token.Flags   // Independent: a viewer may start here; what else is known
	Init     *Init         // what a decoder needs first; shared by segments. Nil: opaque
	Samples  int           // in Payload; 0 if opaque
	Bytes    int64         // of the source that Payload stands for
	Facts    token.Facts   // what was lost, guessed, broken and mended in it: for the manifest
	Payload  []byte        // EncodePayload's bytes; if opaque, a piece of the file

	hash token.Hasher // what has been hashed of Payload
}

// Content is the payload under its name. It takes Payload over, and hashes what
// could not be hashed while the segment came.
func (s *Segment) Content() *token.Payload { return s.hash.Payload(s.Payload) }

// Independent says that a viewer may start here: the first picture is a closed
// key picture, or nothing is known. Otherwise the segment needs the one before.
func (s *Segment) Independent() bool { return s.Flags&token.Independent != 0 }

// An Init is what a decoder needs before the first sample of a segment, and
// what a player wants to know before it asks for one.
type Init struct {
	ID     [32]byte // SHA-256 of Record
	Record []byte   //
	Codecs []string // one for each track of a payload; RFC 6381 where known
	Width  int      // pixels; 0 if there is no picture or nothing is known
	Height int      //
}

func newInit(carried []*lane, lead *lane) *Init {
	x := &Init{Record: appendConfig(nil, carried), Codecs: []string{}}
	x.ID = sha256.Sum256(x.Record)
	for _, l := range carried {
		x.Codecs = append(x.Codecs, l.codec.Name)
	}
	if lead.track.Kind == demux.Video && lead.codec != nil {
		x.Width, x.Height = lead.codec.Width, lead.codec.Height
	}
	return x
}

// A rule says where a source may be cut. All times are microseconds.
type rule struct {
	target int64 // cut at the first closed key picture at or after this
	least  int64 // no shorter, but where something changes and at the end
	half   int64 // from here on an open key picture will do
	most   int64 // never longer
	bytes  int64 // never larger
}

func ruleFor(target time.Duration) rule {
	r := rule{target: target.Microseconds(), most: MaxSegment.Microseconds(), bytes: maxBytes}
	r.target = min(max(r.target, MinSegment.Microseconds()), r.most)
	r.least = min(r.target, time.Second.Microseconds())
	r.half = max(r.target, r.most/2)
	return r
}

// A cut is where a segment ends.
type cut struct {
	n     int   // samples of the lead that are before it
	at    int64 // its time
	found bool
}

// A search looks for the cut of one segment, one sample of its lead after
// another, in decode order. In order of preference: where codec, configuration
// or clock change; the first closed key from target on, in the first half of
// what is allowed; any key from target on; the last closed key before target;
// the sample with which the segment would become too long or too large.
type search struct {
	rule
	start      int64 // of the segment
	slack      int64 // a key this much before the target is at it: half a picture
	size       int64
	any, early cut
}

// look takes sample i of the lead into account and says where the segment
// ends, if that is certain now.
func (s *search) look(i int, l *lane) cut {
	x := &l.track.Samples[i]
	at := l.at(x)
	d := at - s.start
	s.size += int64(len(x.Bytes))
	here := cut{i, at, i > 0}
	key := x.Key == closed || x.Key == open
	switch {
	case i == 0:
		return cut{}
	case l.breaks(i):
		return here
	case x.Key == closed && d >= s.target-s.slack && d <= s.half:
		return here
	case key && d >= s.target-s.slack && !s.any.found:
		s.any = here
	case x.Key == closed && d >= s.least && d < s.target:
		s.early = here
	}
	switch {
	case s.any.found && d > s.half:
		return s.any
	case d >= s.most || s.size > s.bytes:
		return s.forced(here)
	}
	return cut{}
}

// forced is the cut if the segment may not go on to here.
func (s *search) forced(here cut) cut {
	switch {
	case s.any.found:
		return s.any
	case s.early.found:
		return s.early
	}
	return here
}

package media

import (
	"fmt"
	"slices"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// A Report tells what became of one source. Sizes are bytes.
type Report struct {
	Name     string
	Bytes    int64
	Format   string // by content; empty if unknown
	Opaque   string // why the source is kept as opaque pieces; empty if it was parsed
	Outcome  Outcome
	Duration time.Duration
	Tracks   []TrackReport
	Segments []SegmentReport
	Repairs  []demux.Repair
	Account  Account

	Rendition Rendition // the segments themselves
}

// An Outcome says how well a source could be cut.
type Outcome string

// The outcomes, from best to worst.
const (
	Aligned   Outcome = "aligned"   // every segment starts at a closed key picture
	Dependent Outcome = "dependent" // some segment needs the one before
	Opaque    Outcome = "opaque"    // pieces of the source: nothing in it could be read
	Rejected  Outcome = "rejected"  // there is not a byte
)

// A TrackReport describes one track.
type TrackReport struct {
	ID        uint32
	Kind      demux.Kind
	Codec     string
	Width     int
	Height    int
	Rate      int
	Channels  int
	Clock     string // seconds a step of presentation time
	Guessed   bool   // times are not from the source
	Encrypted bool
	Samples   int
	Damaged   int
	Bytes     int64
	Closed    int // of pictures: by class
	Open      int
	Gradual   int
	Keys      []int // of pictures: indices in decode order of the key pictures of all classes
}

// A SegmentReport describes one segment.
type SegmentReport struct {
	Start       time.Duration
	Duration    time.Duration
	Bytes       int // of the payload
	Samples     int
	Independent bool
	Flags       string
}

// An Account says where the bytes of a source went. The four add up to its
// size.
type Account struct {
	Samples int64 `json:"samples"` // carried by segments as samples
	Opaque  int64 `json:"opaque"`  // carried by segments as pieces
	Index   int64 `json:"index"`   // headers and tables: their meaning is carried, their bytes are not
	Rest    int64 `json:"rest"`    // in no sample and no header: not carried
}

// Tokenize says what becomes of the bytes b of a file called name, cut into
// segments of about target. It never fails on content: the report of a file
// that cannot be parsed says why, and its segments are opaque pieces.
func Tokenize(name string, b []byte, target time.Duration) *Report {
	c := NewCutter(target)
	c.Feed(b)
	c.Close()
	r := &Report{Name: name, Rendition: Rendition{Name: stem(name)}}
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		r.Rendition.Segments = append(r.Rendition.Segments, s)
		r.Add(&s)
	}
	r.Rendition.settle()
	r.Finish(c)
	return r
}

// Depends says why some segment cannot be started at, "" if all can.
func (r *Report) Depends() string {
	n := 0
	for _, s := range r.Segments {
		n += b2i(!s.Independent)
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d segments need the one before: no closed key picture where they begin", n, len(r.Segments))
}

// Add takes a segment into the report.
func (r *Report) Add(s *Segment) {
	r.Duration += s.Duration
	r.Segments = append(r.Segments, SegmentReport{s.Start, s.Duration, len(s.Payload), s.Samples, s.Independent(), (s.Flags &^ token.Independent).String()})
	if s.Flags&token.Opaque != 0 {
		r.Account.Opaque += s.Bytes
	} else {
		r.Account.Samples += s.Bytes
	}
}

// Finish completes the report of what c has read, after the last segment.
func (r *Report) Finish(c *Cutter) {
	m := c.demuxer.Movie()
	r.Bytes = m.Size()
	r.Format, r.Opaque = c.Format(), c.Why()
	r.Repairs = append([]demux.Repair{}, m.Repairs...)
	r.Tracks = []TrackReport{}
	for _, l := range c.carried() {
		r.Tracks = append(r.Tracks, l.report())
	}
	r.Account.Samples = min(r.Account.Samples, r.Bytes-r.Account.Opaque) // tables may name bytes twice
	left := r.Bytes - r.Account.Samples - r.Account.Opaque
	r.Account.Index = min(m.Index, left)
	r.Account.Rest = left - r.Account.Index
	switch {
	case len(r.Segments) == 0:
		r.Outcome = Rejected
	case r.Opaque != "":
		r.Outcome = Opaque
	case slices.ContainsFunc(r.Segments, func(s SegmentReport) bool { return !s.Independent }):
		r.Outcome = Dependent
	default:
		r.Outcome = Aligned
	}
}

func (l *lane) report() TrackReport {
	c := l.track.Codec
	if l.codec != nil {
		c = l.codec
	}
	return TrackReport{
		ID: l.track.ID, Kind: l.track.Kind, Codec: c.Name, Width: c.Width, Height: c.Height, Rate: c.Rate, Channels: c.Channels,
		Clock: fmt.Sprintf("%d/%d", l.clock.Num, l.clock.Den), Guessed: l.track.Guessed, Encrypted: c.Cipher,
		Samples: l.samples, Damaged: l.damaged, Bytes: l.bytes, Closed: l.keys[demux.Closed], Open: l.keys[demux.Open],
		Gradual: l.keys[demux.Gradual], Keys: append([]int{}, l.starts...),
	}
}

package media

import (
	"fmt"
	"slices"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// A Report tells what became of one source. It marshals to JSON; times are
// nanoseconds, sizes bytes.
type Report struct {
	Name     string          `json:"name"`
	Bytes    int64           `json:"bytes"`
	Format   string          `json:"format"`           // by content; empty if unknown
	Opaque   string          `json:"opaque,omitempty"` // why the source is kept as opaque pieces; empty if it was parsed
	Outcome  Outcome         `json:"outcome"`
	Duration time.Duration   `json:"duration_ns"`
	Tracks   []TrackReport   `json:"tracks"`
	Segments []SegmentReport `json:"segments"`
	Repairs  []demux.Repair  `json:"repairs"`
	Account  Account         `json:"account"`

	Rendition Rendition `json:"-"` // the segments themselves
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
	ID        uint32     `json:"id"`
	Kind      demux.Kind `json:"kind"`
	Codec     string     `json:"codec"`
	Width     int        `json:"width,omitempty"`
	Height    int        `json:"height,omitempty"`
	Rate      int        `json:"sample_rate,omitempty"`
	Channels  int        `json:"channels,omitempty"`
	Clock     string     `json:"clock"`             // seconds a step of presentation time
	Guessed   bool       `json:"guessed,omitempty"` // times are not from the source
	Encrypted bool       `json:"encrypted,omitempty"`
	Samples   int        `json:"samples"`
	Damaged   int        `json:"damaged,omitempty"`
	Bytes     int64      `json:"bytes"`
	Closed    int        `json:"keys_closed"` // of pictures: by class
	Open      int        `json:"keys_open"`
	Gradual   int        `json:"keys_gradual"`
	Keys      []int      `json:"keyframes"` // of pictures: indices in decode order of the key pictures of all classes
}

// A SegmentReport describes one segment.
type SegmentReport struct {
	Start       time.Duration `json:"start_ns"`
	Duration    time.Duration `json:"duration_ns"`
	Bytes       int           `json:"bytes"` // of the payload
	Samples     int           `json:"samples"`
	Independent bool          `json:"independent"`
	Flags       string        `json:"flags,omitempty"`
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

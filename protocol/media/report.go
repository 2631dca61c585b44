package media

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A Report tells what became of one file. It marshals to JSON; times are
// nanoseconds, sizes bytes.
type Report struct {
	Name     string          `json:"name"`
	Bytes    int64           `json:"bytes"`
	Format   string          `json:"format"`           // by content; empty if unknown
	Opaque   string          `json:"opaque,omitempty"` // why the file is kept as opaque pieces; empty if it was parsed
	Duration time.Duration   `json:"duration_ns"`
	ConfigID string          `json:"config_sha256,omitempty"` // of the configuration record
	Config   int             `json:"config_bytes"`
	Tracks   []TrackReport   `json:"tracks"`
	Segments []SegmentReport `json:"segments"`
	Repairs  []Repair        `json:"repairs"`
	Account  Account         `json:"account"`

	Rendition Rendition `json:"-"` // the segments themselves
}

// A TrackReport describes one track.
type TrackReport struct {
	ID        uint32        `json:"id"`
	Kind      Kind          `json:"kind"`
	Codec     string        `json:"codec"`
	Width     int           `json:"width,omitempty"`
	Height    int           `json:"height,omitempty"`
	Rate      int           `json:"sample_rate,omitempty"`
	Channels  int           `json:"channels,omitempty"`
	Timescale int64         `json:"timescale"`
	Guessed   bool          `json:"guessed,omitempty"` // timescale or durations are not from the file
	Encrypted bool          `json:"encrypted,omitempty"`
	Samples   int           `json:"samples"`
	Bytes     int64         `json:"bytes"`
	Duration  time.Duration `json:"duration_ns"`
	Closed    int           `json:"keys_closed"` // of pictures: by class
	Open      int           `json:"keys_open"`
	Gradual   int           `json:"keys_gradual"`
}

// A SegmentReport describes one segment.
type SegmentReport struct {
	Start       time.Duration `json:"start_ns"`
	Duration    time.Duration `json:"duration_ns"`
	Bytes       int           `json:"bytes"` // of the payload
	Samples     int           `json:"samples"`
	Independent bool          `json:"independent"`
	Guessed     bool          `json:"guessed,omitempty"`
}

// An Account says where the bytes of a file went. The four add up to its size.
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
	r := &Report{
		Name: name, Bytes: int64(len(b)),
		Tracks: []TrackReport{}, Segments: []SegmentReport{}, Repairs: []Repair{},
	}
	var m *movie
	m, r.Format, r.Opaque = scan(b)
	if m != nil {
		r.Repairs = append(r.Repairs, m.repairs...)
		for _, t := range m.tracks {
			r.Tracks = append(r.Tracks, t.report(m))
		}
	}
	if r.Opaque == "" {
		lead := m.main()
		cuts := m.cutOne(ruleFor(target.Milliseconds()))
		if len(cuts) > maxSegments {
			r.Opaque = fmt.Sprintf("more than %d segments", maxSegments)
		} else {
			r.Rendition = m.rendition(stem(name), cuts, lead.end())
			r.account(m)
		}
	}
	if r.Opaque != "" {
		r.Account.Opaque = r.Bytes
		r.Rendition = Rendition{Name: stem(name), Codecs: []string{}, Segments: opaqueSegments(b, 0, target)}
		r.Rendition.settle()
	}
	r.fill()
	return r
}

// account divides the file's bytes: samples first, then index, then the rest.
func (r *Report) account(m *movie) {
	r.Account.Samples = m.covered()
	left := r.Bytes - r.Account.Samples
	r.Account.Index = min(m.index, left)
	r.Account.Rest = left - r.Account.Index
}

// fill copies what the rendition tells.
func (r *Report) fill() {
	for i := range r.Rendition.Segments {
		s := &r.Rendition.Segments[i]
		r.Duration += s.Duration
		r.Segments = append(r.Segments, SegmentReport{
			s.Start, s.Duration, len(s.Payload), s.Samples, s.Independent, s.Guessed,
		})
	}
	if r.Config = len(r.Rendition.ConfigRecord); r.Config > 0 {
		r.ConfigID = fmt.Sprintf("%x", r.Rendition.ConfigID)
	}
}

func (t *track) report(m *movie) TrackReport {
	c := &t.codec
	out := TrackReport{
		ID: t.id, Kind: t.kind, Codec: c.text, Width: c.width, Height: c.height, Rate: c.rate, Channels: c.channels,
		Timescale: t.scale, Guessed: t.guessed, Encrypted: c.cipher, Samples: len(t.samples),
	}
	if len(t.samples) > 0 {
		out.Duration = time.Duration(t.end()-t.samples[0].ms) * time.Millisecond
	}
	for i := range t.samples {
		s := &t.samples[i]
		out.Bytes += int64(s.size)
		if t.kind != Video {
			continue
		}
		switch s.key {
		case Closed:
			out.Closed++
		case Open:
			out.Open++
		case Gradual:
			out.Gradual++
		}
	}
	return out
}

// shownSegments is how many segments Text lists before it counts the others.
const shownSegments = 20

// Text writes the report for a reader.
func (r *Report) Text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	what := r.Format
	if what == "" {
		what = "unknown format"
	}
	fmt.Fprintf(t, "%s: %s, %d bytes, %v\n", r.Name, what, r.Bytes, r.Duration)
	if r.Opaque != "" {
		fmt.Fprintf(t, "opaque: %s\n", r.Opaque)
	}
	r.textTracks(t)
	r.textSegments(t)
	if len(r.Repairs) > 0 {
		fmt.Fprintf(t, "\nrepaired, guessed or dropped\n")
		for _, p := range r.Repairs {
			fmt.Fprintf(t, "  %d\t%s\n", p.Count, p.What)
		}
	}
	a := r.Account
	fmt.Fprintf(t, "\nbytes: %d in samples, %d in opaque pieces, %d in headers and tables, %d not carried\n", a.Samples, a.Opaque, a.Index, a.Rest)
	return t.Flush()
}

func (r *Report) textTracks(w io.Writer) {
	if len(r.Tracks) == 0 {
		return
	}
	fmt.Fprintf(w, "\ntrack\tkind\tcodec\tformat\tsamples\tbytes\tduration\tkeys closed/open/gradual\n")
	for i := range r.Tracks {
		t := &r.Tracks[i]
		shape, keys := "-", "-"
		switch t.Kind {
		case Video:
			shape = fmt.Sprintf("%dx%d", t.Width, t.Height)
			keys = fmt.Sprintf("%d/%d/%d", t.Closed, t.Open, t.Gradual)
		case Audio:
			shape = fmt.Sprintf("%d Hz x%d", t.Rate, t.Channels)
		}
		codec := t.Codec
		if t.Encrypted {
			codec += " (encrypted)"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%d\t%v\t%s\n", t.ID, t.Kind, codec, shape, t.Samples, t.Bytes, t.Duration, keys)
	}
}

func (r *Report) textSegments(w io.Writer) {
	fmt.Fprintf(w, "\nsegment\tstart\tduration\tbytes\tkbit/s\tsamples\tstart here\n")
	for i, s := range r.Segments {
		if i == shownSegments && len(r.Segments) > shownSegments+1 {
			fmt.Fprintf(w, "... and %d more\n", len(r.Segments)-i)
			return
		}
		here := "no"
		if s.Independent {
			here = "yes"
		}
		if s.Guessed {
			here += ", times guessed"
		}
		rate := int64(s.Bytes) * 8 / max(1, s.Duration.Milliseconds())
		fmt.Fprintf(w, "%d\t%v\t%v\t%d\t%d\t%d\t%s\n", i, s.Start, s.Duration, s.Bytes, rate, s.Samples, here)
	}
}

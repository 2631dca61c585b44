package media

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Ladder is one piece of video at several bitrates, cut at the same times
// in all of them: slot i of one rendition shows what slot i of another shows.
type Ladder struct {
	Title      string
	Renditions []Rendition // by bitrate, ascending; each has Slots segments
	Slots      int         // segments per rendition, at least 1
	Opaque     bool        // nothing could be parsed: segments are pieces of the files, times are nominal
	Notes      []string    // every repair, drop, guess and fallback, with its reason
	Sources    []Source    // the files, in the order in which they were read
}

// A Source names one input file.
type Source struct {
	Name   string
	Size   unit.Size
	SHA256 [32]byte
}

// A Rendition is one encoding of a ladder.
type Rendition struct {
	Name         string
	Codecs       []string  // one for each track of a payload, for a player; RFC 6381 where known
	Width        int       // pixels; 0 if there is no picture or nothing is known
	Height       int       //
	Bitrate      unit.Rate // mean over its segments
	ConfigID     [32]byte  // SHA-256 of ConfigRecord
	ConfigRecord []byte    // what a decoder needs before the first sample of any segment
	Segments     []Segment
}

// A Segment is one slot of a rendition.
type Segment struct {
	Start       time.Duration // since the start of the ladder, whole milliseconds
	Duration    time.Duration // at most MaxSegment
	Independent bool          // a viewer may start here: the first picture is a closed key picture, or nothing is known (Opaque)
	Guessed     bool          // Start and Duration are not from the file
	Samples     int           // in Payload; 0 if opaque
	Payload     []byte        // EncodePayload's bytes; if opaque, a piece of the file
}

// A source is one file on its way into a ladder.
type source struct {
	name string
	b    []byte
	m    *movie // nil if nothing could be read
	why  string // why m is nil or empty
}

// build makes a ladder of files in memory. It fails only if there is no byte.
func build(title string, files []source, target time.Duration) (*Ladder, error) {
	l := &Ladder{Title: title}
	var read []*source
	total := 0
	for i := range files {
		f := &files[i]
		total += len(f.b)
		l.Sources = append(l.Sources, Source{f.name, unit.Size(len(f.b)), sha256.Sum256(f.b)})
		if f.m, _, f.why = scan(f.b); f.m != nil {
			l.Notes = append(l.Notes, notes(f.name, f.m.repairs)...)
		}
		if f.why == "" {
			read = append(read, f)
		}
	}
	if total == 0 {
		return nil, fmt.Errorf("%s is empty; a video needs at least one byte", title)
	}
	if len(read) > 0 {
		l.cut(read, ruleFor(target.Milliseconds()))
	}
	if l.Slots == 0 {
		l.opaque(title, files, target)
	}
	for i := range files {
		if f := &files[i]; f.why != "" && !l.Opaque {
			l.note("%s: not a rendition: %s", f.name, f.why)
		}
	}
	return l, nil
}

func (l *Ladder) note(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

// cut makes the renditions of all files that can share their cuts.
func (l *Ladder) cut(files []*source, r rule) {
	kept, cuts := l.align(files, r)
	if len(cuts) > maxSegments {
		l.note("more than %d segments", maxSegments)
		return
	}
	var end int64
	for _, f := range kept {
		end = max(end, f.m.main().end())
	}
	for _, f := range kept {
		name := stem(f.name)
		if slices.ContainsFunc(l.Renditions, func(r Rendition) bool { return r.Name == name }) {
			name = f.name
		}
		l.Renditions = append(l.Renditions, f.m.rendition(name, cuts, end))
		if f.m.guessed() {
			l.note("%s: times are guessed", f.name)
		}
	}
	slices.SortStableFunc(l.Renditions, func(a, b Rendition) int { return cmp.Compare(a.Bitrate, b.Bitrate) })
	l.Slots = len(cuts)
}

// stem is a file's name without folder and extension.
func stem(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return name
}

// opaque makes the files into one rendition of pieces with nominal durations.
func (l *Ladder) opaque(title string, files []source, target time.Duration) {
	l.Opaque = true
	r := Rendition{Name: "opaque", Codecs: []string{}}
	for i := range files {
		f := &files[i]
		if f.why != "" {
			l.note("%s: kept as opaque pieces: %s", f.name, f.why)
		}
		r.Segments = append(r.Segments, opaqueSegments(f.b, len(r.Segments), target)...)
	}
	r.settle()
	l.Renditions = []Rendition{r}
	l.Slots = len(r.Segments)
	l.note("%s: opaque pieces have no times of their own; each counts as %v", title, target)
}

// opaqueSegments cuts b into pieces and dates them from slot first on.
func opaqueSegments(b []byte, first int, target time.Duration) []Segment {
	var out []Segment
	for i, p := range Pieces(b) {
		out = append(out, Segment{
			Start: time.Duration(first+i) * target, Duration: target,
			Independent: true, Guessed: true, Payload: p,
		})
	}
	return out
}

// rendition writes the segments of m between the cuts and end.
func (m *movie) rendition(name string, cuts []int64, end int64) Rendition {
	tracks := m.carried()
	lead := m.main()
	r := Rendition{
		Name: name, Codecs: m.codecs(), ConfigRecord: appendConfig(nil, tracks),
		Segments: make([]Segment, len(cuts)),
	}
	if lead.kind == Video {
		r.Width, r.Height = lead.codec.width, lead.codec.height
	}
	at := make([][]int, len(tracks))
	for i, t := range tracks {
		at[i] = t.split(cuts)
	}
	parts := make([][]Sample, len(tracks))
	for n := range cuts {
		s := &r.Segments[n]
		for i, t := range tracks {
			own := t.samples[at[i][n]:at[i][n+1]]
			parts[i] = m.part(parts[i][:0], t, own, cuts[n])
			s.Samples += len(own)
			if t == lead {
				s.Independent = len(own) > 0 && (t.kind == Audio || own[0].key == Closed)
			}
		}
		until := end
		if n+1 < len(cuts) {
			until = cuts[n+1]
		}
		s.Guessed = m.guessed()
		if until <= cuts[n] { // a still of no duration: one picture long
			until, s.Guessed = cuts[n]+40, true
		}
		s.Start = time.Duration(cuts[n]) * time.Millisecond
		s.Duration = time.Duration(until-cuts[n]) * time.Millisecond
		s.Payload = EncodePayload(parts)
	}
	r.settle()
	return r
}

// part appends the samples of one track of one segment to dst.
func (m *movie) part(dst []Sample, t *track, own []sample, start int64) []Sample {
	for i := range own {
		s := &own[i]
		p := m.bytes(s)
		if t.codec.family.units() && !t.codec.cipher {
			p = prefixed(t.codec.family, p, t.codec.prefix, s.odd)
		}
		dst = append(dst, Sample{s.ms - start, s.key, p})
	}
	return dst
}

// settle computes what follows from the segments and the record.
func (r *Rendition) settle() {
	r.ConfigID = sha256.Sum256(r.ConfigRecord)
	var bits, ms int64
	for i := range r.Segments {
		bits += 8 * int64(len(r.Segments[i].Payload))
		ms += r.Segments[i].Duration.Milliseconds()
	}
	if ms > 0 {
		r.Bitrate = unit.Rate(bits * 1000 / ms)
	}
}

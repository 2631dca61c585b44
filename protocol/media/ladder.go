package media

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
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
	Name     string
	Bitrate  unit.Rate // mean over its segments
	Segments []Segment
}

// Init is what a decoder needs before the first segment; nil if it is opaque.
func (r *Rendition) Init() *Init { return r.Segments[0].Init }

// maxSegments is how many segments a ladder may have: 36 hours of 2 s. More
// than this is kept as opaque pieces.
const maxSegments = 1 << 16

// A file is one input on its way into a ladder.
type file struct {
	name string
	b    []byte
	why  string // why it cannot be read
	survey
}

// build makes a ladder of files in memory. It fails only if there is no byte.
func build(title string, files []file, c Config) (*Ladder, error) {
	l := &Ladder{Title: title}
	var read []*file
	total := 0
	for i := range files {
		f := &files[i]
		total += len(f.b)
		l.Sources = append(l.Sources, Source{f.name, unit.Size(len(f.b)), sha256.Sum256(f.b)})
		if len(files) > 1 {
			f.survey, f.why = look(f.b)
		}
		if f.why == "" {
			read = append(read, f)
		}
	}
	switch {
	case total == 0:
		return nil, fmt.Errorf("%s is empty; a video needs at least one byte", title)
	case len(files) == 1:
		l.one(read[0], c.Segment)
	case len(read) > 0:
		l.several(read, c.Segment)
	}
	if l.Slots == 0 {
		l.opaque(title, files, c.Segment)
	}
	for i := range files {
		if f := &files[i]; f.why != "" && !l.Opaque {
			l.note("%s: not a rendition: %s", f.name, f.why)
		}
	}
	l.climb(c, files)
	return l, nil
}

func (l *Ladder) note(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

// one makes a ladder of a single file.
func (l *Ladder) one(f *file, target time.Duration) {
	c := NewCutter(target)
	r, ok := l.rendition(f, c)
	if f.why = c.Why(); f.why != "" || !ok {
		return
	}
	l.Renditions, l.Slots = []Rendition{r}, len(r.Segments)
}

// several makes a ladder of the files that can share their cuts.
func (l *Ladder) several(files []*file, target time.Duration) {
	kept, cuts := l.align(files, ruleFor(target))
	if len(cuts) > maxSegments {
		l.note("more than %d segments", maxSegments)
		return
	}
	for _, f := range kept {
		c := NewCutter(target)
		c.plan = append([]int64{}, cuts...)
		switch r, ok := l.rendition(f, c); {
		case len(r.Segments) > len(cuts)+1:
			l.note("%s: demoted: it goes on where the others cannot be cut", f.name)
		case ok:
			l.Renditions = append(l.Renditions, r)
		}
	}
	if len(l.Renditions) > 0 {
		l.even(cuts)
	}
	slices.SortStableFunc(l.Renditions, func(a, b Rendition) int { return cmp.Compare(a.Bitrate, b.Bitrate) })
}

// even gives all renditions the slots of the cuts: what one of them lacks is
// an empty segment, which nobody can show, and the last slot is as long as the
// longest.
func (l *Ladder) even(cuts []int64) {
	l.Slots = len(cuts) + 1
	var longest time.Duration
	for i := range l.Renditions {
		r := &l.Renditions[i]
		for n := len(r.Segments); n < l.Slots; n++ {
			last := r.Segments[n-1]
			r.Segments = append(r.Segments, Segment{Start: last.Start + last.Duration, Init: last.Init, Payload: EncodePayload(nil)})
		}
		longest = max(longest, r.Segments[l.Slots-1].Duration)
	}
	starts := append([]int64{0}, cuts...)
	for i := range l.Renditions {
		r := &l.Renditions[i]
		for n := range r.Segments {
			r.Segments[n].Start = time.Duration(starts[n]) * time.Microsecond
			if r.Segments[n].Samples == 0 {
				r.Segments[n].Flags = token.Undecodable
			}
			r.Segments[n].Duration = longest
			if n+1 < len(starts) {
				r.Segments[n].Duration = time.Duration(starts[n+1]-starts[n]) * time.Microsecond
			}
		}
		r.settle()
	}
}

// rendition cuts one file. It is not ok if that makes too many segments.
func (l *Ladder) rendition(f *file, c *Cutter) (Rendition, bool) {
	r := Rendition{Name: l.name(f.name)}
	c.Feed(f.b)
	c.Close()
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		if r.Segments = append(r.Segments, s); len(r.Segments) > maxSegments {
			l.note("%s: more than %d segments", f.name, maxSegments)
			return r, false
		}
	}
	for _, x := range c.Repairs() {
		l.note("%s: %s: %d", f.name, x.What, x.Count)
	}
	if c.guessed() {
		l.note("%s: times are guessed", f.name)
	}
	r.settle()
	return r, len(r.Segments) > 0
}

// name is a file's name without its extension, unless another rendition has it.
func (l *Ladder) name(of string) string {
	name := stem(of)
	if slices.ContainsFunc(l.Renditions, func(r Rendition) bool { return r.Name == name }) {
		return of
	}
	return name
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
func (l *Ladder) opaque(title string, files []file, target time.Duration) {
	l.Opaque = true
	r := Rendition{Name: "opaque"}
	o := &opaque{target: target.Microseconds(), last: true}
	for i := range files {
		f := &files[i]
		if f.why != "" {
			l.note("%s: kept as opaque pieces: %s", f.name, f.why)
		}
		o.feed(f.b)
		for s, ok := o.next(); ok; s, ok = o.next() {
			r.Segments = append(r.Segments, s)
		}
	}
	r.settle()
	l.Renditions = []Rendition{r}
	l.Slots = len(r.Segments)
	l.note("%s: opaque pieces have no times of their own; each counts as %v", title, target)
}

// settle computes the bitrate.
func (r *Rendition) settle() {
	var bits, us int64
	for i := range r.Segments {
		bits += 8 * int64(len(r.Segments[i].Payload))
		us += r.Segments[i].Duration.Microseconds()
	}
	if us > 0 {
		r.Bitrate = unit.Rate(float64(bits) * 1e6 / float64(us))
	}
}

// A survey is what aligning has to know of a file.
type survey struct {
	keys  []int64 // closed key pictures, microseconds from the first picture, ascending
	frame int64   // usual length of a picture, at least 1; 0: there are only sounds
	end   int64
}

// look surveys a file. why is not empty if nothing can be read.
func look(b []byte) (s survey, why string) {
	c := NewCutter(MaxSegment)
	c.Feed(b)
	c.Close()
	for !c.finished {
		if !c.demuxer.Step() && !c.demuxer.Movie().Full() {
			c.finished = true
		}
		if lead := c.leader(); lead != nil && (c.begun || c.begin(lead)) {
			s.add(c.lead)
		}
		for _, l := range c.lanes {
			if c.begun {
				l.track.Take(len(l.track.Samples))
			}
		}
	}
	if c.Why() == "" && c.lead != nil && c.lead.track.Kind == demux.Video && c.lead.track.Total() > 0 {
		s.frame = max(1, s.end/int64(c.lead.track.Total()))
	}
	return s, c.Why()
}

// add takes the waiting samples of the lead into account.
func (s *survey) add(l *lane) {
	for i := range l.track.Samples {
		x := &l.track.Samples[i]
		at := l.at(x)
		s.end = max(s.end, at+l.length(x))
		if n := len(s.keys); x.Key == closed && (n == 0 || s.keys[n-1] < at) {
			s.keys = append(s.keys, at)
		}
	}
}

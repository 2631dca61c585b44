package media

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// Rungs say where the renditions of a ladder come from.
type Rungs string

// Where renditions come from.
const (
	Given      Rungs = "given"      // each file is one
	Thinned    Rungs = "thinned"    // from the best file: without pictures that nobody needs, key pictures only, sound only
	Synthetic  Rungs = "synthetic"  // filler bytes, in sizes that follow those of the best file: for simulation
	Transcoded Rungs = "transcoded" // encoded anew by ffmpeg, where it is installed
)

// Names lists them.
func (Rungs) Names() []string {
	return []string{string(Given), string(Thinned), string(Synthetic), string(Transcoded)}
}

// UnmarshalText accepts the names in Names.
func (r *Rungs) UnmarshalText(b []byte) error {
	if !slices.Contains(r.Names(), string(b)) {
		return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(r.Names(), ", "))
	}
	*r = Rungs(b)
	return nil
}

// climb replaces the renditions of l by those that c asks for.
func (l *Ladder) climb(c Config, files []file) {
	switch made := c.Rungs == Thinned || c.Rungs == Synthetic; {
	case made && l.Opaque:
		l.note("%s rungs need a video that can be read: the files are streamed as they are", c.Rungs)
	case c.Rungs == Thinned:
		l.thin(files, c.Segment)
	case c.Rungs == Synthetic:
		if len(c.Pattern) > 0 {
			l.note("the renditions are synthetic: filler bytes in sizes of a pattern of %d segments", len(c.Pattern))
			l.best().follow(c.Pattern)
			l.Slots = len(c.Pattern)
		} else {
			l.note("the renditions are synthetic: filler bytes in sizes that follow those of %s", l.best().Name)
		}
		l.Renditions = l.synthetic(c.Rates)
	}
}

// best is the rendition with the highest bitrate.
func (l *Ladder) best() *Rendition { return &l.Renditions[len(l.Renditions)-1] }

// A thinning makes a smaller rendition by leaving samples out.
type thinning struct {
	name string
	keep func(l *lane, s *demux.Sample) bool
}

// The thinned rungs below the whole one. Without disposable pictures all others
// still decode; key pictures decode alone.
var thinnings = []thinning{
	{"no-disposable", func(l *lane, s *demux.Sample) bool {
		return l.track.Kind != demux.Video || s.Flags&demux.Disposable == 0
	}},
	{"keys", func(l *lane, s *demux.Sample) bool {
		return l.track.Kind != demux.Video || s.Key == demux.Closed || s.Key == demux.Open
	}},
	{"sound", func(l *lane, _ *demux.Sample) bool { return l.track.Kind == demux.Audio }},
}

// thin makes the ladder of the best file and what can be left out of it. A
// thinning that leaves nothing out, or nothing in, is no rung.
func (l *Ladder) thin(files []file, target time.Duration) {
	best := *l.best()
	i := slices.IndexFunc(files, func(f file) bool { return f.why == "" && stem(f.name) == best.Name || f.name == best.Name })
	if i < 0 {
		l.note("%s: not thinned: its file is not among those that were read", best.Name)
		return
	}
	rungs := []Rendition{best}
	for _, t := range thinnings {
		c := NewCutter(target)
		c.keep, c.plan = t.keep, []int64{}
		for _, s := range best.Segments[1:] {
			c.plan = append(c.plan, s.Start.Microseconds())
		}
		r := Rendition{Name: best.Name + "-" + t.name, Segments: c.all(files[i].b)}
		samples := 0
		for _, s := range r.Segments {
			samples += s.Samples
		}
		r.settle()
		switch {
		case len(r.Segments) != len(best.Segments) || samples == 0:
			l.note("%s: no rung: there is nothing of the kind", r.Name)
		case slices.ContainsFunc(rungs, func(o Rendition) bool { return o.Bitrate == r.Bitrate }):
			l.note("%s: no rung: it would leave nothing out", r.Name)
		default:
			l.note("%s: a frame-rate rung, thinned from %s", r.Name, best.Name)
			rungs = append(rungs, r)
		}
	}
	slices.SortStableFunc(rungs, func(a, b Rendition) int { return cmp.Compare(a.Bitrate, b.Bitrate) })
	l.Renditions = rungs
}

// all cuts a whole source.
func (c *Cutter) all(b []byte) (out []Segment) {
	c.Feed(b)
	c.Close()
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		out = append(out, s)
	}
	return out
}

// follow makes the rendition one of as many segments as a pattern has, of its
// sizes: what synthetic then takes as the best.
func (r *Rendition) follow(pattern []float64) {
	once := r.Segments
	last := once[len(once)-1]
	length := last.Start + last.Duration - once[0].Start
	r.Segments = nil
	mean := float64(max(r.Bitrate, minRate))
	for i, x := range pattern {
		s := once[i%len(once)]
		s.Start += time.Duration(i/len(once)) * length
		s.Payload = make([]byte, max(1, int64(math.Round(float64(x*mean)*s.Duration.Seconds()/8))))
		r.Segments = append(r.Segments, s)
	}
	r.settle()
}

// synthetic makes a rendition for each rate. Its segments have the times and
// flags of the best rendition's, sizes in proportion to them, and filler.
func (l *Ladder) synthetic(rates []unit.Rate) (out []Rendition) {
	best := l.best()
	for n, rate := range rates {
		r := Rendition{Name: fmt.Sprintf("synthetic-%d", int64(rate)/1000), Segments: slices.Clone(best.Segments)}
		var seed [32]byte
		binary.BigEndian.PutUint64(seed[:], uint64(rate))
		seed[8] = byte(n)
		rng := rand.NewChaCha8(seed)
		for i := range r.Segments {
			s := &r.Segments[i]
			size := int64(len(s.Payload)) * int64(rate) / max(1, int64(best.Bitrate))
			s.Payload = make([]byte, min(max(1, size), token.MaxSize))
			_, _ = rng.Read(s.Payload) // never fails
			s.Samples, s.Bytes = 0, 0
		}
		r.settle()
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b Rendition) int { return cmp.Compare(a.Bitrate, b.Bitrate) })
	return out
}

package media

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// A Cutter makes segments of one source while its bytes come: a file in one
// piece, or a stream. A segment is out as soon as the first sample behind it
// is known. Content is never a reason to fail; Why says what could not be read.
//
//	for each piece of bytes { c.Feed(piece); for s, ok := c.Next(); ok; s, ok = c.Next() { ... } }
//	c.Close(); and once more
type Cutter struct {
	rule
	demuxer *demux.Demuxer
	plan    []int64 // where to cut, if that is given: for one rendition of several

	lanes     []*lane // in the order of a payload, once it is known
	lead      *lane   // the track that segments follow
	epoch     int64   // nanoseconds: the first picture
	begun     bool
	counted   []int // of each repair, what earlier segments have told
	start     int64 // of the segment that is being filled
	init      *Init
	cast      []*lane // that init is for
	decodable bool    // a decoder that has followed has seen a key picture
	closed    bool    // nothing more is fed
	finished  bool    // nothing more is read
	opaque    *opaque
	draft     draft                           // of the next payload
	keep      func(*lane, *demux.Sample) bool // for a thinned rendition; nil: everything
}

// lag is how long a cut waits for the other tracks, in microseconds of the
// lead: muxers interleave within a second.
const lag = 2_000_000

// NewCutter makes a cutter that aims at segments of the target length.
func NewCutter(target time.Duration) *Cutter {
	c := &Cutter{rule: ruleFor(target), demuxer: demux.New()}
	c.demuxer.Keep(true) // all may have to be treated as opaque
	return c
}

// Feed takes over p, the next bytes of the source. They must not change.
func (c *Cutter) Feed(p []byte) {
	if c.opaque != nil {
		c.opaque.feed(p)
		return
	}
	c.demuxer.Feed(p)
}

// Write is Feed for bytes that change later. It never fails.
func (c *Cutter) Write(p []byte) (int, error) {
	if c.opaque != nil {
		c.opaque.feed(bytes.Clone(p))
	} else {
		_, _ = c.demuxer.Write(p)
	}
	return len(p), nil
}

// Close says that nothing more comes.
func (c *Cutter) Close() {
	c.closed = true
	if c.opaque != nil {
		c.opaque.last = true
	}
	c.demuxer.Close()
}

// Format names the container by its content, "" while it is unknown.
func (c *Cutter) Format() string { return c.demuxer.Format() }

// Why says why the source is cut into opaque pieces, "" if it is read.
func (c *Cutter) Why() string { return c.demuxer.Why() }

// Repairs counts what has been mended, guessed or dropped so far.
func (c *Cutter) Repairs() []demux.Repair { return c.demuxer.Movie().Repairs }

// guessed says that the times of the lead are not from the source.
func (c *Cutter) guessed() bool { return c.lead != nil && c.lead.track.Guessed }

// Next gives the next segment that is complete. It says false when that needs
// more bytes or, after Close, when there is none.
func (c *Cutter) Next() (Segment, bool) {
	for c.opaque == nil {
		if s, ok := c.fill(false); ok {
			return s, true
		}
		if c.finished {
			return Segment{}, false
		}
		if c.demuxer.Step() {
			continue
		}
		switch {
		case c.Why() != "":
			c.opaque = &opaque{b: c.demuxer.Release(), target: c.target, last: c.closed}
		case c.demuxer.Movie().Full():
			return c.fill(true)
		case c.demuxer.Done():
			c.finished = true
		default:
			c.sketch()
			return Segment{}, false
		}
	}
	return c.opaque.next()
}

// fill makes a segment of what waits, if its end is certain. Forced, it makes
// one of whatever there is.
func (c *Cutter) fill(forced bool) (Segment, bool) {
	lead := c.leader()
	if lead == nil || !c.begun && !c.begin(lead) {
		return Segment{}, false
	}
	at, ok := c.end(lead)
	switch {
	case ok:
	case c.finished:
		at = cut{n: len(lead.track.Samples), at: c.over(lead), found: true}
	case forced:
		at = c.most(lead)
	default:
		return Segment{}, false
	}
	if !forced && !c.finished && !c.complete(lead, at.at) {
		return Segment{}, false
	}
	return c.cut(lead, at), true
}

// leader is the lane that the next segment follows: the main track, or another
// when that has ended or has been silent for longer than a segment may last, or
// when there is no room left to wait for it.
func (c *Cutter) leader() *lane {
	c.enlist()
	if c.lead == nil {
		c.lead = c.choose()
	}
	if c.lead == nil {
		return nil
	}
	silent := c.start + c.rule.most + lag // a lead that has nothing until then has paused
	if n := len(c.lead.track.Samples); n > 0 && (!c.begun || c.plan != nil || c.lead.at(&c.lead.track.Samples[0]) <= silent) {
		return c.lead
	}
	late := len(c.lead.track.Samples) == 0 && c.demuxer.Movie().Full()
	for _, l := range c.lanes {
		if l == c.lead || len(l.track.Samples) == 0 {
			continue
		}
		if c.finished || late || c.begun && l.track.Kind == demux.Audio && l.at(&l.track.Samples[0]) <= silent && l.beyond(silent) {
			return l
		}
	}
	if len(c.lead.track.Samples) > 0 {
		return c.lead
	}
	return nil
}

// enlist gives a lane to each track.
func (c *Cutter) enlist() {
	for _, t := range c.demuxer.Movie().Tracks[len(c.lanes):] {
		c.lanes = append(c.lanes, &lane{track: t, epoch: &c.epoch})
	}
}

// choose finds the track that segments follow, once that is certain: pictures
// before sounds before anything else, and among these the one with more
// samples. It waits for a track with enough samples to date it and, if there
// are only sounds, for some time more: pictures may be late.
func (c *Cutter) choose() (best *lane) {
	enough, patient := 0, c.finished || c.demuxer.Movie().Full()
	for _, l := range c.lanes {
		n := min(l.track.Total(), settled)
		enough = max(enough, l.track.Total())
		switch {
		case n == 0:
		case best == nil || rank(l.track.Kind) < rank(best.track.Kind):
			best = l
		case l.track.Kind == best.track.Kind && n > min(best.track.Total(), settled):
			best = l
		}
	}
	if best == nil || !patient && (enough < settled || best.track.Kind != demux.Video && enough < 4*settled) {
		return nil
	}
	return best
}

// What must have come before a source can be dated.
const (
	reordered = 17 // pictures in decode order that hold the one shown first: the most that any decoder keeps, and one
	settled   = 48 // samples that the beat of a track is told from
)

// begin dates the source: it starts with the first picture that is shown.
func (c *Cutter) begin(lead *lane) bool {
	own := lead.track.Samples
	if len(own) < settled && !c.finished && !c.demuxer.Movie().Full() {
		return false
	}
	first := own[0].Shown()
	for i := range own[:min(len(own), reordered)] {
		first = min(first, own[i].Shown())
	}
	c.epoch = lead.track.Nanos(first)
	c.begun = true
	lead.ready()
	return true
}

// over is when the last samples of the source are over: those of the lead, and
// whatever outlasts it by less than a segment.
func (c *Cutter) over(lead *lane) int64 {
	var end int64
	for i := range lead.track.Samples {
		x := &lead.track.Samples[i]
		end = max(end, lead.at(x)+lead.length(x))
	}
	if end <= c.start {
		end = c.start + 40_000 // a still of no duration: one picture long
	}
	for _, l := range c.lanes {
		if c.plan == nil && l.beyond(end+c.least) {
			return end
		}
	}
	return everything
}

const (
	everything = 1 << 61 // a time behind all others
	overhang   = 100_000 // microseconds that sound may last longer than the pictures without making the stream longer
)

// complete says that sounds, and what may be some, have come up to t, by whichever beat.
func (c *Cutter) complete(lead *lane, t int64) bool {
	if lead.beyond(t + lag) {
		return true
	}
	for _, l := range c.lanes {
		if heard := l.track.Kind == demux.Audio || l.track.Codec.Name == "unknown"; l != lead && heard && l.samples+len(l.track.Samples) > 0 && !l.beyond(t+wobble) {
			return false
		}
	}
	return true
}

// cut takes the segment that ends at the cut.
func (c *Cutter) cut(lead *lane, at cut) Segment {
	s := Segment{Start: time.Duration(c.start) * time.Microsecond}
	if len(c.plan) > 0 {
		c.plan = c.plan[1:]
	}
	c.demuxer.Keep(false)
	c.describe(lead, &s)
	carried := c.carried()
	for _, l := range carried {
		l.ready()
		if l != lead && at.at != everything {
			l.resume(at.at)
		}
	}
	parts := make([]Part, len(carried))
	for i, l := range carried {
		n := at.n
		if l != lead {
			n = l.split(at.at)
		}
		if n > 0 && l.track.Samples[0].Flags&demux.Break != 0 {
			s.Flags |= token.Break
		}
		if l == lead && n > 0 {
			c.classify(l.track.Samples[:n], &s)
		}
		parts[i] = l.take(n, c.start, c.keep, &s)
	}
	if at.at == everything {
		at.at = lead.end
		for _, l := range carried {
			if l.end > at.at+overhang {
				at.at = l.end
			}
		}
	}
	end := max(at.at, c.start+1)
	s.Duration = time.Duration(end-c.start) * time.Microsecond
	c.account(&s)
	if s.Facts.Broken > 0 || s.Facts.Lost > 0 {
		s.Flags |= token.Damaged
	}
	if s.Facts.Guessed > 0 {
		s.Flags |= token.Guessed
	}
	s.Payload, s.hash = c.draft.payload(parts)
	c.start = end
	return s
}

// classify says what a viewer can do with a segment whose lead has these
// samples.
func (c *Cutter) classify(own []demux.Sample, s *Segment) {
	if own[0].Key == closed {
		s.Flags |= token.Independent
	}
	for i := range own {
		c.decodable = c.decodable || own[i].Key != demux.None
	}
	if own[0].Codec.Cipher || !c.decodable {
		s.Flags |= token.Undecodable
	}
}

// carried are the lanes that have had samples: those of a payload, the main
// one first, then by kind and number.
func (c *Cutter) carried() []*lane {
	var out []*lane
	for _, l := range c.lanes {
		if l.samples+len(l.track.Samples) > 0 {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b *lane) int {
		return cmp.Or(b2i(b == c.lead)-b2i(a == c.lead), rank(a.track.Kind)-rank(b.track.Kind), cmp.Compare(a.track.ID, b.track.ID))
	})
	return out
}

// describe sets the decoder's configuration of a segment. A new one of the
// lead makes decoders start afresh.
func (c *Cutter) describe(lead *lane, s *Segment) {
	carried := c.carried()
	for _, l := range carried {
		if len(l.track.Samples) == 0 {
			continue
		}
		if next := l.track.Samples[0].Codec; l.codec != next {
			if l.codec != nil {
				s.Flags |= token.Break
			}
			if l == lead {
				c.decodable = false
			}
			l.codec, c.init = next, nil
		}
	}
	if c.init == nil || !slices.Equal(c.cast, carried) {
		c.init, c.cast = newInit(carried, c.lead), carried
	}
	s.Init = c.init
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

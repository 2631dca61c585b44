package protocol

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/player"
)

// Live says how close to the live edge viewers play.
type Live struct {
	Delay   time.Duration `yaml:"delay" doc:"How far behind live a newcomer starts."`
	CatchUp unit.Ratio    `yaml:"catchup" doc:"By how much playback may be faster or slower to come back to the delay, as LoL+ does it; 0% plays at 1."`
	Behind  time.Duration `yaml:"behind" doc:"How far behind live a viewer may fall before it jumps ahead."`
	Ready   time.Duration `yaml:"ready" doc:"How long after its end viewers ask for a slot: time to seal it and send its shards. Who asks earlier waits at the holder."`
}

// DefaultLive starts 6 s behind live, which is three segments of 2 s, inside
// the 2 to 5 s band of chunked low-latency streaming plus one segment.
func DefaultLive() Live {
	return Live{Delay: 6 * time.Second, Behind: 20 * time.Second, Ready: 100 * time.Millisecond}
}

// Validate reports every value that makes no sense.
func (l Live) Validate() error {
	var errs []error
	if l.Delay <= 0 {
		errs = append(errs, unit.Bad("delay", fmt.Sprintf("%v is not a positive time", l.Delay)))
	}
	if l.Behind <= l.Delay {
		errs = append(errs, unit.Bad("behind", fmt.Sprintf("%v is not above delay (%v)", l.Behind, l.Delay)))
	}
	if !(l.CatchUp >= 0 && l.CatchUp <= player.Fastest/1000.0) {
		errs = append(errs, unit.Bad("catchup", fmt.Sprintf("%v is not between 0%% and %v", l.CatchUp, unit.Ratio(player.Fastest/1000.0))))
	}
	if l.Ready < 0 || l.Ready >= l.Behind {
		errs = append(errs, unit.Bad("ready", fmt.Sprintf("%v is not between 0s and behind (%v)", l.Ready, l.Behind)))
	}
	return errors.Join(errs...)
}

// A playback is what a viewer plays: its buffer and clock, where in the stream
// they stand, and what its rule knows.
type playback struct {
	player.Clock
	next     uint32         // slot to fetch
	before   before         // what became of the slot before next
	last     int8           // rendition of the segment before, -1 at first
	watched  uint16         // segments fetched, as far as rules count them
	estimate *abr.Estimator // of all transfers; nil: its rule does not go by that
	peers    abr.Estimator  // of those from neighbours
	memory   abr.Memory
}

// A before is what became of the slot before the next.
type before uint8

const (
	unknown before = iota // it was skipped, or there was none
	fetched               // it was fetched, in rendition last
	passed                // as a gap
)

// push adds a segment of length d at now and states what follows: the start,
// or the end of a stall.
func (p *playback) push(now, joined, d time.Duration, s *Stream, out *Output) {
	switch e := p.Push(now, d, player.Thresholds{Start: s.Player.Start, Resume: s.Player.Resume}); {
	case e.Began:
		out.fact(Started, int64(now-joined), Fact{})
	case e.Resumed:
		out.fact(standing(e.Sought), 1, Fact{Span: e.Stalled})
	}
}

// standing is the fact of playback that stands still: after a jump that is no
// stall.
func standing(sought bool) FactKind {
	if sought {
		return Sought
	}
	return Stalled
}

// catchUp sets the pace at which playback comes back to its delay.
func (p *playback) catchUp(now time.Duration, l *Live, s *Stream) {
	if l.CatchUp > 0 {
		p.SetPace(now, player.CatchUp(p.behind(s), l.Delay, p.Buffer(now), float64(l.CatchUp)))
	}
}

// behind is how far playback is behind live: the next segment's pictures begin
// when the buffer's end is shown.
func (p *playback) behind(s *Stream) time.Duration { return p.EmptyAt() - s.Start(p.next) }

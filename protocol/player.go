package protocol

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
)

// Live says how close to the live edge viewers play.
type Live struct {
	Delay  time.Duration `yaml:"delay" doc:"How far behind live a newcomer starts."`
	Behind time.Duration `yaml:"behind" doc:"How far behind live a viewer may fall before it jumps ahead."`
	Ready  time.Duration `yaml:"ready" doc:"How long after its end viewers ask for a slot: time to seal it and send its shards. Who asks earlier waits at the holder."`
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
	if l.Ready < 0 || l.Ready >= l.Behind {
		errs = append(errs, unit.Bad("ready", fmt.Sprintf("%v is not between 0s and behind (%v)", l.Ready, l.Behind)))
	}
	return errors.Join(errs...)
}

// A player is the buffer and the clock of playback. Between two segments
// nothing happens in it, so it needs no timer: when the next one arrives, what
// has happened since is plain.
type player struct {
	next             uint32 // slot to fetch
	started, playing bool
	joined           bool          // the slot before next was fetched, in rendition last
	adrift           bool          // the slot before next passed as a gap
	emptyAt          time.Duration // playing: when the buffer runs dry
	queued           time.Duration // not playing: what the buffer holds
	last             int           // rendition of the segment before, -1 at first
	estimate         abr.Estimator // of all transfers
	peers            abr.Estimator // of those from neighbours
}

// buffer is how much can be played without another segment.
func (p *player) buffer(now time.Duration) time.Duration {
	if !p.playing {
		return p.queued
	}
	return max(0, p.emptyAt-now)
}

// stalledSince says since when playback stands still after it had begun.
func (p *player) stalledSince(now time.Duration) (time.Duration, bool) {
	if !p.started || p.playing && p.emptyAt >= now {
		return 0, false
	}
	return p.emptyAt, true
}

// push adds a segment of length d at now and states what follows: the start,
// or the end of a stall.
func (p *player) push(now, joined, d time.Duration, s *Stream, out *Output) {
	if p.playing && p.emptyAt < now {
		p.playing, p.queued = false, 0
	}
	if p.playing {
		p.emptyAt += d
		return
	}
	p.queued += d
	switch {
	case !p.started && p.queued >= s.Player.Start:
		p.started = true
		out.fact(Started, int64(now-joined), Fact{})
	case p.started && p.queued >= s.Player.Resume:
		out.fact(Stalled, 1, Fact{Span: now - p.emptyAt})
	default:
		return
	}
	p.playing, p.emptyAt = true, now+p.queued
	p.queued = 0
}

// behind is how far playback is behind live: the next segment's pictures begin
// when the buffer's end is shown.
func (p *player) behind(s *Stream) time.Duration { return p.emptyAt - s.Start(p.next) }

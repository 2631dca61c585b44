// Package player is the buffer and the clock of playback: what is ahead, when
// playing begins, stands still and goes on, at which pace, and which segments
// of the buffer are worth fetching once more.
//
// It is a state machine without timers: between two segments nothing happens
// in it, so when the next one arrives, what has happened since is plain.
//
// What it leaves out: which rendition is chosen (package abr), and where
// segments come from (package protocol, or a replayed trace).
package player

import "time"

// Thresholds are the play times to gather before playing begins, and before it
// goes on after a stall.
type Thresholds struct{ Start, Resume time.Duration }

// A Clock says what is ahead. Its zero value has nothing and has not begun.
type Clock struct {
	started, playing bool
	sought           bool          // it stands still since a Flush
	pace             int16         // how much faster than 1 it plays, in thousandths
	emptyAt          time.Duration // playing, or stalled: when the buffer runs or ran dry
	queued           time.Duration // not playing: what the buffer holds
}

// An Event is what a segment brought about.
type Event struct {
	Began   bool
	Resumed bool
	Stalled time.Duration // Resumed: for so long
	Sought  bool          // Resumed: since a Flush
}

// Started says whether the first picture was shown.
func (c *Clock) Started() bool { return c.started }

// Playing says whether the clock runs; it runs on for who asks late, until the
// next segment shows that the buffer ran dry.
func (c *Clock) Playing() bool { return c.playing }

// EmptyAt is when the buffer runs dry, or ran dry.
func (c *Clock) EmptyAt() time.Duration { return c.emptyAt }

// Buffer is how much can be played without another segment.
func (c *Clock) Buffer(now time.Duration) time.Duration {
	if !c.playing {
		return c.queued
	}
	return c.media(max(0, c.emptyAt-now))
}

// StalledSince says since when playback stands still after it had begun.
func (c *Clock) StalledSince(now time.Duration) (time.Duration, bool) {
	if !c.started || c.playing && c.emptyAt >= now {
		return 0, false
	}
	return c.emptyAt, true
}

// Push adds a segment of length d at now.
func (c *Clock) Push(now, d time.Duration, t Thresholds) (e Event) {
	if c.playing && c.emptyAt < now {
		c.playing, c.queued = false, 0
	}
	if c.playing {
		c.emptyAt += c.wall(d)
		return e
	}
	c.queued += d
	switch {
	case !c.started && c.queued >= t.Start:
		c.started, e.Began = true, true
	case c.sought && c.queued >= t.Start || c.started && !c.sought && c.queued >= t.Resume:
		e.Resumed, e.Stalled, e.Sought = true, now-c.emptyAt, c.sought
		c.sought = false
	default:
		return e
	}
	c.playing, c.emptyAt = true, now+c.wall(c.queued)
	c.queued = 0
	return e
}

// Flush empties the buffer, after a seek or a change of channel, and says for how
// long playback had stood still by then. The picture stands still from now on,
// until as much is there as to begin with. What had not begun has still not begun.
func (c *Clock) Flush(now time.Duration) (stalled time.Duration) {
	if since, yes := c.StalledSince(now); yes && !c.sought {
		stalled = now - since
	} else if yes { // it was still waiting since the Flush before
		now = since
	}
	c.queued = 0
	if c.started {
		c.playing, c.sought, c.emptyAt = false, true, now
	}
	return stalled
}

// Sought says whether it stands still since a Flush.
func (c *Clock) Sought() bool { return c.sought }

// Limits of the pace: what viewers are said not to notice, the defaults of
// dash.js (liveCatchup.playbackRate).
const (
	Slowest = -500
	Fastest = 500
)

// SetPace plays so many thousandths faster from now on; below zero, slower.
func (c *Clock) SetPace(now time.Duration, faster int) {
	faster = min(max(faster, Slowest), Fastest)
	if c.playing && c.emptyAt > now {
		ahead := c.media(c.emptyAt - now)
		c.pace = int16(faster)
		c.emptyAt = now + c.wall(ahead)
	}
	c.pace = int16(faster)
}

// Pace is by how many thousandths the clock runs faster than 1.
func (c *Clock) Pace() int { return int(c.pace) }

// media is what plays in a time, wall how long media take to play.
func (c *Clock) media(d time.Duration) time.Duration {
	if c.pace == 0 {
		return d
	}
	return d/1000*time.Duration(1000+int(c.pace)) + d%1000*time.Duration(1000+int(c.pace))/1000
}

func (c *Clock) wall(d time.Duration) time.Duration {
	if c.pace == 0 {
		return d
	}
	p := time.Duration(1000 + int(c.pace))
	return d/p*1000 + d%p*1000/p
}

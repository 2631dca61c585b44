package abr

import (
	"time"

	"kinetoscope/internal/unit"
)

// A View is what a viewer knows when it chooses.
type View struct {
	Buffer     time.Duration // play time ahead, at least 0
	BufferMax  time.Duration // play time ahead at most: the configured buffer or, live, what can be ahead
	Segment    time.Duration // play time of a segment, more than 0
	Throughput unit.Rate     // estimate; 0: none yet
	Last       int           // rung of the segment before; -1: this is the first
	Watched    int           // segments since the first or the last seek
	Left       int           // segments to come, with this one; 0: the end is not known
	Pace       int           // by how many thousandths playback is faster than 1
	Behind     time.Duration // how far behind live playback is; 0: it is not live
	Target     time.Duration // how far it should be
	Upcoming   Upcoming      // sizes of segments to come; nil: those of the ladder
}

// Upcoming knows how large segments to come are.
type Upcoming interface {
	// Size is that of a rung of the segment that is so many after the next; 0: not known.
	Size(ahead, rung int) unit.Size
}

// bytes is what a rung of a segment to come is expected to be, in bytes.
func (r *rule) bytes(v *View, ahead, rung int) float64 {
	if v.Upcoming != nil {
		if n := v.Upcoming.Size(ahead, rung); n > 0 {
			return float64(n)
		}
	}
	return r.ladder[rung] * v.Segment.Seconds() / 8
}

// A Memory is what the rules remember of one viewer beside its throughput. The
// zero value is that of a viewer who has seen nothing.
type Memory struct {
	*notes            // what rules remember that measure; nil: nothing yet
	fetched     int8  // rung of the newest download, even if it was given up
	wanted      int8  // what bola-u would have last, if it had chosen
	throughputs uint8 // choices by throughput, as far as they matter
	buffers     uint8 // choices by bola-e, as far as they matter; 0: it has not begun
	high        bool  // dynamic, dynamicdash: the buffer chooses
}

// Notes are what rules remember that go by measurements.
type notes struct {
	fast, slow  average       // of the latency of requests, in seconds
	placeholder time.Duration // bola-e: play time that the buffer is taken to have beyond what it has
	past        *history      // mpc, robust-mpc; nil: none
	learnt      *learner      // l2a; nil: it has seen nothing
	organised   *organised    // lolp; nil: it has seen nothing
}

func (m *Memory) noted() *notes {
	if m.notes == nil {
		m.notes = new(notes)
	}
	return m.notes
}

// Latency is how long a request takes until its first byte; 0 before any.
func (m *Memory) Latency() time.Duration {
	if m.notes == nil || m.fast.weight == 0 {
		return 0
	}
	return time.Duration(max(m.fast.sum/m.fast.weight, m.slow.sum/m.slow.weight) * 1e9)
}

// A Download is one that has ended, or that is under way.
type Download struct {
	Rung     int
	Size     unit.Size     // of the segment
	Got      unit.Size     // of these bytes, so many have come
	Took     time.Duration // since the request; 0: it came from several places, and says nothing
	Latency  time.Duration // of these, until the first byte
	Segment  time.Duration // play time of the segment
	Buffer   time.Duration // play time ahead; of a download that has ended, with the segment
	Replaces bool          // the segment was in the buffer, in a lower rung
}

// Fetched tells a finished download.
func (c Chooser) Fetched(m *Memory, d Download) {
	m.fetched = int8(d.Rung)
	if c.Measures() && d.Took > 0 && d.Size > 0 {
		n := m.noted()
		n.fast.add(d.Latency.Seconds(), halving(d.Segment, fastHalf))
		n.slow.add(d.Latency.Seconds(), halving(d.Segment, slowHalf))
		c.measured(m, 8*float64(d.Size)/d.Took.Seconds())
	}
	switch c.algorithm {
	case BOLAE, DynamicDash:
		c.settle(m, &d)
	case Dynamic:
		m.high = m.high && !d.Replaces
	}
}

// measured notes the rate of a download, with its latency, for the rules that
// go by it.
func (c Chooser) measured(m *Memory, rate float64) {
	switch c.algorithm {
	case MPC, RobustMPC:
		if m.past == nil {
			m.past = new(history)
		}
		m.past.add(rate)
	case L2A:
		if m.learnt == nil {
			m.learnt = new(learner)
		}
		m.learnt.last = rate
	}
}

// Waited tells that the buffer was full for so long.
func (c Chooser) Waited(m *Memory, d time.Duration) {
	if c.algorithm == BOLAE || c.algorithm == DynamicDash {
		m.noted().placeholder += d
	}
}

// Sought tells that playing goes on elsewhere, with an empty buffer.
func (c Chooser) Sought(m *Memory) {
	m.buffers = 0
	if m.notes == nil {
		return
	}
	if m.placeholder = 0; m.learnt != nil {
		m.learnt.begun = false
	}
}

// GivenUp tells that a download was given up for another rung.
func (c Chooser) GivenUp(m *Memory, d Download, to int) {
	m.fetched = int8(d.Rung)
	switch {
	case c.algorithm == Dynamic:
		m.high = m.high && !d.Replaces
	case (c.algorithm == BOLAE || c.algorithm == DynamicDash) && !d.Replaces:
		c.shrink(m, &d, to)
	}
}

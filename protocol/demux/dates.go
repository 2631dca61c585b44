package demux

import "math"

// A clock follows the decode times of one track.
type clock struct {
	dated bool
	moved int64 // ticks added to the container's times since the last jump
	last  int64 // decode time of the sample before, ticks
	step  int64 // its duration
}

// date mends the times of s, the next sample of t, so that decode times never
// go back. A step back of up to a second is jitter: the time is held and the
// presentation stays what it was. A larger one, or a hole of more than a
// minute in picture or sound, is another clock: times carry on without a gap
// and the sample is marked as a break.
func (t *Track) date(m *Movie, s *Sample) {
	far := maxGap * t.Scale
	dense := t.Kind == Video || t.Kind == Audio
	if c := int64(s.Shift); c > far || c < -far {
		s.Shift = 0
		m.repair(mendOffset, 1)
	}
	if dense && int64(s.Dur) > far {
		s.Dur = uint32(t.pace())
		m.repair(mendLong, 1)
	}
	if t.dated {
		t.follow(m, s, far, dense)
	}
	if !dense {
		t.step = 0
	} else if s.Dur > 0 {
		t.step = int64(s.Dur)
	}
	t.last, t.dated = s.Time, true
}

func (t *Track) follow(m *Movie, s *Sample, far int64, dense bool) {
	s.Time += t.moved
	due := t.last + t.pace()
	switch back := t.last - s.Time; {
	case back > t.Scale, dense && -back > far+t.pace():
		t.jump(m, s, due)
	case back > 0:
		s.Shift = int32(max(int64(s.Shift)-back, math.MinInt32))
		s.Time = t.last
		m.repair(mendBack, 1)
	}
	if n := len(t.Samples); n > 0 && t.Samples[n-1].Dur == 0 && s.Time-t.last <= far {
		t.Samples[n-1].Dur = uint32(min(s.Time-t.last, math.MaxUint32))
		t.step = s.Time - t.last
	}
}

// jump carries the clock on. Tracks of one movie jump together: the first to
// do so says by how much, and the others follow it if that brings them within
// a second of where they are due.
func (t *Track) jump(m *Movie, s *Sample, due int64) {
	raw := s.Time - t.moved
	shared := raw + t.ticks(m.jumped)
	if d := shared - due; m.jumped != 0 && d > -t.Scale && d < t.Scale {
		due = max(shared, t.last)
	} else {
		m.jumped = nanos(due-raw, t.Scale)
	}
	t.moved = due - raw
	s.Time = due
	s.Flags |= Break
	m.repair(mendJump, 1)
}

// pace is how long a sample of t usually lasts, in ticks.
func (t *Track) pace() int64 {
	if t.step > 0 {
		return t.step
	}
	return max(1, t.Scale/25)
}

// ticks turns nanoseconds into ticks, rounded down.
func (t *Track) ticks(ns int64) int64 {
	sec := floorDiv(ns, 1e9)
	return sec*t.Scale + floorDiv((ns-sec*1e9)*t.Scale, 1e9)
}

// Nanos turns a time in ticks of t into nanoseconds, rounded down.
func (t *Track) Nanos(ticks int64) int64 { return nanos(ticks, t.Scale) }

// nanos turns ticks into nanoseconds, rounded down. Beyond 272 years it stops
// counting: |nanos| < 2^63 for every input.
func nanos(ticks, scale int64) int64 {
	sec := floorDiv(ticks, scale)
	rest := ticks - sec*scale
	const most = 1 << 33
	switch {
	case sec > most:
		sec, rest = most, 0
	case sec < -most:
		sec, rest = -most, 0
	}
	return sec*1e9 + rest*1_000_000_000/scale
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

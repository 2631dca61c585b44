package media

import (
	"slices"

	"kinetoscope/protocol/demux"
)

const (
	closed = demux.Closed
	open   = demux.Open
)

func rank(k demux.Kind) int { return slices.Index(demux.Kinds, k) }

// A lane is one track on its way into segments. Its times are microseconds
// since the first picture of the source.
type lane struct {
	track *demux.Track
	codec *demux.Codec // of the samples that were taken last
	epoch *int64       // nanoseconds: of the first picture of the source

	clock  Clock
	anchor int64 // time of step 0
	fitted bool
	end    int64 // when the last sample taken is over

	beside           int // samples that are counted in the segment whose end is looked for
	took             int // samples in the last segment
	samples, damaged int
	bytes            int64
	keys             [4]int // pictures taken, by class
	starts           []int  // of pictures: which were key pictures of any class
}

// raw is the time of x as its container tells it.
func (l *lane) raw(x *demux.Sample) int64 {
	return floorDiv(l.track.Nanos(x.Shown())-*l.epoch+500, 1000)
}

// at is the time of x, on the beat of the track if that is known.
func (l *lane) at(x *demux.Sample) int64 {
	t := l.raw(x)
	if !l.fitted {
		return t
	}
	if on := l.anchor + l.clock.micros(l.clock.step(t-l.anchor)); on-t <= wobble && t-on <= wobble {
		return on
	}
	return t
}

// length is how long x lasts, in microseconds: a beat of the track, if that is
// known and the container says no other than by rounding, so that a cut falls
// between the same sounds whatever the container rounds to.
func (l *lane) length(x *demux.Sample) int64 {
	t := l.track.Nanos(int64(x.Dur)) / 1000
	if !l.steady() {
		return t
	}
	if one := l.clock.micros(1); one-t <= wobble && t-one <= wobble {
		return one
	}
	return t
}

// half is half a sample: of the beat, or else half of the next one.
func (l *lane) half() int64 {
	if l.steady() {
		return l.clock.micros(1) / 2
	}
	return l.length(&l.track.Samples[0]) / 2
}

// steady says that the track follows a beat.
func (l *lane) steady() bool { return l.fitted && l.clock != millis }

// breaks says that the source changes before waiting sample i.
func (l *lane) breaks(i int) bool {
	x := &l.track.Samples[i]
	return x.Flags&demux.Break != 0 || i > 0 && x.Codec != l.track.Samples[i-1].Codec
}

// beat makes sure that the samples follow the clock of the lane. If they do
// not, it looks for another one, beginning with them.
func (l *lane) beat(own []demux.Sample) {
	if l.fitted && l.follows(own) {
		return
	}
	times := make([]int64, min(len(own), fitted))
	first := l.raw(&own[0])
	for i := range times {
		times[i] = l.raw(&own[i])
		first = min(first, times[i])
	}
	l.clock = fit(times, clocks(l.track.Kind, own[0].Codec))
	l.anchor, l.fitted = 0, true
	if l.clock != millis {
		l.anchor = floorDiv(first+500, 1000) * 1000
		l.fitted = l.follows(own)
	}
	if !l.fitted {
		l.clock, l.anchor, l.fitted = millis, 0, true
	}
}

// ready finds the beat of a track that begins.
func (l *lane) ready() {
	if own := l.track.Samples; !l.fitted && len(own) > 0 {
		l.beat(own[:min(len(own), settled)])
	}
}

func (l *lane) follows(own []demux.Sample) bool {
	if l.clock == millis {
		return false // a beat may have begun
	}
	for i := range own {
		t := l.raw(&own[i])
		if on := l.anchor + l.clock.micros(l.clock.step(t-l.anchor)); on-t > wobble || t-on > wobble {
			return false
		}
	}
	return true
}

// resume looks for the beat of sounds that had none before, among those that come
// before t: a container that rounds puts no other sound before a cut then.
func (l *lane) resume(t int64) {
	own := l.track.Samples
	n := 0
	for n < len(own) && l.raw(&own[n]) < t {
		n++
	}
	if l.track.Kind == demux.Audio && !l.steady() && n >= fewFits {
		l.beat(own[:n])
	}
}

// split says how many waiting samples belong before a cut at time t. A sound
// goes where most of it is; the others where they begin. What changes its
// configuration begins another segment.
func (l *lane) split(t int64) int {
	for i := range l.track.Samples {
		x := &l.track.Samples[i]
		due := t
		if l.track.Kind == demux.Audio {
			due -= l.length(x) / 2
		}
		if l.at(x) >= due || i > 0 && l.breaks(i) {
			return i
		}
	}
	return len(l.track.Samples)
}

// beyond says that a sample at or after t has come.
func (l *lane) beyond(t int64) bool {
	n := len(l.track.Samples)
	return n > 0 && l.at(&l.track.Samples[n-1]) >= t
}

// take moves the next n samples into a part of the segment that starts at
// start, but for those that are not to be kept, and counts them in s.
func (l *lane) take(n int, start int64, keep func(*lane, *demux.Sample) bool, s *Segment) (p Part) {
	if n == 0 {
		return p
	}
	own := l.track.Samples[:n]
	l.beat(own)
	var zero int64
	for i := range own {
		x := &own[i]
		l.end = max(l.end, l.at(x)+l.length(x))
		if keep != nil && !keep(l, x) {
			continue
		}
		if p.Samples == nil {
			zero = l.step(x)
			p = l.part(x, start, make([]Sample, 0, n))
		}
		p.Samples = append(p.Samples, l.sample(x, zero))
		l.count(x, s)
	}
	l.took = len(p.Samples)
	l.codec = own[n-1].Codec
	l.track.Take(n)
	return p
}

// step is the step at which x is presented.
func (l *lane) step(x *demux.Sample) int64 { return l.clock.step(l.raw(x) - l.anchor) }

// part begins a part of a segment that starts at start, with x.
func (l *lane) part(x *demux.Sample, start int64, samples []Sample) Part {
	return Part{Clock: l.clock, Start: floorDiv(l.anchor+l.clock.micros(l.step(x))-start+500, 1000), Samples: samples}
}

// sample is x in a part whose first sample is presented at step zero.
func (l *lane) sample(x *demux.Sample, zero int64) Sample {
	return Sample{Step: l.step(x) - zero, Key: x.Key, Damaged: x.Flags&demux.Damaged != 0, Bytes: x.Bytes}
}

func (l *lane) count(x *demux.Sample, s *Segment) {
	if x.Key != demux.None && l.track.Kind == demux.Video {
		l.starts = append(l.starts, l.samples)
	}
	l.samples++
	l.keys[x.Key]++
	l.bytes += int64(len(x.Bytes))
	s.Samples++
	s.Bytes += int64(x.Size)
	s.Facts.Lost += uint32(x.Lost)
	if x.Flags&demux.Damaged != 0 {
		s.Facts.Broken++
		l.damaged++
	}
	if x.Flags&demux.Guessed != 0 || l.track.Guessed {
		s.Facts.Guessed++
	}
}

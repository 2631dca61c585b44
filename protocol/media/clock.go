package media

import "kinetoscope/protocol/demux"

// A Clock counts presentation time: one step lasts Num/Den seconds.
type Clock struct {
	Num uint32 // 1 to 2^24
	Den uint32 // 1 to 2^24
}

// millis is the clock of pictures that follow no beat. A millisecond is the
// finest that every container can tell (Matroska and FLV know no finer).
var millis = Clock{1, 1000}

// micros is the time of a step, in microseconds, rounded down.
func (c Clock) micros(step int64) int64 {
	whole := floorDiv(step, int64(c.Den))
	rest := step - whole*int64(c.Den)
	return whole*int64(c.Num)*1_000_000 + rest*int64(c.Num)*1_000_000/int64(c.Den)
}

// step is the step nearest to a time in microseconds.
func (c Clock) step(us int64) int64 {
	sec := floorDiv(us, int64(c.Num)*1_000_000)
	rest := us - sec*int64(c.Num)*1_000_000
	return sec*int64(c.Den) + floorDiv(2*rest*int64(c.Den)+int64(c.Num)*1_000_000, 2*int64(c.Num)*1_000_000)
}

// Beats of pictures, in order of how common they are: what broadcast, film and
// cameras use.
var pictureClocks = []Clock{
	{1, 25}, {1001, 30_000}, {1, 30}, {1001, 24_000}, {1, 24}, {1, 50}, {1001, 60_000}, {1, 60},
	{1, 15}, {1, 10}, {1, 12}, {1001, 15_000}, {1, 20}, {1, 5}, {1, 1}, {1, 100}, {1001, 120_000}, {1, 120},
}

// Sounds in one sample of compressed audio: AAC, MP3, AC-3, Opus, AAC-960,
// HE-AAC, MP3 at low rates, FLAC, AAC-LD.
var soundsPerSample = []uint32{1024, 1152, 1536, 960, 2048, 576, 4096, 512, 480, 1920, 2880}

// clocks lists the beats that a track may follow.
func clocks(kind demux.Kind, codec *demux.Codec) []Clock {
	switch {
	case kind == demux.Video:
		return pictureClocks
	case kind != demux.Audio || codec.Rate <= 0 || codec.Rate > 1<<20:
		return nil
	}
	out := make([]Clock, len(soundsPerSample))
	for i, n := range soundsPerSample {
		out[i] = Clock{n, uint32(codec.Rate)}
	}
	return out
}

// Bounds of a fit.
const (
	wobble  = 1500 // microseconds that a time may be off its beat: two roundings to a millisecond, and some
	fewFits = 8    // samples that a beat is told from, at least
	fitted  = 512  // at most
)

// fit finds the beat that the times follow, in microseconds and in any order:
// the clock whose step is nearest to the slope of the line through the times
// (least squares). So the same pictures follow the same beat whether their
// container rounds times to milliseconds or not. Without one it is millis.
func fit(times []int64, among []Clock) Clock {
	times = times[:min(len(times), fitted)]
	if len(times) < fewFits {
		return millis
	}
	first := times[0]
	for _, t := range times {
		first = min(first, t)
	}
	best, least := millis, 0.0
	for _, c := range among {
		if off, ok := c.off(times, first); ok && (best == millis || off < 0.99*least) { // 1/50 fits what 1/25 fits as well
			best, least = c, off
		}
	}
	return best
}

// off is how far the slope of the times is from c, as a share. It is not ok if
// some time is off its beat.
func (c Clock) off(times []int64, first int64) (float64, bool) {
	var sumN, sumT, sumNN, sumNT int64
	for _, t := range times {
		t -= first
		n := c.step(t)
		if d := t - c.micros(n); d > wobble || d < -wobble {
			return 0, false
		}
		if n > 1<<16 || t > 1<<34 {
			return 0, false // beyond what the sums can hold: no beat of a segment
		}
		d := t - c.micros(n)
		sumN, sumT, sumNN, sumNT = sumN+n, sumT+d, sumNN+n*n, sumNT+n*d
	}
	// The slope of the residuals: with the mean taken out, in whole numbers.
	k := int64(len(times))
	above, below := k*sumNT-sumN*sumT, k*sumNN-sumN*sumN
	if below <= 0 {
		return 0, false
	}
	step := float64(c.Num) / float64(c.Den)
	return float64(max(above, -above)) / float64(below) / step, true
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

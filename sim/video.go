package sim

import (
	"math"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/token"
	"kinetoscope/sim/result"
)

// measureVideo says how well the video could be cut.
func (w *world) measureVideo(r *result.Run) {
	l := w.ladder
	var kinds [4]float64
	var all, late, pictures, carried, came float64
	var lengths, spread []float64
	for i := range l.Renditions {
		var sizes []float64
		for n := range l.Renditions[i].Segments {
			g := &l.Renditions[i].Segments[n]
			kinds[kindOf(g.Flags)]++
			all++
			carried += float64(g.Bytes)
			sizes = append(sizes, float64(len(g.Payload)))
			if i == 0 {
				lengths = append(lengths, g.Duration.Seconds())
			}
			if d, ok := untilKey(g); ok {
				late += d.Seconds()
				pictures++
			}
		}
		spread = append(spread, variation(sizes))
	}
	for kind, id := range [4]result.MetricID{result.SegmentsAligned, result.SegmentsDependent, result.SegmentsOpaque, result.SegmentsUndecodable} {
		r.Values[id] = ratio(kinds[kind], all)
	}
	for _, f := range l.Sources {
		came += float64(f.Size)
	}
	r.Values[result.BytesCarried] = ratio(carried, came)
	r.Values[result.AlignmentError] = ratio(late, pictures)
	r.Values[result.DurationCV] = variation(lengths)
	r.Values[result.SizeCV] = mean(spread)
}

// kindOf is what a segment counts as: 0 aligned, 1 dependent, 2 opaque, 3
// undecodable.
func kindOf(f token.Flags) int {
	switch {
	case f&token.Opaque != 0:
		return 2
	case f&token.Undecodable != 0:
		return 3
	case f&token.Independent == 0:
		return 1
	}
	return 0
}

// untilKey is the time from the start of a segment to its first closed key
// picture, or its length if there is none. It is not ok if nothing is known of
// its pictures.
func untilKey(g *media.Segment) (time.Duration, bool) {
	parts, err := media.DecodePayload(g.Payload)
	if g.Init == nil || g.Init.Width == 0 || err != nil || len(parts) == 0 || len(parts[0].Samples) == 0 {
		return 0, false
	}
	for i := range parts[0].Samples {
		if parts[0].Samples[i].Key == demux.Closed {
			return min(max(0, parts[0].Time(i)), g.Duration), true
		}
	}
	return g.Duration, true
}

// variation is the standard deviation of list over its mean, and NaN without a
// mean.
func variation(list []float64) float64 {
	m := mean(list)
	sum := 0.0
	for _, x := range list {
		sum += float64((x - m) * (x - m))
	}
	return ratio(math.Sqrt(ratio(sum, float64(len(list)))), m)
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return ratio(sum, float64(len(list)))
}

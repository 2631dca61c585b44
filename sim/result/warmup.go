package result

import (
	"fmt"
	"math"
	"time"
)

// settling is what of a timeline should be steady once a stream is warm: no
// stream is steady in the number of its viewers.
var settling = []struct {
	name string
	of   func(*Point) float64 // NaN where there is nothing to see
}{
	{"bitrate", func(p *Point) float64 {
		if p.Bitrate == 0 { // no segment began
			return math.NaN()
		}
		return p.Bitrate
	}},
	{"share of stalled viewers", func(p *Point) float64 { return float64(p.Stalled) / float64(p.Joined) }},
}

// coldStart is a note where the warm-up that was declared is too short: MSER-5
// would leave out more, and by that a mean changes beyond chance and by a
// hundredth or more. Nothing where none was declared, since then the beginning is
// meant, or where a fault is measured, which is no warm-up.
func (s *Set) coldStart() (note string) {
	for _, m := range s.Marks {
		if m.Label != "warm-up" && m.Label != "cool-down" && s.Window.Within(m.At, m.Until) > 0 {
			return ""
		}
	}
	latest := s.Window.From
	for _, v := range s.Variants {
		for _, what := range settling {
			if at, change := s.settles(v.Name, what.of); s.Window.From > 0 && at > latest {
				latest = at
				note = fmt.Sprintf("the warm-up of %v looks too short: the %s of %s is steady from %v on only (MSER-5), and without what is before its mean changes by %+.0f%%",
					s.Window.From, what.name, v.Name, at, 100*change)
			}
		}
	}
	return note
}

// settles is from when on a quantity is steady, if that is later than the
// Window and matters, and how much its mean changes by leaving out what is
// before; 0 otherwise.
func (s *Set) settles(variant string, of func(*Point) float64) (at time.Duration, change float64) {
	var times []time.Duration
	var series [][]float64 // by run
	for _, r := range s.RunsOf(variant) {
		var values []float64
		times = times[:0]
		for i := range r.Series {
			if p := &r.Series[i]; s.Window.Holds(p.At) {
				times, values = append(times, p.At), append(values, of(p))
			}
		}
		series = append(series, values)
	}
	var over []float64 // the mean over seeds
	var places []int   // of its values in the series
	for i := range times {
		var samples []float64
		for _, values := range series {
			if i < len(values) {
				samples = append(samples, values[i])
			}
		}
		if m := NewStat(samples).Mean; !math.IsNaN(m) {
			over, places = append(over, m), append(places, i)
		}
	}
	cut := mser5(over)
	if cut == 0 {
		return 0, 0
	}
	cut = places[cut]
	var all, rest []float64
	for _, values := range series {
		all, rest = append(all, NewStat(values).Mean), append(rest, NewStat(values[min(cut, len(values)):]).Mean)
	}
	d := NewDelta(rest, all)
	if change = d.Ratio - 1; d.Straddles(0) || !(math.Abs(change) >= 0.01) {
		return 0, 0
	}
	return times[cut], change
}

// mser5 is how many values to leave out at the beginning of a series, so that
// the standard error of the mean of what is left is least: in batches of five,
// up to half of them.
//
// K. P. White, M. J. Cobb and S. C. Spratt, A comparison of five steady-state
// truncation heuristics for simulation, Winter Simulation Conference 2000.
func mser5(series []float64) int {
	const batch = 5
	var means []float64
	for i := 0; i+batch <= len(series); i += batch {
		means = append(means, mean(series[i:i+batch]))
	}
	least, at := math.Inf(1), 0
	for d := 0; d <= len(means)/2 && len(means)-d >= 2; d++ {
		n := float64(len(means) - d)
		m, sum := mean(means[d:]), 0.0
		for _, v := range means[d:] {
			sum += float64((v - m) * (v - m))
		}
		if e := sum / (n * n); e < least {
			least, at = e, d
		}
	}
	return batch * at
}

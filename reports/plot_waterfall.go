package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// delays are where the time between the live edge and the viewer's eye goes, in
// the order in which it passes.
var delays = []string{"sealed by the publisher", "fetched", "held by the player"}

// delaysOf is the means of a run, by delays, and what they make: how far
// viewers are behind the live edge. What the player holds is what is left. NaN
// where nobody was behind anything.
func delaysOf(r *result.Run) (parts []float64, whole float64) {
	var behind, fetched, n, viewers float64
	for i := range r.Viewers {
		if v := &r.Viewers[i]; v.Latency > 0 {
			behind += v.Latency.Seconds()
			viewers++
		}
	}
	r.Downloads.Each(func(seconds float64, count uint64) {
		fetched += seconds * float64(count)
		n += float64(count)
	})
	sealed := r.Values[result.PublishDelay]
	behind, fetched = behind/viewers, fetched/n // 0/0 is NaN
	return []float64{sealed, fetched, max(0, behind-sealed-fetched)}, behind
}

// waterfallPlot shows for each variant where a segment's latency goes: a bar for
// each stage, one behind the other, with the interval of the whole.
func waterfallPlot(s *result.Set) *picture {
	pic := &picture{height: vg.Length(62 + 24*len(s.Variants)), header: []string{"variant", "part", "sec_mean", "lo95", "hi95", "n"}}
	panel := newPanel("seconds behind the live edge")
	panel.Y.Tick.Marker = nameTicks(s.VariantNames())
	panel.Y.Tick.Label.Color = ink
	panel.Y.Min, panel.Y.Max = -float64(len(s.Variants))+0.5, 0.5
	most := 0.0
	for i, v := range s.Variants {
		samples := make([][]float64, len(delays)+1)
		for _, r := range s.RunsOf(v.Name) {
			parts, whole := delaysOf(r)
			for k, x := range append(parts, whole) {
				samples[k] = append(samples[k], x)
			}
		}
		stats := make([]result.Stat, len(samples))
		for k, name := range append(delays[:len(delays):len(delays)], "all") {
			st := result.NewStat(samples[k])
			stats[k] = st
			pic.rows = append(pic.rows, []string{v.Name, name, num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
		}
		if whole := stats[len(delays)]; whole.N > 0 {
			most = math.Max(math.Max(most, whole.Mean), whole.Hi) // a NaN is no maximum
			if math.IsNaN(most) {
				most = whole.Mean
			}
		}
		panel.Add(piece{variant: i}.of(delayBar(v.Name, stats, -float64(i))))
	}
	if most == 0 {
		return nil
	}
	fitZero(&panel.X, most)
	var keys []key
	for i, name := range delays {
		keys = append(keys, key{name: name, fill: payeeColors[i]})
	}
	pic.height += legendHeight(keys)
	pic.draw = func(c draw.Canvas) {
		below := draw.Crop(legend(c, keys), 0, -totalRoom, 0, 0)
		panels(below, [][]*plot.Plot{{panel}}, [][]string{{"where a segment's latency goes"}})
	}
	pic.caption = fmt.Sprintf("Means over viewers, and of these the mean over %s; line: 95 %% interval of the whole (Student's t), which stands to the right. "+
		"Sealed: from the last picture of a segment to its token; fetched: from the first request to the last byte checked; held: what is left, "+
		"the length of the segment and what the player keeps in its buffer.", seeds(s))
	return pic
}

// delayBar draws the bar of one variant at height at: its parts, of which the
// last of stats is the whole.
func delayBar(variant string, stats []result.Stat, at float64) paint {
	whole := stats[len(delays)]
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if whole.N == 0 {
			return
		}
		from := 0.0
		for i := range delays {
			part := stats[i].Mean
			if !(part > 0) {
				continue
			}
			says := fmt.Sprintf("%s, %s: %s", variant, delays[i], result.Metrics[result.LatencyP50].StatText(stats[i]))
			piece{variant: none, says: says}.of(func(c draw.Canvas, x, y func(float64) vg.Length) {
				box(c, payeeColors[i], x(from), x(from+part), y(at), 6)
			})(c, x, y)
			from += part
		}
		total(c, x, y, at, result.LatencyP50, whole)
	}
}

package replay

import (
	"time"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol/abr"
)

// Puffer is what a rule gave on many links, all of them together: the share of time
// that was stalled, and the mean bitrate in Mbit/s.
type Puffer struct{ Stalled, Bitrate float64 }

// LikePuffer plays ten minutes of live television as Puffer served it (Yan and
// others, "Learning in situ: a randomized experiment in video streaming", NSDI
// 2020): segments of 2.002 s, a buffer of 15 s. The ladder and its sizes are made
// up.
func LikePuffer(rule abr.Algorithm, traces []datasets.Trace) (Puffer, error) {
	c := abr.Default()
	c.Algorithm, c.Buffer, c.Start, c.Resume = rule, 15*time.Second, pufferSegment, pufferSegment
	p, err := New(c, pufferVideo(), Sabre(40*time.Millisecond))
	if err != nil {
		return Puffer{}, err
	}
	var all Watched
	for _, t := range traces {
		w, err := p.Play(t.Name, t.Steps)
		if err != nil {
			return Puffer{}, err
		}
		all.Add(&w.Session)
	}
	return Puffer{all.RebufferRatio(), all.Bitrate()}, nil
}

const pufferSegment = 2002 * time.Millisecond

// pufferVideo is eight rungs up to 5.5 Mbit/s, of segments of half to one and a half
// times their rate.
func pufferVideo() *datasets.Ladder {
	v := datasets.Ladder{Name: "made up"}
	for _, kbps := range []unit.Rate{200, 400, 700, 1100, 1700, 2600, 3800, 5500} {
		v.Renditions = append(v.Renditions, datasets.Sizes{Rate: 1000 * kbps})
	}
	d := Draws(11)
	for range 300 {
		thousandths := 500 + d.Next()%1000
		v.Durations = append(v.Durations, pufferSegment)
		for i := range v.Renditions {
			r := &v.Renditions[i]
			r.Sizes = append(r.Sizes, unit.Size(int64(r.Rate)*2002*thousandths/8_000_000))
		}
	}
	return &v
}

// PufferLike are links as live television is watched over, made up by what was
// measured of 28 traces of Puffer: steps of 2 s, a mean of 0.3 to 3.3 Mbit/s, a
// coefficient of variation of 0.45, a correlation of 0.2 from step to step, and one
// step in ten below a quarter of the mean.
func PufferLike(n int) (list []datasets.Trace) {
	stray := []int64{55, 75, 90, 100, 110, 130, 145, 190} // percent
	d := Draws(21)
	for range n {
		mean, at := 300+d.Next()%3000, int64(100)
		var steps []netem.Step
		for range 300 {
			if d.Next()%10 < 7 {
				at = stray[d.Next()%int64(len(stray))]
			}
			rate := mean * at
			if d.Next()%10 == 0 {
				rate = mean * (1 + d.Next()%25)
			}
			steps = append(steps, netem.Step{For: 2 * time.Second, Down: unit.Rate(10 * rate)})
		}
		list = append(list, datasets.Trace{Name: "made up", Steps: steps})
	}
	return list
}

package replay

import (
	_ "embed" // of the figures
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol/abr"
)

//go:embed testdata/pensieve.tsv
var pensieveFigures string

// A Known is a session in a made-up world, and what Pensieve's environment gives
// for it.
type Known struct {
	World int
	Rule  abr.Algorithm
	Want  Figures
}

// Figures are of a session as Pensieve sums it up: the reward of a segment, the
// mean bitrate in kbit/s, the seconds stalled, the sum of the changes of bitrate in
// kbit/s, and their number.
type Figures [5]float64

// KnownOfPensieve lists the sessions of testdata/pensieve.tsv.
func KnownOfPensieve() (list []Known, err error) {
	for line := range strings.Lines(pensieveFigures) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		k := Known{Rule: abr.Algorithm(words[2])}
		if _, err := fmt.Sscanf(words[1], "made-up-%d", &k.World); err != nil {
			return nil, err
		}
		for i, w := range words[3:] {
			if k.Want[i], err = strconv.ParseFloat(w, 64); err != nil {
				return nil, err
			}
		}
		list = append(list, k)
	}
	return list, nil
}

// Play plays the session here.
func (k Known) Play() (Figures, error) {
	c := abr.Default()
	c.Algorithm, c.Start, c.Resume = k.Rule, 4*time.Second, 4*time.Second
	c.Buffer = 64 * time.Second // 60 s, and the segment that has come
	p, err := New(c, pensieveVideo(), Pensieve())
	if err != nil {
		return Figures{}, err
	}
	span := [][2]int64{{100, 2500}, {300, 6000}, {50, 1200}}[k.World]
	s, err := p.Play("made up", MadeUpTrace(uint32(300+k.World), span[0], span[1]))
	return Figures{s.Lin(), 1000 * s.Linear.Value / float64(s.Segments), s.Stalled.Seconds(), 1000 * s.Linear.Change, float64(s.Switches)}, err
}

// pensieveVideo is 48 segments of 4 s, and one that is only looked up.
func pensieveVideo() *datasets.Ladder {
	v := datasets.Ladder{Name: "made up", Durations: slices.Repeat([]time.Duration{4 * time.Second}, 48)}
	for _, kbps := range []unit.Rate{300, 750, 1200, 1850, 2850, 4300} {
		v.Renditions = append(v.Renditions, datasets.Sizes{Rate: 1000 * kbps})
	}
	seed := Draws(9)
	for range 49 {
		thousandths := 600 + seed.Next()%800
		for i := range v.Renditions {
			r := &v.Renditions[i]
			r.Sizes = append(r.Sizes, r.Rate.Bytes(time.Duration(4*thousandths)*time.Millisecond))
		}
	}
	return &v
}

// Draws is a plain generator, so that a few lines of any language make the same
// traces and videos: x <- 1664525 x + 1013904223 mod 2^32, less the low 16 bits.
type Draws uint32

// Next is the next number, below 65536.
func (d *Draws) Next() int64 {
	*d = 1664525**d + 1013904223
	return int64(*d >> 16)
}

// MadeUpTrace is 240 steps of half a second to two, of rates in kbit/s from low on
// over a span, one in 40 of them dark.
func MadeUpTrace(seed uint32, low, span int64) (steps []netem.Step) {
	d := Draws(seed)
	for range 240 {
		length, dark, rate := d.Next(), d.Next(), d.Next()
		s := netem.Step{For: time.Duration(500+length%1500) * time.Millisecond, Down: unit.Rate(1000 * (low + rate%span))}
		if dark%40 == 0 {
			s.Down = 0
		}
		steps = append(steps, s)
	}
	return steps
}

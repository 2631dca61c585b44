package replay

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol/abr"
)

// Figures of whole sessions are those of Pensieve's environment under its own
// MPC, to the digits that are kept.
func TestLikePensieve(t *testing.T) {
	video := madeUpVideo(9, 300, 750, 1200, 1850, 2850, 4300)
	seed := draws(9)
	for n := range 49 { // 48 segments of 4 s, and one that is only looked up
		thousandths := 600 + seed.next()%800
		for i, r := range video.Renditions {
			video.Renditions[i].Sizes[n] = r.Rate.Bytes(time.Duration(4*thousandths) * time.Millisecond)
		}
	}
	video.Durations = slices.Repeat([]time.Duration{4 * time.Second}, 48)
	golden(t, "pensieve.tsv", func(words []string, want []float64) {
		var k draws
		if _, err := fmt.Sscanf(words[1], "made-up-%d", &k); err != nil {
			t.Fatal(err)
		}
		span := [][2]int64{{100, 2500}, {300, 6000}, {50, 1200}}[k]
		c := abr.Default()
		c.Algorithm, c.Start, c.Resume = abr.Algorithm(words[2]), 4*time.Second, 4*time.Second
		c.Buffer = 64 * time.Second // 60 s, and the segment that has come
		p, err := New(c, &video, Pensieve())
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Play(words[1], madeUpTrace(300+k, span[0], span[1]))
		if err != nil {
			t.Fatal(err)
		}
		n := float64(s.Segments)
		for i, got := range []float64{s.Lin(), 1000 * s.Linear.Value / n, s.Stalled.Seconds(), 1000 * s.Linear.Change, float64(s.Switches)} {
			if math.Abs(got-want[i]) > 2e-6*max(1, math.Abs(want[i])) {
				t.Errorf("%v: figure %d is %.6f, Pensieve's %.6f", words, i+1, got, want[i])
			}
		}
	})
}

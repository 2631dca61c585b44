package validate

import (
	"context"
	"math"
	"testing"
	"time"

	"kinetoscope/netem"
	"kinetoscope/sim/result"
)

// The short form of what `kscope validate` measures holds.
func TestShort(t *testing.T) {
	r, err := Run(context.Background(), Short(), func(what string) { t.Log(what) })
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Parts {
		for _, c := range s.Findings {
			t.Logf("%t %s %s: want %.6g got %.6g %s (%s)", c.Passed, s.ID, c.What, c.Want, c.Got, c.Unit, c.Rule)
			if !c.Passed {
				t.Errorf("%s: %s: %.6g %s, want %.6g %s", s.ID, c.What, c.Got, c.Unit, c.Want, c.Rule)
			}
		}
	}
}

// An engine with a rate or a latency that is a little wrong fails the worked
// examples.
func TestExamplesCanFail(t *testing.T) {
	for what, tt := range map[string]struct {
		lay    func(*netem.Config)
		failed int
	}{
		"right":              {nil, 0},
		"slower by 10 ppm":   {func(c *netem.Config) { c.Classes[0].Up -= c.Classes[0].Up / 100_000 }, 5},
		"20 us further away": {func(c *netem.Config) { c.Classes[0].Latency += 10 * time.Microsecond }, 4}, // of 477 s it is nothing
		"no latency":         {func(c *netem.Config) { c.Classes[0].Latency = 0 }, 3},
		"jitter":             {func(c *netem.Config) { c.Jitter, c.Classes[0].Jitter = 1, ms }, 4},
	} {
		failed := 0
		for _, f := range simgrid(tt.lay).Findings {
			if !f.Passed {
				t.Logf("%s: %s: %v s, want %v", what, f.What, f.Got, f.Want)
				failed++
			}
		}
		if failed != tt.failed {
			t.Errorf("%s: %d examples fail, want %d", what, failed, tt.failed)
		}
	}
}

// A scene whose engines differ by more than the limit and chance fails, whole
// or as a sample; by no more than chance, only the whole one.
func TestScenesCanFail(t *testing.T) {
	for _, tt := range []struct {
		slower        float64
		whole, sample bool
	}{{1, true, true}, {1.12, false, true}, {1.5, false, false}} {
		var p result.Pair
		for i := range 130 {
			d := 1e8 * math.Pow(10, float64(i)/130) // 0.1 to 1 s
			p.Hosts.Add(time.Duration(d))
			p.Flows.Add(time.Duration(tt.slower * d))
		}
		for sample, want := range map[bool]bool{false: tt.whole, true: tt.sample} {
			if f := quantile("median", &p, 0.5, 0.10, sample); f.Passed != want {
				t.Errorf("slower by %v, sample %v: passed %v: %.3g, want %.3g %s", tt.slower, sample, f.Passed, f.Got, f.Want, f.Rule)
			}
		}
	}
}

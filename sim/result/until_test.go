package result

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestParsePrecision(t *testing.T) {
	for text, want := range map[string]Precision{
		"startup-p95=2%":       {StartupP95, 0.02, false},
		"startup-p95=20ms":     {StartupP95, 0.02, true},
		"rebuffer-ratio=0.5pp": {RebufferRatio, 0.005, true},
	} {
		if got, err := ParsePrecision(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"2%", "startup-p95=0%", "startup-p95", "speed=2%"} {
		if _, err := ParsePrecision(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestTooWide(t *testing.T) {
	s := &Set{Variants: []Variant{{Name: "a"}, {Name: "b"}}, Seeds: []uint64{1, 2, 3, 4}}
	for _, v := range s.Variants {
		for i, seed := range s.Seeds {
			r := &Run{Variant: v.Name, Seed: seed, Values: NewValues()}
			r.Values[StartupP50] = 1 + 0.01*float64(i)
			if v.Name == "a" {
				r.Values[Bitrate] = 5
			}
			s.Runs = append(s.Runs, r)
		}
	}
	// deviation 0.01291, over the root of 4, times t(0.975; 3) = 3.182: 0.02054; t(0.98895; 3) = 4.394: 0.02836
	for _, c := range []struct {
		p     Precision
		looks int
		want  bool
	}{
		{Precision{StartupP50, 0.0206, true}, 1, true},
		{Precision{StartupP50, 0.0205, true}, 1, false},
		{Precision{StartupP50, 0.0280, true}, 3, false},
		{Precision{StartupP50, 0.0286, true}, 3, true},
		{Precision{StartupP50, 0.0205, false}, 1, true}, // of a mean of 1.015
		{Precision{Bitrate, 0.000001, false}, 1, true},  // no spread, and nothing of b
		{Precision{PeerShare, 0.000001, false}, 1, true},
	} {
		why := s.TooWide([]Precision{c.p}, c.looks)
		if c.want != (why == "") || !c.want && !strings.HasPrefix(why, "startup-p50 of a, 1.01 ± 0.02 s") {
			t.Errorf("%+v in %d looks: %q", c.p, c.looks, why)
		}
	}
}

// Stopping where the interval is narrow must not make it miss: the intervals of
// the looks that experiments stop at cover the mean.
func TestStoppedIntervalsCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 23))
	const experiments, looks = 2000, 4
	missed := 0
	for range experiments {
		s := &Set{Variants: []Variant{{Name: "a"}}}
		for look, n := 0, 5; look < looks; look, n = look+1, 2*n {
			for len(s.Seeds) < n {
				r := &Run{Variant: "a", Seed: uint64(len(s.Seeds)), Values: NewValues()}
				r.Values[StartupP50] = 1 + 0.1*rng.NormFloat64()
				s.Seeds, s.Runs = append(s.Seeds, r.Seed), append(s.Runs, r)
			}
			if s.TooWide([]Precision{{StartupP50, 0.06, false}}, looks) == "" || look == looks-1 {
				stat := s.Summary(StartupP50, "a")
				if math.Abs(stat.Mean-1) > halfAt(stat, looks) {
					missed++
				}
				break
			}
		}
	}
	if share := float64(missed) / experiments; share > 0.05 {
		t.Errorf("%.3f of the intervals miss the mean", share)
	}
}

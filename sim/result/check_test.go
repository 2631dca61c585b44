package result

import (
	"fmt"
	"math"
	"testing"
)

// describe writes an Assertion with its numbers in base units.
func describe(a Assertion) string {
	if a.Right != nil {
		if a.Limit != 0 {
			return fmt.Sprintf("%s %s %g * %s + %g", a.Left, a.Op, a.Factor, *a.Right, a.Limit)
		}
		return fmt.Sprintf("%s %s %g * %s", a.Left, a.Op, a.Factor, *a.Right)
	}
	return fmt.Sprintf("%s %s %g", a.Left, a.Op, a.Limit)
}

// must parses an assertion of a test.
func must(s *Set, text string) Assertion {
	a, err := ParseAssertion(text, s.VariantNames())
	if err != nil {
		panic(err)
	}
	return a
}

func TestCheck(t *testing.T) {
	cases := []struct {
		text            string
		holds, decided  bool
		observed, claim string
	}{
		{"rebuffer-ratio[swarm] <= 10%", true, true, "2.0 ± 2.5% (n=3)", "refuted"},
		{"rebuffer-ratio[swarm] <= 3%", true, false, "2.0 ± 2.5% (n=3)", "refuted"},
		{"rebuffer-ratio[swarm] > 3%", false, false, "2.0 ± 2.5% (n=3)", "stands"},
		{"rebuffer-ratio[swarm] >= rebuffer-ratio[central]", false, true, "2.03% against 4%: -1.97 ± 0.14 pp (n=3)", "stands"},
		{"bitrate[swarm] < 0.5 * bitrate[central]", false, false, "2 Mbit/s against 0.5 × 4 Mbit/s: 0.0 ± 2.5 Mbit/s (n=3)", "stands"},
		{"bitrate[swarm] <= 0.5 * bitrate[central]", true, false, "2 Mbit/s against 0.5 × 4 Mbit/s: 0.0 ± 2.5 Mbit/s (n=3)", "refuted"},
		{"bitrate[central] > bitrate[swarm] + 1Mbit/s", true, false, "4 Mbit/s against 2 Mbit/s + 1 Mbit/s: +2.0 ± 2.5 Mbit/s (n=3)", "refuted"},
		{"bitrate[central] > bitrate[swarm] + 3Mbit/s", false, false, "4 Mbit/s against 2 Mbit/s + 3 Mbit/s: +2.0 ± 2.5 Mbit/s (n=3)", "stands"},
		{"bitrate[central] == 4Mbit/s", true, true, "4 ± 0 Mbit/s (n=3)", "refuted"},
		{"bitrate[central] <= 4Mbit/s", true, true, "4 ± 0 Mbit/s (n=3)", "refuted"},
		{"open-confirm-p50[swarm] < 30s", false, false, "no value observed", ""},
	}
	for _, c := range cases {
		s := pair()
		s.Thresholds = []Assertion{must(s, c.text)}
		s.RefutedIf = s.Thresholds
		v := Check(s)
		th, cl := v[0], v[1]
		if th.Kind != Threshold || th.Holds != c.holds || th.Passed != c.holds || th.Decided != c.decided {
			t.Errorf("%s: threshold %+v", c.text, th)
		}
		if cl.Kind != Claim || cl.Passed != (c.claim == "stands") {
			t.Errorf("%s: claim %+v", c.text, cl)
		}
		if th.Observed != c.observed {
			t.Errorf("%s: observed %q, want %q", c.text, th.Observed, c.observed)
		}
	}
}

// Comparing seed by seed decides what the means alone cannot.
func TestCheckIsPaired(t *testing.T) {
	s := pair()
	swarm, central := s.Summary(RebufferRatio, "swarm"), s.Summary(RebufferRatio, "central")
	if swarm.Hi < central.Lo {
		t.Fatal("the test needs variants whose own intervals overlap")
	}
	s.Thresholds = []Assertion{must(s, "rebuffer-ratio[swarm] < rebuffer-ratio[central]")}
	if v := Check(s)[0]; !v.Decided || !v.Passed {
		t.Errorf("%+v", v)
	}
}

func TestCheckOneSeed(t *testing.T) {
	s := tiny(map[string][]float64{"swarm": {0.004}}, map[string][]float64{"swarm": {math.NaN()}}, "swarm")
	s.Thresholds = []Assertion{must(s, "rebuffer-ratio[swarm] <= 1%")}
	v := Check(s)
	if !v[0].Passed || v[0].Decided || v[0].Observed != "0.4% (n=1)" {
		t.Errorf("%+v", v[0])
	}
	if !Passed(v) || Passed([]Verdict{v[0], {}}) {
		t.Error("Passed must ask all verdicts")
	}
}

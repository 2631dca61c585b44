package sim

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/scenarios"
	"kinetoscope/sim/law"
)

// Each arrival brings the shares of viewers by each moment that it says.
func TestArrivals(t *testing.T) {
	const n = 20_000
	waves := []scenarios.Wave{{For: 2 * time.Second, Weight: 1}, {For: 6 * time.Second, Weight: 0}, {For: 2 * time.Second, Weight: 3}}
	for _, c := range []struct {
		arrival scenarios.Arrival
		by      map[int]float64 // second: share
	}{
		{scenarios.Uniform, map[int]float64{2: 0.2, 5: 0.5, 8: 0.8}},
		{scenarios.Ramp, map[int]float64{2: 0.04, 5: 0.25, 8: 0.64}},
		{scenarios.Exponential, map[int]float64{5: math.Expm1(1.5) / math.Expm1(3)}},
		{scenarios.Step, map[int]float64{1: 1}},
		{scenarios.ByTrace, map[int]float64{1: 0.125, 2: 0.25, 8: 0.25, 9: 0.625}},
		{scenarios.Poisson, map[int]float64{2: 0.2, 5: 0.5, 8: 0.8}},
		{scenarios.ByGaps, map[int]float64{2: 0.2, 5: 0.5, 8: 0.8}},
	} {
		p := scenarios.Default().Population
		p.Viewers, p.Initial, p.At, p.Over, p.Arrival, p.Trace = n, 0, 0, 10*time.Second, c.arrival, waves
		p.Gaps = law.Config{Law: law.Pareto, Shape: 2.5, Scale: 300 * time.Microsecond} // mean 500us
		all, _ := visits(p, time.Hour, time.Second, 1)
		for by, want := range c.by {
			got := 0
			for _, v := range all {
				if v.join <= time.Duration(by)*time.Second {
					got++
				}
			}
			if math.Abs(float64(got)/n-want) > 0.02 {
				t.Errorf("%s: %.3f have come by %ds, want %.3f", c.arrival, float64(got)/n, by, want)
			}
		}
	}
}

// Who comes back does so after a time away, at the same place; the first
// sessions of all are what they are without returns.
func TestReturns(t *testing.T) {
	p := scenarios.Default().Population
	p.Viewers, p.Session, p.Off = 2000, law.Config{Law: law.Weibull, Shape: 0.6, Scale: time.Minute}, law.Config{Law: law.Constant, Scale: 30 * time.Second}
	once, _ := visits(p, time.Hour, time.Second, 1)
	p.Returns = 0.5
	all, d := visits(p, time.Hour, time.Second, 1)
	if !slices.Equal(once, all[:2000]) {
		t.Fatal("returns change first sessions")
	}
	// Each session but those at the end of the hour is followed by another with
	// probability one half: as many again as there were first ones.
	if n := len(all) - 2000; n < 1700 || n > 2050 {
		t.Errorf("%d further sessions of 2000 viewers", n)
	}
	for _, v := range all[2000:] {
		i := slices.IndexFunc(all, func(b visit) bool { return b.leave+30*time.Second == v.join })
		if i < 0 || all[i].region != v.region || all[i].class != v.class || v.leave < v.join {
			t.Fatalf("%+v is nobody's return", v)
		}
	}
	if d.off.Len() < len(all)-2000 {
		t.Errorf("%d times away were noted of %d", d.off.Len(), len(all)-2000)
	}
}

// The world of one seed puts what it drew beside what was configured; any
// other speaks only of what does not fit.
func TestMomentsAreInTheReport(t *testing.T) {
	notes := func(seed uint64) string {
		s := load(t, small, "population.session={law: weibull, shape: 0.6, scale: 20s}", "population={returns: 50%, off: {law: lognormal, scale: 3s, shape: 1.4}}")
		return strings.Join(run(t, s, seed).Notes, "\n")
	}
	one := notes(1)
	for _, want := range []string{"population.session is weibull (shape 0.6, scale 20s): configured mean 30.1s, sd 52.9s, p50 10.9s",
		"population.off is lognormal (shape 1.4, scale 3s): configured mean 7.99s"} {
		if !strings.Contains(one, want) {
			t.Errorf("no %q in\n%s", want, one)
		}
	}
	if strings.Contains(one, "WARNING") || strings.Contains(notes(2), "drawn with") {
		t.Errorf("the draws are said to be others:\n%s", one)
	}
}

package sim

import (
	"strings"
	"testing"
)

// What is drawn by no named law is noted beside what was configured, too.
func TestMomentsOfCurves(t *testing.T) {
	r := run(t, load(t, small, "population={freeloads: 25%, liars: 100%}", "swarm.selection=least-load", "population.arrival=ramp", "population.patience=krishnan", "providers.unequal=1.2", "network.nat={share: 100%, symmetric: 100%, classes: [cable]}"), 1)
	all := strings.Join(r.Notes, "\n")
	for _, want := range []string{
		"population.arrival is ramp, seconds after population.at: configured mean 5.33, p50 5.66,", // of 8 s: two thirds, and the root of a half
		"population.patience is krishnan, in seconds: configured mean 10.6, p50 10.6,",
		"population.liars is 100%: 24 of 24 viewers",
		"population.freeloads is 25%: ",
		"network.nat.share is 100%: 14 of 14 viewers whose access may have a NAT",
		"network.nat.symmetric is 100%: 14 of 14 viewers behind NATs",
		"providers.unequal is Pareto's with exponent 1.2, cut off at 20: configured mean 0.68,",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no note says %q:\n%s", want, all)
		}
	}
}

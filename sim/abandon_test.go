package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// falling is a world whose viewers' links fall to a fifth every ten seconds. Their
// patience never ends, so that only a rule gives a request up.
const falling = `
duration: 40s
population: {viewers: 12, initial: 100%, classes: [{name: 4g, weight: 1}]}
live: {delay: 8s}
swarm: {neighbours: 0, patience: 19s}
payment: {method: central}
network: {classes: [{name: 4g, trace: {offset: true, steps: [{for: 10s, down: 3Mbit/s, up: 1Mbit/s}, {for: 10s, down: 300kbit/s, up: 300kbit/s}]}}]}
`

// A viewer whose rule asks while a segment comes gives up what will take too long,
// and stands still for less than with the same rule and no word of how much has come.
func TestRulesAbandonWhatComes(t *testing.T) {
	stalled := map[string]float64{}
	for rule, gives := range map[string]bool{"throughput": true, "dynamic": true, "bola": false, "mpc": false} {
		got := run(t, load(t, falling, "player.algorithm="+rule), 1).Values
		if gave := got[result.Abandoned] > 0; gave != gives {
			t.Errorf("%s has given up %v requests", rule, got[result.Abandoned])
		}
		stalled[rule] = got[result.RebufferRatio]
	}
	if stalled["throughput"] >= stalled["mpc"] {
		t.Errorf("stalls: throughput %v, which abandons, mpc %v, which does not", stalled["throughput"], stalled["mpc"])
	}
}

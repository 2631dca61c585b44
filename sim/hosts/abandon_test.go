package hosts_test

import (
	"testing"

	"kinetoscope/sim/result"
)

// Real hosts tell how much of a segment has come: where links fall, a rule gives up what
// will take too long.
func TestRulesAbandonWhatComes(t *testing.T) {
	s, l := load(t, `
duration: 24s
population: {viewers: 3, initial: 100%, classes: [{name: 4g, weight: 1}]}
edges: {count: 1, sites: 1}
swarm: {neighbours: 0, patience: 19s}
payment: {method: central}
player: {algorithm: throughput}
network: {classes: [{name: 4g, trace: {steps: [{for: 12s, down: 3Mbit/s, up: 1Mbit/s}, {for: 12s, down: 200kbit/s, up: 200kbit/s}]}}]}
`)
	if gave := play(t, s, l).Values[result.Abandoned]; gave < 1 {
		t.Errorf("%v requests were given up", gave)
	}
}

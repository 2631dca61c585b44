package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// An edge that a crowd would crush sends newcomers away, so that those inside
// stand still less than half as long.
func TestAdmissionProtectsThoseInside(t *testing.T) {
	of := func(admission string) []float64 {
		return run(t, load(t, small, "faults=[]", "population={viewers: 100, initial: 12%, at: 8s, over: 4s, pollutes: 0%, defaults: 0%}",
			"duration=40s", "swarm.neighbours=0", "publisher.to=edges", "payment.method=central",
			"edges={count: 1, sites: 1, up: 6Mbit/s, admission: "+admission+"}"), 1).Values
	}
	open, guarded := of("none"), of("floor")
	if open[result.TurnedAway] != 0 || guarded[result.TurnedAway] < 0.2 {
		t.Errorf("turned away: %v without and %v with admission control", open[result.TurnedAway], guarded[result.TurnedAway])
	}
	if open[result.RebufferRatio] < 0.1 || guarded[result.RebufferRatio] > open[result.RebufferRatio]/2 {
		t.Errorf("rebuffer ratio: %v without and %v with admission control", open[result.RebufferRatio], guarded[result.RebufferRatio])
	}
}

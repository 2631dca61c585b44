package sim

import (
	"math"
	"testing"

	"kinetoscope/sim/result"
)

// An edge that keeps a tenth of its uplink is left before anybody's buffer is
// dry, by whatever viewers go; those who keep to it stand still.
func TestViewersLeaveASlowEdgeInTime(t *testing.T) {
	of := func(selection string) []float64 {
		return run(t, load(t, small, "duration=50s", "population={viewers: 24, initial: 100%, pollutes: 0%, defaults: 0%}", "live.delay=8s",
			"population.classes=[{name: fibre, weight: 1}]", "publisher.to=edges", "payment.method=central", "edges={count: 4, sites: 4, up: 12Mbit/s}",
			"swarm={neighbours: 0, edges: 4, selection: "+selection+"}",
			"faults=[{kind: degrade, of: edges, sites: 1, rate: 5%, at: 20s, for: 25s}]"), 2).Values
	}
	if v := of("assigned"); v[result.StalledBeforeShift] < 0.5 || v[result.Shifts] != 0 || !math.IsNaN(v[result.ShiftP50]) {
		t.Errorf("assigned: %v stall, %v shifts after %v s", v[result.StalledBeforeShift], v[result.Shifts], v[result.ShiftP50])
	}
	for _, s := range []string{"random", "round-robin", "least-load", "two-choices", "throughput", "price"} {
		v := of(s)
		if v[result.StalledBeforeShift] > 0 || !(v[result.ShiftP95] < 8) || v[result.SenseP50] > v[result.ShiftP50] {
			t.Errorf("%s: %v stall before they leave, which takes %v s after %v s to sense it", s, v[result.StalledBeforeShift], v[result.ShiftP95], v[result.SenseP50])
		}
	}
}

func TestUnevenness(t *testing.T) {
	for _, c := range []struct {
		name                   string
		left                   [][]int64
		n                      int
		imbalance, oscillation float64
	}{
		{"even", [][]int64{{0, 0}, {5, 5}, {10, 10}}, 1, 1, 0},
		{"one does it all", [][]int64{{0, 0}, {8, 0}, {16, 0}}, 1, 2, 0},
		{"in turn", [][]int64{{0, 0}, {8, 0}, {8, 8}}, 1, 2, 1},
		{"in turn, seen together", [][]int64{{0, 0}, {8, 0}, {8, 8}}, 2, 1, 0},
		{"nothing", [][]int64{{3, 3}, {3, 3}}, 1, math.NaN(), math.NaN()},
	} {
		imbalance, oscillation := unevenness(c.left, c.n)
		if !same(imbalance, c.imbalance) || !same(oscillation, c.oscillation) {
			t.Errorf("%s: %v and %v, want %v and %v", c.name, imbalance, oscillation, c.imbalance, c.oscillation)
		}
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

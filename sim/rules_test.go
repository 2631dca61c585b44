package sim

import (
	"testing"

	"kinetoscope/protocol/abr"
	"kinetoscope/sim/result"
)

// Whatever rule viewers choose by, they see the stream, on a link that carries
// some of the ladder and comes back to its delay; and they do
// not all see the same.
func TestEveryRuleInTheSwarm(t *testing.T) {
	seen := map[string]string{}
	for _, name := range abr.Algorithm("").Names() {
		r := run(t, load(t, small, "player.algorithm="+name, "live.catchup=5%", "duration=25s", "faults=[]", "population.viewers=8",
			"population.session={law: endless, scale: 0s}", "edges.up=4Mbit/s"), 1)
		if never := r.Values[result.NeverStarted]; never > 0 {
			t.Errorf("%s: %v of the viewers saw nothing", name, never)
		}
		if rate := r.Values[result.Bitrate]; !(rate > 0) || r.Values[result.LatencyP95] > 20 {
			t.Errorf("%s: %v bit/s, %v s behind live", name, rate, r.Values[result.LatencyP95])
		}
		seen[r.Digest] = name
	}
	if len(seen) < 8 { // some agree where so little can be ahead: dynamic never leaves throughput
		t.Errorf("%d different runs", len(seen))
	}
}

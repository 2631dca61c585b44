package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// When the directory goes dark, viewers whose neighbours leave find others if
// neighbours tell of theirs.
func TestGossipOutlivesTheDirectory(t *testing.T) {
	share := func(discovery string) (sum float64) {
		for seed := range uint64(2) {
			sum += run(t, load(t, small, "duration=50s", "swarm={neighbours: 4, discovery: "+discovery+"}",
				"population={viewers: 60, initial: 100%, session: {law: exponential, scale: 25s}, abrupt: 0%, pollutes: 0%, defaults: 0%}",
				"faults=[{kind: crash, of: directory, at: 9s, for: 40s}]"), seed+1).Values[result.PeerShare]
		}
		return sum / 2
	}
	if dark, told := share("directory"), share("gossip"); told < dark+0.01 {
		t.Errorf("without a directory neighbours carry %v of all, and %v if they gossip", dark, told)
	}
}

// A lookup in a hash table takes a newcomer longer than asking one directory.
func TestLookupsTakeTheirHops(t *testing.T) {
	startup := func(discovery string) float64 {
		return run(t, load(t, small, "faults=[]", "swarm.discovery="+discovery), 1).Values[result.StartupP50]
	}
	if one, walk := startup("directory"), startup("dht"); walk < one+0.1 {
		t.Errorf("start-up takes %v s by a directory, %v s by a hash table", one, walk)
	}
}

// Viewers may do without edges: providers then give all that neighbours do not.
func TestStorageServesAlone(t *testing.T) {
	v := run(t, load(t, small, "faults=[]", "swarm={servers: storage, neighbours: 2}"), 1).Values
	if v[result.EdgeShare] != 0 || v[result.ProviderShare] < 0.2 {
		t.Errorf("edges give %v, providers %v", v[result.EdgeShare], v[result.ProviderShare])
	}
}

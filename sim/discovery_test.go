package sim

import (
	"math"
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

// Lookups in the hash table are messages between viewers and edges: they take round trips, one
// after the other, find neighbours who carry about as much as those that a directory names, and need no
// directory.
func TestLookupsTakeTheirHops(t *testing.T) {
	crowd := "population={viewers: 80, initial: 50%, at: 8s, over: 20s, pollutes: 0%, defaults: 0%, session: {law: endless, scale: 0s}}"
	of := func(discovery, faults string) []float64 {
		return run(t, load(t, small, "duration=50s", crowd, "faults="+faults, "swarm.discovery="+discovery), 1).Values
	}
	one, walk := of("directory", "[]"), of("dht", "[]")
	if !math.IsNaN(one[result.LookupP50]) || walk[result.LookupP50] < 0.1 || walk[result.LookupP50] > 3 || walk[result.LookupAsked] < 6 || walk[result.LookupAsked] > 20 {
		t.Errorf("lookups take %v s and ask %v nodes; %v s with a directory", walk[result.LookupP50], walk[result.LookupAsked], one[result.LookupP50])
	}
	if walk[result.PeerShare] < 0.7*one[result.PeerShare] {
		t.Errorf("neighbours carry %v, and %v of those that a hash table names", one[result.PeerShare], walk[result.PeerShare])
	}
	dark := of("dht", "[{kind: crash, of: directory, at: 1s, for: 48s}]")
	if dark[result.StartupP95] > walk[result.StartupP95]+0.01 {
		t.Errorf("start-up takes %v s without a directory, %v s with one", dark[result.StartupP95], walk[result.StartupP95])
	}
}

// Viewers may do without edges: providers then give all that neighbours do not.
func TestStorageServesAlone(t *testing.T) {
	v := run(t, load(t, small, "faults=[]", "swarm={servers: storage, neighbours: 2}"), 1).Values
	if v[result.EdgeShare] != 0 || v[result.ProviderShare] < 0.2 {
		t.Errorf("edges give %v, providers %v", v[result.EdgeShare], v[result.ProviderShare])
	}
}

// ahead is a world in which neighbours hold several slots that a newcomer lacks, up to the
// rest of its swarm section.
const ahead = "duration=40s; live={delay: 16s, behind: 30s}; player.buffer=20s; population={viewers: 40, initial: 20%, at: 17s, over: 15s}; edges.up=8Mbit/s; swarm={ahead: 1, seed_share: 30%"

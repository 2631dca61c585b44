package hosts_test

import (
	"context"
	"strings"
	"testing"

	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// Whatever happens to machines and the network, on both engines all who stay
// see pictures again before long, over connections made anew or those that
// have lived on. A crash is a restart with the state of before: shards, tokens,
// neighbours and vouchers are those that the machine had when it stopped. What
// was promised and is lost on the way is waited for until patience ends.
func TestFaultsOnBothEngines(t *testing.T) {
	for _, fault := range []string{
		"kind: crash, of: edges",
		"kind: crash, of: viewers, share: 50%",
		"kind: crash, of: providers, sites: 2",
		"kind: freeze, of: viewers, share: 50%",
		"kind: partition, of: edges",
		"kind: move, of: edges, to: fibre, gap: 1s",
		"kind: move, of: viewers, to: 4g, gap: 1s",
	} {
		t.Run(fault, func(t *testing.T) {
			s, l := load(t, `
duration: 24s
live: {delay: 6s}
population: {viewers: 4, initial: 100%, pollutes: 0%, defaults: 0%, classes: [{name: fibre, weight: 1}]}
edges: {count: 2, sites: 2}
swarm: {patience: 2s}
ledger: {block_time: 2s, base_fee: 0.01gwei, tip: 0.001gwei}
faults: [{`+fault+`, at: 10s, for: 3s}]
`)
			flow, err := sim.Run(context.Background(), s, l, 1)
			if err != nil {
				t.Fatal(err)
			}
			runs := map[string]*result.Run{"flow": flow, "libp2p": play(t, s, l)}
			if !strings.Contains(fault, "move") { // which breaks connections of TCP
				s.Hosts.Transport = scenarios.TCP
				runs["libp2p, TCP"] = play(t, s, l)
			}
			for engine, r := range runs {
				if last := r.Series[len(r.Series)-1]; last.Playing < 4 || r.Values[result.Survival] < 0.9 {
					t.Errorf("%s: at the end %d of 4 play, survival %v", engine, last.Playing, r.Values[result.Survival])
				}
			}
		})
	}
}

// Who comes after every provider has crashed, and started again, watches what
// was published before: providers have the shards that they had. It is there
// from nobody else: if they stay away, nobody sees anything.
func TestCrashedProvidersStillHaveTheirShards(t *testing.T) {
	for _, tt := range []struct {
		lasts string
		never float64
	}{{"1s", 0}, {"30s", 1}} {
		s, l := load(t, `
duration: 23s
live: {delay: 14s}
population: {viewers: 4, initial: 0%, at: 14s, over: 1s, classes: [{name: fibre, weight: 1}]}
publisher: {to: providers}
providers: {count: 12, sites: 6}
edges: {count: 2, sites: 2}
faults: [{kind: crash, of: providers, share: 100%, at: 11s, for: `+tt.lasts+`}]
`)
		flow, err := sim.Run(context.Background(), s, l, 1)
		if err != nil {
			t.Fatal(err)
		}
		for engine, r := range map[string]*result.Run{"flow": flow, "libp2p": play(t, s, l)} {
			if got := r.Values[result.NeverStarted]; got != tt.never {
				t.Errorf("%s, away for %s: %v never started, want %v", engine, tt.lasts, got, tt.never)
			}
		}
	}
}

package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// Money stays whole, and every node keeps its books, on a chain that takes blocks
// back all the time, and on a rollup above it.
func TestMoneySurvivesReorgs(t *testing.T) {
	const shaky = "ledger.reorgs={rate: 30%, depth: 7}"
	for name, sets := range map[string][]string{
		"chain":    {shaky, "ledger.confirmations=0", "ledger.missed=20%"},
		"pool":     {shaky, "ledger.confirmations=0", "payment.method=pool", "faults=[{kind: crash, of: edges, sites: 1, at: 12s, for: 6s}]"},
		"raising":  {shaky, "ledger.bump_after=2s", "ledger.gossip=1s"},
		"rollup":   {shaky, "ledger.rollup={on: true, block_time: 250ms, batch_every: 4s, receipt: posted}"},
		"outage":   {shaky, "ledger.rollup={on: true, outage: {at: 8s, for: 40s}, force_after: 4s, receipt: posted}"},
		"calldata": {shaky, "ledger.rollup={on: true, data: calldata, receipt: final}", "ledger.finality=20s"},
	} {
		for seed := range uint64(3) {
			r := run(t, load(t, small, sets...), seed)
			if r.Values[result.Reorged] == 0 && name != "outage" {
				t.Errorf("%s, seed %d: nothing was taken back", name, seed)
			}
			for _, n := range r.Notes {
				if len(n) > 9 && n[:9] == "unsettled" {
					t.Errorf("%s, seed %d: %s", name, seed, n)
				}
			}
		}
	}
}

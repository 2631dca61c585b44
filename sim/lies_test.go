package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// A sequencer that takes back what it said costs time and no money, whatever is
// paid by.
func TestSequencerThatTakesBack(t *testing.T) {
	for _, method := range []string{"rollup", "channel", "tickets", "hashchain"} {
		r := run(t, load(t, small, "payment={method: "+method+", interval: 2s, one_in: 3}", "ledger.rollup={on: true, block_time: 500ms, lies: 30%}"), 1)
		if v := r.Values; v[result.Reorged] == 0 || !(v[result.SettleTime] > 0) {
			t.Errorf("%s: %v transactions are taken back, settled after %v s", method, v[result.Reorged], v[result.SettleTime])
		}
	}
}

package sim

import (
	"math"
	"testing"

	"kinetoscope/sim/result"
)

// Nobody is served without a licence for longer than an edge takes one for
// valid, and whoever has one plays.
func TestLicencesEnd(t *testing.T) {
	const base = "swarm.neighbours=0"
	for _, tc := range []struct {
		name        string
		sets        []string
		least, most float64 // of stale-grant
	}{
		{"no cache", []string{"payment.licence={period: 8s}"}, 0, 0},
		{"cache", []string{"payment.licence={period: 6s, ttl: 12s}"}, 1, 12},
		{"taken back", []string{"payment.licence={period: 6s, ttl: 12s}", "ledger.reorgs={rate: 40%, depth: 7}"}, 0, 12},
	} {
		v := run(t, load(t, small, append(tc.sets, base)...), 1).Values
		if s := v[result.StaleGrant]; !(tc.least <= s && s <= tc.most) || !(v[result.LicenceReads] > 0) {
			t.Errorf("%s: served %v s after the end of a licence, not %v to %v; %v reads", tc.name, s, tc.least, tc.most, v[result.LicenceReads])
		}
	}
	if v := run(t, load(t, small, base), 1).Values; !math.IsNaN(v[result.StaleGrant]) {
		t.Error("licences are measured where there are none")
	}
}

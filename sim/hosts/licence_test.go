package hosts_test

import (
	"testing"

	"kinetoscope/sim/result"
)

// Real hosts honour that a licence was taken back, whatever shows it: nobody is
// served for longer than that counts, and half of the viewers stall.
func TestLicencesAreTakenBack(t *testing.T) {
	for name, proof := range map[string]string{
		"read":       "payment: {method: channel, preopened: true, licence: {period: 600s, held: true, read: 100ms, ttl: 2s, revoked: 50%, after: 4s}}",
		"light":      "payment: {method: channel, preopened: true, licence: {period: 600s, held: true, proof: light, read: 100ms, ttl: 2s, revoked: 50%, after: 4s}}",
		"capability": "payment: {method: channel, preopened: true, licence: {period: 600s, held: true, proof: capability, ttl: 2s, revoked: 50%, after: 4s}}",
		"central":    "payment: {method: central, licence: {period: 600s, held: true, ttl: 2s, revoked: 50%, after: 4s}}",
	} {
		s, l := load(t, `
duration: 28s
population: {viewers: 4, initial: 100%}
live: {delay: 8s}
edges: {count: 1, sites: 1}
swarm: {neighbours: 0}
ledger: {block_time: 2s, confirmations: 0}
`+proof)
		v := play(t, s, l).Values
		if !(v[result.StaleGrant] <= 3) || !(v[result.LicenceReads] > 0) || v[result.NeverStarted] > 0 || !(v[result.StalledViewers] > 0 && v[result.StalledViewers] < 1) {
			t.Errorf("%s: served %v s after the licence was taken back, %v reads, %v never started, %v stalled", name,
				v[result.StaleGrant], v[result.LicenceReads], v[result.NeverStarted], v[result.StalledViewers])
		}
	}
}

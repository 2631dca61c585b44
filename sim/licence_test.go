package sim

import (
	"math"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/payment"
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
		{"block taken back", []string{"payment.licence={period: 6s, ttl: 12s}", "ledger.reorgs={rate: 40%, depth: 7}"}, 0, 12},
		{"revoked", []string{"payment.licence={period: 600s, revoked: 50%, after: 5s}"}, 0, 0},
		{"revoked, cache", []string{"payment.licence={period: 600s, ttl: 4s, revoked: 50%, after: 5s}"}, 1, 4},
		{"read afar", []string{"payment.licence={period: 8s, read: 300ms}"}, 0, 1},
		{"read afar, pushed", []string{"payment.licence={period: 8s, read: 300ms}", "swarm.delivery=push"}, 0, 1},
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

// Whose licence the owner takes back sees no more, and nobody else's stream stops; who
// has to be asked from afar comes later by no less than that.
func TestLicencesAreTakenBack(t *testing.T) {
	const base, after = "swarm.neighbours=0", "payment.licence={period: 600s, revoked: 50%, after: 5s}"
	w, r := played(t, load(t, small, base, after), 1)
	var revoked int
	for i := range w.viewers {
		v, a := &w.viewers[i], payment.Account(w.viewerID(i))
		if !w.chain.Notary().Licensed(w.watched(a), a, w.now) {
			revoked++
			if late := min(w.end, v.join+v.watched()+v.stalled) - v.entitled; v.started && v.stalled == 0 && late > 15*time.Second {
				t.Errorf("viewer %d has no licence and never stalled", i)
			}
		} else if v.stalled > 0 {
			t.Errorf("viewer %d has its licence and stalled for %v", i, v.stalled)
		}
	}
	if revoked == 0 || revoked == len(w.viewers) {
		t.Errorf("of %d viewers %d have lost their licence", len(w.viewers), revoked)
	}
	near := run(t, load(t, small, base, "payment.licence={period: 600s}"), 1).Values[result.StartupP50]
	far := run(t, load(t, small, base, "payment.licence={period: 600s, read: 300ms}"), 1).Values[result.StartupP50]
	if far < near+0.2 || !(r.Values[result.RebufferRatio] > 0) {
		t.Errorf("half of the viewers start within %v s, within %v s if the chain answers after 300 ms", near, far)
	}
}

// Each title of a catalogue has licences of its own, however viewers pay, and
// keeps them when all titles are sold.
func TestLicencesOfTitles(t *testing.T) {
	const titles = "catalogue={titles: 30, length: 8s}; edges={cache: lru, capacity: 9MB}; publisher.to=providers; swarm.neighbours=0; payment.licence={period: 6s, ttl: 2s}"
	for name, more := range map[string]string{
		"channel": "payment.method=channel",
		"hub":     "payment={method: hub, preopened: true}",
		"pool":    "payment={method: pool, preopened: true}",
		"sold":    "payment.sales=[{at: 9s, of: creator, to: label}]",
	} {
		w, r := played(t, load(t, small, append(strings.Split(titles, "; "), more)...), 1)
		if v := r.Values; !(v[result.StaleGrant] <= 2) || !(v[result.LicenceReads] > 0) || name == "sold" && (v[result.Misrouted] != 0 || !(v[result.SaleLag] > 0)) {
			t.Errorf("%s: served %v s too long, %v reads, sold in %v s", name, v[result.StaleGrant], v[result.LicenceReads], v[result.SaleLag])
		}
		var lent int
		for i := range w.viewers {
			a, other := payment.Account(w.viewerID(i)), (w.title(i)+1)%30
			if w.chain.Notary().Licensed(w.work(other), a, 0) {
				t.Errorf("%s: viewer %d has a licence of a title that it did not ask for", name, i)
			}
			if w.chain.Notary().Licensed(w.watched(a), a, 0) {
				lent++
			}
		}
		if lent != len(w.viewers) {
			t.Errorf("%s: %d of %d viewers ever had a licence", name, lent, len(w.viewers))
		}
	}
}

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
		{"light", []string{"payment.licence={period: 600s, proof: light, revoked: 50%, after: 5s}"}, 0, 0},
		{"light, kept", []string{"payment.licence={period: 600s, proof: light, ttl: 6s, revoked: 50%, after: 5s}"}, 1, 6},
		{"light, read afar", []string{"payment.licence={period: 600s, held: true, proof: light, ttl: 6s, read: 300ms, revoked: 50%, after: 5s}"}, 1, 6},
		{"light, it ends by itself", []string{"payment.licence={period: 6s, proof: light, ttl: 12s}"}, 0, 0},
		{"light, block taken back", []string{"payment.licence={period: 6s, proof: light, ttl: 12s}", "ledger.reorgs={rate: 40%, depth: 7}"}, 0, 12},
		{"light, pushed", []string{"payment.licence={period: 600s, proof: light, read: 100ms, revoked: 50%, after: 5s}", "swarm.delivery=push"}, 0, 0},
		{"light, charged", []string{"payment.licence={period: 600s, proof: light, ttl: 6s, revoked: 50%, after: 5s}", "payment.signatures=modelled"}, 1, 6},
		{"light, rollup", []string{"payment.licence={period: 600s, proof: light, ttl: 6s, revoked: 50%, after: 5s}", "payment.method=rollup"}, 1, 6},
		{"capability", []string{"payment.licence={period: 600s, proof: capability, ttl: 6s, revoked: 50%, after: 5s}"}, 1, 6},
		{"capability, it ends by itself", []string{"payment.licence={period: 6s, proof: capability, ttl: 12s}"}, 0, 0},
		{"capability, pushed", []string{"payment.licence={period: 600s, proof: capability, ttl: 6s, revoked: 50%, after: 5s}", "swarm.delivery=push"}, 1, 6},
		{"capability, charged", []string{"payment.licence={period: 600s, proof: capability, ttl: 6s, revoked: 50%, after: 5s}", "payment.signatures=modelled"}, 1, 6},
		{"central", []string{"payment.licence={period: 600s, revoked: 50%, after: 5s}", "payment.method=central"}, 0, 1},
		{"central, kept", []string{"payment.licence={period: 600s, ttl: 6s, revoked: 50%, after: 5s}", "payment.method=central"}, 1, 7},
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
			if late := min(w.end, v.join+v.watched()+v.stalled) - w.licensed[i]; v.started && v.stalled == 0 && late > 15*time.Second {
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

// another is Rights that show and check otherwise than they should.
type another struct {
	payment.Rights
	show  func(payment.Account, time.Duration) []byte
	check func(payment.Account, []byte, time.Duration) time.Duration
}

func (a another) Show(of payment.Account, now time.Duration) []byte {
	if a.show == nil {
		return a.Rights.Show(of, now)
	}
	return a.show(of, now)
}

func (a another) Check(of payment.Account, b []byte, now time.Duration) time.Duration {
	if a.check == nil {
		return a.Rights.Check(of, b, now)
	}
	return a.check(of, b, now)
}

// A viewer that shows what is not its own, or no longer counts, or what it has made
// up, is not served, executed or charged; an edge that does not look serves it.
func TestForgedRights(t *testing.T) {
	for _, proof := range []string{"light", "capability"} {
		for _, signatures := range []string{"real", "modelled"} {
			s := load(t, small, "duration=24s", "swarm.neighbours=0", "payment.signatures="+signatures, "payment.licence={period: 600s, held: true, ttl: 3s, proof: "+proof+"}")
			forge := func(what string, lie func(r *rights) another) *result.Run {
				w, err := newWorld(Flows, s, clip(t), 1)
				if err != nil {
					t.Fatal(err)
				}
				w.stream.Rights = lie(w.rights)
				r, err := w.run(t.Context())
				if err != nil {
					t.Fatalf("%s, %s, %s: %v", proof, signatures, what, err)
				}
				return r
			}
			show := func(f func(r *rights, of payment.Account, now time.Duration) []byte) func(r *rights) another {
				return func(r *rights) another {
					return another{Rights: r, show: func(of payment.Account, now time.Duration) []byte { return f(r, of, now) }}
				}
			}
			for what, f := range map[string]func(r *rights, of payment.Account, now time.Duration) []byte{
				"nothing":   func(*rights, payment.Account, time.Duration) []byte { return nil },
				"made up":   func(*rights, payment.Account, time.Duration) []byte { return make([]byte, capabilitySize) },
				"another's": func(r *rights, of payment.Account, now time.Duration) []byte { return r.Show(of^1, now) },
				"a bit of it changed": func(r *rights, of payment.Account, now time.Duration) []byte {
					b := r.Show(of, now)
					b[7] ^= 0x40
					return b
				},
			} {
				if v := forge(what, show(f)).Values; v[result.NeverStarted] != 1 {
					t.Errorf("%s, %s: of those who show %s %v %% are served", proof, signatures, what, 100*(1-v[result.NeverStarted]))
				}
			}
			first := map[payment.Account][]byte{}
			again := forge("the first for ever", show(func(r *rights, of payment.Account, now time.Duration) []byte {
				if first[of] == nil {
					first[of] = r.Show(of, now)
				}
				return first[of]
			}))
			blind := forge("unseen", func(r *rights) another {
				return another{Rights: r, show: func(payment.Account, time.Duration) []byte { return []byte{1} },
					check: func(_ payment.Account, _ []byte, now time.Duration) time.Duration { return now + time.Hour }}
			})
			if a, b := again.Values, blind.Values; !(a[result.StalledViewers] > 0.5) || b[result.NeverStarted] > 0.1 || b[result.StalledViewers] > 0 { // two come too late to start
				t.Errorf("%s, %s: %v stall who show the first for ever, %v and %v do not start or stall at an edge that takes all", proof, signatures,
					a[result.StalledViewers], b[result.NeverStarted], b[result.StalledViewers])
			}
		}
	}
}

// An edge that takes whatever it is shown serves those whose licence was taken back.
func TestUncheckedRightsAreStale(t *testing.T) {
	for _, proof := range []string{"light", "capability"} {
		s := load(t, small, "swarm.neighbours=0", "payment.licence={period: 600s, held: true, ttl: 3s, revoked: 50%, after: 5s, proof: "+proof+"}")
		w, err := newWorld(Flows, s, clip(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		w.stream.Rights = another{Rights: w.rights, check: func(_ payment.Account, _ []byte, now time.Duration) time.Duration { return now + time.Hour }}
		r, err := w.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v := r.Values[result.StaleGrant]; !(v > 3) {
			t.Errorf("%s: unchecked, served for %v s after the licence was taken back", proof, v)
		}
	}
}

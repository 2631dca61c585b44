package sim

import (
	"context"
	"math/big"
	"testing"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// A meter is a chain that adds up what each account pays for gas.
type meter struct {
	Chain
	gas map[payment.Account]*big.Int
}

func (m *meter) Advance(now time.Duration, emit func(payment.Receipt)) {
	m.Chain.Advance(now, func(r payment.Receipt) {
		if m.gas[r.From] == nil {
			m.gas[r.From] = new(big.Int)
		}
		m.gas[r.From].Add(m.gas[r.From], new(big.Int).SetUint64(uint64(r.Fee)))
		emit(r)
	})
}

// Every wei is found again: hubs that redeem all they are owed have in their
// wallets what their books say and have paid gas for it, viewers who vanish are
// settled on the chain, and what hubs are owed is more by their fees.
func TestHubsHaveTheirFees(t *testing.T) {
	for _, hops := range []string{"1", "3"} {
		w, err := newWorld(Flows, load(t, small, "payment={method: hub, preopened: true, hub: {hops: "+hops+", redeem: 0%, fee: 1.5%, fixed: 1gwei}}"), clip(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		m := &meter{w.chain, map[payment.Account]*big.Int{}}
		w.chain = m
		var begun []*big.Int
		for _, id := range w.hubIDs() {
			begun = append(begun, m.Balance(payment.Account(id)))
		}
		r, err := w.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		fees := new(big.Int)
		for i, id := range w.hubIDs() {
			in, out := w.brokers[i].Books()
			fees.Add(fees, new(big.Int).SetUint64(uint64(in-out)))
			got := new(big.Int).Sub(m.Balance(payment.Account(id)), begun[i])
			if gas := m.gas[payment.Account(id)]; gas != nil {
				got.Add(got, gas)
			}
			if got.Cmp(new(big.Int).SetUint64(uint64(in))) != 0 {
				t.Errorf("%s hops: hub %d has got %v wei and is owed %v", hops, i, got, in)
			}
		}
		want := new(big.Int)
		for i := range w.viewers {
			if v := w.claim(i); v > 0 {
				want.Add(want, new(big.Int).SetUint64(uint64(w.stream.Terms.Worth(0, v)-v)))
			}
		}
		if fees.Cmp(want) != 0 || fees.Sign() <= 0 {
			t.Errorf("%s hops: fees are %v wei, by what was paid %v", hops, fees, want)
		}
		if !(r.Values[result.HubFees] > 0) || !(r.Values[result.CreatorShare] > 0) {
			t.Errorf("%s hops: fees %v, creator's share %v", hops, r.Values[result.HubFees], r.Values[result.CreatorShare])
		}
	}
}

// Hubs that are dark when viewers come, stand still at the end or have locked
// too little cost nobody more than the bound, which every run checks; what was
// promised through a silent hub is claimed on the chain.
func TestHubsFail(t *testing.T) {
	const pre = "payment={method: hub, preopened: true"
	paid := func(sets ...string) *result.Run { return run(t, load(t, small, sets...), 1) }
	calm := paid(pre + "}")
	for name, tc := range map[string]struct {
		sets     []string
		all      bool    // that was promised is paid
		settle   float64 // at least, in seconds
		refusals bool
	}{
		"dark":       {[]string{pre + "}", "faults=[{kind: crash, of: hubs, at: 5s, for: 5s}]"}, true, 0, false},
		"cut off":    {[]string{pre + "}", "faults=[{kind: partition, of: hubs, at: 8s, for: 8s}]"}, true, 0, false},
		"silent":     {[]string{pre + "}", "faults=[{kind: freeze, of: hubs, at: 20s, for: 1h}]"}, true, 3600, false},
		"refuses":    {[]string{pre + ", hub: {capacity: 0.01ETH}}"}, false, 0, true},
		"taken back": {[]string{pre + ", hub: {hops: 2}}", "ledger.reorgs={rate: 30%, depth: 7}", "ledger.confirmations=0"}, true, 0, false},
	} {
		r := paid(tc.sets...)
		if got, want := r.Values[result.Paid], calm.Values[result.Paid]; tc.all && got < 0.9*want {
			t.Errorf("%s: paid %v of %v", name, got, want)
		}
		if s := r.Values[result.SettleTime]; s < tc.settle {
			t.Errorf("%s: settled after %v s", name, s)
		}
		if tc.refusals && !(r.Values[result.Paid] < calm.Values[result.Paid]) {
			t.Errorf("%s: paid %v, nobody was refused", name, r.Values[result.Paid])
		}
	}
}

// Who locks next to nothing with a hub has its pledges refused, and nothing corrupt is caught.
func TestGriefersPledgesAreRefused(t *testing.T) {
	r := run(t, load(t, small, "payment={method: hub}", "population={griefs: 50%, pollutes: 0%}", "faults=[]"), 1)
	if refused, caught := r.Values[result.PledgesRefused], r.Values[result.CorruptCaught]; refused == 0 || caught != 0 {
		t.Errorf("%v pledges are refused, %v tokens", refused, caught)
	}
}

// Hubs whose claims follow one another over five hops have the hours that takes, and what
// the next one has claimed by an older balance, a hub does not also owe by the newer one
// that was never taken. A closing that is taken back and comes again moves the claims.
func TestHubsAreThroughAtTheEnd(t *testing.T) {
	for _, sets := range [][]string{
		{"payment={method: hub, hub: {hops: 5, redeem: 1%}}", "population.session={law: exponential, scale: 8s}", "faults=[]"},
		{"payment={method: hub}", "population.session={law: constant, scale: 3s}", "faults=[{kind: freeze, of: hubs, at: 12s, for: 40s}]"},
		{"payment={method: hub}", "population.session={law: constant, scale: 3s}", "faults=[{kind: partition, of: publisher, at: 12s, for: 40s}]"},
		{"payment={method: hub, hub: {hops: 2, redeem: 0%}}", "population={abrupt: 60%}", "ledger.reorgs={rate: 40%, depth: 7}", "faults=[{kind: freeze, of: hubs, share: 50%, at: 20s, for: 1h}]"},
	} {
		run(t, load(t, small, sets...), 1)
	}
}

// A viewer that asks the chain for its deposit back in the midst of the stream
// costs its hub nothing: the publisher asks the hub to settle, and the hub claims by
// the voucher before the deposit is gone. Every run compares the chain's balances.
func TestViewersCloseTheirLedgerChannels(t *testing.T) {
	s := load(t, small, "payment={method: hub, preopened: true, hub: {hops: 2, redeem: 0%}}", "population={pollutes: 0%, defaults: 0%}", "faults=[]")
	w, err := newWorld(Flows, s, clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	closed := 0
	w.sabotage = func(w *world) {
		for i := range w.viewers {
			a := payment.Account(w.viewerID(i))
			if v := &w.viewers[i]; v.paid && v.due > 3*w.stream.Terms.Most && w.wallets[w.entry(a)] != nil && i%3 == 0 && closed < 5 && !w.collector.Left(a) {
				closed++
				w.submit(payment.Tx{ID: 1000, Kind: payment.Invoke, From: a, Payer: a,
					Call: payment.CloseLedger{Ledger: w.stream.Terms.Notary.Ledger(a, w.entry(a), 0)}})
			}
		}
	}
	r, err := w.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if period := w.scenario.Payment.Hub.HubPeriod(0); closed == 0 || w.now < period || r.Values[result.Paid] == 0 {
		t.Errorf("%d viewers have closed, their hubs were done after %v, paid %v", closed, w.now, r.Values[result.Paid])
	}
}

package audit

import (
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
)

// Every attack of the audit succeeds on its twin, and fails on ours with the
// error that it should, when actors make it on a chain with fees, blocks and a
// pool.
func TestScriptsOfActors(t *testing.T) {
	play := func(c ledger.Contracts, kind attack.Kind) attack.Tally {
		cfg, one := ledger.Default(), []attack.Config{{Kind: kind}}
		cfg.Contracts, cfg.Confirmations = c, 0
		actors := attack.Accounts(one)
		chain, err := ledger.New(cfg, 2, ledger.Genesis{Accounts: 3 + actors, Actors: actors, Collector: 1,
			Payees: []ledger.Payee{{Account: 2, BPS: 10_000}}})
		if err != nil {
			t.Fatal(err)
		}
		crew := attack.NewCrew(attack.Scene{Chain: chain, Config: cfg, First: 3, Scripts: Script,
			Draw: func(string, uint64) *rand.Rand { return nil }}, one)
		defer crew.Stop()
		for now := time.Duration(0); !crew.Done(); now = min(chain.Next(), crew.Next()) {
			chain.Advance(now, func(r payment.Receipt) { crew.Receipt(now, &r) })
			crew.Advance(now)
		}
		return crew.Tally
	}
	for _, twin := range contracts.Twins() {
		kind := attack.KindOf(twin.Name)
		fell := play(ledger.Contracts(twin.Name), kind)
		if fell.Succeeded != 1 || fell.Stolen.Sign() > 0 != trialOf(twin.Name).loot {
			t.Errorf("%s: %d succeed, %v wei are taken", twin.Name, fell.Succeeded, fell.Stolen)
		}
		got := play(ledger.Ours, kind)
		if want := trialOf(twin.Name).want; got.Succeeded != 0 || got.Refused != map[bool]int{true: 1}[want != ""] {
			t.Errorf("%s on ours: %d succeed, %d are refused; the contract should say %q", kind, got.Succeeded, got.Refused, want)
		}
	}
}

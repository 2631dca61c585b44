package attack_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
)

// play makes attacks on an otherwise quiet chain, and says what came of them.
func play(cfg ledger.Config, attacks ...attack.Config) *attack.Tally {
	actors := attack.Accounts(attacks)
	chain, err := ledger.New(cfg, 1, ledger.Genesis{Accounts: 3 + actors, Actors: actors, Collector: 1,
		Payees: []ledger.Payee{{Account: 2, BPS: 10_000}}})
	if err != nil {
		panic(err)
	}
	crew := attack.NewCrew(attack.Scene{Chain: chain, Config: cfg, First: 3,
		Draw: func(_ string, n uint64) *rand.Rand { return rand.New(rand.NewPCG(1, n)) }}, attacks)
	defer crew.Stop()
	for now := time.Duration(0); !crew.Done(); now = min(chain.Next(), crew.Next()) {
		chain.Advance(now, func(r payment.Receipt) { crew.Receipt(now, &r) })
		crew.Advance(now)
	}
	return &crew.Tally
}

// A payer closes with its oldest voucher while the payee is away: a broken twin
// lets it, ours says why not; then the watchtower answers.
func Example() {
	stale := attack.Config{Kind: attack.StaleClose, Count: 3, Offline: 24 * time.Hour, Towers: 1}
	for _, contracts := range []ledger.Contracts{"ChannelsOpen", ledger.Ours} {
		cfg := ledger.Default()
		cfg.Contracts = contracts
		t := play(cfg, stale)
		fmt.Printf("%s: %d of %d succeeded, %d refused, profit above 0: %v\n", contracts, t.Succeeded, t.Tried, t.Refused, t.Profit().Sign() > 0)
	}
	// Output:
	// ChannelsOpen: 3 of 3 succeeded, 0 refused, profit above 0: true
	// ours: 0 of 3 succeeded, 6 refused, profit above 0: false
}

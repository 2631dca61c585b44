package sim

import (
	"math/big"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
	"kinetoscope/sim/result"
)

// A dealer is a provider as those with whom it has a storage deal know it.
type dealer struct {
	failed int           // how often it failed the publisher's audits
	began  time.Duration // when it last began to lie
}

// dealing is how many accounts storage deals need.
func (w *world) dealing() int {
	if !w.scenario.Storage.Deals.On() {
		return 0
	}
	return attack.DealAccounts(len(w.stream.Providers))
}

// entrust makes the storage deals with all providers.
func (w *world) entrust(first payment.Account) {
	w.dealers = make([]dealer, len(w.stream.Providers))
	keepers := make([]attack.Keeper, len(w.dealers))
	for i, id := range w.stream.Providers {
		keepers[i] = attack.Keeper{
			Newest: func() ([]byte, attack.Held) {
				shard, seq, rendition, number := w.publisher.Newest(id)
				return shard, attack.Held{Seq: seq, Rendition: rendition, Shard: number}
			},
			Holds: func(of attack.Held) []byte {
				if w.dark[id] > 0 {
					return nil
				}
				return w.providers[i].Shard(of.Seq, of.Rendition, of.Shard)
			},
			Failed: func() int { return w.dealers[i].failed },
			Lies:   func() (bool, time.Duration) { return w.providers[i].Lies(), w.dealers[i].began },
		}
	}
	w.crew.Keep(first, w.scenario.Storage.Deals, w.end, keepers)
}

// measureDeals says what became of bonds.
func (w *world) measureDeals(r *result.Run) {
	if w.dealers == nil {
		return
	}
	b := w.crew.Bonds
	r.Values[result.DealsMade], r.Values[result.DealsChallenged] = float64(b.Made), float64(b.Asked)
	r.Values[result.BondsTaken], r.Values[result.BondsTakenHonest] = float64(b.Slashed), float64(b.Honest)
	r.Values[result.LiarsPaid], r.Values[result.BondsLost] = float64(b.Paid), etherOf(b.Lost)
	r.Values[result.DealsPaid] = etherOf(b.Earned)
	r.Values[result.DealGas] = ratio(etherOf(b.Gas), float64(b.Made))
	if len(b.Caught) > 0 {
		r.Values[result.CaughtP95] = attack.Quantile(b.Caught, 0.95).Seconds()
	}
}

// etherOf is an amount of wei in ether.
func etherOf(n *big.Int) float64 {
	f, _ := new(big.Float).Quo(new(big.Float).SetInt(n), big.NewFloat(1e18)).Float64()
	return f
}

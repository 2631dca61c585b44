package economy

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
)

// A view is one viewer's of one title.
type view struct {
	at     time.Duration // when it ends and is charged
	length time.Duration
	viewer int32
	tab    int32
	price  unit.Wei
}

func (v *view) begin() time.Duration { return v.at - v.length }

// found draws everybody and makes the chain. Accounts are viewers, creators,
// payees, and last who deploys the contracts.
func (w *world) found() error {
	s := &w.scenario
	if s.Payment.Method == payment.Central {
		s.Ledger.Rollup.On = false
	}
	n := payment.Account(s.Population.Viewers + s.Economy.Creators)
	for i := range s.Economy.Creators {
		c := creator{account: payment.Account(s.Population.Viewers + i), came: new(big.Int), income: new(big.Int)}
		for _, bps := range shares(s.Economy.Payees, sim.Stream(w.seed, "split", uint64(i))) {
			c.payees = append(c.payees, payee{account: n, bps: bps, credit: new(big.Int), got: new(big.Int), left: new(big.Int), landed: new(big.Int), toll: new(big.Int)})
			n++
		}
		w.creators = append(w.creators, c)
	}
	if err := w.openChain(int(n) + 1); err != nil {
		return err
	}
	w.agree()
	w.views = draw(s, w.seed)
	choose := zipf(s.Economy.Creators, s.Economy.Popularity)
	w.tabs, w.held = make([][]tab, s.Population.Viewers), make([]*big.Int, s.Population.Viewers)
	for i := range w.tabs {
		w.held[i] = new(big.Int)
		for _, c := range choose.some(s.Economy.Follows, sim.Stream(w.seed, "follows", uint64(i))) {
			w.tabs[i] = append(w.tabs[i], tab{payer: payment.NewPayer(w.creators[c].terms, payment.Account(i)), creator: c})
		}
	}
	w.stand()
	w.starts = openings(w.views, w.tabs, w.terms.Needs())
	for i := range w.views {
		v := &w.views[i]
		v.price = w.terms.PerHour / 3_600_000 * unit.Wei(v.length.Milliseconds())
	}
	return nil
}

// openChain makes the chain, with a split for each creator.
func (w *world) openChain(accounts int) (err error) {
	if w.scenario.Payment.Needs().Chain == payment.Nowhere {
		return nil
	}
	var splits [][]ledger.Payee
	for i := range w.creators {
		var list []ledger.Payee
		for _, p := range w.creators[i].payees {
			list = append(list, ledger.Payee{Account: p.account, BPS: p.bps})
		}
		splits = append(splits, list)
	}
	w.chain, w.rollup, err = sim.Found(w.scenario.Ledger, w.seed, ledger.Genesis{Accounts: accounts, Balance: purse,
		Creator: payment.Account(accounts - 1), Collector: w.creators[0].account, Payees: splits[0], Others: splits[1:], RoyaltyBPS: 10_000})
	return err
}

// agree makes the terms of every creator.
func (w *world) agree() {
	s := &w.scenario
	cfg, perHour := s.Payment, s.PricePerHour()
	hours := min(float64(purse)/float64(max(1, perHour)), 1e6)
	cfg.Interval = time.Duration(hours * float64(time.Hour)) // nobody owes so much: only what is asked for is paid
	if s.Economy.Settle == scenarios.SettleThreshold {
		cfg.Interval = time.Duration(float64(s.Economy.Threshold) / float64(max(1, cfg.PricePerHour)) * float64(time.Hour))
	}
	for i := range w.creators {
		c := &w.creators[i]
		cfg.Split = nil
		for _, p := range c.payees {
			cfg.Split = append(cfg.Split, payment.Share{Share: unit.Ratio(float64(p.bps) / 10_000)})
		}
		c.terms = payment.NewTerms(cfg, perHour, perHour/3600)
		c.terms.Collector = c.account
		if w.chain != nil {
			c.terms.Signer, c.terms.Notary = w.chain.Signer(), w.chain.Notary()
		}
		if s.Payment.Method != payment.L1Batch {
			var all []payment.Account
			for _, p := range c.payees {
				all = append(all, p.account)
			}
			c.collector = payment.NewCollector(c.terms, c.account, all)
		}
	}
	w.terms = w.creators[0].terms
}

// stand opens the channels that are open before the start.
func (w *world) stand() {
	if !w.terms.Needs().Standing {
		return
	}
	var txs []payment.Tx
	for i := range w.tabs {
		p := payment.NewPayer(w.terms, payment.Account(i))
		txs = append(txs, p.Standing())
	}
	for _, r := range w.chain.Stand(txs) {
		w.gas += r.Gas
		w.fees.Add(&w.fees, new(big.Int).SetUint64(uint64(r.Fee)))
		w.held[r.From].Add(w.held[r.From], new(big.Int).SetUint64(uint64(r.Fee+r.Amount)))
		w.lock(&w.locked, r.Amount)
	}
}

// draw lists all views in the order in which they end.
func draw(s *scenarios.Scenario, seed uint64) (list []view) {
	e, p := s.Economy, s.Population
	for i := range p.Viewers {
		rng := sim.Stream(seed, "views", uint64(i))
		add := func(begin time.Duration) bool {
			length := max(time.Second, time.Duration(rng.ExpFloat64()*float64(e.Watch))).Truncate(time.Millisecond)
			if begin+length >= s.Duration {
				return false
			}
			list = append(list, view{at: begin + length, length: length, viewer: int32(i), tab: int32(rng.IntN(e.Follows))})
			return true
		}
		if e.Views == 0 {
			add(p.At + sim.Arrival(p, rng.Float64()))
			continue
		}
		gap := float64(24*time.Hour) / e.Views
		for at := rng.ExpFloat64() * gap; at < float64(s.Duration); at += rng.ExpFloat64() * gap {
			add(time.Duration(at))
		}
	}
	slices.SortFunc(list, func(a, b view) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.viewer, b.viewer), cmp.Compare(a.length, b.length))
	})
	return list
}

// openings is each viewer's first view, in the order in which they begin, if a
// channel is opened when play is pressed.
func openings(views []view, tabs [][]tab, n payment.Needs) (list []int32) {
	if n.Lock == 0 || n.Standing {
		return nil
	}
	first := make([]int32, len(tabs))
	for i := range views {
		at := &first[views[i].viewer]
		if *at == 0 || views[i].begin() < views[*at-1].begin() {
			*at = int32(i) + 1
		}
	}
	for _, i := range first {
		if i > 0 {
			list = append(list, i-1)
		}
	}
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(views[a].begin(), views[b].begin()) })
	return list
}

// shares draws a split of 2 to most payees: the first, the creator itself, has
// half of it or more.
func shares(most int, rng *rand.Rand) []int {
	n := 2 + rng.IntN(most-1)
	list, left := make([]int, n), 10_000
	for i := 1; i < n; i++ {
		list[i] = 1 + rng.IntN(5000/(n-1))
		left -= list[i]
	}
	list[0] = left
	return list
}

// A law is a discrete distribution: the sums of its weights.
type law []float64

// zipf gives the i-th of n a weight of 1/i^exponent.
func zipf(n int, exponent float64) (l law) {
	sum := 0.0
	for i := range n {
		sum += math.Pow(float64(i+1), -exponent)
		l = append(l, sum)
	}
	return l
}

// some draws n different ones.
func (l law) some(n int, rng *rand.Rand) (list []int) {
	for len(list) < n {
		i := sort.SearchFloat64s(l, rng.Float64()*l[len(l)-1])
		if i = min(i, len(l)-1); !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	return list
}

// Package economy plays payments alone: views of many creators over many days,
// what viewers owe for them, when they pay, and when the money comes to those
// who share in it. Payers, collectors, contracts and chain are those of every
// other run.
//
// What it leaves out: the network, video, and who serves it. A view is a length
// of time; its bytes are priced and sent by nobody.
package economy

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// A world is one run.
type world struct {
	scenario scenarios.Scenario
	seed     uint64
	terms    *payment.Terms
	chain    sim.Chain // nil if the method needs none
	rollup   *ledger.Rollup

	now      time.Duration
	views    []view  // in the order in which they end
	starts   []int32 // those for which somebody opens a channel, in the order in which they begin
	tabs     [][]tab
	creators []creator
	held     []*big.Int // of each viewer: what it has spent on the chain

	gas          uint64
	fees, paid   big.Int
	opened       int
	locked, free big.Int
	lockup       sim.Lockup
	opens        []float64 // s
	crowd        time.Duration
	samples      []sample // money that came to payees
	spendable    []sample // and that they have on the first layer
	crossing     int
	watched      time.Duration
	notes        []string
}

// A tab is what one viewer has with one creator.
type tab struct {
	payer   payment.Payer
	creator int
	waiting []int32 // views that no payment is for yet
	flying  []flight
	began   time.Duration
}

// A flight is a payment under way, and which views it is for.
type flight struct {
	id    uint32
	views []int32
}

// A creator is one asset with its split, and the reference model of it.
type creator struct {
	terms     *payment.Terms
	account   payment.Account
	payees    []payee
	collector *payment.Collector // of the payout under way
	came      *big.Int           // in the split, not divided
	income    *big.Int
	fees      big.Int // of the chain, for what was sent for it
	arrived   []int32 // views whose money is in came
	divided   []int32 // those whose money was divided since the start
}

// A payee has a part of a split.
type payee struct {
	account     payment.Account
	bps         int
	credit, got *big.Int
	since       int       // of the creator's divided: those before it are paid out
	earned      []earning // got and not on its way to the first layer
	crossing    []crossing
	left        *big.Int // has left the rollup
	landed      *big.Int // of that, is on the first layer
	toll        *big.Int // what leaving took
}

// purse is what everybody but the creator of all contracts owns in the beginning.
const purse = unit.Wei(15_000_000_000_000_000_000)

// patience is how long an economy may take to settle after its end.
const patience = 7 * 24 * time.Hour

// Run plays an economy once. It returns early with ctx's error when ctx is done.
// A *sim.Broken error says that the books are not those of the chain.
func Run(ctx context.Context, s scenarios.Scenario, seed uint64) (run *result.Run, err error) {
	w := &world{scenario: s, seed: seed}
	defer func() {
		if p := recover(); p != nil {
			run, err = nil, w.blame(p)
		}
	}()
	if err := w.found(); err != nil {
		return nil, err
	}
	if err := w.play(ctx); err != nil {
		return nil, err
	}
	w.audit()
	return w.measure(), nil
}

// blame turns a panic into an error that says where it happened.
func (w *world) blame(p any) error {
	b, ok := p.(*sim.Broken)
	if !ok {
		b = &sim.Broken{Invariant: "no panic", Detail: fmt.Sprint(p)}
	}
	b.Scenario, b.Variant, b.Seed, b.At = w.scenario.Name, w.scenario.Variant, w.seed, w.now
	return b
}

// play lets views, days and payouts happen in their order, and in the end has
// everybody pay what is left.
func (w *world) play(ctx context.Context) error {
	const day = 24 * time.Hour
	e, end := w.scenario.Economy, w.scenario.Duration
	next, start, nextDay, nextPayout, nextBridge := 0, 0, day, e.Payout, e.Bridge
	if e.Bridge == 0 || w.rollup == nil {
		nextBridge = end + 1
	}
	if e.Payout == 0 || w.scenario.Payment.Method == payment.Channel { // a channel's deposit is paid out once
		nextPayout = end + 1
	}
	for {
		at := end
		if next < len(w.views) {
			at = min(at, w.views[next].at)
		}
		if start < len(w.starts) {
			at = min(at, w.views[w.starts[start]].begin())
		}
		at = min(at, nextDay, nextPayout, nextBridge)
		if err := w.advance(ctx, at); err != nil {
			return err
		}
		switch {
		case at == end:
			return w.finish(ctx)
		case start < len(w.starts) && w.views[w.starts[start]].begin() == at:
			v := &w.views[w.starts[start]]
			w.begin(&w.tabs[v.viewer][v.tab])
			start++
		case next < len(w.views) && w.views[next].at == at:
			w.watch(int32(next))
			next++
		case at == nextDay:
			nextDay += day
			if e.Settle == scenarios.SettleDaily {
				w.settle()
			}
		case at == nextBridge:
			nextBridge += e.Bridge
			w.bridge()
		default:
			nextPayout += e.Payout
			w.payout()
		}
	}
}

// advance builds all blocks due up to a time.
func (w *world) advance(ctx context.Context, to time.Duration) error {
	for n := 0; w.chain != nil && w.chain.Next() <= to; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w.now = w.chain.Next()
		w.chain.Advance(w.now, w.hear)
		w.landings()
	}
	w.now = to
	return ctx.Err()
}

// quiet builds blocks until nothing is under way that done waits for.
func (w *world) quiet(ctx context.Context, done func() bool) error {
	end := w.scenario.Duration + patience + w.scenario.Ledger.Rollup.WithdrawDelay
	for n := 0; w.chain != nil && !done() && w.now < end; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w.now = w.chain.Next()
		w.chain.Advance(w.now, w.hear)
		w.landings()
	}
	return nil
}

// finish has everybody pay what is left, and creators take it.
func (w *world) finish(ctx context.Context) error {
	w.settle()
	idle := func() bool { return !w.chain.Busy() }
	if err := w.quiet(ctx, idle); err != nil {
		return err
	}
	if w.scenario.Economy.Payout > 0 {
		w.payout()
		if err := w.quiet(ctx, idle); err != nil {
			return err
		}
	}
	if w.rollup != nil && w.scenario.Economy.Bridge > 0 {
		w.bridge()
	}
	return w.quiet(ctx, func() bool { return w.rollup == nil || w.crossing == 0 && w.rollup.Settled() })
}

// watch charges a view, and pays if that is due.
func (w *world) watch(i int32) {
	v := &w.views[i]
	w.watched += v.length
	t := &w.tabs[v.viewer][v.tab]
	t.waiting = append(t.waiting, i)
	if t.payer.State() == payment.Idle { // nothing to open
		w.begin(t)
	}
	w.carry(v.viewer, t, t.payer.Pay(w.now, v.price))
	e := w.scenario.Economy
	if e.Settle == scenarios.SettleView || e.Settle == scenarios.SettleViews && len(t.waiting) >= e.Every {
		w.carry(v.viewer, t, t.payer.Rest(w.now))
	}
}

// begin makes a tab's payer ready.
func (w *world) begin(t *tab) {
	t.began = w.now
	if tx, needed := t.payer.Open(); needed {
		w.send(tx, t.creator)
	}
}

// settle has every viewer pay what it owes.
func (w *world) settle() {
	for i := range w.tabs {
		for j := range w.tabs[i] {
			if t := &w.tabs[i][j]; len(t.waiting) > 0 {
				w.carry(int32(i), t, t.payer.Rest(w.now))
			}
		}
	}
}

// carry carries out what a payer does to pay.
func (w *world) carry(viewer int32, t *tab, d payment.Deed) {
	c := &w.creators[t.creator]
	if d.Tx != nil {
		t.flying = append(t.flying, flight{d.Tx.ID, t.waiting})
		t.waiting = nil
		w.send(*d.Tx, t.creator)
	}
	if d.Tell && c.collector != nil {
		c.collector.Take(payment.Account(viewer), t.payer.Voucher())
	}
}

func (w *world) send(tx payment.Tx, creator int) {
	tx.Split = uint32(creator)
	w.chain.Submit(w.now, tx)
}

// hear books what the chain has done.
func (w *world) hear(r payment.Receipt) {
	w.gas += r.Gas
	w.pay(&w.creators[r.Split], r.Fee)
	if int(r.From) < len(w.tabs) {
		w.viewerHears(&r)
		return
	}
	c := &w.creators[r.Split]
	if r.OK {
		w.book(c, &r)
	}
	if c.collector != nil {
		for _, tx := range c.collector.Confirm(&r, nil) {
			w.send(tx, int(r.Split))
		}
	}
}

// viewerHears books what a viewer's transaction did.
func (w *world) viewerHears(r *payment.Receipt) {
	spent := w.held[r.From]
	spent.Add(spent, new(big.Int).SetUint64(uint64(r.Fee)))
	if r.OK {
		spent.Add(spent, new(big.Int).SetUint64(uint64(r.Amount)))
	}
	t := w.tabOf(r)
	if tx, again := t.payer.Confirm(r); again {
		for i := range t.flying {
			if t.flying[i].id == r.ID {
				t.flying[i].id = tx.ID
			}
		}
		w.send(tx, t.creator)
		return
	}
	switch {
	case r.Kind == payment.Open && r.OK:
		w.open(r, t)
	case r.Kind == payment.Pay:
		f := t.flying[0] // one sender's transactions stay in order
		if f.id != r.ID {
			w.broken("payments come in order", "account %d paid by transaction %d, not %d", r.From, r.ID, f.id)
		}
		t.flying = t.flying[1:]
		if !r.OK {
			t.waiting = append(f.views, t.waiting...)
			return
		}
		w.came(&w.creators[t.creator], r.Amount, f.views)
	}
}

// tabOf is the tab that a viewer's transaction was for.
func (w *world) tabOf(r *payment.Receipt) *tab {
	for i := range w.tabs[r.From] {
		if t := &w.tabs[r.From][i]; t.creator == int(r.Split) {
			return t
		}
	}
	panic(fmt.Sprintf("economy: account %d has no tab with creator %d", r.From, r.Split))
}

// open books a channel, and pays for what was watched meanwhile.
func (w *world) open(r *payment.Receipt, t *tab) {
	w.opened++
	w.crowd = w.now
	w.opens = append(w.opens, (w.now - t.began).Seconds())
	w.lock(&w.locked, r.Amount)
	w.carry(int32(r.From), t, t.payer.Rest(w.now))
}

// lock adds to what was locked, or to what is free again.
func (w *world) lock(sum *big.Int, amount unit.Wei) {
	sum.Add(sum, new(big.Int).SetUint64(uint64(amount)))
	w.lockup.Note(w.now, &w.locked, &w.free)
}

// came books money in a split.
func (w *world) came(c *creator, amount unit.Wei, views []int32) {
	sum := new(big.Int).SetUint64(uint64(amount))
	w.paid.Add(&w.paid, sum)
	c.came.Add(c.came, sum)
	c.income.Add(c.income, sum)
	c.arrived = append(c.arrived, views...)
}

// book keeps the reference model of a creator's split.
func (w *world) book(c *creator, r *payment.Receipt) {
	switch r.Kind {
	case payment.Close:
		t := &w.tabs[r.Payer][0]
		w.held[r.Payer].Sub(w.held[r.Payer], new(big.Int).SetUint64(uint64(w.terms.Deposit-r.Amount)))
		w.lock(&w.free, w.terms.Deposit)
		w.came(c, r.Amount, t.waiting)
		t.waiting = nil
	case payment.Settle:
		bps := make([]int, len(c.payees))
		for i := range c.payees {
			bps[i] = c.payees[i].bps
		}
		for i, part := range payment.Divide(c.came, bps) {
			c.payees[i].credit.Add(c.payees[i].credit, part)
		}
		c.came.SetInt64(0)
		c.divided, c.arrived = append(c.divided, c.arrived...), nil
	case payment.Withdraw:
		for i := range c.payees {
			if c.payees[i].account == r.Payer {
				w.take(c, &c.payees[i])
			}
		}
	}
}

// take pays a payee its credit, and notes how long each part of it took.
func (w *world) take(c *creator, p *payee) {
	p.got.Add(p.got, p.credit)
	p.credit.SetInt64(0)
	for _, i := range c.divided[p.since:] {
		v := &w.views[i]
		part := float64(v.price) * float64(p.bps) / 10_000
		w.samples = append(w.samples, sample{w.now - v.at, part})
		p.earned = append(p.earned, earning{v.at, part})
	}
	p.since = len(c.divided)
}

// payout has creators divide what came in and pay out who has enough.
func (w *world) payout() {
	for i := range w.creators {
		c := &w.creators[i]
		if w.scenario.Payment.Method == payment.Channel {
			w.sendAll(c.collector.Finish(nil), i)
			continue
		}
		if w.chain == nil || c.collector != nil && c.collector.Phase() != payment.Done {
			continue // the one before is under way
		}
		if due := c.due(w.scenario.Ledger.Wei(w.scenario.Economy.Least)); len(due) > 0 {
			c.collector = payment.NewCollector(c.terms, c.account, due)
			w.sendAll(c.collector.Finish(nil), i)
		}
	}
}

func (w *world) sendAll(txs []payment.Tx, creator int) {
	for _, tx := range txs {
		w.send(tx, creator)
	}
}

// due is who is to be paid out: who has at least so much once all is divided.
func (c *creator) due(least unit.Wei) (list []payment.Account) {
	for i := range c.payees {
		p := &c.payees[i]
		part := new(big.Int).Mul(c.came, big.NewInt(int64(p.bps)))
		part.Div(part, big.NewInt(10_000)).Add(part, p.credit)
		if part.Sign() > 0 && part.Cmp(new(big.Int).SetUint64(uint64(least))) >= 0 {
			list = append(list, p.account)
		}
	}
	return list
}

// broken stops the run.
func (w *world) broken(invariant, format string, args ...any) {
	panic(&sim.Broken{Invariant: invariant, Detail: fmt.Sprintf(format, args...)})
}

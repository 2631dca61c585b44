package economy

import (
	"math/big"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// A sample is money that came to a payee.
type sample struct {
	wait   time.Duration // since the view
	amount float64       // wei
}

// An earning is a payee's part of one view.
type earning struct {
	at     time.Duration // when the view ended
	amount float64       // wei
}

// A crossing is money of a payee that is on its way to the first layer.
type crossing struct {
	amount unit.Wei
	of     []earning
}

// bridge has every payee bring what it has got on a rollup to the first layer, if
// that is enough.
func (w *world) bridge() {
	least := new(big.Int).SetUint64(uint64(w.scenario.Ledger.Wei(w.scenario.Economy.Enough)))
	for i := range w.creators {
		for j := range w.creators[i].payees {
			p := &w.creators[i].payees[j]
			has := new(big.Int).Sub(p.got, p.left)
			if has.Sign() <= 0 || has.Cmp(least) < 0 {
				continue
			}
			x := crossing{unit.Wei(has.Uint64()), p.earned}
			p.left.Add(p.left, has)
			p.crossing, p.earned = append(p.crossing, x), nil
			w.rollup.Withdraw(w.now, p.account, x.amount)
			w.crossing++
		}
	}
}

// landings books what has come to the first layer.
func (w *world) landings() {
	if w.rollup == nil {
		return
	}
	for _, l := range w.rollup.Landed() {
		w.land(&l)
	}
}

func (w *world) land(l *ledger.Landing) {
	c, p := w.payeeOf(l.Account)
	x := p.crossing[0] // one payee's come in order
	if x.amount != l.Amount {
		w.broken("money in is money out", "account %d brought %v wei over, %v came", l.Account, x.amount, l.Amount)
	}
	p.crossing = p.crossing[1:]
	w.crossing--
	p.landed.Add(p.landed, new(big.Int).SetUint64(uint64(l.Amount)))
	p.toll.Add(p.toll, new(big.Int).SetUint64(uint64(l.Fee)))
	w.pay(c, l.Fee+l.Claim)
	for _, e := range x.of {
		w.spendable = append(w.spendable, sample{w.now - e.at, e.amount})
	}
}

// pay books a fee of the chain that was paid for a creator's asset.
func (w *world) pay(c *creator, fee unit.Wei) {
	sum := new(big.Int).SetUint64(uint64(fee))
	c.fees.Add(&c.fees, sum)
	w.fees.Add(&w.fees, sum)
}

// payeeOf is who owns an account, and whose asset it shares in; payees come after
// viewers and creators, in their order.
func (w *world) payeeOf(a payment.Account) (*creator, *payee) {
	for i := range w.creators {
		c := &w.creators[i]
		if last := c.payees[len(c.payees)-1].account; a <= last {
			return c, &c.payees[a-c.payees[0].account]
		}
	}
	panic("economy: money came to nobody that is known")
}

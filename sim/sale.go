package sim

import (
	"math/big"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// An estate is who owns the asset, and the reference model of its split: what
// the chain did to it, in its order.
type estate struct {
	owners    []payment.Account                 // of the title and of the right to change the split: the creator, then each buyer
	content   [32]byte                          // the asset
	bids      []bid                             // transactions of owners, by id
	reads     int64                             // of licences, whoever asked
	stale     time.Duration                     // the longest that a viewer was served after its licence had ended
	knocking  []float64                         // of viewers' first requests, until an edge knew of their licence, in seconds
	rights    *rights                           // nil: edges ask themselves
	lent      map[payment.Account]time.Duration // of licences, where a platform keeps them; looked up, never walked
	book      []entry
	misrouted *big.Int // wei that reached somebody else than the model says
}

// A bid is one of the transactions that a sale takes.
type bid struct {
	tx    payment.Tx
	sale  int
	tries int
}

// maxTries is how often a transaction of a sale is sent that the chain refuses:
// the other side's may come first in a full block.
const maxTries = 8

// An entry is what one transaction did to the split.
type entry struct {
	from   payment.Account
	id     uint32
	kind   payment.TxKind // Settle, Invoke for new shares, or what brought amount
	amount unit.Wei
	sale   int           // Invoke: after which the shares are those
	at     time.Duration // Invoke: when that was confirmed
	earned unit.Wei      // Invoke: price of what viewers had got by then
}

// holdings is the split after the first n sales, as the contract takes it.
func (w *world) holdings(n int) (list []payment.Holding) {
	for _, s := range w.scenario.Payment.Sold(n) {
		list = append(list, payment.Holding{Payee: w.payees[w.payee(s.Payee)], BPS: s.BPS()})
	}
	return list
}

// payee is the place of a payee among all that there ever are.
func (w *world) payee(name string) int { return slices.Index(w.scenario.Payment.Payees(), name) }

// sell sends all that a sale takes at once: seller and buyer have agreed. In an
// empty block all of it happens together. One sender's transactions stay in order:
// the royalty is there before the shares change.
func (w *world) sell(i int) {
	seller, buyer := w.owners[i], w.owners[i+1]
	if due := w.scenario.Payment.Sales[i].Royalty; due > 0 {
		w.offer(i, payment.Tx{Kind: payment.Pay, From: buyer, Amount: due})
	}
	for t := range w.works() {
		w.bid(i, seller, payment.OfferTitle{ContentID: w.work(uint32(t)), To: buyer})
	}
	w.bid(i, seller, payment.OfferSplit{To: buyer})
	for t := range w.works() {
		w.bid(i, buyer, payment.AcceptTitle{ContentID: w.work(uint32(t))})
	}
	w.bid(i, buyer, payment.AcceptSplit{})
	w.bid(i, buyer, payment.SetShares{Shares: w.holdings(i + 1)})
}

func (w *world) bid(sale int, from payment.Account, call payment.Call) {
	w.offer(sale, payment.Tx{Kind: payment.Invoke, From: from, Call: call})
}

func (w *world) offer(sale int, tx payment.Tx) {
	tx.ID = uint32(len(w.bids))
	w.bids = append(w.bids, bid{tx: tx, sale: sale, tries: 1})
	w.submit(tx)
}

// sold hears what the chain made of a sale, and sends again what it refused.
func (w *world) sold(r *payment.Receipt) {
	if r.OK || r.Reorged {
		return
	}
	if b := &w.bids[r.ID]; b.tries < maxTries {
		b.tries++
		w.submit(b.tx)
	} else {
		w.note("the chain refused a transaction of the asset's owner %d times: %s", b.tries, r.Reason)
	}
}

// enter writes a receipt into the book of the split, or strikes it out.
func (w *world) enter(r *payment.Receipt) {
	e := entry{from: r.From, id: r.ID, kind: r.Kind, amount: r.Amount}
	switch {
	case !r.OK:
		return
	case r.Kind == payment.Settle || r.Kind == payment.Pay:
	case w.paysOut(r) && !w.stream.Terms.Needs().Direct:
	case slices.Contains(w.owners, r.From):
		if _, shares := r.Call.(payment.SetShares); !shares {
			return
		}
		e.sale, e.at = w.bids[r.ID].sale+1, w.now
		for i := range w.viewers {
			e.earned += w.viewers[i].due
		}
	default:
		return
	}
	if !r.Reorged {
		w.book = append(w.book, e)
		return
	}
	for i := len(w.book) - 1; i >= 0; i-- {
		if o := &w.book[i]; o.from == e.from && o.id == e.id && o.kind == e.kind {
			w.book = slices.Delete(w.book, i, i+1)
			return
		}
	}
}

// royalties is what buyers have paid into the split.
func (w *world) royalties() *big.Int {
	sum := new(big.Int)
	for i := range w.book {
		if e := &w.book[i]; e.kind == payment.Pay && slices.Contains(w.owners, e.from) {
			sum.Add(sum, new(big.Int).SetUint64(uint64(e.amount)))
		}
	}
	return sum
}

// entitled is what each payee must have: by the book, everything that came in is
// divided by the shares of its time, to the wei.
func (w *world) entitled() []*big.Int {
	parts := make([]*big.Int, len(w.payees))
	for i := range parts {
		parts[i] = new(big.Int)
	}
	waits, shares := new(big.Int), w.scenario.Payment.Sold(0)
	divide := func() {
		bps := make([]int, len(shares))
		for i, s := range shares {
			bps[i] = s.BPS()
		}
		for i, part := range payment.Divide(waits, bps) {
			to := parts[w.payee(shares[i].Payee)]
			to.Add(to, part)
		}
		waits.SetInt64(0)
	}
	for i := range w.book {
		switch e := &w.book[i]; {
		case e.kind == payment.Settle:
			divide()
		case e.sale > 0:
			divide()
			shares = w.scenario.Payment.Sold(e.sale)
		default:
			waits.Add(waits, new(big.Int).SetUint64(uint64(e.amount)))
		}
	}
	return parts
}

// measureSales says how soon sales took effect, and whose money it was.
func (w *world) measureSales(r *result.Run, paid float64) {
	if len(w.scenario.Payment.Sales) == 0 {
		return
	}
	var came unit.Wei // of viewers
	var lag time.Duration
	var drift float64
	done := 0
	for i := range w.book {
		e := &w.book[i]
		if e.sale == 0 {
			if e.kind != payment.Settle && !slices.Contains(w.owners, e.from) {
				came += e.amount
			}
			continue
		}
		done++
		lag = max(lag, e.at-w.scenario.Payment.Sales[e.sale-1].At)
		drift += float64(max(e.earned, came) - min(e.earned, came))
	}
	if done == len(w.scenario.Payment.Sales) {
		r.Values[result.SaleLag] = lag.Seconds()
	}
	r.Values[result.SaleDrift] = ratio(drift, paid)
	r.Values[result.Misrouted], _ = new(big.Float).SetInt(w.misrouted).Float64()
}

// exact is what each payee would have if a wei could be cut: by fractions, of
// all that came in while its share was that, or of what the central ledger owes.
func (w *world) exact() []*big.Rat {
	parts := make([]*big.Rat, len(w.scenario.Payment.Payees()))
	for i := range parts {
		parts[i] = new(big.Rat)
	}
	shares := w.scenario.Payment.Sold(0)
	bring := func(amount *big.Rat) {
		for _, s := range shares {
			p := parts[w.payee(s.Payee)]
			p.Add(p, new(big.Rat).Mul(amount, big.NewRat(int64(s.BPS()), 10_000)))
		}
	}
	if w.chain == nil {
		cut := int64(payment.Share{Share: w.scenario.Payment.PlatformCut}.BPS())
		bring(new(big.Rat).Mul(new(big.Rat).SetInt(w.collector.Owed()), big.NewRat(10_000-cut, 10_000)))
		return parts
	}
	for i := range w.book {
		switch e := &w.book[i]; {
		case e.sale > 0:
			shares = w.scenario.Payment.Sold(e.sale)
		case e.kind != payment.Settle:
			bring(new(big.Rat).SetInt(new(big.Int).SetUint64(uint64(e.amount))))
		}
	}
	return parts
}

// payeeError is by how many wei the payee that is off most is off.
func (w *world) payeeError() float64 {
	most := new(big.Rat)
	for i, x := range w.exact() {
		off := x.Sub(x, new(big.Rat).SetInt(w.payouts[i]))
		if off.Abs(off).Cmp(most) > 0 {
			most = off
		}
	}
	f, _ := most.Float64()
	return f
}

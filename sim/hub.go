package sim

import (
	"fmt"
	"math/big"
	"slices"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// hubIDs are all hubs, in the order of their numbers; they come after the viewers.
func (w *world) hubIDs() (all []protocol.NodeID) {
	for _, tier := range w.stream.Hubs {
		all = append(all, tier...)
	}
	return all
}

// entry is the hub that a viewer has its ledger channel with: the nearest of the
// first ones, dealt out in turn where several are as near.
func (w *world) entry(viewer payment.Account) payment.Account {
	first := w.stream.Hubs[0]
	n := len(first)
	best := first[int(viewer)%n]
	for i := range n {
		if h := first[(int(viewer)+i)%n]; w.stream.Apart(protocol.NodeID(viewer), h) < w.stream.Apart(protocol.NodeID(viewer), best) {
			best = h
		}
	}
	return payment.Account(best)
}

// capacity is what each hub locks towards the next.
func (w *world) capacity() unit.Wei {
	c := w.scenario.Payment.Hub.Capacity
	if c == 0 {
		c = unit.Wei(min(9e18, float64(w.stream.Terms.Worth(1, w.scenario.Payment.Deposit))*float64(w.visits)))
	}
	return max(c, 1)
}

// bridge puts the hubs' books up and returns the transactions that opened their
// ledger channels; nodes come later.
func (w *world) bridge() (txs []payment.Tx) {
	on := w.stream.Terms
	for t, tier := range w.stream.Hubs {
		for i, id := range tier {
			next := payment.Account(publisherID)
			if t+1 < len(w.stream.Hubs) {
				next = payment.Account(w.stream.Hubs[t+1][i])
			}
			b := payment.NewBroker(on, payment.Account(id), t+1, next, w.capacity())
			w.brokers = append(w.brokers, b)
			txs = append(txs, b.Standing())
		}
	}
	return txs
}

// connect makes the hubs' nodes, and the last hubs known to the collector.
func (w *world) connect() {
	n := len(w.stream.Hubs)
	if n == 0 {
		return
	}
	for i, id := range w.hubIDs() {
		w.nodes = append(w.nodes, protocol.NewHub(w.stream, id, w.brokers[i]))
	}
	w.purses()
	for i := range w.opened { // before the stream
		r := &w.opened[i]
		to := r.Call.(payment.OpenLedger).To
		ok := false
		if to == payment.TheSplit {
			ok = w.collector.Hub(r)
		} else {
			_, ok = w.broker(to).Opened(r, nil)
		}
		if !ok {
			panic(fmt.Sprintf("sim: the ledger channel of %d to %d is not what was agreed", r.From, to))
		}
	}
}

// broker is the books of a hub.
func (w *world) broker(hub payment.Account) *payment.Broker {
	return w.brokers[int(hub)-int(w.viewerID(len(w.viewers)))]
}

// rich are the accounts that own as much as the creator: hubs, and who buys the
// title.
func (w *world) rich() []payment.Account {
	all := slices.Clone(w.owners[1:])
	for _, id := range w.hubIDs() {
		all = append(all, payment.Account(id))
	}
	return all
}

// toHubs sends a receipt of ledger channels to the hubs that it concerns, who
// watch the chain: an opening to the viewer's, the rest to all but the sender, who
// has had it.
func (w *world) toHubs(r *payment.Receipt) {
	switch r.Call.(type) {
	case payment.OpenLedger:
		if len(w.stream.Hubs) > 0 && w.roleOf(protocol.NodeID(r.From)) == roleViewer {
			w.in = protocol.Input{Kind: protocol.Confirm, Receipt: r}
			w.step(protocol.NodeID(w.entry(r.From)))
		}
	case payment.CloseLedger, payment.ClaimLedger:
		for _, id := range w.hubIDs() {
			if w.in = (protocol.Input{Kind: protocol.Confirm, Receipt: r}); payment.Account(id) != r.From {
				w.step(id)
			}
		}
	}
}

// suesCollector says that a hub asks the chain to close a ledger channel, which may
// be the collector's.
func (w *world) suesCollector(r *payment.Receipt) bool {
	_, closes := r.Closes()
	return closes && r.From != payment.Account(publisherID)
}

// collects says that a receipt is of what a hub has redeemed for itself.
func (w *world) collects(r *payment.Receipt) bool {
	return r.OK && r.Kind == payment.Invoke && r.From != r.Payer && w.roleOf(protocol.NodeID(r.From)) == roleHub
}

// hubsDone says that no hub waits for the chain.
func (w *world) hubsDone() bool {
	for _, b := range w.brokers {
		if !b.Done() {
			return false
		}
	}
	return true
}

// A wallet is what the chain has moved to and from a hub.
type wallet struct {
	begun, gas *big.Int
	got, paid  unit.Wei // by ledger channels that pay it, and by its own
}

// purses notes what hubs have when the stream begins, their deposits locked.
func (w *world) purses() {
	w.wallets = map[payment.Account]*wallet{}
	for _, id := range w.hubIDs() {
		w.wallets[payment.Account(id)] = &wallet{begun: w.chain.Balance(payment.Account(id)), gas: new(big.Int)}
	}
}

// moved notes what a receipt has moved, or has not if it is taken back.
func (w *world) moved(r *payment.Receipt) {
	fee, amount := new(big.Int).SetUint64(uint64(r.Fee)), r.Amount
	if r.Reorged {
		fee.Neg(fee)
		amount = -amount // wraps, and back
	}
	if own := w.wallets[r.From]; own != nil {
		own.gas.Add(own.gas, fee)
	}
	switch r.Call.(type) {
	case payment.RedeemLedger, payment.ClaimLedger:
	default:
		return
	}
	if to := w.wallets[r.From]; to != nil && r.OK {
		to.got += amount
	}
	if by := w.wallets[r.Payer]; by != nil && r.OK {
		by.paid += amount
	}
}

// auditWallets holds by the chain alone that no hub loses: its balance is what the
// receipts say, and what it got, with what it could still redeem, is no less than
// what was taken from it, with what its next one could still redeem. Hubs that a
// fault takes see nothing of the chain meanwhile, and may lose.
func (w *world) auditWallets() {
	for i, id := range w.hubIDs() {
		a, x := payment.Account(id), w.wallets[payment.Account(id)]
		want := new(big.Int).Add(x.begun, new(big.Int).SetUint64(uint64(x.got)))
		if got := w.chain.Balance(a); got.Cmp(want.Sub(want, x.gas)) != 0 {
			w.broken("hubs never lose", "hub %d has %v wei on the chain, by the receipts it has %v", i, got, want)
		}
		has, owes := x.got, x.paid
		for _, p := range w.brokers[i].Payers() {
			has += w.brokers[i].Unredeemed(p)
		}
		if next := w.brokers[i].Next(); next != payment.Account(publisherID) {
			owes += w.broker(next).Unredeemed(a)
		}
		if faulty := slices.ContainsFunc(w.darkness, func(ids []protocol.NodeID) bool { return slices.Contains(ids, id) }); has < owes && !faulty {
			w.broken("hubs never lose", "hub %d has had %v by the chain, or can redeem it, and %v was taken from it", i, has, owes)
		}
	}
}

// auditHubs holds that no hub owes more than it is owed, and returns what their
// fees make; what has reached the collector is what they have paid.
func (w *world) auditHubs() *big.Int {
	fees := new(big.Int)
	for i, b := range w.brokers {
		in, out := b.Books()
		if in < out {
			w.broken("hubs never lose", "hub %d is owed %v and owes %v", i, in, out)
		}
		fees.Add(fees, new(big.Int).SetUint64(uint64(in-out)))
	}
	return fees
}

// auditPassed holds that what hubs have paid the collector on the chain is what
// viewers have paid through them.
func (w *world) auditPassed(total *big.Int) {
	paid := new(big.Int)
	for _, id := range w.hubIDs() {
		paid.Add(paid, new(big.Int).SetUint64(uint64(w.closed[payment.Account(id)])))
	}
	if len(w.stream.Hubs) > 0 && paid.Cmp(total) != 0 {
		w.broken("money in is money out", "hubs have paid %v wei on the chain, the books of the collector say %v", paid, total)
	}
}

// measureHubs says what hubs take and lock.
func (w *world) measureHubs(r *result.Run) {
	if len(w.brokers) == 0 {
		return
	}
	locked := new(big.Int)
	for _, b := range w.brokers {
		locked.Add(locked, new(big.Int).SetUint64(uint64(b.Locked())))
	}
	usd := func(wei *big.Int) float64 { return float64(w.scenario.Ledger.USD(wei)) / 1e9 }
	r.Values[result.PledgesRefused] = float64(w.unbacked)
	r.Values[result.HubFees], r.Values[result.HubLocked] = usd(w.auditHubs()), usd(locked)
}

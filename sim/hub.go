package sim

import (
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

// bridge puts the hubs' books up, with ledger channels that stand, and makes them
// known to each other and the collector; nodes come later.
func (w *world) bridge() (txs []payment.Tx) {
	on := w.stream.Terms
	for t, tier := range w.stream.Hubs {
		for i, id := range tier {
			next := payment.Account(publisherID)
			if t+1 < len(w.stream.Hubs) {
				next = payment.Account(w.stream.Hubs[t+1][i])
			}
			b := payment.NewBroker(on, payment.Account(id), t+1, next, w.capacity())
			if t > 0 {
				b.Opened(payment.Account(w.stream.Hubs[t-1][i]), w.capacity(), nil)
			}
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
	if w.stream.Terms.Needs().Standing {
		for i := range w.viewers {
			a := payment.Account(w.viewerID(i))
			w.broker(w.entry(a)).Opened(a, w.stream.Terms.Needs().Lock, nil)
		}
	}
	for _, id := range w.stream.Hubs[n-1] {
		a := payment.Account(id)
		w.collector.Hub(a, payment.NewLink(w.stream.Terms, n, a, payment.Account(publisherID), w.capacity()))
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

// toHub sends a receipt of a viewer's ledger channel to its hub.
func (w *world) toHub(r *payment.Receipt) {
	if len(w.stream.Hubs) > 0 && w.roleOf(protocol.NodeID(r.From)) == roleViewer {
		w.in = protocol.Input{Kind: protocol.Confirm, Receipt: r}
		w.step(protocol.NodeID(w.entry(r.From)))
	}
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
	r.Values[result.HubFees], r.Values[result.HubLocked] = usd(w.auditHubs()), usd(locked)
}

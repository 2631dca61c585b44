package sim

import (
	"fmt"
	"math/big"
	"slices"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// settled looks at the invariants that must hold when a run is over.
func (w *world) settled() {
	w.recoverable()
	if err := w.net.Check(); err != nil {
		w.broken("bytes are conserved", "%v", err)
	}
	w.bounded()
	w.freeRides()
	if w.chain == nil {
		w.auditLedger()
	} else {
		w.auditChain()
	}
}

// recoverable holds that every acknowledged token that is still kept can be
// rebuilt, unless more of those who acknowledged a shard are dark, or have lied,
// than its code can lose.
func (w *world) recoverable() {
	if w.stream.Coder == nil {
		return
	}
	for i, p := range w.placed {
		shards := make([][]byte, w.stream.Coder.N())
		nodes, acked := w.publisher.Keepers(p.seq, p.rendition)
		missing := len(shards) - len(nodes) // all of them if the token is forgotten
		for k, id := range nodes {
			if !acked[k] || !w.net.Up(int32(id)) || w.dropped[id] {
				missing++
				continue
			}
			shards[k] = w.providers[id-firstProvider].Shard(p.seq, p.rendition, uint8(k))
		}
		if missing > w.stream.Coder.N()-w.stream.Coder.K() || w.expired(p) {
			continue
		}
		last := i >= len(w.placed)-len(w.stream.Rates) // decode the newest slot for real, count the others
		if err := w.rebuild(p, shards, last); err != nil {
			w.broken("acknowledged tokens are recoverable", "slot %d, rendition %d with %d providers dark or lying: %v",
				p.seq, p.rendition, missing, err)
		}
	}
}

// expired says that providers may have forgotten a token.
func (w *world) expired(p placed) bool {
	return w.stream.At(w.now)-p.seq > keptFor
}

// keptFor is how many slots back the check looks: fewer than providers keep.
const keptFor = 48

func (w *world) rebuild(p placed, shards [][]byte, decode bool) error {
	have := 0
	for _, s := range shards {
		if s != nil {
			have++
		}
	}
	if have < w.stream.Coder.K() {
		return fmt.Errorf("%d of %d shards needed are there", have, w.stream.Coder.K())
	}
	if !decode {
		return nil
	}
	want, _ := w.publisher.Header(p.seq, p.rendition)
	got, err := w.stream.Coder.Decode(shards, int(want.Size))
	if err != nil {
		return err
	}
	if token.NewPayload(got).ID() != want.Content {
		return token.ErrContent
	}
	return nil
}

// shown holds, by the publisher's own list of what it sealed, that a viewer
// shows, and so pays for, nothing that cannot be shown, and that its bytes are
// the publisher's.
func (w *world) shown(id protocol.NodeID, v *visitor, f *protocol.Fact) {
	t := w.nodes[id].(*protocol.Viewer).Held(f.Seq)
	known := &w.sound[f.Rendition][f.Seq%soundSlots]
	if t != nil && *known == (sound{f.Seq, t.Payload}) && !v.is(noDecoder) {
		return
	}
	p := w.publisher.Piece(f.Seq, f.Rendition)
	if !p.Flags.Billable() || v.is(noDecoder) && slices.Contains(w.stream.Foreign, p.Config) {
		w.broken("nothing undecodable is billed", "node %d pays for slot %d, rendition %d, which it cannot show", id, f.Seq, f.Rendition)
	}
	want, ok := w.publisher.Header(f.Seq, f.Rendition)
	if t == nil || !ok || t.Payload.ID() != want.Content {
		if t != nil && ok && w.scenario.Protection.Check != protocol.CheckSignature { // nobody has looked
			w.deceived += f.Value
			return
		}
		w.broken("no silent change of content", "node %d shows other bytes in slot %d, rendition %d, than were published", id, f.Seq, f.Rendition)
	}
	*known = sound{f.Seq, t.Payload}
}

// A sound payload is what was published in a slot: who shows the same needs no other look.
type sound struct {
	seq     uint32
	payload *token.Payload
}

// soundSlots is for how many slots of each rendition that is known; viewers of a live
// stream are as many apart at most.
const soundSlots = 8

// freeRides holds that no edge has sent a viewer more unpaid than its credit; where a
// payment could be shown to several, as much again may turn out to be another's.
func (w *world) freeRides() {
	on := payment.NewTerms(w.scenario.Payment, w.stream.PerHour, w.stream.Terms.Most) // by the scenario, not by what the edges keep to
	on.Recipients = w.recipients()
	limit := on.Bound()
	if w.stream.Terms.Shared() {
		limit *= 2
	}
	for _, e := range w.edges {
		for _, a := range e.Guests() {
			if owed := e.Unpaid(a); owed > limit {
				w.broken("free rides are bounded", "viewer %d owes an edge %v, above the bound of %v", int(a)-int(w.viewerID(0)), owed, limit)
			}
		}
	}
}

// collected holds that what all edges together have sent a viewer is paid for with
// money that is there, but for a bound for each that has served it, and where a
// payment could be shown to several, one more for what turns out to be another's. Of lottery
// tickets it is what they are worth on average, if there is money for so many.
// What an edge has served that is dark, or cut off from the publisher, when payments are
// handed in, nobody can collect.
func (w *world) collected() {
	limit := w.stream.Terms.Bound()
	if w.stream.Terms.Shared() {
		limit *= 2
	}
	served, bounds := make([]unit.Wei, len(w.viewers)), make([]unit.Wei, len(w.viewers))
	for k, e := range w.edges {
		if slices.Contains(w.absent, w.stream.Edges[k]) {
			continue
		}
		for _, a := range e.Guests() {
			if n, i := e.Served(a), int(a)-int(w.viewerID(0)); n > 0 && i >= 0 && i < len(served) {
				served[i], bounds[i] = served[i]+n, bounds[i]+limit
			}
		}
	}
	for i := range w.viewers {
		paid := w.promised(i)
		if served[i] > paid+bounds[i] {
			w.broken("what is served is collected", "viewer %d was served %v by all edges; %v came of it, above bounds of %v", i, served[i], paid, bounds[i])
		}
	}
}

// promised is what a viewer has paid, or in tickets what they are worth.
func (w *world) promised(i int) unit.Wei {
	if w.stream.Terms.Needs().Chance {
		return w.collector.Newest(payment.Account(w.viewerID(i))).Amount
	}
	return w.claim(i)
}

// auditChain holds that every wei that viewers paid has reached a payee: what
// the channels paid out is what the split paid on, each payee its exact share.
func (w *world) auditChain() {
	w.auditHubs()
	if w.collector.Phase() != payment.Done {
		w.note("unsettled: %d transactions still wait %v after the stream", w.chain.Pending(), w.settleWithin())
		return
	}
	w.auditWallets()
	total := w.auditClaims()
	held := new(big.Int).Sub(w.locked, w.unlocked)
	if w.chain.Held().Cmp(held) != 0 {
		w.broken("money in is money out", "the channels hold %v wei, not %v that were deposited and not closed", w.chain.Held(), held)
	}
	if held.Sign() > 0 {
		w.note("still locked: %v in channels that nobody closed; their payers can ask for it back", w.scenario.Ledger.USD(held))
	}
	if n := w.collector.Failed(); n > 0 {
		w.note("the chain refused %d of the collector's transactions", n)
	}
	w.auditPayees(total)
	w.collected()
}

// auditClaims holds that the chain has paid no more than was claimed, and that no
// more than was promised, and returns what it has paid. Edges that redeem by
// themselves claim what they were promised.
func (w *world) auditClaims() *big.Int {
	total, needs := new(big.Int), w.stream.Terms.Needs()
	check := func(payer payment.Account, claim unit.Wei) {
		v := w.visitor(protocol.NodeID(payer))
		paid := w.closed[payer]
		if needs.Virtual {
			paid = w.collector.Paid(payer)
		}
		if paid > claim || claim > v.promised && !needs.Chance {
			w.broken("no voucher paid twice", "account %d promised %v, the collector claims %v, the chain paid %v",
				payer, v.promised, claim, paid)
		}
		total.Add(total, new(big.Int).SetUint64(uint64(paid)))
	}
	if !needs.Direct {
		w.collector.Claims(check)
		w.auditPassed(total)
		return total
	}
	for i := range w.viewers {
		check(payment.Account(w.viewerID(i)), w.viewers[i].promised)
	}
	return total
}

// auditPayees holds that what was paid is what payees got, and each its exact
// share: of what the split received before a sale by the shares until then. With
// sales the report says by how much a payee is off; without, nothing can be.
func (w *world) auditPayees(total *big.Int) {
	sum := new(big.Int)
	total.Add(total, w.royalties())
	w.misrouted = new(big.Int)
	for i, want := range w.entitled() {
		got := new(big.Int).Sub(w.chain.Balance(w.payees[i]), new(big.Int).SetUint64(uint64(w.purse())))
		if off := new(big.Int).Sub(got, want); off.Sign() > 0 {
			w.misrouted.Add(w.misrouted, off)
		}
		if got.Cmp(want) != 0 && len(w.scenario.Payment.Sales) == 0 {
			w.broken("money in is money out", "%s received %v wei of %v, not %v", w.scenario.Payment.Payees()[i], got, total, want)
		}
		sum.Add(sum, got)
		w.payouts = append(w.payouts, got)
	}
	if sum.Cmp(total) != 0 {
		w.broken("money in is money out", "the payees received %v wei, not %v", sum, total)
	}
}

// auditLedger holds the same of the central ledger.
func (w *world) auditLedger() {
	total := new(big.Int)
	w.collector.Claims(func(payer payment.Account, claim unit.Wei) {
		if v := w.visitor(protocol.NodeID(payer)); claim > v.promised {
			w.broken("no payment without bytes", "the ledger charged account %d %v, it promised %v", payer, claim, v.promised)
		}
		total.Add(total, new(big.Int).SetUint64(uint64(claim)))
	})
	cut, parts := w.collector.Payout()
	sum := new(big.Int).Set(cut)
	for _, p := range parts {
		sum.Add(sum, p)
	}
	if sum.Cmp(total) != 0 {
		w.broken("money in is money out", "the ledger took %v wei and pays %v", total, sum)
	}
	w.payouts = parts
	w.collected()
}

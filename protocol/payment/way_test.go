package payment

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

const firstHub = Account(30)

// A way is the hubs between a counter's viewer and the collector.
type way struct {
	c       *counter
	brokers []*Broker
	dead    map[Account]bool // hears nothing
	lossy   bool
	mute    bool
	said    int // notices
	// What the contract in plain integers has moved, and has paid by balances.
	flows    map[Account]int64
	redeemed map[ChannelID]unit.Wei
	closes   map[ChannelID]closing
}

// A closing of a ledger channel: balances are shown before at, then claims are
// made for as long.
type closing struct{ at, period time.Duration }

func (x closing) over(now time.Duration) bool { return x.at > 0 && now >= x.at }

func newWay(c *counter) *way {
	on, w := c.on, &way{c: c, dead: map[Account]bool{}, flows: map[Account]int64{}, redeemed: map[ChannelID]unit.Wei{}, closes: map[ChannelID]closing{}}
	const capacity = unit.Wei(1 << 40)
	for k := range on.Hub.Hops {
		next := firstHub + Account(k) + 1
		if k == on.Hub.Hops-1 {
			next = collector
		}
		w.brokers = append(w.brokers, NewBroker(on, firstHub+Account(k), k+1, next, capacity))
		if k > 0 {
			w.brokers[k].Opened(openingOf(w.brokers[k-1].out), nil)
		}
	}
	last := firstHub + Account(on.Hub.Hops) - 1
	c.coll.Hub(openingOf(NewLink(on, on.Hub.Hops, last, collector, capacity)))
	if on.Preopened {
		w.brokers[0].Opened(openingOf(NewLink(on, 0, viewer, firstHub, on.needs.Lock)), nil)
	}
	return w
}

// openingOf is the receipt of a ledger channel that was opened as it should be.
func openingOf(l *Link) *Receipt {
	tx := l.Standing()
	return &Receipt{Kind: tx.Kind, From: tx.From, Payer: tx.Payer, Channel: tx.Channel, Amount: tx.Amount, Call: tx.Call, OK: true}
}

func (w *way) hub(a Account) *Broker {
	if a < firstHub || int(a-firstHub) >= len(w.brokers) {
		return nil
	}
	return w.brokers[a-firstHub]
}

// ask lets the viewer ask its hub for what it has not got.
func (w *way) ask(pledges []Pledge) {
	for i := range pledges {
		p := pledges[i]
		w.post(viewer, []Notice{{To: firstHub, Viewer: viewer, Pledge: &p}})
	}
}

// post carries notices, encoded, until nobody has anything to say.
func (w *way) post(from Account, all []Notice) {
	for _, n := range all {
		w.said++
		if w.mute || w.dead[n.To] || w.dead[from] || w.lossy && w.c.chance.IntN(4) == 0 {
			continue
		}
		if n.Pledge != nil {
			p, ok := ParsePledge(n.Viewer, n.Pledge.Append(nil))
			if !ok {
				panic("a pledge does not survive its encoding")
			}
			n.Pledge = &p
		}
		if n.Answer != nil {
			a, _ := ParseAnswer(n.Viewer, n.Answer.Append(nil))
			n.Answer = &a
		}
		w.post(n.To, w.hear(from, n))
	}
}

func (w *way) hear(from Account, n Notice) (out []Notice) {
	b := w.hub(n.To)
	switch {
	case n.To == viewer && n.Answer != nil:
		w.c.payer.Answered(n.Answer)
	case n.To == collector && n.Pledge != nil:
		var open bool
		if out, open, _ = w.c.coll.Pledged(from, n.Pledge, out); open {
			for _, t := range w.c.tabs {
				t.Anchored = true
			}
		}
	case b == nil:
	case n.Pledge != nil:
		out, _ = b.Pledged(from, n.Pledge, out)
	case n.Answer != nil:
		out = b.Answered(from, n.Answer, out)
	case n.Voucher != nil:
		v := *n.Voucher
		out = b.Shown(from, n.Viewer, &v, out)
	}
	return out
}

// confirm hands a receipt to whom it concerns.
func (w *way) confirm(r *Receipt) {
	if _, opens := r.Call.(OpenLedger); opens && r.From == viewer {
		out, _ := w.brokers[0].Opened(r, nil)
		w.post(firstHub, out)
	}
	w.seen(r)
	var txs []Tx
	var wake time.Duration
	if b := w.hub(r.From); b != nil {
		wake, txs = b.Confirm(w.c.now, r, nil)
	} else if r.From == collector && r.ID >= firstSuit {
		wake, txs = w.c.coll.Sued(w.c.now, r, nil)
	}
	w.send(txs)
	w.timer(r.From, wake)
}

// timer wakes a hub or the collector.
func (w *way) timer(who Account, at time.Duration) {
	if at == 0 {
		return
	}
	i := 0
	for i < len(w.c.blocks) && w.c.blocks[i].at <= at {
		i++
	}
	w.c.blocks = slices.Insert(w.c.blocks, i, included{at, Tx{Kind: Request, From: who}}) // stands for a timer
}

// seen shows everybody but its sender what the chain has of ledger channels.
func (w *way) seen(r *Receipt) {
	id, closes := r.Closes()
	claim, claims := r.Call.(ClaimLedger)
	for _, b := range w.brokers {
		if w.dead[b.account] || b.account == r.From || !r.OK {
			continue
		}
		if claims {
			w.send(b.Claimed(&claim, nil))
		}
		if closes {
			wake, txs := b.Closing(w.c.now, id, nil)
			w.send(txs)
			w.timer(b.account, wake)
		}
	}
	if closes && r.From != collector {
		wake, txs := w.c.coll.Closing(w.c.now, id, nil)
		w.send(txs)
		w.timer(collector, wake)
	}
}

func (w *way) send(txs []Tx) {
	for _, tx := range txs {
		w.c.submit(tx)
	}
}

func (w *way) wake(who Account) {
	if b := w.hub(who); b != nil {
		w.send(b.Wake(w.c.now, nil))
		return
	}
	w.send(w.c.coll.Wake(w.c.now, nil))
}

// call executes what a plain reading of VirtualChannels does.
func (w *way) call(tx *Tx) bool {
	c, n := w.c, w.c.on.Notary
	move := func(amount unit.Wei) {
		w.flows[tx.Payer] -= int64(amount)
		w.flows[tx.From] += int64(amount)
		if tx.Payer == viewer {
			c.locked -= amount
		} else {
			c.wallet -= amount
		}
		if tx.From == collector {
			c.paidIn += amount
		} else {
			c.wallet += amount
		}
	}
	switch x := tx.Call.(type) {
	case OpenLedger:
		c.locked += tx.Amount
	case CloseLedger:
		if w.closes[x.Ledger].at > 0 {
			return false
		}
		for hop := range len(w.brokers) + 1 {
			if hop == 0 && tx.Payer == viewer || hop > 0 && w.brokers[hop-1].account == tx.Payer {
				p := c.on.Hub.HubPeriod(hop)
				w.closes[x.Ledger] = closing{c.now + p, p}
			}
		}
	case RedeemLedger:
		b := x.Balance
		if w.closes[b.Ledger].over(c.now) || b.Amount != w.redeemed[b.Ledger]+tx.Amount || !n.VerifyBalance(tx.Payer, &b) {
			return false
		}
		w.redeemed[b.Ledger] += tx.Amount
		move(tx.Amount)
	case ClaimLedger:
		v, end := x.Voucher, w.closes[x.Ledger]
		if late := (closing{end.at + end.period, 0}); !end.over(c.now) || late.over(c.now) || !n.VerifyVirtual(viewer, &v) || tx.Amount != x.Guarantee.Worth(v.Amount) || x.Guarantee.Signer != viewer {
			return false
		}
		move(tx.Amount)
	}
	return true
}

// settle ends the viewer's visit, and lets everybody redeem.
// demand asks the hubs to settle what one viewer has promised.
func (w *way) demand(viewer Account) { w.post(collector, w.c.coll.Demand(viewer, nil)) }

func (w *way) settle() {
	w.lossy = false
	w.ask(w.c.payer.Part())
	for range 3 {
		w.post(collector, w.c.coll.DemandAll(nil))
	}
	w.send(w.c.coll.Finish(nil))
	for _, b := range w.brokers {
		if !w.dead[b.account] {
			w.send(b.Redeem(nil))
		}
	}
}

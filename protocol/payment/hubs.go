package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// Hubbed is the collector's half where it is paid through hubs: the ledger
// channels that the last hubs pay it by.
type hubbed struct {
	links map[Account]*Link   // by hub
	hubs  []Account           // of links, in order
	via   map[Account]Account // by which hub a viewer's virtual channel comes
	suits suits
}

// Hub hears of the opening of a ledger channel by one of the last hubs; ok says
// that it is one that the collector can be paid by.
func (c *Collector) Hub(r *Receipt) (ok bool) {
	if c.hubbed.links == nil {
		c.hubbed = hubbed{links: map[Account]*Link{}, via: map[Account]Account{}, suits: newSuits(c.terms, c.account)}
	}
	l := NewLink(c.terms, c.terms.Hub.Hops, r.From, c.account, r.Amount)
	if !l.opens(r) || c.hubbed.links[r.From] != nil {
		return false
	}
	c.hubbed.links[r.From] = l
	c.hubbed.hubs = append(c.hubbed.hubs, r.From)
	return true
}

// Closing hears that a hub has asked the chain to close its ledger channel, and
// answers; wake says when there is more to do.
func (c *Collector) Closing(now time.Duration, id ChannelID, out []Tx) (wake time.Duration, txs []Tx) {
	for _, hub := range c.hubbed.hubs {
		if l := c.hubbed.links[hub]; l.id == id {
			return c.hubbed.suits.answer(now, l, out)
		}
	}
	return 0, out
}

// Opened says whether a viewer's virtual channel is open, or was.
func (c *Collector) Opened(viewer Account) bool {
	_, yes := c.hubbed.via[viewer]
	return yes
}

// Pledged hears a pledge of a hub; open says that a virtual channel is open now.
func (c *Collector) Pledged(from Account, p *Pledge, out []Notice) (notices []Notice, open, ok bool) {
	h := &c.hubbed
	l := h.links[from]
	if l == nil {
		return out, false, false
	}
	if claim := c.Claim(p.Viewer); p.Settles && p.Voucher < claim { // too little: this is what it owes
		return append(out, Notice{To: from, Viewer: p.Viewer, Voucher: &c.best[p.Viewer].voucher}), false, true
	}
	err := l.Take(p)
	if err != nil && err != ErrKnown {
		return out, false, err == ErrGap
	}
	a := l.Agree(l.version)
	l.signed(l.version)
	switch { // a version that it knows is answered once more, and changes nothing, whatever is written beside it
	case err == nil && p.Settles:
		c.of(p.Viewer).closed = true
	case err == nil:
		h.via[p.Viewer] = from
	}
	via, known := h.via[p.Viewer]
	return append(out, Notice{To: from, Viewer: p.Viewer, Answer: &a}), !p.Settles && known && via == from, true
}

// Demand asks the hub that a viewer comes by to settle what it has promised and is
// not settled.
func (c *Collector) Demand(viewer Account, out []Notice) []Notice {
	b := c.best[viewer]
	if via, open := c.hubbed.via[viewer]; open && b != nil && !b.closed && b.voucher.Amount > 0 {
		out = append(out, Notice{To: via, Viewer: viewer, Voucher: &b.voucher})
	}
	return out
}

// DemandAll asks so for every viewer.
func (c *Collector) DemandAll(out []Notice) []Notice {
	for _, p := range c.payers {
		out = c.Demand(p, out)
	}
	return out
}

// sue redeems what each hub owes, and claims what it has not settled.
func (c *Collector) sue(out []Tx) []Tx {
	h := &c.hubbed
	for _, hub := range h.hubs {
		l := h.links[hub]
		out = h.suits.sue(l, len(c.claims(l)) > 0, out)
	}
	return out
}

// claims are what a hub's guarantees are worth by vouchers that are not settled.
func (c *Collector) claims(l *Link) (all []ClaimLedger) {
	for _, viewer := range l.open {
		if b := c.best[viewer]; b != nil && b.voucher.Amount > 0 {
			all = append(all, l.Claim(viewer, b.voucher))
		}
	}
	return all
}

// Wake makes claims whose time has come.
func (c *Collector) Wake(now time.Duration, out []Tx) []Tx {
	return c.advance(c.hubbed.suits.claim(now, c.claims, out))
}

// Sued takes the receipt of what was taken to the chain, and says when there is
// more to do, if it is known now.
func (c *Collector) Sued(now time.Duration, r *Receipt, out []Tx) (wake time.Duration, txs []Tx) {
	if r.From != c.account || r.ID < firstSuit {
		return 0, out
	}
	wake, out = c.hubbed.suits.confirm(now, r, out)
	return wake, c.advance(out)
}

// Paid is what of a viewer's promises has come through a hub and is on the chain.
func (c *Collector) Paid(viewer Account) unit.Wei {
	h, b := &c.hubbed, c.best[viewer]
	via, open := h.via[viewer]
	if b == nil || !open || !h.suits.shown[h.links[via].id] && b.closed || !b.closed && !h.suits.shown[c.terms.scheme.of(c.terms, viewer)] {
		return 0
	}
	return b.voucher.Amount
}

package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// batch is promises, signed for each segment, that the payer itself makes good
// by one transaction to the split for each Interval, behind it, and one when it
// leaves. Nothing is locked, so whoever serves trusts the payer with what is
// promised and not paid yet.
//
// Bound: Credit segments, two intervals, and what can be watched in Optimistic,
// which is the time that a transaction may take.
type batch struct{ channel }

func (batch) needs(*Config, unit.Wei) Needs { return Needs{Chain: OnL1, Kind: Pay, Every: true} }

func (batch) open(p *Payer) (tx Tx, needed bool) {
	p.newest.name(p.terms.scheme.of(p.terms, p.account))
	return tx, false
}

func (b batch) pay(p *Payer, now time.Duration, rest bool) (d Deed) {
	if t := p.terms; p.due() > 0 {
		p.newest.Amount, p.newest.sig, p.newest.Signed = p.newest.Amount+p.due(), nil, false
		if t.signs() {
			t.Signer.Sign(p.account, &p.newest)
			p.newest.Signed = true
		}
		d = Deed{Tell: true, Work: Work{Signs: 1}}
	}
	if open := p.newest.Amount - p.sent; open > 0 && (rest || open >= p.terms.price(p.terms.Interval)) {
		p.apart().sent += open
		d.Tx = &Tx{Kind: Pay, Amount: open}
	}
	return d
}

func (batch) watch(on *Terms, tab *Tab, r *Receipt) {
	if r.Kind == Pay && r.OK {
		tab.Anchored = true
		own := tab.apart(on)
		if own.Settled += r.Amount; r.Reorged { // it comes again
			own.Settled -= 2 * r.Amount
		}
	}
}

func (batch) room(t *Terms, _ *Tab) unit.Wei { return t.segments() }

func (batch) trust(t *Terms) unit.Wei { return 2*t.price(t.Interval) + t.opening() }

func (b batch) bound(t *Terms) unit.Wei { return t.segments() + b.trust(t) }

func (batch) redeem(_ *Collector, _ Account, _ *claim, out []Tx) []Tx { return out }

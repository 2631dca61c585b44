package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// transfer is a payer's own transaction to the split for each Interval of
// watching, ahead of it; an Interval as long as the stream is one transaction a
// play. Whoever serves watches the chain, and nobody signs a voucher.
//
// Bound: Credit segments, and while the chain has not confirmed the first
// payment what can be watched in Optimistic.
//
// It is two methods: on the first layer, and on a rollup, where a sequencer's
// word counts at once.
type transfer struct {
	plain
	place Place
}

func (x transfer) needs(*Config, unit.Wei) Needs {
	return Needs{Chain: x.place, Kind: Pay, Every: true}
}

func (transfer) open(p *Payer) (tx Tx, needed bool) {
	if p.state == Idle {
		p.apart().sent = p.terms.price(p.terms.Interval)
	}
	return p.terms.payment(), true
}

// payment is the transaction that pays for one interval.
func (t *Terms) payment() Tx { return Tx{Kind: Pay, Amount: t.price(t.Interval)} }

// The next interval is paid for when less than half of the last one is left.
func (transfer) pay(p *Payer, _ time.Duration, _ bool) Deed {
	t := p.terms
	lot := t.price(t.Interval)
	if p.bought+lot/2 < p.sent {
		return Deed{}
	}
	p.apart().sent += lot
	tx := t.payment()
	return Deed{Tx: &tx}
}

func (transfer) watch(t *Terms, tab *Tab, r *Receipt) {
	if r.Kind != Pay || !r.OK {
		return
	}
	tab.Anchored = true
	own := tab.apart(t)
	if r.Reorged { // it comes again
		had := tab.Paid
		if own.Settled -= min(own.Settled, r.Amount); !tab.Stopped {
			tab.Paid = min(tab.Paid, tab.above(t))
			own.again += had - tab.Paid
		}
		return
	}
	own.Settled += r.Amount
	back := min(own.again, r.Amount)
	if own.again -= back; tab.Stopped {
		tab.Paid += back
		return
	}
	tab.Paid = min(tab.Paid+r.Amount, tab.Served+t.Ahead(), tab.above(t))
}

func (transfer) room(t *Terms, tab *Tab) unit.Wei {
	if !tab.Anchored {
		return t.opening()
	}
	return t.segments()
}

func (transfer) bound(t *Terms) unit.Wei { return t.segments() + t.opening() }

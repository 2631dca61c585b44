package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// credit is mutual credit, as Swarm's Bee has it: small debts are forgiven with
// time, at Refresh of the price of watching, and only what rises above a
// threshold, Interval of watching, is settled, by a cheque on a channel.
//
// Bound: what channel has, the threshold, and the gift, which is agreed.
type credit struct{ channel }

func (c credit) pay(p *Payer, now time.Duration, rest bool) Deed {
	t, own := p.terms, p.apart()
	own.given += t.refresh(&own.last, now, p.due())
	if !rest && p.due() < t.price(t.Interval) {
		return Deed{}
	}
	return c.channel.pay(p, now, rest)
}

func (credit) room(t *Terms, tab *Tab) unit.Wei { return t.segments() + t.price(t.Interval) }

func (credit) lump(t *Terms) unit.Wei { return t.Most + t.price(t.Interval) }

func (c credit) bound(t *Terms) unit.Wei { return c.channel.bound(t) + t.price(t.Interval) }

// gives says that debts are forgiven with time.
func (credit) gives() {}

// refresh is what of a debt the time since last forgives.
func (t *Terms) refresh(last *time.Duration, now time.Duration, debt unit.Wei) unit.Wei {
	span := now - *last
	*last = now
	return min(debt, unit.Wei(float64(t.price(span))*float64(t.Refresh)))
}

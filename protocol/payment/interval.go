package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// interval is a channel with a voucher for each Interval of watching, which
// grows by Growth with each payment, as in Filecoin's retrieval market.
//
// Bound: what channel has, and the longest interval that the deposit pays for:
// trust grows with what was paid.
type interval struct{ channel }

func (i interval) pay(p *Payer, now time.Duration, rest bool) Deed {
	if !rest && p.due() < p.terms.step(p.newest.Amount) {
		return Deed{}
	}
	return i.channel.pay(p, now, rest)
}

func (interval) room(t *Terms, tab *Tab) unit.Wei { return t.segments() + t.step(tab.Best.Amount) }

func (interval) lump(t *Terms) unit.Wei { return t.Most + t.step(0) }

func (i interval) bound(t *Terms) unit.Wei { return i.channel.bound(t) + t.step(t.Deposit) }

// step is the price of the interval that follows when paid was paid: intervals
// of first, first + growth, first + 2 growth and so on.
func (t *Terms) step(paid unit.Wei) unit.Wei {
	next, growth := t.price(t.Interval), t.price(t.Growth)
	if growth > 0 {
		for sum := next; sum <= paid; sum += next {
			next += growth
		}
	}
	return next
}

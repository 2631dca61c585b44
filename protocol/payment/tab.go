package payment

import (
	"errors"
	"time"

	"kinetoscope/internal/unit"
)

// Errors of Tab.Take.
var (
	ErrStale     = errors.New("payment is not above the one before")
	ErrChannel   = errors.New("payment is of another channel")
	ErrSignature = errors.New("payment's signature is not the payer's")
	ErrUnopened  = errors.New("payment is of a channel that the chain has not confirmed in time")
	ErrDeposit   = errors.New("payment promises more than is locked")
	ErrFloat     = errors.New("payment is a ticket of a sender whose winners use up its deposit")
	ErrEnded     = errors.New("payment comes after its payer's goodbye")
	ErrElsewhere = errors.New("payment is one that another edge counts")
	ErrUnsettled = errors.New("payment promises too much beyond what the chain has seen")
)

// A Tab is what an edge knows of one viewer that pays it: what it was sent and
// what it has paid, both in wei since the tab was opened.
type Tab struct {
	Best     Voucher  // the newest payment
	Paid     unit.Wei // what payments count for here: little beyond Served
	Served   unit.Wei // price of what this edge has sent whole
	firm     unit.Wei // of Paid, what no other edge can have counted
	since    uint32   // first request, in ms
	booked   uint32   // when Paid last rose since the referee has said what others have counted, in ms; 0: it has not
	Self     Account  // whose tab it is, where each edge is paid by itself
	Wins     bool     // the newest payment is money, where that is by chance
	Anchored bool     // the chain has confirmed the channel, or a payment
	Ended    bool     // its payer has said goodbye: what it has promised is collected, and nothing later
	Stopped  bool     // another edge counts what is paid

	*seldom
}

// What few tabs need is the terms', and empty, until one calls apart: nobody writes
// there before.
type seldom struct {
	Cut       unit.Wei      // price of what the edge began to send and the viewer broke off
	Settled   unit.Wei      // what the chain says was paid, where payments are promises of that
	Given     unit.Wei      // debt that was forgiven
	last      time.Duration // when Given was last brought up to date
	Won       int           // payments that are money, where that is by chance
	first     unit.Wei      // the first payment since it counts, where that is by chance
	drawn     unit.Wei      // the newest one that counts for sure, then
	elsewhere unit.Wei      // what other edges have counted
	again     unit.Wei      // what was counted here and the chain has taken back: it comes again, and is this edge's
	kept      unit.Wei      // what was counted here when the last turn ended
}

func (t *Tab) apart(on *Terms) *seldom {
	if t.seldom == &on.unwritten {
		t.seldom = new(seldom)
	}
	return t.seldom
}

// Broke notes the price of what the edge began to send and the viewer broke off.
func (t *Tab) Broke(on *Terms, price unit.Wei) { t.apart(on).Cut += price }

// NewTab is the tab of a viewer that asks an edge for the first time; anchored
// says that the chain has confirmed its channel.
func (t *Terms) NewTab(now time.Duration, edge Account, anchored bool) Tab {
	tab := Tab{since: ms(now), Anchored: anchored, seldom: &t.unwritten}
	if t.needs.Direct {
		tab.Self = edge
	}
	return tab
}

// Take checks a payment and books it; price is that of a segment now. A
// signature that is modelled is verified when a contract sees it.
func (t *Tab) Take(now time.Duration, on *Terms, payer Account, v *Voucher, price unit.Wei) error {
	known := t.Best.on(v)
	if t.Best.Amount == 0 {
		known = v.Channel() == on.scheme.of(on, payer)
	}
	switch {
	case !known || v.To != t.Self:
		return ErrChannel
	case t.Ended && on.Closes():
		return ErrEnded
	case on.needs.Lock > 0 && !t.sure(on) && now-time.Duration(t.since)*time.Millisecond > on.Optimistic:
		return ErrUnopened
	case !on.genuine(payer, &t.Best, v):
		return ErrSignature
	case v.Amount <= t.Best.Amount:
		return ErrStale
	case on.needs.Lock > 0 && !on.needs.Chance && v.Amount > min(on.needs.Lock, on.Deposit):
		return ErrDeposit
	}
	if trust := on.scheme.trust(on); trust != unlimited && v.Amount > t.Settled+trust {
		return ErrUnsettled
	}
	if on.needs.Chance {
		if t.Stopped || v.Amount <= t.elsewhere {
			return ErrElsewhere
		}
		if t.Won >= on.float() {
			return ErrFloat
		}
		if t.Wins = on.scheme.wins(on, payer, v); t.Wins {
			t.apart(on).Won++
		}
		if t.first == 0 {
			t.apart(on).first = v.Amount
		}
	}
	t.forgive(now, on)
	gained := v.Amount - t.Best.Amount
	if t.Best.Amount == 0 { // what was paid before this edge was asked is not for it
		gained = min(gained, max(price, on.scheme.lump(on)))
	}
	if on.needs.Chance { // what was lost on its way was never drawn
		gained = min(gained, on.Most)
	}
	t.Best = *v
	t.rose(now)
	switch {
	case t.Stopped:
	case on.needs.Chance:
		t.Paid = min(t.Paid+gained, t.Served+price)
	default:
		t.Paid = min(t.Paid+gained, t.Served+price, t.above(on))
	}
	return nil
}

// Watch books what the chain says of the payer.
func (t *Tab) Watch(now time.Duration, on *Terms, r *Receipt) {
	had := t.Paid
	if on.scheme.watch(on, t, r); t.Paid > had {
		t.rose(now)
	}
}

// sure says that what is locked is really locked.
func (t *Tab) sure(on *Terms) bool { return t.Anchored || on.needs.Standing && !on.needs.Virtual }

// forgive brings Given up to date.
func (t *Tab) forgive(now time.Duration, on *Terms) {
	if _, gives := on.scheme.(interface{ gives() }); gives {
		own := t.apart(on)
		own.Given += on.refresh(&own.last, now, t.debt())
	}
}

func (t *Tab) debt() unit.Wei {
	if paid := t.Paid + t.Given; t.Served > paid {
		return t.Served - paid
	}
	return 0
}

// Owes says whether one more segment of the given price would go beyond the
// credit, of which nothing is left for who has said goodbye. What an edge sends whole and unpaid is worth at most that; what a
// viewer breaks off is worth at most that and what it has paid. Each edge keeps
// its own tab: at n edges the bound is n times as high, and n times again for what
// each has counted and turns out to be another's.
func (t *Tab) Owes(now time.Duration, on *Terms, price unit.Wei) bool {
	if t.Ended || on.dear() {
		return true
	}
	t.forgive(now, on)
	paid, room := t.Paid, on.scheme.room(on, t)
	if on.Shared() {
		paid = min(paid, t.firm)
	}
	limit := paid + t.Given + room
	if on.needs.Lock > 0 && !t.sure(on) { // what is paid may be worth nothing
		limit = min(limit, on.opening())
	}
	return t.Served+price > limit || t.Cut > limit
}

// Unpaid is the price of what was sent for which no money is sure to come: what
// is not paid, and what is paid by promises that nothing stands behind yet.
func (t *Tab) Unpaid(on *Terms) unit.Wei {
	switch {
	case on.needs.Lock > 0 && !t.sure(on):
		return t.Served - min(t.Served, t.Given)
	case on.scheme.trust(on) != unlimited && t.Best.Amount > t.Settled:
		return t.debt() + min(t.Paid, t.Best.Amount-t.Settled)
	}
	return t.debt() + min(t.Paid, on.short(t.Best.Amount))
}

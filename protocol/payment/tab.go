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
)

// A Tab is what an edge knows of one viewer that pays it: what it was sent and
// what it has paid, both in wei since the tab was opened.
type Tab struct {
	Since    time.Duration // first request
	Best     Voucher       // the newest payment
	Paid     unit.Wei      // what payments count for here: at most one segment beyond Served
	Served   unit.Wei      // price of what this edge has sent whole
	Cut      unit.Wei      // price of what it began to send and the viewer broke off
	Anchored bool          // the chain has confirmed the channel
}

// Take checks a payment and books it; price is that of a segment now. A
// signature that is modelled is verified when a contract sees it.
func (t *Tab) Take(now time.Duration, on *Terms, payer Account, v *Voucher, price unit.Wei) error {
	of := t.Best.Channel
	if t.Best.Amount == 0 {
		of = on.scheme.channel(on, payer)
	}
	switch {
	case v.Channel != of:
		return ErrChannel
	case on.needs.Lock > 0 && !t.Anchored && now-t.Since > on.Optimistic:
		return ErrUnopened
	case on.Signed && !on.scheme.genuine(on, payer, v):
		return ErrSignature
	}
	if v.Amount <= t.Best.Amount {
		return ErrStale
	}
	gained := v.Amount - t.Best.Amount
	if t.Best.Amount == 0 { // what was paid before this edge was asked is not for it
		gained = min(gained, price)
	}
	t.Best = *v
	t.Paid = min(t.Paid+gained, t.Served+price)
	return nil
}

// Owes says whether one more segment of the given price would go beyond the
// credit, which is in segments of the highest price. What an edge sends whole
// and unpaid is worth at most that; what a viewer breaks off is worth at most
// that and what it has paid. Each edge keeps its own tab: at n edges the bound
// is n times as high.
func (t *Tab) Owes(on *Terms, price unit.Wei) bool {
	limit := t.Paid + on.Bound()
	return t.Served+price > limit || t.Cut > limit
}

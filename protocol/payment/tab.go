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

// Take checks a payment and books it. real says whether to verify its
// signature now; a modelled one is verified when a contract sees it.
func (t *Tab) Take(now time.Duration, c *Config, payer Account, v *Voucher, signer Signer, real bool, price unit.Wei) error {
	if c.Method == Channel {
		want := t.Best.Channel
		if t.Best.Amount == 0 {
			want = signer.Channel(payer, 0)
		}
		if v.Channel != want {
			return ErrChannel
		}
		if !t.Anchored && now-t.Since > c.Optimistic {
			return ErrUnopened
		}
		if real && !signer.Verify(payer, v) {
			return ErrSignature
		}
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
func (t *Tab) Owes(c *Config, price, most unit.Wei) bool {
	limit := t.Paid + unit.Wei(c.Credit)*most
	return t.Served+price > limit || t.Cut > limit
}

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
	Base     unit.Wei      // paid before this edge was asked, as its first payment here shows
	Paid     unit.Wei      // paid since
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
	if t.Best.Amount == 0 && v.Amount > price {
		t.Base = v.Amount - price // earlier segments were paid to another edge
	}
	t.Best = *v
	t.Paid = v.Amount - t.Base
	return nil
}

// Owes says whether one more segment of the given price would go beyond the
// credit. What an edge sends whole and unpaid is worth at most Credit segments;
// what a viewer breaks off is worth at most that and what it has paid.
func (t *Tab) Owes(c *Config, price unit.Wei) bool {
	limit := t.Paid + unit.Wei(c.Credit)*price
	return t.Served+price > limit || t.Cut > limit
}

package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// channel is a unidirectional channel on the chain: the payer locks a deposit,
// when play is pressed or long before (Preopened), and signs a voucher over the
// total for each segment; the newest closes it.
//
// Bound: Credit segments, and while the chain has not confirmed the channel what
// can be watched in Optimistic.
type channel struct{ plain }

func (channel) needs(c *Config, _ unit.Wei) Needs {
	return Needs{Chain: OnL1, Lock: c.Deposit, Standing: c.Preopened, Kind: Open}
}

func (channel) open(p *Payer) (tx Tx, needed bool) {
	t := p.terms
	if p.state == Idle {
		p.newest.name(t.scheme.of(t, p.account))
	}
	return Tx{Kind: Open, Channel: p.newest.Channel(), Amount: t.Deposit}, !t.Preopened
}

func (channel) pay(p *Payer, _ time.Duration, _ bool) Deed {
	t, total := p.terms, p.newest.Amount+p.due()
	if total == p.newest.Amount || total > t.Deposit {
		return Deed{}
	}
	p.newest.Amount, p.newest.sig, p.newest.Signed = total, nil, false
	if t.signs() {
		t.Signer.Sign(p.account, &p.newest)
		p.newest.Signed = true
	}
	return Deed{Tell: true, Work: Work{Signs: 1}}
}

func (channel) of(t *Terms, payer Account) ChannelID { return t.Signer.Channel(payer, 0) }

func (channel) genuine(t *Terms, payer Account, _, v *Voucher) bool { return t.Signer.Verify(payer, v) }

func (channel) work() Work { return Work{Verifies: 1} }

func (channel) watch(_ *Terms, tab *Tab, r *Receipt) {
	if r.OK {
		tab.Anchored = !r.Reorged
	}
}

func (channel) bound(t *Terms) unit.Wei { return t.segments() + t.opening() }

func (channel) redeem(c *Collector, payer Account, b *claim, out []Tx) []Tx {
	if !b.voucher.Signed { // modelled so far, since checked ones come signed: the contract wants it for real
		c.terms.Signer.Attest(payer, &b.voucher)
		b.voucher.Signed = true
	}
	return c.send(Tx{Kind: Close, Payer: payer, Channel: b.voucher.Channel(), Amount: b.voucher.Amount, Sig: b.voucher.Sig()}, out)
}

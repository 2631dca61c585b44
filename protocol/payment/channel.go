package payment

import "kinetoscope/internal/unit"

// channel is a unidirectional channel on the chain: the payer locks a deposit
// and signs a voucher over the total for each segment; the newest closes it.
type channel struct{}

func (channel) needs(c *Config) Needs { return Needs{Chain: OnL1, Lock: c.Deposit, Opens: Open} }

func (channel) open(p *Payer) (tx Tx, needed bool) {
	if p.state != Opening {
		p.channel = channel{}.channel(p.terms, p.account)
	}
	return Tx{Kind: Open, Channel: p.channel, Amount: p.terms.Deposit}, true
}

func (channel) pay(p *Payer) Deed {
	t := p.terms
	if p.bought > t.Deposit {
		return Deed{}
	}
	p.newest = Voucher{Channel: p.channel, Amount: p.bought}
	if t.Signed {
		t.Signer.Sign(p.account, &p.newest)
		p.newest.Signed = true
	}
	return Deed{Tell: true, Work: Work{Signs: 1}}
}

func (channel) channel(t *Terms, payer Account) ChannelID { return t.Signer.Channel(payer, 0) }

func (channel) genuine(t *Terms, payer Account, v *Voucher) bool { return t.Signer.Verify(payer, v) }

func (channel) work() (pay, check Work) { return Work{Signs: 1}, Work{Verifies: 1} }

func (channel) bound(t *Terms) unit.Wei { return t.segments() }

func (channel) redeem(c *Collector, payer Account, b *claim, out []Tx) []Tx {
	if !b.voucher.Signed { // modelled so far, since checked ones come signed: the contract wants it for real
		c.terms.Signer.Sign(payer, &b.voucher)
		b.voucher.Signed = true
	}
	return c.send(Tx{Kind: Close, Payer: payer, Channel: b.voucher.Channel, Amount: b.voucher.Amount, Sig: b.voucher.Sig}, out)
}

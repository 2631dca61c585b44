package payment

import (
	"math"
	"math/big"
	"time"

	"kinetoscope/internal/unit"
)

// tickets is probabilistic payment, as Livepeer has it: for each piece of
// watching as long as the longest segment the payer signs a lottery ticket worth
// OneIn times its price that wins once in OneIn. The recipient has committed to a
// secret, the draw hashes it with the signature, so that neither side can choose;
// only winners reach the contract. Tickets are always signed, since the draw
// depends on it.
//
// Bound: as channel, and one segment that does not fill a ticket. Winners beyond
// the deposit are worth nothing, so nobody is served for more of them (the max
// float).
type tickets struct{ channel }

func (tickets) needs(c *Config, _ unit.Wei) Needs {
	return Needs{Chain: OnL1, Lock: c.Deposit, Standing: c.Preopened, Kind: Invoke, Contract: TicketContract, Chance: true}
}

// reserve is the part of a deposit that every recipient has a claim to.
func (t *Terms) reserve() unit.Wei { return t.Deposit / 5 }

// float is how many winners a deposit pays.
func (t *Terms) float() int {
	return int(min((t.Deposit-t.reserve())/t.face(), math.MaxInt32))
}

// face is what a winning ticket pays.
func (t *Terms) face() unit.Wei { return max(t.Most, 1) * unit.Wei(t.OneIn) }

// TicketGas is what redeeming a winner from the deposit takes, rounded up to a
// thousand; a test in package ledger compares it with the table of gas.
const TicketGas = 80_000

// dear says that a winner is not worth redeeming at the fee of the moment, so that
// its tickets buy nothing (Livepeer's nodes find no valid ticket then).
func (t *Terms) dear() bool {
	return t.needs.Chance && t.Face > 0 && t.GasFee != nil && float64(t.face()) < t.Face*TicketGas*float64(t.GasFee())
}

func (tickets) open(p *Payer) (tx Tx, needed bool) {
	t := p.terms
	if p.state == Idle {
		p.newest.name(t.scheme.of(t, p.account))
	}
	return Tx{Kind: Invoke, Channel: p.newest.Channel(), Amount: t.Deposit, Call: Fund{Sender: p.account, Reserve: t.reserve()}}, !t.Preopened
}

func (tickets) pay(p *Payer, _ time.Duration, _ bool) Deed {
	t := p.terms
	if p.due() < t.Most {
		return Deed{}
	}
	p.newest.Amount += t.Most
	ticket := t.ticket(p.account, &p.newest)
	p.newest.SetSig(t.Notary.SignTicket(&ticket))
	p.newest.Signed = true
	return Deed{Tell: true, Work: Work{Signs: 1}}
}

// of is the recipient's commitment for payer. Edges and collector share the
// secret, and reveal it only when the payer has left.
func (tickets) of(t *Terms, payer Account) ChannelID {
	return ChannelID(t.Notary.Link(t.secret(payer)))
}

// secret is the recipient's for payer, from a seed that only its key gives.
func (t *Terms) secret(payer Account) Word {
	if t.seed == (Word{}) {
		v := NewVoucher(t.Signer.Channel(t.Collector, 0), 0)
		t.Signer.Sign(t.Collector, &v)
		t.seed = v.word()
	}
	w := t.seed
	for i := range 4 {
		w[i] ^= byte(payer >> (8 * i))
	}
	return t.Notary.Link(w)
}

// ticket is the one that v stands for: its number is how many came before.
func (t *Terms) ticket(payer Account, v *Voucher) Ticket {
	return Ticket{Sender: payer, Recipient: TheSplit, FaceValue: t.face(), WinProb: t.chance(), Expires: expiry,
		Nonce: uint64(v.Amount / t.Most), Commitment: Word(v.Channel())}
}

// expiry is how long tickets are good: longer than any stream and its
// settlement.
const expiry = 30 * 24 * time.Hour

// chance is 2^256/OneIn, rounded down.
func (t *Terms) chance() (w Word) {
	if t.OneIn == 1 {
		for i := range w {
			w[i] = 0xff
		}
		return w
	}
	n := new(big.Int).Lsh(big.NewInt(1), 256)
	n.Div(n, big.NewInt(int64(t.OneIn))).FillBytes(w[:])
	return w
}

func (tickets) genuine(t *Terms, payer Account, _, v *Voucher) bool {
	ticket, sig := t.ticket(payer, v), v.Sig()
	return v.Amount%t.Most == 0 && t.Notary.VerifyTicket(&ticket, &sig)
}

// wins says whether v's ticket wins.
func (tickets) wins(t *Terms, payer Account, v *Voucher) bool {
	ticket, sig := t.ticket(payer, v), v.Sig()
	return t.Notary.Wins(&ticket, &sig, t.secret(payer))
}

func (tickets) room(t *Terms, _ *Tab) unit.Wei { return t.segments() + t.Most }

func (x tickets) bound(t *Terms) unit.Wei { return x.channel.bound(t) + t.Most }

func (tickets) frees(_, amount unit.Wei) unit.Wei { return amount }

func (tickets) redeem(c *Collector, payer Account, b *claim, out []Tx) []Tx {
	t := c.terms
	for i := range b.winners {
		v := &b.winners[i]
		out = c.send(Tx{Kind: Invoke, Payer: payer, Channel: v.Channel(), Amount: t.face(),
			Call: RedeemTicket{Ticket: t.ticket(payer, v), Sig: v.Sig(), Secret: t.secret(payer)}}, out)
	}
	return out
}

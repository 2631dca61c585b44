package payment

import (
	"fmt"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// A State is where a payer's half of the method stands.
type State uint8

// States of a Payer.
const (
	Idle    State = iota // nothing asked of the chain
	Opening              // the opening transaction is on its way
	Live                 // ready to pay; what it takes is locked
	Refused              // the chain refused
)

// moves lists what may follow what. A move that is not here is a bug of ours.
var moves = [...]struct{ from, to State }{
	{Idle, Opening}, {Idle, Live}, {Opening, Live}, {Opening, Refused},
	{Live, Refused},                     // by a hub
	{Live, Opening}, {Refused, Opening}, // the block that said so was taken back
}

var stateNames = [...]string{"idle", "opening", "live", "refused"}

// String is the state's name in traces.
func (s State) String() string { return stateNames[s] }

// A Payer is the viewer's half of a payment. What it promises is cumulative.
type Payer struct {
	account  Account
	ids      uint32   // of its transactions
	bought   unit.Wei // price of all it was to pay for
	newest   Voucher  // what was promised, to whom it pays now
	state    State
	anchored bool // its virtual channel is open

	*special
}

// What only some methods need is the terms', and empty, until one calls apart: nobody
// writes there before.
type special struct {
	terms     *Terms
	given     unit.Wei      // of what was bought, what was forgiven
	last      time.Duration // when given was last brought up to date
	sent      unit.Wei      // what its transactions have paid
	purse     *purse        // its hash chain
	others    []Voucher     // what was promised to other edges, where each is paid by itself
	elsewhere unit.Wei      // the sum of that
	link      *Link         // its ledger channel with a hub
}

// apart is what only some methods need, as the payer's own.
func (p *Payer) apart() *special {
	if p.special == &p.terms.nothing {
		p.special = &special{terms: p.terms}
	}
	return p.special
}

// NewPayer makes the paying half for one account.
func NewPayer(t *Terms, account Account) Payer {
	return Payer{account: account, special: &t.nothing}
}

// State is where the payer stands.
func (p *Payer) State() State { return p.state }

// Promised is what it has paid or promised in all.
func (p *Payer) Promised() unit.Wei { return max(p.newest.Amount+p.elsewhere, p.sent) }

// due is what was bought and is not promised.
func (p *Payer) due() unit.Wei {
	if done := p.newest.Amount + p.elsewhere + p.given; p.bought > done {
		return p.bought - done
	}
	return 0
}

// Voucher is the newest payment, valid until the next.
func (p *Payer) Voucher() *Voucher { return &p.newest }

// VoucherFor is the newest payment that an edge may have, valid until the next.
func (p *Payer) VoucherFor(to Account) *Voucher {
	if i := slices.IndexFunc(p.others, func(v Voucher) bool { return v.To == to }); i >= 0 {
		return &p.others[i]
	}
	return &p.newest
}

func (p *Payer) become(s State) {
	if !slices.Contains(moves[:], struct{ from, to State }{p.state, s}) {
		panic(fmt.Sprintf("payment: account %d cannot go from %v to %v", p.account, p.state, s))
	}
	p.state = s
}

// Open starts the payer, or asks again, and returns the transaction that this
// takes, if any.
func (p *Payer) Open() (tx Tx, needed bool) {
	tx, needed = p.terms.scheme.open(p)
	switch {
	case !needed:
		p.become(Live)
	case p.state == Idle:
		p.become(Opening)
	}
	return p.own(tx), needed
}

// Standing is the transaction that the payer sent before the stream, if the
// method has it so.
func (p *Payer) Standing() Tx {
	tx, _ := p.terms.scheme.open(p)
	return p.own(tx)
}

// own makes a transaction the payer's.
func (p *Payer) own(tx Tx) Tx {
	p.ids++
	tx.ID, tx.From, tx.Payer = p.ids, p.account, p.account
	return tx
}

// Confirm tells the payer what the chain made of its transaction. If the chain
// had no room for it, it is to be sent again.
func (p *Payer) Confirm(r *Receipt) (tx Tx, again bool) {
	switch {
	case r.Kind != p.terms.needs.Kind || r.From != p.account:
	case r.Reorged: // it waits again
		if p.terms.needs.Lock > 0 {
			p.become(Opening)
		}
	case r.turnedAway():
		if p.state == Opening {
			tx, _ = p.terms.scheme.open(p)
			return p.own(tx), true
		}
		return p.own(Tx{Kind: r.Kind, Channel: r.Channel, Amount: r.Amount}), true
	case p.state == Opening && r.OK:
		p.become(Live)
	case p.state == Opening:
		p.become(Refused)
	case !r.OK && p.terms.needs.Every: // to be paid with the next
		p.apart().sent -= min(p.sent, r.Amount)
	}
	return tx, false
}

// Pay adds amount to what was bought, and pays if that is due. Nothing is paid
// before Open, after a refusal, and beyond what is locked.
func (p *Payer) Pay(now time.Duration, amount unit.Wei) Deed {
	p.bought += amount
	return p.settle(now, false)
}

// Rest pays all that is due, since the payee asks for it.
func (p *Payer) Rest(now time.Duration) Deed { return p.settle(now, true) }

func (p *Payer) settle(now time.Duration, rest bool) (d Deed) {
	if p.state == Idle || p.state == Refused {
		return d
	}
	if d = p.terms.scheme.pay(p, now, rest); d.Tell {
		p.terms.note(p.account, &p.newest)
	}
	if d.Tx != nil {
		*d.Tx = p.own(*d.Tx)
	}
	return d
}

package payment

import (
	"fmt"
	"slices"

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
	{Live, Opening}, {Refused, Opening}, // the block that said so was taken back
}

var stateNames = [...]string{"idle", "opening", "live", "refused"}

// String is the state's name in traces.
func (s State) String() string { return stateNames[s] }

// A Payer is the viewer's half of a payment. What it promises is cumulative.
type Payer struct {
	terms   *Terms
	account Account
	state   State
	channel ChannelID
	bought  unit.Wei // price of all it was to pay for
	newest  Voucher  // what was promised
}

// NewPayer makes the paying half for one account.
func NewPayer(t *Terms, account Account) Payer { return Payer{terms: t, account: account} }

// State is where the payer stands.
func (p *Payer) State() State { return p.state }

// Promised is what the newest payment says in total.
func (p *Payer) Promised() unit.Wei { return p.newest.Amount }

// Voucher is the newest payment, valid until the next.
func (p *Payer) Voucher() *Voucher { return &p.newest }

func (p *Payer) become(s State) {
	if !slices.Contains(moves[:], struct{ from, to State }{p.state, s}) {
		panic(fmt.Sprintf("payment: account %d cannot go from %v to %v", p.account, p.state, s))
	}
	p.state = s
}

// Open starts the payer, or asks again, and returns the transaction that this
// takes, if any.
func (p *Payer) Open(id uint32) (tx Tx, needed bool) {
	tx, needed = p.terms.scheme.open(p)
	tx.ID, tx.From, tx.Payer = id, p.account, p.account
	switch {
	case !needed:
		p.become(Live)
	case p.state != Opening:
		p.become(Opening)
	}
	return tx, needed
}

// Confirm tells the payer what the chain made of its opening. If the chain had
// no room for the transaction, it is to be asked again.
func (p *Payer) Confirm(r *Receipt) (again bool) {
	switch {
	case r.Reorged && r.Kind == p.terms.needs.Opens:
		p.become(Opening)
	case p.state != Opening || r.Kind != p.terms.needs.Opens:
	case r.OK:
		p.become(Live)
	case r.turnedAway():
		return true
	default:
		p.become(Refused)
	}
	return false
}

// Pay adds amount to what was bought, and pays if that is due. Nothing is paid
// before Open, after a refusal, and beyond what is locked.
func (p *Payer) Pay(amount unit.Wei) (d Deed) {
	p.bought += amount
	if p.state != Idle && p.state != Refused {
		d = p.terms.scheme.pay(p)
	}
	return d
}

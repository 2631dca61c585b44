package payment

import (
	"fmt"
	"slices"

	"kinetoscope/internal/unit"
)

// A State is where a payer's channel stands.
type State uint8

// States of a channel, seen from its payer.
const (
	Idle    State = iota // nothing asked of the chain
	Opening              // the opening transaction is on its way
	Live                 // the deposit is locked
	Refused              // the chain refused to open it
)

// moves lists what may follow what. A move that is not here is a bug of ours.
var moves = [...]struct{ from, to State }{
	{Idle, Opening}, {Idle, Live}, {Opening, Live}, {Opening, Refused},
}

var stateNames = [...]string{"idle", "opening", "live", "refused"}

// String is the state's name in traces.
func (s State) String() string { return stateNames[s] }

// A Payer is the viewer's half of a payment. Its vouchers are cumulative and
// never exceed the deposit.
type Payer struct {
	method  Method
	account Account
	signer  Signer
	real    bool
	state   State
	channel ChannelID
	deposit unit.Wei
	newest  Voucher // what was promised: newest.Amount <= deposit
}

// NewPayer makes the paying half for one account. If real is false, vouchers
// carry no signature until somebody asks signer for it.
func NewPayer(c Config, account Account, signer Signer, real bool) Payer {
	return Payer{method: c.Method, account: account, signer: signer, real: real, deposit: c.Deposit}
}

// State is where the channel stands.
func (p *Payer) State() State { return p.state }

// Promised is what the newest payment says in total.
func (p *Payer) Promised() unit.Wei { return p.newest.Amount }

// Voucher is the newest payment, valid until the next.
func (p *Payer) Voucher() *Voucher { return &p.newest }

func (p *Payer) become(s State) {
	if !slices.Contains(moves[:], struct{ from, to State }{p.state, s}) {
		panic(fmt.Sprintf("payment: channel of account %d cannot go from %v to %v", p.account, p.state, s))
	}
	p.state = s
}

// Open starts the payer, or asks again. With a channel it returns the
// transaction that opens it; the central method needs none.
func (p *Payer) Open(id uint32) (tx Tx, needed bool) {
	if p.method == Central {
		p.become(Live)
		return tx, false
	}
	if p.state != Opening {
		p.become(Opening)
		p.channel = p.signer.Channel(p.account, 0)
	}
	return Tx{ID: id, Kind: Open, From: p.account, Payer: p.account, Channel: p.channel, Amount: p.deposit}, true
}

// Confirm tells the payer what the chain made of its opening. If the chain had
// no room for the transaction, it is to be asked again.
func (p *Payer) Confirm(r *Receipt) (again bool) {
	switch {
	case p.state != Opening || r.Kind != Open:
	case r.OK:
		p.become(Live)
	case r.turnedAway():
		return true
	default:
		p.become(Refused)
	}
	return false
}

// Pay promises amount more; Voucher is the payment then. It fails when nothing
// was opened, the channel was refused, or the deposit does not cover it.
func (p *Payer) Pay(amount unit.Wei) bool {
	if p.state == Idle || p.state == Refused {
		return false
	}
	if p.method == Channel && p.deposit-p.newest.Amount < amount {
		return false
	}
	p.newest = Voucher{Channel: p.channel, Amount: p.newest.Amount + amount}
	if p.method == Channel && p.real {
		p.signer.Sign(p.account, &p.newest)
		p.newest.Signed = true
	}
	return true
}

package attack

import (
	"bytes"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// Accounts of one attacker who signs tickets or promises; its recipients follow.
const (
	sender = iota
	accomplice
	recipient
)

// A lot is one sender of tickets with those whom it owes.
type lot struct {
	*plot
	i       int     // which attacker
	at      address // the contract
	owed    []owed  // the honest
	waiting int     // of them, who have not redeemed yet
	draw    func() float64
}

type owed struct {
	redeem []byte   // the call
	had    *big.Int // wei
	errand *errand  // its redemption
	seen   bool     // the attacker has looked at it
}

// surely is a chance of one: these tickets have won.
var surely = new(big.Int).SetBytes(bytes.Repeat([]byte{0xff}, 32))

// ticket is the call that redeems a ticket of the lot's sender.
func (l *lot) ticket(a *Actor, to payment.Account, face unit.Wei, nonce uint64) []byte {
	c := l.suite.Tickets
	secret := crypto.Keccak256Hash([]byte("secret"))
	t := contracts.TicketsTicket{Sender: a.Address(l.of(l.i, sender)), Recipient: a.Address(to), FaceValue: wei(face), WinProb: surely,
		Expires: a.Now() + uint64(maxTime/time.Second), Nonce: nonce, Commitment: crypto.Keccak256Hash(secret[:])}
	sig := a.Sign(l.of(l.i, sender), must(c.UnpackDigest(a.Read(l.at, c.PackDigest(t)))))
	return c.PackRedeem(t, sig[:], secret)
}

// lots sets one lot for each attacker: a contract with reserve and recipients,
// and a ticket that has won for each of the honest. play is the sender's part.
func (p *plot) lots(reserve float64, play func(*lot, *Actor)) {
	lots := make([]*lot, p.Count)
	for i := range lots {
		lots[i] = &lot{plot: p, i: i, waiting: p.Recipients, owed: make([]owed, p.Recipients),
			draw: p.Draw("attack", p.number<<16|uint64(i)).Float64}
	}
	p.hire(func(a *Actor) {
		for _, l := range lots {
			l.at = p.tickets(a)
			for k := accomplice; reserve > 0 && k < recipient+p.Recipients; k++ {
				p.must(a.Call(founder, l.at, 0, p.suite.Tickets.PackAdmit(a.Address(p.of(l.i, k)), true)))
			}
			p.set++
		}
	})
	for _, l := range lots {
		p.hire(func(a *Actor) { l.begin(a, reserve); play(l, a) })
		for k := range l.owed {
			p.hire(func(a *Actor) { l.recipient(a, k) })
		}
	}
}

// begin locks the sender's money and hands the tickets out.
func (l *lot) begin(a *Actor, reserve float64) {
	a.Until(Forever, func() bool { return l.set >= l.Count })
	a.bill = l.Tally.Cost
	deposit, kept := times(l.Value, l.Deposit), times(l.Value, reserve)
	l.must(a.Call(l.of(l.i, sender), l.at, uint64(deposit+kept), l.suite.Tickets.PackFund(a.Address(l.of(l.i, sender)), wei(kept))))
	l.Tally.Locked.Add(l.Tally.Locked, wei(deposit+kept))
	for k := range l.owed {
		l.Tally.Served.Add(l.Tally.Served, wei(l.Value))
		l.owed[k] = owed{had: new(big.Int), redeem: l.ticket(a, l.of(l.i, recipient+k), l.Value, uint64(k))}
	}
	l.there(a, 2*l.Count)
	l.Tally.Tried += l.Recipients
}

// recipient redeems its ticket at some time within two minutes, and where it
// has not been paid in full, once more when the sender has had time to refill.
func (l *lot) recipient(a *Actor, k int) {
	a.Until(Forever, func() bool { return l.set >= 2*l.Count })
	o := &l.owed[k]
	a.Until(l.At+time.Duration(l.draw()*float64(2*time.Minute)), nil)
	l.collect(a, k)
	l.waiting--
	if l.Kind == DepositGrief && o.had.Cmp(wei(l.Value)) < 0 {
		a.Until(l.At+2*again, nil)
		l.collect(a, k)
	}
	lost := new(big.Int).Sub(wei(l.Value), o.had)
	l.Tally.Loss.Add(l.Tally.Loss, lost)
	l.Tally.took(lost)
}

// again is when a sender refills; recipients try again after as much more.
const again = time.Hour

// collect redeems, and counts what came of it.
func (l *lot) collect(a *Actor, k int) {
	o, me, gas := &l.owed[k], l.of(l.i, recipient+k), new(big.Int)
	before := a.Balance(a.Address(me))
	a.bill, a.gas = gas, redeemGas
	o.errand = a.send(me, &l.at, 0, o.redeem, redeemGas)
	if r := a.await(o.errand); !r.OK {
		l.Tally.Loss.Add(l.Tally.Loss, gas) // for nothing
	}
	after := a.Balance(a.Address(me))
	o.had.Add(o.had, after.Sub(after, before).Add(after, gas))
}

// redeemGas is the gas limit of redeeming a ticket.
const redeemGas = 300_000

// depositGrief is redemption while the deposit is too small (E18; it happened to
// Livepeer's broker): where a ticket is then used up all the same, its sender has
// settled it for dust, however much it puts in later.
func (p *plot) depositGrief() {
	p.lots(0, func(l *lot, a *Actor) {
		a.Until(l.At+again, nil)
		owes := new(big.Int)
		for k := range l.owed {
			owes.Add(owes, wei(l.Value)).Sub(owes, l.owed[k].had)
		}
		if more := times(unit.Wei(owes.Uint64()), l.Refill); more > 0 {
			l.must(a.Call(l.of(l.i, sender), l.at, uint64(more), l.suite.Tickets.PackFund(a.Address(l.of(l.i, sender)), new(big.Int))))
		}
	})
}

// frontRun is a sender whose accomplice, an admitted recipient itself, is paid
// before the honest (E20): once it sees one of their redemptions wait, it offers
// more for its own. First it takes the deposit, then the reserve.
func (p *plot) frontRun() {
	p.lots(p.Reserve, func(l *lot, a *Actor) {
		friend := l.of(l.i, accomplice)
		deposit, reserve := times(l.Value, l.Deposit), times(l.Value, l.Reserve)
		own := [][]byte{l.ticket(a, friend, deposit, 1000)}
		if reserve > 0 {
			own = append(own, l.ticket(a, friend, reserve, 1001))
		}
		for l.waiting > 0 {
			if offer, seen := l.sees(); seen {
				a.offer = &ledger.Offer{Tip: min(2*offer.Tip+1, offer.Cap), Cap: offer.Cap}
				for _, redeem := range own {
					a.send(l.of(l.i, sender), &l.at, 0, redeem, redeemGas)
				}
				return
			}
			a.Wait(time.Second)
		}
	})
}

// sees is the offer of an honest redemption that waits, if the attacker can see
// one.
func (l *lot) sees() (offer ledger.Offer, seen bool) {
	for _, w := range l.Chain.Seen(l.now) {
		for k := range l.owed {
			o := &l.owed[k]
			if o.errand == nil || o.seen || o.errand.from != w.Tx.From || o.errand.id != w.Tx.ID {
				continue
			}
			o.seen = true
			if l.draw() < float64(l.Visibility) {
				return w.Offer, true
			}
		}
	}
	return offer, false
}

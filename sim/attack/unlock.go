package attack

import (
	"math/big"
	"time"

	"kinetoscope/protocol/payment"
)

// A frozen is the griefing of unlocks (E21; it happened to Livepeer's broker):
// senders of tickets ask for their money back, and just before they may have it
// a stranger funds them with one wei. Where that takes the unlock back, the money
// stays locked for another delay, as often as the stranger likes.
type frozen struct {
	*plot
	senders []frozenSender
}

type frozenSender struct {
	due  time.Duration // when the money may be taken back; 0: not asked
	over bool
}

// Accounts of one attacker of an unlock.
const (
	griefer = iota
	griefed
)

func (p *plot) unlockGrief() {
	f := &frozen{plot: p, senders: make([]frozenSender, p.Count)}
	p.hire(func(a *Actor) { p.at = p.tickets(a) })
	for i := range p.Count {
		p.hire(func(a *Actor) { f.sender(a, i) })
		p.hire(func(a *Actor) { f.griefer(a, i) })
	}
}

// sender asks for its money, and again where it is refused, until the attack is
// over.
func (f *frozen) sender(a *Actor, i int) {
	c, s, me := f.suite.Tickets, &f.senders[i], f.of(i, griefed)
	a.Until(Forever, f.ready)
	f.must(a.Call(me, f.at, uint64(f.Value), c.PackFund(a.Address(me), new(big.Int))))
	f.Tally.Served.Add(f.Tally.Served, wei(f.Value))
	f.there(a, f.Count)
	f.Tally.Tried++
	var first time.Duration
	taken := false // somebody has taken the unlock back
	for tries := 0; ; tries++ {
		if o := a.Call(me, f.at, 0, c.PackUnlock()); o.Reason != "BadUnlock" { // still on its way, since blocks were taken back
			f.must(o)
		}
		s.due = f.time(f.opens(a, me))
		a.Until(s.due, nil)
		o := a.Call(me, f.at, 0, c.PackWithdraw())
		if tries == 0 {
			first = f.now
			a.bill = f.Tally.Loss // for all that comes after
		}
		if o.OK || f.now > f.At+f.For {
			break
		}
		taken = taken || f.opens(a, me) == 0
	}
	s.over = true
	if lag := f.now - first; taken && lag > 0 {
		f.Tally.Succeeded++
		f.Tally.Frozen += lag
	}
}

// opens is when a sender may have its money, as a timestamp; 0 if it has not
// asked, or somebody has taken that back.
func (f *frozen) opens(a *Actor, who payment.Account) uint64 {
	c := f.suite.Tickets
	return must(c.UnpackAccounts(a.Read(f.at, c.PackAccounts(a.Address(who))))).UnlocksAt
}

// griefer funds the sender two blocks before its money is due, each time.
func (f *frozen) griefer(a *Actor, i int) {
	c, s, victim := f.suite.Tickets, &f.senders[i], a.Address(f.of(i, griefed))
	a.bill = f.Tally.Cost
	for met := time.Duration(0); !s.over; met = s.due {
		a.Until(Forever, func() bool { return s.due > met || s.over })
		a.Until(s.due-2*f.block(), nil)
		if !s.over {
			f.must(a.Call(f.of(i, griefer), f.at, 1, c.PackFund(victim, new(big.Int))))
		}
	}
}

// tickets deploys a contract of tickets, of the founder's.
func (p *plot) tickets(a *Actor) address {
	t := p.suite.Tickets
	return p.deploy(a, "Tickets", t.Code, t.PackConstructor(big.NewInt(claimants), uint64(p.Window/time.Second)))
}

// time is the time in the run of a block's timestamp.
func (p *plot) time(stamp uint64) time.Duration {
	return time.Duration(stamp-p.Chain.Stamp(0)) * time.Second
}

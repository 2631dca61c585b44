package attack

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// A stale is the attack of the stale closing (E19): payers who owe all of their
// deposit ask for it back while their payee is away. First they try to close
// with their oldest voucher, then to take the deposit at once; ours refuses both.
// What is left is to wait for the end of the challenge window and to hope that
// nobody answers: neither the payee, nor its watchtower, nor in time where
// attackers fill the blocks.
type stale struct {
	*plot
	channels []staleChannel
}

type staleChannel struct {
	id     [32]byte
	newest []byte // the payee's voucher
	asked  time.Duration
	answer bool // somebody is at it
	paid   unit.Wei
	over   bool // the attacker is through
}

// callGas is the gas limit of what closes and redeems.
const callGas = 150_000

// Accounts of one attacker of a stale closing.
const (
	stalePayer = iota
	stalePayee
)

func (p *plot) staleClose() {
	s := &stale{plot: p, channels: make([]staleChannel, p.Count)}
	p.hire(func(a *Actor) { p.at = p.deploy(a, "Channels", p.suite.Channels.Code, nil) })
	for i := range p.Count {
		p.hire(func(a *Actor) { s.payer(a, i) })
		p.hire(func(a *Actor) {
			a.Until(p.At+p.Offline, nil)
			s.guard(a, i, p.of(i, stalePayee), 0)
		})
		if share := float64(p.Towers); int(float64(i+1)*share) > int(float64(i)*share) {
			p.Tally.Loss.Add(p.Tally.Loss, wei(p.TowerFee))
			p.hire(func(a *Actor) { s.guard(a, i, tower, p.TowerDelay) })
		}
	}
	if p.Stuffing > 0 {
		p.hire(func(a *Actor) {
			a.Until(Forever, func() bool { return s.channels[0].asked > 0 || s.settled() })
			p.stuff(a, s.settled)
		})
	}
}

// settled says that there is nothing left to fill blocks for.
func (s *stale) settled() bool {
	return !slices.ContainsFunc(s.channels, func(c staleChannel) bool { return !c.over && c.paid == 0 })
}

// payer opens a channel, owes all of it, and attacks.
func (s *stale) payer(a *Actor, i int) {
	c, ch, me := s.suite.Channels, &s.channels[i], s.of(i, stalePayer)
	payee := a.Address(s.of(i, stalePayee))
	a.Until(Forever, s.ready)
	a.gas, a.bill = callGas, s.Tally.Cost
	s.must(a.Call(me, s.at, uint64(s.Value), c.PackOpen(payee, payee, 0, uint32(s.Window/time.Second))))
	s.Tally.Locked.Add(s.Tally.Locked, wei(s.Value))
	s.Tally.Served.Add(s.Tally.Served, wei(s.Value))
	ch.id = must(c.UnpackChannelId(a.Read(s.at, c.PackChannelId(a.Address(me), payee, 0))))
	oldest := max(s.Value/100, 1)
	old := s.sign(a, i, oldest)
	ch.newest = s.sign(a, i, s.Value)
	s.there(a, s.Count)
	s.Tally.Tried++
	o := a.Call(me, s.at, 0, c.PackClose(ch.id, wei(oldest), old))
	s.expect(o, "NotCollector")
	if o.OK {
		ch.paid = oldest
	} else {
		s.wait(a, i)
	}
	ch.over = true
	lost := wei(s.Value - ch.paid)
	s.Tally.took(lost)
	s.Tally.Loss.Add(s.Tally.Loss, lost)
}

// wait asks for the deposit, tries to have it at once, and takes it when the
// window is over.
func (s *stale) wait(a *Actor, i int) {
	c, ch, me := s.suite.Channels, &s.channels[i], s.of(i, stalePayer)
	s.must(a.Call(me, s.at, 0, c.PackRequestClose(ch.id)))
	ch.asked = s.now
	if s.Stuffing > 0 { // what fills the blocks must not keep this out
		a.offer = &ledger.Offer{Tip: s.Stuffing, Cap: s.Stuffing}
	}
	o := a.Call(me, s.at, 0, c.PackFinalize(ch.id))
	s.expect(o, "TooEarly")
	if o.OK {
		return
	}
	closes := must(c.UnpackChannels(a.Read(s.at, c.PackChannels(ch.id)))).ClosesAt
	a.Until(s.time(closes), nil)
	s.due(a, me, c.PackFinalize(ch.id))
}

// guard answers for the payee of a channel once it sees that the deposit is
// asked for.
func (s *stale) guard(a *Actor, i int, from payment.Account, delay time.Duration) {
	ch := &s.channels[i]
	a.Until(Forever, func() bool { return ch.asked > 0 || ch.over })
	if ch.over {
		return
	}
	a.Wait(delay)
	if ch.answer || ch.over {
		return
	}
	ch.answer = true
	a.bill, a.gas = s.Tally.Loss, callGas
	o := s.insist(a, from, s.suite.Channels.PackRedeem(ch.id, wei(s.Value), ch.newest))
	s.Tally.Answers = append(s.Tally.Answers, s.now-ch.asked)
	if o.OK {
		ch.paid = s.Value
	}
}

// insist sends what must not be late: at the usual tip first, and if it is not
// in one of the next two blocks, for all that the honest pay.
func (p *plot) insist(a *Actor, from payment.Account, data []byte) payment.Receipt {
	limit := p.honest()
	a.offer = &ledger.Offer{Tip: min(p.Chain.Usual().Tip, limit), Cap: limit}
	e := a.send(from, &p.at, 0, data, a.limit())
	a.Until(p.now+2*p.block()+p.block()/2, func() bool { return e.here })
	if !e.here {
		_ = p.Chain.Replace(e.from, e.id, ledger.Offer{Tip: limit, Cap: limit}) // it is in a block, or offers that much
	}
	return a.await(e)
}

// honest is the most that the honest pay for one gas.
func (p *plot) honest() unit.Wei {
	if p.FeeCap > 0 {
		return p.FeeCap
	}
	return p.Scene.Config.FeeCap
}

// sign is the payer's voucher for an amount.
func (s *stale) sign(a *Actor, i int, amount unit.Wei) []byte {
	c := s.suite.Channels
	sig := a.Sign(s.of(i, stalePayer), must(c.UnpackDigest(a.Read(s.at, c.PackDigest(s.channels[i].id, wei(amount))))))
	return sig[:]
}

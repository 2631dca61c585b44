package audit

import (
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A promise is what a payer signs for a payee off the chain, and what pays it.
type promise struct {
	of, what string // the contract, and what might be paid again
	want     string // why ours refuses what was not meant for it
	next     string // the flaw by which another channel, pool or recipient may have it
	lock     func(s *stage, which uint64)
	// redeem is the call that redeems on s, from the first channel or pool, what
	// was signed for another of stage at.
	redeem func(s, at *stage, meant uint64) []byte
}

// promises are those of all contracts that take signatures.
var promises = []promise{
	{"Channels", "a voucher of 400 wei", "BadVoucher", "NoId",
		func(s *stage, which uint64) { s.channel(s.Address(payee1), which) },
		func(s, at *stage, meant uint64) []byte {
			to := s.Address(payee1)
			return s.suite.Channels.PackRedeem(s.channelID(to, 0), s.wei(400), at.signed(at.channelID(to, meant), 400))
		}},
	{"Tickets", "a ticket of 100 wei", "BadSignature", "AnyRecipient",
		func(s *stage, _ uint64) {
			s.ok(honest, 500, s.suite.Tickets.PackFund(s.Address(honest), n(0)))
		},
		func(s, at *stage, meant uint64) []byte {
			signed, _ := s.ticket(s.Address([]payment.Account{payee1, payee2}[meant]), 100, surely, 0, [32]byte{})
			t := signed
			t.Recipient = s.Address(payee1)
			return s.suite.Tickets.PackRedeem(t, at.signTicket(signed), [32]byte{})
		}},
	{"ReservePool", "a voucher of 100 wei", "BadVoucher", "NoId",
		func(s *stage, which uint64) { s.pool(which) },
		func(s, at *stage, meant uint64) []byte {
			return s.suite.ReservePool.PackRedeem(s.poolID(0), s.Address(payee1), s.wei(100), at.promises(at.poolID(meant), payee1))
		}},
	{"VirtualChannels", "a balance of 500 wei", "BadBalance", "NoId",
		func(s *stage, which uint64) { s.ledgerOf(which) },
		func(s, at *stage, meant uint64) []byte {
			b := contracts.VirtualChannelsBalance{Version: 3, Amount: s.wei(500)}
			return s.suite.VirtualChannels.PackRedeem(s.ledgerID(0), b, at.signBalance(honest, at.ledgerID(meant), b))
		}},
}

// replays show each promise where it was not meant: on another chain, in
// another contract of the same chain, and in another channel or pool or for
// another recipient. The other chain differs in its id alone: the contract is at
// the same address, and the same is locked.
func replays() (all []trial) {
	for _, p := range promises {
		all = append(all,
			p.shown("AnyChain", "is paid again on another chain", 0, (*stage).abroad),
			p.shown("AnyContract", "is paid again in another contract", 0, (*stage).beside),
			p.shown(p.next, "is paid where it was not meant", 1, func(s *stage) *stage { return s }))
	}
	return all
}

// shown is the attack by a promise that was meant for elsewhere.
func (p promise) shown(flaw, cost string, meant uint64, elsewhere func(*stage) *stage) trial {
	return theft(p.of+flaw, p.want, p.what+" "+cost, func(s *stage) ledger.Outcome {
		at := elsewhere(s)
		p.lock(s, 0)
		p.lock(at, meant)
		data := p.redeem(s, at, meant)
		return s.takes(s.Address(payee1), 0, func() ledger.Outcome { return s.do(stranger, 0, data) })
	})
}

// misplaced adds the calls that redeem what was meant for another chain, another
// contract, and another channel or pool or recipient.
func (s *stage) misplaced(calls map[string]ask) map[string]ask {
	for _, p := range promises {
		if p.of == s.name {
			calls["redeem:abroad"] = ask{0, p.redeem(s, s.abroad(), 0)}
			calls["redeem:elsewhere"] = ask{0, p.redeem(s, s.beside(), 0)}
			calls["redeem:sibling"] = ask{0, p.redeem(s, s, 1)}
		}
	}
	return calls
}

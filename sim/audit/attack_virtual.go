package audit

import (
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// ledgerOf opens a ledger channel of 1,000 wei of the honest payer to payee1, for
// whom payee2 signs.
func (s *stage) ledgerOf(nonce uint64) [32]byte {
	v := s.suite.VirtualChannels
	s.ok(honest, 1000, v.PackOpen(s.Address(payee1), s.Address(payee2), nonce, 60))
	return s.ledgerID(nonce)
}

func (s *stage) ledgerID(nonce uint64) [32]byte {
	v := s.suite.VirtualChannels
	return must(v.UnpackLedgerId(s.read(v.PackLedgerId(s.Address(honest), s.Address(payee1), nonce))))
}

// guarantee is of a virtual channel of the victim: 100 wei at most, and a fee of
// 2 wei and 1 %.
func (s *stage) guarantee() contracts.VirtualChannelsGuarantee {
	return contracts.VirtualChannelsGuarantee{Channel: [32]byte{1}, Signer: s.Address(victim), Cap: s.wei(100), FixedFee: s.wei(2), Bps: 100}
}

// leaf is the root of a balance with that guarantee alone.
func (s *stage) leaf() [32]byte {
	v := s.suite.VirtualChannels
	return must(v.UnpackLeafOf(s.read(v.PackLeafOf(s.guarantee()))))
}

// balance shows what somebody has signed.
func (s *stage) balance(by payment.Account, id [32]byte, version uint64, amount int64, root [32]byte) []byte {
	b := contracts.VirtualChannelsBalance{Version: version, Amount: s.wei(amount), Root: root}
	return s.suite.VirtualChannels.PackRedeem(id, b, s.signBalance(by, id, b))
}

func (s *stage) signBalance(by payment.Account, id [32]byte, b contracts.VirtualChannelsBalance) []byte {
	v := s.suite.VirtualChannels
	sig := s.Sign(by, must(v.UnpackBalanceDigest(s.read(v.PackBalanceDigest(id, b)))))
	return sig[:]
}

// claimOf claims the guarantee by a voucher that somebody has signed.
func (s *stage) claimOf(by payment.Account, id [32]byte, amount int64) []byte {
	v, g := s.suite.VirtualChannels, s.guarantee()
	sig := s.Sign(by, must(v.UnpackVoucherDigest(s.read(v.PackVoucherDigest(g.Channel, s.wei(amount))))))
	return v.PackClaim(id, g, nil, s.wei(amount), sig[:])
}

// guaranteed is a ledger channel whose newest balance, which is on the chain,
// has the guarantee, and which somebody has asked to close.
func (s *stage) guaranteed() [32]byte {
	id := s.ledgerOf(0)
	s.ok(stranger, 0, s.balance(honest, id, 2, 0, s.leaf()))
	s.ok(payee2, 0, s.suite.VirtualChannels.PackRequestClose(id))
	return id
}

// claims has a stranger claim by a voucher that somebody has signed, for payee1,
// which has a claim to no more than due.
func (s *stage) claims(by payment.Account, id [32]byte, amount, due int64) ledger.Outcome {
	data := s.claimOf(by, id, amount)
	return s.takes(s.Address(payee1), due, func() ledger.Outcome { return s.do(stranger, 0, data) })
}

var virtualAttacks = []trial{
	{twin: "VirtualChannelsStale", want: "StaleBalance", cost: "the payer takes a guarantee of 100 wei back by an older balance", make: func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		o := s.do(honest, 0, s.balance(payee2, id, 1, 0, [32]byte{}))
		s.later(60)
		return !s.do(payee1, 0, s.claimOf(victim, id, 100)).OK, o
	}},
	{twin: "VirtualChannelsOwnWord", want: "BadBalance", cost: "the payer takes a guarantee of 100 wei back by its own word", make: func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		o := s.do(honest, 0, s.balance(honest, id, 9, 0, [32]byte{}))
		s.later(60)
		return !s.do(payee1, 0, s.claimOf(victim, id, 100)).OK, o
	}},
	{twin: "VirtualChannelsEarly", want: "TooEarly", cost: "a hub pays 103 wei once more for what was settled off the chain", make: func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		o := s.do(payee1, 0, s.claimOf(victim, id, 100))
		s.do(honest, 0, s.balance(payee2, id, 3, 60, [32]byte{})) // the newer balance that both have signed
		return o.OK, o
	}},
	theft("VirtualChannelsTwice", "AlreadyClaimed", "a voucher of 100 wei is paid until the deposit is gone", func(s *stage) ledger.Outcome {
		id := s.guaranteed()
		s.later(60)
		s.ok(stranger, 0, s.claimOf(victim, id, 100))
		return s.claims(victim, id, 100, 0)
	}),
	theft("VirtualChannelsReopen", "LedgerExists", "a balance of 400 wei is paid again after reopening", func(s *stage) ledger.Outcome {
		v := s.suite.VirtualChannels
		id := s.ledgerOf(0)
		old := s.balance(honest, id, 1, 400, [32]byte{})
		s.ok(stranger, 0, old)
		s.ok(honest, 0, v.PackRequestClose(id))
		s.later(120)
		s.ok(stranger, 0, v.PackFinalize(id))
		return s.takes(s.Address(payee1), 0, func() ledger.Outcome {
			o := s.do(honest, 1000, v.PackOpen(s.Address(payee1), s.Address(payee2), 0, 60))
			s.do(stranger, 0, old)
			return o
		})
	}),
	theft("VirtualChannelsUncapped", "", "viewer and payee take the hub's whole deposit by one voucher", func(s *stage) ledger.Outcome {
		id := s.guaranteed()
		s.later(60)
		return s.claims(victim, id, 900, 103)
	}),
	theft("VirtualChannelsAnyone", "BadVoucher", "the payee signs vouchers for the viewer", func(s *stage) ledger.Outcome {
		id := s.guaranteed()
		s.later(60)
		return s.claims(payee1, id, 100, 0)
	}),
}

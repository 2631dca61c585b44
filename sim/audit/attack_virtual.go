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
	return contracts.VirtualChannelsGuarantee{Channel: [32]byte{1}, Signer: s.Address(victim), Cap: n(100), FixedFee: n(2), Bps: 100}
}

// leaf is the root of a balance with that guarantee alone.
func (s *stage) leaf() [32]byte {
	v := s.suite.VirtualChannels
	return must(v.UnpackLeafOf(s.read(v.PackLeafOf(s.guarantee()))))
}

// balance shows what somebody has signed.
func (s *stage) balance(by payment.Account, id [32]byte, version uint64, amount int64, root [32]byte) []byte {
	v, b := s.suite.VirtualChannels, contracts.VirtualChannelsBalance{Version: version, Amount: n(amount), Root: root}
	sig := s.Sign(by, must(v.UnpackBalanceDigest(s.read(v.PackBalanceDigest(id, b)))))
	return v.PackRedeem(id, b, sig[:])
}

// claimOf claims the guarantee by a voucher that somebody has signed.
func (s *stage) claimOf(by payment.Account, id [32]byte, amount int64) []byte {
	v, g := s.suite.VirtualChannels, s.guarantee()
	sig := s.Sign(by, must(v.UnpackVoucherDigest(s.read(v.PackVoucherDigest(g.Channel, n(amount))))))
	return v.PackClaim(id, g, nil, n(amount), sig[:])
}

// guaranteed is a ledger channel whose newest balance, which is on the chain,
// has the guarantee, and which somebody has asked to close.
func (s *stage) guaranteed() [32]byte {
	id := s.ledgerOf(0)
	s.ok(stranger, 0, s.balance(honest, id, 2, 0, s.leaf()))
	s.ok(payee2, 0, s.suite.VirtualChannels.PackRequestClose(id))
	return id
}

var virtualAttacks = []trial{
	{"VirtualChannelsStale", "StaleBalance", "the payer takes a guarantee of 100 wei back by an older balance", func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		o := s.do(honest, 0, s.balance(payee2, id, 1, 0, [32]byte{}))
		s.later(60)
		return !s.do(payee1, 0, s.claimOf(victim, id, 100)).OK, o
	}},
	{"VirtualChannelsOwnWord", "BadBalance", "the payer takes a guarantee of 100 wei back by its own word", func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		o := s.do(honest, 0, s.balance(honest, id, 9, 0, [32]byte{}))
		s.later(60)
		return !s.do(payee1, 0, s.claimOf(victim, id, 100)).OK, o
	}},
	{"VirtualChannelsEarly", "TooEarly", "a hub pays 103 wei once more for what was settled off the chain", func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		o := s.do(payee1, 0, s.claimOf(victim, id, 100))
		s.do(honest, 0, s.balance(payee2, id, 3, 60, [32]byte{})) // the newer balance that both have signed
		return o.OK, o
	}},
	{"VirtualChannelsTwice", "AlreadyClaimed", "a voucher of 100 wei is paid until the deposit is gone", func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		s.later(60)
		s.ok(payee1, 0, s.claimOf(victim, id, 100))
		o := s.do(payee1, 0, s.claimOf(victim, id, 100))
		return o.OK, o
	}},
	{"VirtualChannelsUncapped", "", "viewer and payee take the hub's whole deposit by one voucher", func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		s.later(60)
		o := s.do(stranger, 0, s.claimOf(victim, id, 900))
		return s.holds(s.at) < 1000-103, o
	}},
	{"VirtualChannelsAnyone", "BadVoucher", "the payee signs vouchers for the viewer", func(s *stage) (bool, ledger.Outcome) {
		id := s.guaranteed()
		s.later(60)
		o := s.do(stranger, 0, s.claimOf(payee1, id, 100))
		return o.OK, o
	}},
	{"VirtualChannelsNoDomain", "BadBalance", "a balance of 400 wei is paid again in the next ledger channel", func(s *stage) (bool, ledger.Outcome) {
		v := s.suite.VirtualChannels
		b := contracts.VirtualChannelsBalance{Version: 1, Amount: n(400)}
		sig := s.Sign(honest, must(v.UnpackBalanceDigest(s.read(v.PackBalanceDigest(s.ledgerOf(0), b)))))
		o := s.do(stranger, 0, v.PackRedeem(s.ledgerOf(1), b, sig[:]))
		return o.OK, o
	}},
}

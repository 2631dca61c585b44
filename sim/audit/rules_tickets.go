package audit

import "github.com/ethereum/go-ethereum/common"

var ticketsPermit = permit{
	contract: "Tickets",
	states: []state{
		{"empty", idle},
		{"funded", func(s *stage, c map[string]ask) { s.run(stranger, c["fund"]) }},
		{"redeemed", func(s *stage, c map[string]ask) { s.run(stranger, c["fund"]); s.run(stranger, c["redeem"]) }},
		{"unlocking", func(s *stage, c map[string]ask) { s.run(stranger, c["fund"]); s.run(honest, c["unlock"]) }},
		{"due", func(s *stage, c map[string]ask) { // somebody adds money meanwhile
			s.run(honest, c["unlock"])
			s.run(stranger, c["fund"])
			s.later(3600)
		}},
		{"expired", func(s *stage, c map[string]ask) { s.run(stranger, c["fund"]); s.later(4_000_000) }},
		{"renounced", func(s *stage, c map[string]ask) {
			s.run(creator, c["transferOwnership"])
			s.run(payee1, c["acceptOwnership"])
		}},
	},
	calls: func(s *stage) map[string]ask {
		c, from := s.suite.Tickets, s.Address(honest)
		t, sig := s.ticket(s.Address(payee1), 100, surely, 0, [32]byte{})
		loser, loserSig := s.ticket(s.Address(payee1), 100, n(1), 1, [32]byte{})
		altered := t
		altered.FaceValue = n(1000)
		return map[string]ask{
			"fund": {1000, c.PackFund(from, n(500))}, "fund:nothing": {0, c.PackFund(from, n(0))}, "fund:over": {1, c.PackFund(from, n(2))},
			"redeem": {0, c.PackRedeem(t, sig, [32]byte{})}, "redeem:secret": {0, c.PackRedeem(t, sig, [32]byte{1})},
			"redeem:altered": {0, c.PackRedeem(altered, sig, [32]byte{})}, "redeem:malleable": {0, c.PackRedeem(t, malleable(sig), [32]byte{})},
			"redeem:compact": {0, c.PackRedeem(t, compact(sig), [32]byte{})}, "redeem:loser": {0, c.PackRedeem(loser, loserSig, [32]byte{})},
			"unlock": {0, c.PackUnlock()}, "lock": {0, c.PackLock()}, "withdraw": {0, c.PackWithdraw()},
			"admit": {0, c.PackAdmit(s.Address(payee2), true)}, "admit:again": {0, c.PackAdmit(s.Address(payee2), false)},
			"transferOwnership": {0, c.PackTransferOwnership(s.Address(payee1))}, "acceptOwnership": {0, c.PackAcceptOwnership()},
			"renounceOwnership": {0, c.PackRenounceOwnership()},
		}
	},
	rules: `
empty,funded,redeemed,unlocking,due,expired,renounced fund              *
empty,funded,redeemed,unlocking,due,expired,renounced fund:nothing      *=BadFunding
empty,funded,redeemed,unlocking,due,expired,renounced fund:over         *=BadFunding
empty,renounced                                       redeem            *=Broke
funded,unlocking,due                                  redeem            *
redeemed                                              redeem            *=Used
expired                                               redeem            *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:secret     *=BadSecret
expired                                               redeem:secret     *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:altered    *=BadSignature
expired                                               redeem:altered    *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:abroad     *=BadSignature
expired                                               redeem:abroad     *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:elsewhere  *=BadSignature
expired                                               redeem:elsewhere  *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:sibling    *=BadSignature
expired                                               redeem:sibling    *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:malleable  *=BadSignature
expired                                               redeem:malleable  *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:compact    *=BadSignature
expired                                               redeem:compact    *=Expired
empty,funded,redeemed,unlocking,due,renounced         redeem:loser      *=NotWinning
expired                                               redeem:loser      *=Expired
empty,funded,redeemed,expired,renounced               unlock            *
unlocking,due                                         unlock            payer=BadUnlock *
empty,funded,redeemed,expired,renounced               lock              *=BadUnlock
unlocking,due                                         lock              payer *=BadUnlock
empty,funded,redeemed,unlocking,expired,renounced     withdraw          *=TooEarly
due                                                   withdraw          payer *=TooEarly
empty,funded,redeemed,unlocking,due,expired           admit             creator *=OwnableUnauthorizedAccount
renounced                                             admit             payee *=OwnableUnauthorizedAccount
empty,funded,redeemed,unlocking,due,expired           admit:again       creator=NoChange *=OwnableUnauthorizedAccount
renounced                                             admit:again       payee=NoChange *=OwnableUnauthorizedAccount
empty,funded,redeemed,unlocking,due,expired           transferOwnership creator *=OwnableUnauthorizedAccount
renounced                                             transferOwnership payee *=OwnableUnauthorizedAccount
empty,funded,redeemed,unlocking,due,expired,renounced acceptOwnership   *=OwnableUnauthorizedAccount
empty,funded,redeemed,unlocking,due,expired           renounceOwnership creator *=OwnableUnauthorizedAccount
renounced                                             renounceOwnership payee *=OwnableUnauthorizedAccount
`}

var reservePoolPermit = permit{
	contract: "ReservePool",
	states: []state{
		{"none", idle},
		{"locked", func(s *stage, c map[string]ask) { s.run(honest, c["lock"]) }},
		{"redeemed", func(s *stage, c map[string]ask) { s.run(honest, c["lock"]); s.run(stranger, c["redeem"]) }},
		{"due", func(s *stage, c map[string]ask) { s.run(honest, c["lock"]); s.later(60) }},
		{"released", func(s *stage, c map[string]ask) {
			s.run(honest, c["lock"])
			s.later(60)
			s.run(stranger, c["release"])
		}},
	},
	calls: func(s *stage) map[string]ask {
		p := s.suite.ReservePool
		id := s.poolID(0)
		both := []common.Address{s.Address(payee1), s.Address(payee2)}
		sig := s.Sign(stranger, must(p.UnpackDigest(s.read(p.PackDigest(id, both[0], n(100))))))
		over := s.Sign(honest, must(p.UnpackDigest(s.read(p.PackDigest(id, both[0], n(101))))))
		return map[string]ask{
			"lock": {250, p.PackLock(n(100), 60, both)}, "lock:bare": {200, p.PackLock(n(100), 60, both)},
			"lock:nobody": {250, p.PackLock(n(100), 60, nil)}, "lock:zero": {250, p.PackLock(n(100), 60, []common.Address{nobody})},
			"lock:full": {250, p.PackLock(n(100), 60, crowd(16))}, "lock:many": {250, p.PackLock(n(100), 60, crowd(17))}, "lock:twice": {250, p.PackLock(n(100), 60, []common.Address{both[0], both[0]})},
			"redeem": {0, s.promised(id, payee1)}, "redeem:unnamed": {0, s.promised(id, stranger)},
			"redeem:forged": {0, p.PackRedeem(id, both[0], n(100), sig[:])}, "redeem:over": {0, p.PackRedeem(id, both[0], n(101), over[:])},
			"release": {0, p.PackRelease(id)},
		}
	},
	rules: `
none,locked,redeemed,due,released  lock            *
none,locked,redeemed,due,released  lock:bare       *=BadCollateral
none,locked,redeemed,due,released  lock:nobody     *=BadLength
none,locked,redeemed,due,released  lock:zero       *=BadRecipient
none,locked,redeemed,due,released  lock:full       *
none,locked,redeemed,due,released  lock:many       *=BadLength
none,locked,redeemed,due,released  lock:twice      *=BadRecipient
none,released                      redeem          *=NoPool
locked,due                         redeem          *
redeemed                           redeem          *=Stale
none,released                      redeem:unnamed  *=NoPool
locked,redeemed,due                redeem:unnamed  *=NotNamed
none,released                      redeem:forged   *=NoPool
locked,due                         redeem:forged   *=BadVoucher
redeemed                           redeem:forged   *=Stale
none,released                      redeem:abroad   *=NoPool
locked,due                         redeem:abroad   *=BadVoucher
redeemed                           redeem:abroad   *=Stale
none,released                      redeem:elsewhere *=NoPool
locked,due                         redeem:elsewhere *=BadVoucher
redeemed                           redeem:elsewhere *=Stale
none,released                      redeem:sibling  *=NoPool
locked,due                         redeem:sibling  *=BadVoucher
redeemed                           redeem:sibling  *=Stale
none,released                      redeem:over     *=NoPool
locked,redeemed,due                redeem:over     *=OverFund
none,released                      release         *=NoPool
locked,redeemed                    release         *=TooEarly
due                                release         *
`}

package audit

import "kinetoscope/protocol/ledger/contracts"

// ledgerSteps are what may become of a ledger channel, one after the other.
var ledgerSteps = []struct {
	name string
	do   func(s *stage, c map[string]ask)
}{
	{"open", func(s *stage, c map[string]ask) { s.run(honest, c["open"]) }},
	{"redeemed", func(s *stage, c map[string]ask) { s.run(stranger, c["redeem"]) }},
	{"closing", func(s *stage, c map[string]ask) { s.run(payee2, c["requestClose"]) }},
	{"claiming", func(s *stage, c map[string]ask) { s.later(60) }},
	{"claimed", func(s *stage, c map[string]ask) { s.run(stranger, c["claim"]) }},
	{"due", func(s *stage, c map[string]ask) { s.later(60) }},
	{"closed", func(s *stage, c map[string]ask) { s.run(stranger, c["finalize"]) }},
}

// ledgerStates leads as far as each step.
func ledgerStates() []state {
	all := []state{{"none", idle}}
	for i, step := range ledgerSteps {
		all = append(all, state{step.name, func(s *stage, c map[string]ask) {
			for _, before := range ledgerSteps[:i+1] {
				before.do(s, c)
			}
		}})
	}
	return all
}

var virtualChannelsPermit = permit{
	contract: "VirtualChannels",
	states:   ledgerStates(),
	calls: func(s *stage) map[string]ask {
		v, to, root := s.suite.VirtualChannels, s.Address(payee1), s.leaf()
		id, b := s.ledgerID(0), contracts.VirtualChannelsBalance{Version: 3, Amount: n(500), Root: root}
		sig := s.signBalance(honest, id, b)
		stray := s.guarantee()
		stray.Cap = n(101)
		return map[string]ask{
			"open": {1000, v.PackOpen(to, s.Address(payee2), 0, 60)}, "open:free": {0, v.PackOpen(to, to, 7, 60)},
			"open:nobody": {1, v.PackOpen(to, nobody, 7, 60)}, "open:timeless": {1, v.PackOpen(to, to, 7, 0)},
			"redeem": {0, s.balance(honest, id, 2, 400, root)}, "redeem:old": {0, s.balance(honest, id, 1, 400, root)},
			"redeem:agreed": {0, s.balance(payee2, id, 3, 500, root)}, "redeem:less": {0, s.balance(honest, id, 3, 399, root)},
			"redeem:over": {0, s.balance(honest, id, 3, 1001, root)}, "redeem:malleable": {0, v.PackRedeem(id, b, malleable(sig))},
			"requestClose": {0, v.PackRequestClose(id)}, "finalize": {0, v.PackFinalize(id)},
			"claim": {0, s.claimOf(victim, id, 60)}, "claim:large": {0, s.claimOf(victim, id, 999)}, "claim:forged": {0, s.claimOf(payee1, id, 60)},
			"claim:stray": {0, v.PackClaim(id, stray, nil, n(60), sig)},
		}
	},
	rules: `
none                                                     open              *
open,redeemed,closing,claiming,claimed,due,closed        open              payer=LedgerExists *
none,open,redeemed,closing,claiming,claimed,due,closed   open:free         *=NoDeposit
none,open,redeemed,closing,claiming,claimed,due,closed   open:nobody       *=ZeroAddress
none,open,redeemed,closing,claiming,claimed,due,closed   open:timeless     *=NoPeriod
none,closed                           redeem            *=NotOpen
open                                  redeem            payer=BadBalance *
redeemed,closing                      redeem            *=StaleBalance
claiming,claimed,due                  redeem            *=TooLate
none,closed                           redeem:old        *=NotOpen
open                                  redeem:old        payer=BadBalance *
redeemed,closing                      redeem:old        *=StaleBalance
claiming,claimed,due                  redeem:old        *=TooLate
none,closed                           redeem:agreed     *=NotOpen
open,redeemed,closing                 redeem:agreed     payer *=BadBalance
claiming,claimed,due                  redeem:agreed     *=TooLate
none,closed                           redeem:less       *=NotOpen
open                                  redeem:less       payer=BadBalance *
redeemed,closing                      redeem:less       *=StaleBalance
claiming,claimed,due                  redeem:less       *=TooLate
none,closed                           redeem:over       *=NotOpen
open,redeemed,closing                 redeem:over       *=OverDeposit
claiming,claimed,due                  redeem:over       *=TooLate
none,closed                           redeem:abroad     *=NotOpen
open,redeemed,closing                 redeem:abroad     *=BadBalance
claiming,claimed,due                  redeem:abroad     *=TooLate
none,closed                           redeem:elsewhere  *=NotOpen
open,redeemed,closing                 redeem:elsewhere  *=BadBalance
claiming,claimed,due                  redeem:elsewhere  *=TooLate
none,closed                           redeem:sibling    *=NotOpen
open,redeemed,closing                 redeem:sibling    *=BadBalance
claiming,claimed,due                  redeem:sibling    *=TooLate
none,closed                           redeem:malleable  *=NotOpen
open,redeemed,closing                 redeem:malleable  *=BadBalance
claiming,claimed,due                  redeem:malleable  *=TooLate
none,closed                           requestClose      *=NotOpen
open,redeemed                         requestClose      payer collector *=NotParty
closing,claiming,claimed,due          requestClose      payer=AlreadyRequested collector=AlreadyRequested *=NotParty
none,closed                           claim             *=NotOpen
open,redeemed,closing                 claim             *=TooEarly
claiming                              claim             *
claimed                               claim             *=AlreadyClaimed
due                                   claim             *=TooLate
none,closed                           claim:large       *=NotOpen
open,redeemed,closing                 claim:large       *=TooEarly
claiming                              claim:large       *
claimed                               claim:large       *=AlreadyClaimed
due                                   claim:large       *=TooLate
none,closed                           claim:forged      *=NotOpen
open,redeemed,closing                 claim:forged      *=TooEarly
claiming                              claim:forged      *=BadVoucher
claimed                               claim:forged      *=AlreadyClaimed
due                                   claim:forged      *=TooLate
none,closed                           claim:stray       *=NotOpen
open,redeemed,closing                 claim:stray       *=TooEarly
claiming,claimed                      claim:stray       *=NotGuaranteed
due                                   claim:stray       *=TooLate
none,closed                           finalize          *=NotOpen
open,redeemed,closing,claiming,claimed finalize         *=TooEarly
due                                   finalize          *
`}

package audit

import (
	"github.com/ethereum/go-ethereum/common"
)

// idle leads nowhere.
func idle(*stage, map[string]ask) {}

// lives is what may become of a channel and of a hash chain.
var lives = []state{
	{"none", idle},
	{"open", func(s *stage, c map[string]ask) { s.run(honest, c["open"]) }},
	{"redeemed", func(s *stage, c map[string]ask) { s.run(honest, c["open"]); s.run(stranger, c["redeem"]) }},
	{"closing", func(s *stage, c map[string]ask) { s.run(honest, c["open"]); s.run(honest, c["requestClose"]) }},
	{"due", func(s *stage, c map[string]ask) {
		s.run(honest, c["open"])
		s.run(honest, c["requestClose"])
		s.later(60)
	}},
	{"closed", func(s *stage, c map[string]ask) { s.run(honest, c["open"]); s.run(payee1, c["close"]) }},
}

var channelsPermit = permit{
	contract: "Channels",
	states:   lives,
	calls: func(s *stage) map[string]ask {
		c, to := s.suite.Channels, s.Address(payee1)
		id := must(c.UnpackChannelId(s.read(c.PackChannelId(s.Address(honest), to, 0))))
		return map[string]ask{
			"open": {1000, c.PackOpen(to, s.Address(payee2), 0, 60)}, "open:free": {0, c.PackOpen(to, s.Address(payee2), 0, 60)},
			"open:nobody": {1, c.PackOpen(to, nobody, 7, 60)}, "open:timeless": {1, c.PackOpen(to, to, 7, 0)},
			"topUp": {1, c.PackTopUp(id)}, "topUp:nothing": {0, c.PackTopUp(id)}, "redeem": {0, c.PackRedeem(id, n(400), s.signed(id, 400))},
			"redeem:altered": {0, c.PackRedeem(id, n(401), s.signed(id, 400))}, "redeem:over": {0, c.PackRedeem(id, n(1001), s.signed(id, 1001))},
			"redeem:malleable": {0, c.PackRedeem(id, n(400), malleable(s.signed(id, 400)))}, "redeem:old": {0, c.PackRedeem(id, n(399), s.signed(id, 399))},
			"close": {0, c.PackClose(id, n(400), s.signed(id, 400))}, "close:old": {0, c.PackClose(id, n(399), s.signed(id, 399))},
			"requestClose": {0, c.PackRequestClose(id)}, "finalize": {0, c.PackFinalize(id)}, "takeRefund": {0, c.PackTakeRefund(to)},
		}
	},
	rules: `
none                              open               *
open,redeemed,closing,due,closed  open               payer=ChannelExists *
none,open,redeemed,closing,due,closed open:free      *=NoDeposit
none,open,redeemed,closing,due,closed open:nobody    *=ZeroAddress
none,open,redeemed,closing,due,closed open:timeless  *=NoChallengePeriod
none,closed                       topUp              *=NotOpen
open,redeemed,closing,due         topUp              payer *=NotPayer
none,closed                       topUp:nothing      *=NotOpen
open,redeemed,closing,due         topUp:nothing      payer=NoDeposit *=NotPayer
none,closed                       redeem             *=NotOpen
open,closing,due                  redeem             *
redeemed                          redeem             *=Stale
none,closed                       redeem:old         *=NotOpen
open,closing,due                  redeem:old         *
redeemed                          redeem:old         *=Stale
none,closed                       redeem:abroad      *=NotOpen
open,redeemed,closing,due         redeem:abroad      *=BadVoucher
none,closed                       redeem:elsewhere   *=NotOpen
open,redeemed,closing,due         redeem:elsewhere   *=BadVoucher
none,closed                       redeem:sibling     *=NotOpen
open,redeemed,closing,due         redeem:sibling     *=BadVoucher
none,closed                       redeem:altered     *=NotOpen
open,redeemed,closing,due         redeem:altered     *=BadVoucher
none,closed                       redeem:malleable   *=NotOpen
open,redeemed,closing,due         redeem:malleable   *=BadVoucher
none,closed                       redeem:over        *=NotOpen
open,redeemed,closing,due         redeem:over        *=OverDeposit
none,closed                       close              *=NotOpen
open,redeemed,closing,due         close              payee collector *=NotCollector
none,closed                       close:old          *=NotOpen
open,closing,due                  close:old          payee collector *=NotCollector
redeemed                          close:old          payee=Stale collector=Stale *=NotCollector
none,closed                       requestClose       *=NotOpen
open,redeemed                     requestClose       payer *=NotPayer
closing,due                       requestClose       payer=AlreadyRequested *=NotPayer
none,closed                       finalize           *=NotOpen
open,redeemed,closing             finalize           payer=TooEarly *=NotPayer
due                               finalize           payer *=NotPayer
none,open,redeemed,closing,due,closed takeRefund     *=NothingDue
`}

var hashChainPermit = permit{
	contract: "HashChain",
	states:   lives,
	calls: func(s *stage) map[string]ask {
		c, to, words := s.suite.HashChain, s.Address(payee1), wordChain(7, 100)
		open := func(to common.Address, price uint64) []byte {
			return c.PackOpen(to, s.Address(payee2), words[100], price, 100, 60)
		}
		id := must(c.UnpackChainId(s.read(c.PackChainId(s.Address(honest), to, words[100]))))
		return map[string]ask{
			"open": {100, open(to, 1)}, "open:short": {99, open(to, 1)}, "open:nobody": {100, open(nobody, 1)}, "open:free": {0, open(to, 0)},
			"redeem": {0, c.PackRedeem(id, 10, words[90])}, "redeem:more": {0, c.PackRedeem(id, 11, words[90])}, "redeem:over": {0, c.PackRedeem(id, 101, words[0])},
			"redeem:sibling": {0, c.PackRedeem(id, 10, wordChain(8, 100)[90])},
			"close":          {0, c.PackClose(id, 10, words[90])}, "requestClose": {0, c.PackRequestClose(id)}, "finalize": {0, c.PackFinalize(id)},
			"takeRefund": {0, c.PackTakeRefund(to)},
		}
	},
	rules: `
none                              open               *
open,redeemed,closing,due,closed  open               payer=ChainExists *
none,open,redeemed,closing,due,closed open:short     *=WrongDeposit
none,open,redeemed,closing,due,closed open:nobody    *=ZeroAddress
none,open,redeemed,closing,due,closed open:free      *=BadTerms
none,closed                       redeem             *=NotOpen
open,closing,due                  redeem             *
redeemed                          redeem             *=BadWord
none,closed                       redeem:more        *=NotOpen
open,redeemed,closing,due         redeem:more        *=BadWord
none,closed                       redeem:sibling     *=NotOpen
open,redeemed,closing,due         redeem:sibling     *=BadWord
none,closed                       redeem:over        *=NotOpen
open,redeemed,closing,due         redeem:over        *=TooMany
none,closed                       close              *=NotOpen
open,closing,due                  close              payee collector *=NotCollector
redeemed                          close              payee=BadWord collector=BadWord *=NotCollector
none,closed                       requestClose       *=NotOpen
open,redeemed                     requestClose       payer *=NotPayer
closing,due                       requestClose       payer=AlreadyRequested *=NotPayer
none,closed                       finalize           *=NotOpen
open,redeemed,closing             finalize           payer=TooEarly *=NotPayer
due                               finalize           payer *=NotPayer
none,open,redeemed,closing,due,closed takeRefund     *=NothingDue
`}

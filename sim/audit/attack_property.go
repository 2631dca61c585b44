package audit

import (
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// Attacks on who owns what, and on how it is divided.
var propertyAttacks = []trial{
	{twin: "RegistryOneStep", cost: "a title sent to a mistyped address is lost", make: func(s *stage) (bool, ledger.Outcome) {
		r, wrong := s.suite.Registry, common.HexToAddress("0xbad")
		s.ok(creator, 0, r.PackRegister(n(5), s.split, n(0)))
		o := s.do(creator, 0, r.PackOffer(n(5), wrong))
		return must(r.UnpackOwnerOf(s.read(r.PackOwnerOf(n(5))))) == wrong, o
	}},
	{twin: "RegistryOpen", want: "NotOwner", cost: "any title is taken by anybody", make: func(s *stage) (bool, ledger.Outcome) {
		r, thief := s.suite.Registry, s.Address(stranger)
		s.ok(creator, 0, r.PackRegister(n(5), s.split, n(0)))
		o := s.do(stranger, 0, r.PackOffer(n(5), thief))
		s.do(stranger, 0, r.PackAccept(n(5)))
		return must(r.UnpackOwnerOf(s.read(r.PackOwnerOf(n(5))))) == thief, o
	}},
	theft("SplitReentrant", "ReentrancyGuardReentrantCall", "a payee of 400 wei takes 800, the next payee is short", func(s *stage) ledger.Outcome {
		h := s.hostileShare()
		s.behave(h, reenter, s.at, s.suite.Split.PackWithdraw(h.at))
		s.Call(creator, h.at, 0, h.PackAtMost(n(1)))
		return s.takes(h.at, 400, func() ledger.Outcome { return s.do(stranger, 0, s.suite.Split.PackWithdraw(h.at)) })
	}),
	{twin: "SplitPush", cost: "one payee that refuses keeps all others unpaid", make: func(s *stage) (bool, ledger.Outcome) {
		h := s.hostileShare()
		s.behave(h, refuse, nobody, nil)
		s.ok(creator, 100, nil)
		o := s.do(creator, 0, s.suite.Split.PackSettle())
		return !o.OK, o
	}},
	{twin: "SplitUnbounded", want: "BadLength", cost: "so many payees that settling fits in no block", make: func(s *stage) (bool, ledger.Outcome) {
		o := s.do(creator, 0, s.suite.Split.PackSetShares(crowd(20), slices.Repeat([]uint16{500}, 20)))
		return o.OK, o
	}},
	{twin: "SplitUnsummed", want: "BadSum", cost: "a part of all income belongs to nobody", make: func(s *stage) (bool, ledger.Outcome) {
		o := s.do(creator, 0, s.suite.Split.PackSetShares([]common.Address{s.Address(creator)}, []uint16{9999}))
		return o.OK, o
	}},
	{twin: "SplitOpen", want: "OwnableUnauthorizedAccount", cost: "all income to come goes to a stranger", make: func(s *stage) (bool, ledger.Outcome) {
		o := s.do(stranger, 0, s.suite.Split.PackSetShares([]common.Address{s.Address(stranger)}, []uint16{10_000}))
		return o.OK, o
	}},
	{twin: "SplitDust", cost: "up to one wei for each payee stays locked at every settlement", make: func(s *stage) (bool, ledger.Outcome) {
		s.ok(creator, 1001, nil)
		o := s.ok(creator, 0, s.suite.Split.PackSettle())
		sum := new(big.Int)
		for _, p := range []payment.Account{creator, payee1, payee2} {
			sum.Add(sum, must(s.suite.Split.UnpackAccounts(s.read(s.suite.Split.PackAccounts(s.Address(p))))).Credit)
		}
		return sum.Int64() < 1001, o
	}},
	{twin: "LicencesCheap", want: "WrongPrice", cost: "licences of 1,000 wei for 1 wei", make: func(s *stage) (bool, ledger.Outcome) {
		l := s.suite.Licences
		s.ok(creator, 0, l.PackSetTerms(contentID, n(1000), 3600))
		o := s.do(stranger, 1, l.PackBuy(contentID, []common.Address{s.Address(stranger)}))
		return must(l.UnpackValid(s.read(l.PackValid(contentID, s.Address(stranger))))), o
	}},
	{twin: "LicencesOpen", want: "NotOwner", cost: "whoever has paid for a licence loses it to a stranger", make: func(s *stage) (bool, ledger.Outcome) {
		l := s.suite.Licences
		s.ok(creator, 0, l.PackSetTerms(contentID, n(1000), 3600))
		s.ok(creator, 1000, l.PackBuy(contentID, []common.Address{s.Address(creator)}))
		o := s.do(stranger, 0, l.PackRevoke(contentID, s.Address(creator)))
		return !must(l.UnpackValid(s.read(l.PackValid(contentID, s.Address(creator))))), o
	}},
	{twin: "VaultNominal", cost: "the vault owes 1 % more than it holds; the last to leave is unpaid", make: func(s *stage) (bool, ledger.Outcome) {
		v, f := s.suite.Vault, contracts.NewFeeToken()
		token := must(v.UnpackTOKEN(s.read(v.PackTOKEN())))
		s.set(s.Call(creator, token, 0, f.PackApprove(s.at, n(1000))))
		o := s.ok(creator, 0, v.PackDeposit(n(1000)))
		return must(v.UnpackCredits(s.read(v.PackCredits(s.Address(creator))))).Cmp(must(f.UnpackBalanceOf(s.Read(token, f.PackBalanceOf(s.at))))) > 0, o
	}},
}

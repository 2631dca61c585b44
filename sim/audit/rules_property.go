package audit

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"
)

// crowd is so many strangers.
func crowd(size int) (all []common.Address) {
	for i := range size {
		all = append(all, common.BigToAddress(n(int64(1000+i))))
	}
	return all
}

var registryPermit = permit{
	contract: "Registry",
	states: []state{
		{"none", idle},
		{"owned", func(s *stage, c map[string]ask) { s.run(creator, c["register"]) }},
		{"offered", func(s *stage, c map[string]ask) { s.run(creator, c["register"]); s.run(creator, c["offer"]) }},
		{"accepted", func(s *stage, c map[string]ask) {
			s.run(creator, c["register"])
			s.run(creator, c["offer"])
			s.run(payee1, c["accept"])
		}},
	},
	calls: func(s *stage) map[string]ask {
		r, from, to := s.suite.Registry, s.Address(creator), s.Address(payee1)
		return map[string]ask{
			"register": {0, r.PackRegister(n(5), s.split, n(500))}, "register:greedy": {0, r.PackRegister(n(6), s.split, n(10_001))},
			"offer": {0, r.PackOffer(n(5), to)}, "accept": {0, r.PackAccept(n(5))}, "setRoyalty": {0, r.PackSetRoyalty(n(5), s.split, n(100))},
			"transferFrom": {0, r.PackTransferFrom(from, to, n(5))}, "safeTransferFrom": {0, r.PackSafeTransferFrom(from, to, n(5))},
			"safeTransferFrom0": {0, r.PackSafeTransferFrom0(from, to, n(5), nil)}, "approve": {0, r.PackApprove(to, n(5))},
			"setApprovalForAll": {0, r.PackSetApprovalForAll(to, true)},
		}
	},
	rules: `
none                         register           *
owned,offered,accepted       register           *=AlreadyRegistered
none,owned,offered,accepted  register:greedy    *=ERC2981InvalidTokenRoyalty
none                         offer              *=NotOwner
owned,offered                offer              creator *=NotOwner
accepted                     offer              payee *=NotOwner
none,owned,accepted          accept             *=NotOffered
offered                      accept             payee *=NotOffered
none                         setRoyalty         *=NotOwner
owned,offered                setRoyalty         creator *=NotOwner
accepted                     setRoyalty         payee *=NotOwner
none,owned,offered,accepted  transferFrom       *=OfferInstead
none,owned,offered,accepted  safeTransferFrom   *=OfferInstead
none,owned,offered,accepted  safeTransferFrom0  *=OfferInstead
none,owned,offered,accepted  approve            *=OfferInstead
none,owned,offered,accepted  setApprovalForAll  *=OfferInstead
`}

var splitPermit = permit{
	contract: "Split",
	states: []state{
		{"empty", idle},
		{"paid", func(s *stage, _ map[string]ask) { s.ok(stranger, 1000, nil) }},
		{"credited", func(s *stage, c map[string]ask) { s.ok(stranger, 1000, nil); s.run(stranger, c["settle"]) }},
		{"offered", func(s *stage, c map[string]ask) { s.run(creator, c["transferOwnership"]) }},
		{"renounced", func(s *stage, c map[string]ask) { s.run(creator, c["renounceOwnership"]) }},
	},
	calls: func(s *stage) map[string]ask {
		c, to := s.suite.Split, []common.Address{s.Address(payee1)}
		parts := append(slices.Repeat([]uint16{588}, 16), 592)
		return map[string]ask{
			"receive": {1, nil}, "settle": {0, c.PackSettle()}, "withdraw": {0, c.PackWithdraw(to[0])}, "withdraw:stranger": {0, c.PackWithdraw(s.Address(stranger))},
			"setShares": {0, c.PackSetShares(to, []uint16{10_000})}, "setShares:short": {0, c.PackSetShares(to, []uint16{9999})},
			"setShares:many": {0, c.PackSetShares(crowd(17), parts)}, "setShares:full": {0, c.PackSetShares(crowd(16), slices.Repeat([]uint16{625}, 16))},
			"setShares:odd": {0, c.PackSetShares(crowd(2), []uint16{10_000})}, "setShares:nobody": {0, c.PackSetShares([]common.Address{nobody}, []uint16{10_000})},
			"setShares:twice": {0, c.PackSetShares(slices.Repeat(to, 2), []uint16{5000, 5000})}, "setShares:zero": {0, c.PackSetShares(to, []uint16{0})},
			"transferOwnership": {0, c.PackTransferOwnership(to[0])}, "acceptOwnership": {0, c.PackAcceptOwnership()}, "renounceOwnership": {0, c.PackRenounceOwnership()},
		}
	},
	rules: `
empty,paid,credited,offered,renounced  receive            *
empty,paid,credited,offered,renounced  settle             *
empty,paid,offered,renounced           withdraw           *=NothingDue
credited                               withdraw           *
empty,paid,credited,offered,renounced  withdraw:stranger  *=NothingDue
empty,paid,credited,offered            setShares          creator *=OwnableUnauthorizedAccount
renounced                              setShares          *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:short    creator=BadSum *=OwnableUnauthorizedAccount
renounced                              setShares:short    *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:many     creator=BadLength *=OwnableUnauthorizedAccount
renounced                              setShares:many     *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:full     creator *=OwnableUnauthorizedAccount
renounced                              setShares:full     *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:odd      creator=BadLength *=OwnableUnauthorizedAccount
renounced                              setShares:odd      *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:nobody   creator=ZeroPayee *=OwnableUnauthorizedAccount
renounced                              setShares:nobody   *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:twice    creator=DuplicatePayee *=OwnableUnauthorizedAccount
renounced                              setShares:twice    *=OwnableUnauthorizedAccount
empty,paid,credited,offered            setShares:zero     creator=ZeroShare *=OwnableUnauthorizedAccount
renounced                              setShares:zero     *=OwnableUnauthorizedAccount
empty,paid,credited,offered            transferOwnership  creator *=OwnableUnauthorizedAccount
renounced                              transferOwnership  *=OwnableUnauthorizedAccount
empty,paid,credited,renounced          acceptOwnership    *=OwnableUnauthorizedAccount
offered                                acceptOwnership    payee *=OwnableUnauthorizedAccount
empty,paid,credited,offered            renounceOwnership  creator *=OwnableUnauthorizedAccount
renounced                              renounceOwnership  *=OwnableUnauthorizedAccount
`}

var licencesPermit = permit{
	contract: "Licences",
	states: []state{
		{"none", idle},
		{"sold", func(s *stage, c map[string]ask) { s.run(creator, c["setTerms"]) }},
		{"withdrawn", func(s *stage, c map[string]ask) { s.run(creator, c["setTerms"]); s.run(creator, c["setTerms:none"]) }},
	},
	calls: func(s *stage) map[string]ask {
		l, who := s.suite.Licences, []common.Address{s.Address(stranger)}
		return map[string]ask{
			"setTerms": {0, l.PackSetTerms(contentID, n(1000), 3600)}, "setTerms:none": {0, l.PackSetTerms(contentID, n(1000), 0)},
			"buy": {1000, l.PackBuy(contentID, who)}, "buy:cheap": {999, l.PackBuy(contentID, who)}, "buy:dear": {1001, l.PackBuy(contentID, who)},
			"buy:full": {256_000, l.PackBuy(contentID, slices.Repeat(who, 256))}, "buy:many": {257_000, l.PackBuy(contentID, slices.Repeat(who, 257))},
			"revoke":  {0, l.PackRevoke(contentID, who[0])},
			"buy:two": {1000, l.PackBuy(contentID, slices.Repeat(who, 2))}, "buy:nobody": {0, l.PackBuy(contentID, nil)},
		}
	},
	rules: `
none,sold,withdrawn  setTerms       creator *=NotOwner
none,sold,withdrawn  setTerms:none  creator *=NotOwner
none,withdrawn       buy            *=NotForSale
sold                 buy            *
none,withdrawn       buy:cheap      *=NotForSale
sold                 buy:cheap      *=WrongPrice
none,withdrawn       buy:dear       *=NotForSale
sold                 buy:dear       *=WrongPrice
none,withdrawn       buy:two        *=NotForSale
sold                 buy:two        *=WrongPrice
none,withdrawn       buy:full       *=NotForSale
sold                 buy:full       *
none,withdrawn       buy:many       *=NotForSale
sold                 buy:many       *=BadLength
none,withdrawn       buy:nobody     *=NotForSale
sold                 buy:nobody     *=BadLength
none,sold,withdrawn  revoke         creator *=NotOwner
`}

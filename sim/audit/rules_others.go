package audit

import "kinetoscope/protocol/ledger/contracts"

var rollupInboxPermit = permit{
	contract: "RollupInbox",
	states: []state{
		{"empty", idle},
		{"forced", func(s *stage, c map[string]ask) { s.run(stranger, c["force"]) }},
		{"late", func(s *stage, c map[string]ask) { s.run(stranger, c["force"]); s.later(61) }},
		{"posted", func(s *stage, c map[string]ask) { s.run(stranger, c["force"]); s.run(creator, c["postData"]) }},
		{"open", func(s *stage, c map[string]ask) {
			s.run(stranger, c["force"])
			s.run(creator, c["postData"])
			s.later(3600)
		}},
		{"paid", func(s *stage, c map[string]ask) {
			s.run(stranger, c["force"])
			s.run(creator, c["postData"])
			s.later(3600)
			s.run(stranger, c["withdraw"])
		}},
		{"struck", func(s *stage, c map[string]ask) {
			s.run(stranger, c["force"])
			s.run(creator, c["postData"])
			s.run(payee1, c["objectTo"])
		}},
	},
	calls: func(s *stage) map[string]ask {
		in, to := s.suite.RollupInbox, s.Address(stranger)
		return map[string]ask{
			"force": {100, in.PackForce(nil)}, "include": {0, in.PackInclude(1)}, "objectTo": {0, in.PackObjectTo(0)}, "postBlobs": {0, in.PackPostBlobs(0, [32]byte{})},
			"postData": {0, in.PackPostData([]byte{1}, 1, s.exit(to, 5))}, "postData:none": {0, in.PackPostData([]byte{1}, 0, [32]byte{})},
			"postData:ahead": {0, in.PackPostData([]byte{1}, 2, [32]byte{})}, "postData:empty": {0, in.PackPostData(nil, 0, [32]byte{})},
			"withdraw": {0, in.PackWithdraw(0, to, n(5), n(0), [][32]byte{{}})}, "withdraw:more": {0, in.PackWithdraw(0, to, n(6), n(0), [][32]byte{{}})},
		}
	},
	rules: `
empty,forced,late,posted,open,paid,struck  force           *
late                                       include         *
empty,forced,posted,open,paid,struck       include         *=NothingDue
empty,forced,late,struck                   objectTo        payee=NoRoot *=NotAllowed
posted                                     objectTo        payee *=NotAllowed
open,paid                                  objectTo        payee=NoRoot *=NotAllowed
empty,forced,late,posted,open,paid,struck  postBlobs       *=EmptyBatch
empty                                      postData        creator=BadCount *=NotAllowed
forced,late,posted,open,paid,struck        postData        creator *=NotAllowed
empty,forced                               postData:none   creator *=NotAllowed
late                                       postData:none   creator=Censored *=NotAllowed
posted,open,paid,struck                    postData:none   creator=BadCount *=NotAllowed
empty,forced,late,posted,open,paid,struck  postData:ahead  creator=BadCount *=NotAllowed
empty,forced,late,posted,open,paid,struck  postData:empty  *=EmptyBatch
empty,forced,late,struck                   withdraw        *=NoRoot
posted                                     withdraw        *=TooEarly
open                                       withdraw        *
paid                                       withdraw        *=Spent
empty,forced,late,struck                   withdraw:more   *=NoRoot
posted                                     withdraw:more   *=TooEarly
open,paid                                  withdraw:more   *=BadProof
`}

// running leads to a deal that runs.
func running(s *stage, c map[string]ask) { s.run(honest, c["offer"]); s.run(victim, c["accept"]) }

// challenged leads to a deal whose client asks for a piece, which prove then
// shows. It is not the first.
func challenged(s *stage, c map[string]ask) {
	d := s.suite.StorageDeals
	_, piece, path := shard(64)
	running(s, c)
	for s.drawn(1, 0, 8, 64) == 0 {
		s.Call(creator, nobody, 0, nil)
	}
	s.run(honest, c["challenge"])
	asked := int(must(d.UnpackDeal(s.read(d.PackDeal(n(0))))).Piece)
	c["prove"] = ask{0, d.PackProve(n(0), piece(asked), path(asked))}
	c["prove:hash"] = ask{0, d.PackProve(n(0), leaf(piece(asked)), path(asked))}
}

var storageDealsPermit = permit{
	contract: "StorageDeals",
	states: []state{
		{"none", idle},
		{"offered", func(s *stage, c map[string]ask) { s.run(honest, c["offer"]) }},
		{"running", running},
		{"challenged", challenged},
		{"silent", func(s *stage, c map[string]ask) { challenged(s, c); s.later(601) }},
		{"done", func(s *stage, c map[string]ask) { running(s, c); s.later(3600) }},
		{"over", func(s *stage, c map[string]ask) { s.run(honest, c["offer"]); s.run(honest, c["cancel"]) }},
	},
	calls: func(s *stage) map[string]ask {
		d := s.suite.StorageDeals
		root, piece, path := shard(64)
		return map[string]ask{
			"offer": {3600, d.PackOffer(s.Address(victim), root, 64, n(500), 3600, 600, 9)}, "offer:endless": {3600, d.PackOffer(s.Address(victim), root, 64, n(500), 0, 600, 9)},
			"cancel": {0, d.PackCancel(n(0))}, "accept": {500, d.PackAccept(n(0))}, "accept:cheap": {499, d.PackAccept(n(0))},
			"challenge": {0, d.PackChallenge(n(0))}, "collect": {0, d.PackCollect(n(0))}, "slash": {0, d.PackSlash(n(0))},
			"prove": {0, d.PackProve(n(0), piece(1), path(1))}, "prove:first": {0, d.PackProve(n(0), piece(0), path(0))},
			"prove:hash": {0, d.PackProve(n(0), leaf(piece(1)), path(1))},
		}
	},
	rules: `
none,offered,running,challenged,silent,done,over  offer          *
none,offered,running,challenged,silent,done,over  offer:endless  *=BadTerms
none,running,challenged,silent,done,over          cancel         *=WrongState
offered                                           cancel         payer *=NotParty
none,running,challenged,silent,done,over          accept         *=WrongState
offered                                           accept         other *=NotParty
none,running,challenged,silent,done,over          accept:cheap   *=WrongState
offered                                           accept:cheap   other=WrongBond *=NotParty
none,offered,over                                 challenge      *=WrongState
running                                           challenge      payer *=NotParty
challenged,silent                                 challenge      payer=Challenging *=NotParty
done                                              challenge      payer=NoMoreChallenges *=NotParty
none,offered,over                                 collect        *=WrongState
running,done                                      collect        other *=NotParty
challenged,silent                                 collect        other=Challenging *=NotParty
none,offered,over                                 slash          *=WrongState
running,done                                      slash          *=NotChallenged
challenged                                        slash          *=TooEarly
silent                                            slash          *
none,offered,over                                 prove          *=WrongState
running,done                                      prove          *=NotChallenged
challenged                                        prove          *
silent                                            prove          *=TooLate
none,offered,over                                 prove:hash     *=WrongState
running,done                                      prove:hash     *=NotChallenged
challenged                                        prove:hash     *=BadProof
silent                                            prove:hash     *=TooLate
none,offered,over                                 prove:first    *=WrongState
running,done                                      prove:first    *=NotChallenged
challenged                                        prove:first    *=BadProof
silent                                            prove:first    *=TooLate
`}

var vaultPermit = permit{
	contract: "Vault",
	states: []state{
		{"empty", idle},
		{"deposited", func(s *stage, c map[string]ask) { s.run(creator, c["deposit"]) }},
		{"passed", func(s *stage, c map[string]ask) { s.run(creator, c["deposit"]); s.run(creator, c["pay"]) }},
	},
	calls: func(s *stage) map[string]ask {
		v, f := s.suite.Vault, contracts.NewFeeToken()
		s.set(s.Call(creator, must(v.UnpackTOKEN(s.read(v.PackTOKEN()))), 0, f.PackApprove(s.at, n(5000))))
		return map[string]ask{
			"deposit": {0, v.PackDeposit(n(1000))}, "pay": {0, v.PackPay(s.Address(payee1), n(400))},
			"withdraw": {0, v.PackWithdraw(n(400))}, "withdraw:all": {0, v.PackWithdraw(n(1000))},
		}
	},
	rules: `
empty,deposited,passed  deposit       creator *=Reverted
empty                   pay           *=OverCredit
deposited               pay           creator *=OverCredit
passed                  pay           creator payee *=OverCredit
empty                   withdraw      *=OverCredit
deposited               withdraw      creator *=OverCredit
passed                  withdraw      creator payee *=OverCredit
empty,deposited,passed  withdraw:all  *=OverCredit
`}

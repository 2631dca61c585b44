package audit

import (
	"crypto/sha256"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// words opens a chain of 100 words at 1 wei to payee1.
func (s *stage) words(from payment.Account) ([32]byte, []payment.Word) {
	c, to := s.suite.HashChain, s.Address(payee1)
	words := wordChain(7, 100)
	s.ok(from, 100, c.PackOpen(to, s.Address(stranger), words[100], 1, 100, 60))
	return must(c.UnpackChainId(s.read(c.PackChainId(s.Address(from), to, words[100])))), words
}

// pool locks a fund of 100 and a collateral of 150 for two payees.
func (s *stage) pool() [32]byte {
	p := s.suite.ReservePool
	s.ok(honest, 250, p.PackLock(n(100), 60, []common.Address{s.Address(payee1), s.Address(payee2)}))
	return must(p.UnpackPoolId(s.read(p.PackPoolId(s.Address(honest), 0))))
}

func (s *stage) promised(pool [32]byte, to payment.Account) []byte {
	p, at := s.suite.ReservePool, s.Address(to)
	sig := s.Sign(honest, must(p.UnpackDigest(s.read(p.PackDigest(pool, at, n(100))))))
	return p.PackRedeem(pool, at, n(100), sig[:])
}

// deal runs a deal about a shard of 64 pieces, with a challenge that does not
// ask for the first: chance says for which that is so.
func (s *stage) deal() (id *big.Int, piece func(int) []byte, path func(int) [][32]byte, asked int) {
	d := s.suite.StorageDeals
	root, piece, path := shard(64)
	for deal := int64(0); asked == 0; deal++ {
		id = n(deal)
		s.ok(honest, 3600, d.PackOffer(s.Address(victim), root, 64, n(500), 3600, 600, 9))
		s.ok(victim, 500, d.PackAccept(id))
		s.ok(honest, 0, d.PackChallenge(id))
		asked = int(must(d.UnpackDeal(s.read(d.PackDeal(id)))).Piece)
	}
	return id, piece, path, asked
}

var otherAttacks = []trial{
	{"HashChainForgets", "BadWord", "the same 10 words are paid until the deposit is gone", func(s *stage) (bool, ledger.Outcome) {
		id, words := s.words(honest)
		s.ok(stranger, 0, s.suite.HashChain.PackRedeem(id, 10, words[90]))
		o := s.do(stranger, 0, s.suite.HashChain.PackRedeem(id, 10, words[90]))
		return o.OK, o
	}},
	{"HashChainUncounted", "", "40 wei more than were paid in, out of other chains", func(s *stage) (bool, ledger.Outcome) {
		s.words(victim)
		id, words := s.words(honest)
		o := s.do(stranger, 0, s.suite.HashChain.PackClose(id, 40, words[60]))
		return s.holds(s.at) < 100, o
	}},
	{"ReservePoolForgives", "", "promising one reserve to many costs the sender nothing", func(s *stage) (bool, ledger.Outcome) {
		id := s.pool()
		s.ok(payee1, 0, s.promised(id, payee1))
		s.ok(payee2, 0, s.promised(id, payee2))
		s.later(60)
		before := s.holds(s.Address(honest))
		o := s.do(stranger, 0, s.suite.ReservePool.PackRelease(id))
		return s.holds(s.Address(honest)) > before, o
	}},
	{"ReservePoolCrowd", "NotNamed", "the sender's own crowd empties the reserve first", func(s *stage) (bool, ledger.Outcome) {
		o := s.do(stranger, 0, s.promised(s.pool(), stranger))
		return o.OK, o
	}},
	{"RollupInboxCensors", "Censored", "the sequencer keeps a deposit of 100 wei out for ever", func(s *stage) (bool, ledger.Outcome) {
		s.ok(honest, 100, s.suite.RollupInbox.PackForce([]byte("let me out")))
		s.later(120)
		o := s.do(creator, 0, s.suite.RollupInbox.PackPostData([]byte{1}, 0, [32]byte{}))
		return o.OK, o
	}},
	{"RollupInboxTwice", "Spent", "a withdrawal of 5 wei is paid until the inbox is empty", func(s *stage) (bool, ledger.Outcome) {
		data := s.leave()
		s.later(3600)
		s.ok(stranger, 0, data)
		o := s.do(stranger, 0, data)
		return o.OK, o
	}},
	{"RollupInboxAtOnce", "TooEarly", "a forged root is paid before the guardian can object", func(s *stage) (bool, ledger.Outcome) {
		o := s.do(stranger, 0, s.leave())
		return o.OK, o
	}},
	{"StorageDealsFirst", "BadProof", "a provider keeps 1 of 64 pieces and is paid for all", func(s *stage) (bool, ledger.Outcome) {
		id, piece, path, _ := s.deal()
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(id, piece(0), path(0)))
		return o.OK, o
	}},
	{"StorageDealsPaysOn", "Challenging", "a provider that lost the shard takes 3,600 wei and its bond of 500", func(s *stage) (bool, ledger.Outcome) {
		id, _, _, _ := s.deal()
		s.later(3600)
		o := s.do(victim, 0, s.suite.StorageDeals.PackCollect(id))
		return o.OK, o
	}},
	{"StorageDealsPatient", "TooLate", "a provider fetches the piece only when it is asked for it", func(s *stage) (bool, ledger.Outcome) {
		id, piece, path, i := s.deal()
		s.later(3600)
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(id, piece(i), path(i)))
		return o.OK, o
	}},
}

// leave posts a root that lets the stranger take 5 wei of 100, and is the call
// that takes them.
func (s *stage) leave() []byte {
	in, to := s.suite.RollupInbox, s.Address(stranger)
	s.ok(honest, 100, in.PackForce(nil))
	s.ok(creator, 0, in.PackPostData([]byte{1}, 1, s.exit(to, 5)))
	return in.PackWithdraw(0, to, n(5), n(0), [][32]byte{{}})
}

// exit is the root of two withdrawals; the one to an address has a path of one
// zero.
func (s *stage) exit(to common.Address, amount int64) [32]byte {
	in := s.suite.RollupInbox
	leaf := must(in.UnpackLeaf(s.read(in.PackLeaf(to, n(amount), n(0)))))
	return crypto.Keccak256Hash(make([]byte, 32), leaf[:])
}

// wordChain is a hash chain; its last word is the anchor. Its secret is a number.
func wordChain(secret uint64, length int) []payment.Word {
	words := []payment.Word{num(secret)}
	for range length {
		words = append(words, hashed(words[len(words)-1]))
	}
	return words
}

// shard is pieces, the root of their tree and the path of each, lowest first
// (RFC 6962, section 2.1).
func shard(pieces int) (root [32]byte, piece func(int) []byte, path func(int) [][32]byte) {
	piece = func(i int) []byte { return []byte{byte(i)} }
	node := func(kind byte, parts ...[]byte) [32]byte {
		return sha256.Sum256(slices.Concat([]byte{kind}, slices.Concat(parts...)))
	}
	var climb func(from, to, asked int) (root [32]byte, path [][32]byte)
	climb = func(from, to, asked int) ([32]byte, [][32]byte) {
		if to-from == 1 {
			return node(0, piece(from)), nil
		}
		middle := 1
		for 2*middle < to-from {
			middle *= 2
		}
		left, leftPath := climb(from, from+middle, asked)
		right, rightPath := climb(from+middle, to, asked)
		if asked < from+middle {
			return node(1, left[:], right[:]), append(leftPath, right)
		}
		return node(1, left[:], right[:]), append(rightPath, left)
	}
	root, _ = climb(0, pieces, 0)
	return root, piece, func(i int) [][32]byte { _, p := climb(0, pieces, i); return p }
}

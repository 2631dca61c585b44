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
	s.ok(from, 100, c.PackOpen(to, s.Address(stranger), words[100], s.unit, 100, 60))
	return must(c.UnpackChainId(s.read(c.PackChainId(s.Address(from), to, words[100])))), words
}

// pool locks the honest sender's pool of that number: a fund of 100 and a
// collateral of 150 for two payees.
func (s *stage) pool(number uint64) [32]byte {
	s.ok(honest, 250, s.suite.ReservePool.PackLock(s.wei(100), 60, []common.Address{s.Address(payee1), s.Address(payee2)}))
	return s.poolID(number)
}

func (s *stage) poolID(number uint64) [32]byte {
	p := s.suite.ReservePool
	return must(p.UnpackPoolId(s.read(p.PackPoolId(s.Address(honest), number))))
}

// promises is what the honest sender signs for a recipient: the whole fund.
func (s *stage) promises(pool [32]byte, to payment.Account) []byte {
	p := s.suite.ReservePool
	sig := s.Sign(honest, must(p.UnpackDigest(s.read(p.PackDigest(pool, s.Address(to), s.wei(100))))))
	return sig[:]
}

func (s *stage) promised(pool [32]byte, to payment.Account) []byte {
	return s.suite.ReservePool.PackRedeem(pool, s.Address(to), s.wei(100), s.promises(pool, to))
}

// deal runs a deal about a shard of 64 pieces, with a challenge that does not
// ask for the first: chance says for which that is so.
func (s *stage) deal() (id *big.Int, piece func(int) []byte, path func(int) [][32]byte, asked int) {
	d := s.suite.StorageDeals
	root, piece, path := shard(64)
	for asked == 0 {
		id = must(d.UnpackCount(s.read(d.PackCount())))
		s.ok(honest, 3600, d.PackOffer(s.Address(victim), root, 64, s.wei(500), 3600, 600, 9))
		s.ok(victim, 500, d.PackAccept(id))
		s.ok(honest, 0, d.PackChallenge(id))
		asked = int(must(d.UnpackDeal(s.read(d.PackDeal(id)))).Piece)
	}
	return id, piece, path, asked
}

var otherAttacks = []trial{
	theft("HashChainForgets", "BadWord", "the same 10 words are paid until the deposit is gone", func(s *stage) ledger.Outcome {
		id, words := s.words(honest)
		redeem := s.suite.HashChain.PackRedeem(id, 10, words[90])
		s.ok(stranger, 0, redeem)
		return s.takes(s.Address(payee1), 0, func() ledger.Outcome { return s.do(stranger, 0, redeem) })
	}),
	theft("HashChainReopen", "ChainExists", "10 words are paid again after reopening", func(s *stage) ledger.Outcome {
		id, words := s.words(honest)
		old := s.suite.HashChain.PackClose(id, 10, words[90])
		s.ok(stranger, 0, old)
		return s.takes(s.Address(payee1), 0, func() ledger.Outcome {
			o := s.do(honest, 100, s.suite.HashChain.PackOpen(s.Address(payee1), s.Address(stranger), words[100], s.unit, 100, 60))
			s.do(stranger, 0, old)
			return o
		})
	}),
	theft("HashChainUncounted", "", "40 wei more than were paid in, out of other chains", func(s *stage) ledger.Outcome {
		s.words(victim)
		id, words := s.words(honest)
		return s.drains(60, s.Address(payee1), func() ledger.Outcome { return s.do(stranger, 0, s.suite.HashChain.PackClose(id, 40, words[60])) })
	}),
	{twin: "ReservePoolForgives", cost: "promising one reserve to many costs the sender nothing", make: func(s *stage) (bool, ledger.Outcome) {
		id := s.pool(0)
		s.ok(payee1, 0, s.promised(id, payee1))
		s.ok(payee2, 0, s.promised(id, payee2))
		s.later(60)
		before := s.holds(s.Address(honest))
		o := s.do(stranger, 0, s.suite.ReservePool.PackRelease(id))
		return s.holds(s.Address(honest)) > before, o
	}},
	theft("ReservePoolCrowd", "NotNamed", "the sender's own crowd empties the reserve first", func(s *stage) ledger.Outcome {
		data := s.promised(s.pool(0), stranger)
		return s.takes(s.Address(stranger), 0, func() ledger.Outcome { return s.do(payee2, 0, data) })
	}),
	{twin: "RollupInboxCensors", want: "Censored", cost: "the sequencer keeps a deposit of 100 wei out for ever", make: func(s *stage) (bool, ledger.Outcome) {
		s.ok(honest, 100, s.suite.RollupInbox.PackForce([]byte("let me out")))
		s.later(120)
		o := s.do(creator, 0, s.suite.RollupInbox.PackPostData([]byte{1}, 0, [32]byte{}))
		return o.OK, o
	}},
	theft("RollupInboxTwice", "Spent", "a withdrawal of 5 wei is paid until the inbox is empty", func(s *stage) ledger.Outcome {
		data := s.leave()
		s.later(3600)
		s.ok(honest, 0, data)
		return s.takes(s.Address(stranger), 0, func() ledger.Outcome { return s.do(honest, 0, data) })
	}),
	theft("RollupInboxAtOnce", "TooEarly", "a forged root is paid before the guardian can object", func(s *stage) ledger.Outcome {
		data := s.leave()
		return s.takes(s.Address(stranger), 0, func() ledger.Outcome { return s.do(honest, 0, data) })
	}),
	{twin: "StorageDealsFirst", want: "BadProof", cost: "a provider keeps 1 of 64 pieces and is paid for all", make: func(s *stage) (bool, ledger.Outcome) {
		id, piece, path, _ := s.deal()
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(id, piece(0), path(0)))
		return o.OK, o
	}},
	theft("StorageDealsPaysOn", "Challenging", "a provider that lost the shard takes 3,600 wei and its bond of 500", func(s *stage) ledger.Outcome {
		id, _, _, _ := s.deal()
		s.later(3600)
		return s.drains(0, s.Address(honest), func() ledger.Outcome { return s.do(victim, 0, s.suite.StorageDeals.PackCollect(id)) })
	}),
	{twin: "StorageDealsHashes", want: "BadProof", cost: "a provider keeps 32 bytes of each piece and is paid for all", make: func(s *stage) (bool, ledger.Outcome) {
		id, piece, path, i := s.deal()
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(id, leaf(piece(i)), path(i)))
		return o.OK, o
	}},
	{twin: "StorageDealsAnyShard", want: "BadProof", cost: "one shard that a provider keeps is paid as all", make: func(s *stage) (bool, ledger.Outcome) {
		id, piece, path, i := s.deal()
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(id, piece(i+1), path(i)))
		return o.OK, o
	}},
	theft("StorageDealsTwice", "WrongState", "a client takes bond and price of 4,100 wei again, out of other deals", func(s *stage) ledger.Outcome {
		s.deal()
		id, _, _, _ := s.deal()
		slash := s.suite.StorageDeals.PackSlash(id)
		s.later(3600)
		s.ok(stranger, 0, slash)
		return s.takes(s.Address(honest), 0, func() ledger.Outcome { return s.do(stranger, 0, slash) })
	}),
	{twin: "StorageDealsPatient", want: "TooLate", cost: "a provider fetches the piece only when it is asked for it", make: func(s *stage) (bool, ledger.Outcome) {
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
	return in.PackWithdraw(0, to, s.wei(5), n(0), [][32]byte{{}})
}

// exit is the root of two withdrawals; the one to an address has a path of one
// zero.
func (s *stage) exit(to common.Address, amount int64) [32]byte {
	in := s.suite.RollupInbox
	leaf := must(in.UnpackLeaf(s.read(in.PackLeaf(to, s.wei(amount), n(0)))))
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

// leaf is the hash of a piece in the tree of a shard.
func leaf(piece []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, piece...))
	return sum[:]
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

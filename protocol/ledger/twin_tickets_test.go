package ledger

import (
	"bytes"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

var (
	surely = new(big.Int).SetBytes(always[:])
	half   = new(big.Int).Lsh(big.NewInt(1), 255)
)

// ticket is the honest sender's, with its signature, as the contract wants it.
func (s *stage) ticket(to common.Address, face int64, chance *big.Int, nonce uint64, secret [32]byte) (contracts.TicketsTicket, []byte) {
	t := contracts.TicketsTicket{Sender: s.address(honest), Recipient: to, FaceValue: n(face), WinProb: chance,
		Expires: stamp(1000 * time.Hour), Nonce: nonce, Commitment: crypto.Keccak256Hash(secret[:])}
	return t, s.signTicket(t)
}

func (s *stage) signTicket(t contracts.TicketsTicket) []byte {
	sig := s.wallets.sign(honest, must(s.suite.Tickets.UnpackDigest(s.read(s.suite.Tickets.PackDigest(t)))))
	return sig[:]
}

// fund puts in for the honest sender and admits payee1.
func (s *stage) fund(value uint64, reserve int64) {
	s.ok(honest, value, s.suite.Tickets.PackFund(s.address(honest), n(reserve)))
	s.ok(creator, 0, s.suite.Tickets.PackAdmit(s.address(payee1), true))
}

// otherForm looks for a ticket that loses, and whose signature in another form
// wins.
func otherForm(form func(sig []byte) []byte) func(s *stage) (bool, outcome) {
	return func(s *stage) (bool, outcome) {
		s.fund(1000, 0)
		wins := func(sig []byte) bool {
			return new(big.Int).SetBytes(crypto.Keccak256(sig, make([]byte, 32))).Cmp(half) < 0
		}
		for nonce := uint64(0); ; nonce++ {
			t, sig := s.ticket(s.address(payee1), 100, half, nonce, [32]byte{})
			if other := form(sig); !wins(sig) && wins(other) {
				o := s.do(payee1, 0, s.suite.Tickets.PackRedeem(t, other, [32]byte{}))
				return o.ok, o
			}
		}
	}
}

func malleable(sig []byte) []byte {
	twin := bytes.Clone(sig)
	new(big.Int).Sub(crypto.S256().Params().N, new(big.Int).SetBytes(sig[32:64])).FillBytes(twin[32:64])
	twin[64] ^= 27 ^ 28
	return twin
}

// compact is EIP-2098.
func compact(sig []byte) []byte {
	short := bytes.Clone(sig[:64])
	short[32] |= (sig[64] - 27) << 7
	return short
}

var ticketAttacks = []attack{
	{"TicketsMalleable", "BadSignature", otherForm(malleable)},
	{"TicketsCompact", "BadSignature", otherForm(compact)},
	{"TicketsReusable", "Used", func(s *stage) (bool, outcome) {
		s.fund(1000, 0)
		t, sig := s.ticket(s.address(payee1), 100, surely, 0, [32]byte{})
		s.ok(payee1, 0, s.suite.Tickets.PackRedeem(t, sig, [32]byte{}))
		o := s.do(payee1, 0, s.suite.Tickets.PackRedeem(t, sig, [32]byte{}))
		return o.ok, o
	}},
	{"TicketsDust", "", func(s *stage) (bool, outcome) {
		s.fund(10, 0)
		before := s.holds(s.address(payee1))
		t, sig := s.ticket(s.address(payee1), 100, surely, 0, [32]byte{})
		data := s.suite.Tickets.PackRedeem(t, sig, [32]byte{})
		s.ok(stranger, 0, data)
		s.ok(honest, 500, s.suite.Tickets.PackFund(s.address(honest), n(0)))
		o := s.do(stranger, 0, data)
		return s.holds(s.address(payee1)) < before+100, o
	}},
	{"TicketsNoLimit", "", func(s *stage) (bool, outcome) {
		s.fund(500, 500)
		before := s.holds(s.address(payee1))
		t, sig := s.ticket(s.address(payee1), 500, surely, 0, [32]byte{})
		o := s.do(stranger, 0, s.suite.Tickets.PackRedeem(t, sig, [32]byte{}))
		return s.holds(s.address(payee1)) > before+100, o
	}},
	{"TicketsStranger", "", func(s *stage) (bool, outcome) {
		s.fund(500, 500)
		s.ok(honest, 0, s.suite.Tickets.PackUnlock())
		s.ok(stranger, 1, s.suite.Tickets.PackFund(s.address(honest), n(0)))
		s.later(3600)
		o := s.do(honest, 0, s.suite.Tickets.PackWithdraw())
		return !o.ok, o
	}},
	{"TicketsNoDelay", "TooEarly", func(s *stage) (bool, outcome) {
		s.fund(500, 500)
		s.ok(honest, 0, s.suite.Tickets.PackUnlock())
		o := s.do(honest, 0, s.suite.Tickets.PackWithdraw())
		return o.ok, o
	}},
	{"TicketsNoSecret", "BadSecret", func(s *stage) (bool, outcome) {
		s.fund(1000, 0)
		one := new(big.Int).Rsh(half, 3)
		t, sig := s.ticket(s.address(payee1), 100, one, 0, [32]byte{})
		for secret := ([32]byte{1}); ; secret[31]++ {
			if new(big.Int).SetBytes(crypto.Keccak256(sig, secret[:])).Cmp(one) < 0 {
				o := s.do(payee1, 0, s.suite.Tickets.PackRedeem(t, sig, secret))
				return o.ok, o
			}
		}
	}},
	{"TicketsNoExpiry", "Expired", func(s *stage) (bool, outcome) {
		s.fund(1000, 0)
		t, _ := s.ticket(s.address(payee1), 100, surely, 0, [32]byte{})
		t.Expires = epoch
		o := s.do(payee1, 0, s.suite.Tickets.PackRedeem(t, s.signTicket(t), [32]byte{}))
		return o.ok, o
	}},
}

// words opens a chain of 100 words at 1 wei to payee1.
func (s *stage) words(from payment.Account) ([32]byte, []payment.Word) {
	c, to := s.suite.HashChain, s.address(payee1)
	words := s.chain(100)
	s.ok(from, 100, c.PackOpen(to, s.address(stranger), words[100], 1, 100, 60))
	return must(c.UnpackChainId(s.read(c.PackChainId(s.address(from), to, words[100])))), words
}

// pool locks a fund of 100 and a collateral of 150 for two payees.
func (s *stage) pool() [32]byte {
	p := s.suite.ReservePool
	s.ok(honest, 250, p.PackLock(n(100), 60, []common.Address{s.address(payee1), s.address(payee2)}))
	return must(p.UnpackPoolId(s.read(p.PackPoolId(s.address(honest), 0))))
}

func (s *stage) promised(pool [32]byte, to payment.Account) []byte {
	p, at := s.suite.ReservePool, s.address(to)
	sig := s.wallets.sign(honest, must(p.UnpackDigest(s.read(p.PackDigest(pool, at, n(100))))))
	return p.PackRedeem(pool, at, n(100), sig[:])
}

// deal runs a deal about a shard of 64 pieces, with a challenge that does not
// ask for the first.
func (s *stage) deal() (piece func(int) []byte, path func(int) [][32]byte, asked int) {
	d := s.suite.StorageDeals
	root, piece, path := shard(64)
	s.ok(honest, 3600, d.PackOffer(s.address(victim), root, 64, n(500), 3600, 600, 9))
	s.ok(victim, 500, d.PackAccept(n(0)))
	s.ok(honest, 0, d.PackChallenge(n(0)))
	asked = int(must(d.UnpackDeal(s.read(d.PackDeal(n(0))))).Piece)
	if asked == 0 {
		s.t.Fatal("the first piece is asked for: take another seed")
	}
	return piece, path, asked
}

var otherAttacks = []attack{
	{"HashChainForgets", "BadWord", func(s *stage) (bool, outcome) {
		id, words := s.words(honest)
		s.ok(stranger, 0, s.suite.HashChain.PackRedeem(id, 10, words[90]))
		o := s.do(stranger, 0, s.suite.HashChain.PackRedeem(id, 10, words[90]))
		return o.ok, o
	}},
	{"HashChainUncounted", "", func(s *stage) (bool, outcome) {
		s.words(victim)
		id, words := s.words(honest)
		o := s.do(stranger, 0, s.suite.HashChain.PackClose(id, 40, words[60]))
		return s.holds(s.at) < 100, o
	}},
	{"ReservePoolForgives", "", func(s *stage) (bool, outcome) {
		id := s.pool()
		s.ok(payee1, 0, s.promised(id, payee1))
		s.ok(payee2, 0, s.promised(id, payee2))
		s.later(60)
		before := s.holds(s.address(honest))
		o := s.do(stranger, 0, s.suite.ReservePool.PackRelease(id))
		return s.holds(s.address(honest)) > before, o
	}},
	{"ReservePoolCrowd", "NotNamed", func(s *stage) (bool, outcome) {
		o := s.do(stranger, 0, s.promised(s.pool(), stranger))
		return o.ok, o
	}},
	{"RollupInboxCensors", "Censored", func(s *stage) (bool, outcome) {
		s.ok(honest, 100, s.suite.RollupInbox.PackForce([]byte("let me out")))
		s.later(120)
		o := s.do(creator, 0, s.suite.RollupInbox.PackPostData([]byte{1}, 0, [32]byte{}))
		return o.ok, o
	}},
	{"RollupInboxTwice", "Spent", func(s *stage) (bool, outcome) {
		data := s.leave()
		s.later(3600)
		s.ok(stranger, 0, data)
		o := s.do(stranger, 0, data)
		return o.ok, o
	}},
	{"RollupInboxAtOnce", "TooEarly", func(s *stage) (bool, outcome) {
		o := s.do(stranger, 0, s.leave())
		return o.ok, o
	}},
	{"StorageDealsFirst", "BadProof", func(s *stage) (bool, outcome) {
		piece, path, _ := s.deal()
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(n(0), piece(0), path(0)))
		return o.ok, o
	}},
	{"StorageDealsPaysOn", "Challenging", func(s *stage) (bool, outcome) {
		s.deal()
		s.later(3600)
		o := s.do(victim, 0, s.suite.StorageDeals.PackCollect(n(0)))
		return o.ok, o
	}},
	{"StorageDealsPatient", "TooLate", func(s *stage) (bool, outcome) {
		piece, path, i := s.deal()
		s.later(3600)
		o := s.do(victim, 0, s.suite.StorageDeals.PackProve(n(0), piece(i), path(i)))
		return o.ok, o
	}},
}

// leave posts a root that lets the stranger take 5 wei of 100, and is the call
// that takes them.
func (s *stage) leave() []byte {
	in, to := s.suite.RollupInbox, s.address(stranger)
	s.ok(honest, 100, in.PackForce(nil))
	s.ok(creator, 0, in.PackPostData([]byte{1}, 1, s.exit(s.at, to, 5)))
	return in.PackWithdraw(0, to, n(5), n(0), [][32]byte{{}})
}

package audit

import (
	"bytes"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
)

// ticket is the honest sender's, with its signature, as the contract wants it.
func (s *stage) ticket(to common.Address, face int64, chance *big.Int, nonce uint64, secret [32]byte) (contracts.TicketsTicket, []byte) {
	t := contracts.TicketsTicket{Sender: s.Address(honest), Recipient: to, FaceValue: s.wei(face), WinProb: chance,
		Expires: s.Now() + 3_600_000, Nonce: nonce, Commitment: crypto.Keccak256Hash(secret[:])}
	return t, s.signTicket(t)
}

func (s *stage) signTicket(t contracts.TicketsTicket) []byte {
	sig := s.Sign(honest, must(s.suite.Tickets.UnpackDigest(s.read(s.suite.Tickets.PackDigest(t)))))
	return sig[:]
}

// fund puts in for the honest sender and admits payee1.
func (s *stage) fund(value uint64, reserve int64) {
	s.ok(honest, value, s.suite.Tickets.PackFund(s.Address(honest), s.wei(reserve)))
	s.ok(creator, 0, s.suite.Tickets.PackAdmit(s.Address(payee1), true))
}

// redeemed has a stranger redeem for payee1, which has a claim to no more than
// due.
func (s *stage) redeemed(due int64, t contracts.TicketsTicket, sig []byte, secret [32]byte) ledger.Outcome {
	data := s.suite.Tickets.PackRedeem(t, sig, secret)
	return s.takes(s.Address(payee1), due, func() ledger.Outcome { return s.do(stranger, 0, data) })
}

// otherForm looks for a ticket that loses, and whose signature in another form
// wins.
func otherForm(form func(sig []byte) []byte) func(s *stage) ledger.Outcome {
	return func(s *stage) ledger.Outcome {
		s.fund(1000, 0)
		wins := func(sig []byte) bool {
			return new(big.Int).SetBytes(crypto.Keccak256(sig, make([]byte, 32))).Cmp(half) < 0
		}
		for nonce := uint64(0); ; nonce++ {
			t, sig := s.ticket(s.Address(payee1), 100, half, nonce, [32]byte{})
			if other := form(sig); !wins(sig) && wins(other) {
				return s.redeemed(0, t, other, [32]byte{})
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

var ticketAttacks = []trial{
	theft("TicketsMalleable", "BadSignature", "every ticket is drawn twice: twice the expected price", otherForm(malleable)),
	theft("TicketsCompact", "BadSignature", "every ticket is drawn twice: twice the expected price", otherForm(compact)),
	theft("TicketsReusable", "Used", "one winning ticket takes the whole deposit", func(s *stage) ledger.Outcome {
		s.fund(1000, 0)
		t, sig := s.ticket(s.Address(payee1), 100, surely, 0, [32]byte{})
		s.ok(stranger, 0, s.suite.Tickets.PackRedeem(t, sig, [32]byte{}))
		return s.redeemed(0, t, sig, [32]byte{})
	}),
	{twin: "TicketsDust", cost: "a winner of 100 wei is settled for 10", make: func(s *stage) (bool, ledger.Outcome) {
		s.fund(10, 0)
		before := s.holds(s.Address(payee1))
		t, sig := s.ticket(s.Address(payee1), 100, surely, 0, [32]byte{})
		data := s.suite.Tickets.PackRedeem(t, sig, [32]byte{})
		s.ok(stranger, 0, data)
		s.ok(honest, 500, s.suite.Tickets.PackFund(s.Address(honest), n(0)))
		o := s.do(stranger, 0, data)
		return s.holds(s.Address(payee1)) < before+100, o
	}},
	theft("TicketsNoLimit", "", "one recipient takes the reserve of five", func(s *stage) ledger.Outcome {
		s.fund(500, 500)
		t, sig := s.ticket(s.Address(payee1), 500, surely, 0, [32]byte{})
		return s.redeemed(100, t, sig, [32]byte{})
	}),
	{twin: "TicketsStranger", cost: "for 1 wei anybody keeps a sender from its 1,000 wei, again and again", make: func(s *stage) (bool, ledger.Outcome) {
		s.fund(500, 500)
		s.ok(honest, 0, s.suite.Tickets.PackUnlock())
		s.ok(stranger, 1, s.suite.Tickets.PackFund(s.Address(honest), n(0)))
		s.later(3600)
		o := s.do(honest, 0, s.suite.Tickets.PackWithdraw())
		return !o.OK, o
	}},
	{twin: "TicketsNoDelay", want: "TooEarly", cost: "the sender leaves before its winning tickets are redeemed", make: func(s *stage) (bool, ledger.Outcome) {
		s.fund(500, 500)
		s.ok(honest, 0, s.suite.Tickets.PackUnlock())
		o := s.do(honest, 0, s.suite.Tickets.PackWithdraw())
		return o.OK, o
	}},
	theft("TicketsNoSecret", "BadSecret", "the recipient makes every ticket win: 16 times the expected price", func(s *stage) ledger.Outcome {
		s.fund(1000, 0)
		one := new(big.Int).Rsh(half, 3)
		t, sig := s.ticket(s.Address(payee1), 100, one, 0, [32]byte{})
		for secret := ([32]byte{1}); ; secret[31]++ {
			if new(big.Int).SetBytes(crypto.Keccak256(sig, secret[:])).Cmp(one) < 0 {
				return s.redeemed(0, t, sig, secret)
			}
		}
	}),
	theft("TicketsNoExpiry", "Expired", "old tickets bind the sender for ever", func(s *stage) ledger.Outcome {
		s.fund(1000, 0)
		t, _ := s.ticket(s.Address(payee1), 100, surely, 0, [32]byte{})
		t.Expires = s.Now()
		return s.redeemed(0, t, s.signTicket(t), [32]byte{})
	}),
}

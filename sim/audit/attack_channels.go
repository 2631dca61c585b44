package audit

import (
	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
)

// hostileShare gives a hostile payee 40 % of the split and pays 1000 wei in.
func (s *stage) hostileShare() hostile {
	h := s.hostile()
	s.ok(creator, 0, s.suite.Split.PackSetShares([]common.Address{h.at, s.Address(payee2)}, []uint16{4000, 6000}))
	s.ok(creator, 1000, nil)
	s.do(creator, 0, s.suite.Split.PackSettle())
	return h
}

// channel opens a channel of the honest payer to a payee with stranger as
// collector.
func (s *stage) channel(payee common.Address, nonce uint64) [32]byte {
	s.ok(honest, 1000, s.suite.Channels.PackOpen(payee, s.Address(stranger), nonce, 60))
	return s.channelID(payee, nonce)
}

func (s *stage) channelID(payee common.Address, nonce uint64) [32]byte {
	c := s.suite.Channels
	return must(c.UnpackChannelId(s.read(c.PackChannelId(s.Address(honest), payee, nonce))))
}

// signed is the honest payer's voucher as the contract at s.at wants it.
func (s *stage) signed(id [32]byte, amount int64) []byte {
	c := s.suite.Channels
	sig := s.Sign(honest, must(c.UnpackDigest(s.read(c.PackDigest(id, s.wei(amount))))))
	return sig[:]
}

var channelAttacks = []trial{
	theft("ChannelsReopen", "ChannelExists", "a voucher of 400 wei is paid again after reopening", func(s *stage) ledger.Outcome {
		c, to := s.suite.Channels, s.Address(payee1)
		id := s.channel(to, 0)
		old := c.PackClose(id, s.wei(400), s.signed(id, 400))
		s.ok(stranger, 0, old)
		return s.takes(to, 0, func() ledger.Outcome {
			o := s.do(honest, 1000, c.PackOpen(to, s.Address(stranger), 0, 60))
			s.do(stranger, 0, old)
			return o
		})
	}),
	theft("ChannelsNoWindow", "TooEarly", "the payer takes the deposit back before the payee can object", func(s *stage) ledger.Outcome {
		id := s.channel(s.Address(payee1), 0)
		s.ok(honest, 0, s.suite.Channels.PackRequestClose(id))
		return s.drains(0, s.Address(payee1), func() ledger.Outcome { return s.do(honest, 0, s.suite.Channels.PackFinalize(id)) })
	}),
	{twin: "ChannelsExtends", want: "AlreadyRequested", cost: "the time at which a channel closes moves as the payer likes", make: func(s *stage) (bool, ledger.Outcome) {
		id := s.channel(s.Address(payee1), 0)
		s.ok(honest, 0, s.suite.Channels.PackRequestClose(id))
		o := s.do(honest, 0, s.suite.Channels.PackRequestClose(id))
		return o.OK, o
	}},
	theft("ChannelsOpen", "NotCollector", "the payer closes with its oldest voucher: 999 of 1,000 wei unpaid", func(s *stage) ledger.Outcome {
		id := s.channel(s.Address(payee1), 0)
		return s.drains(0, s.Address(payee1), func() ledger.Outcome {
			return s.do(honest, 0, s.suite.Channels.PackClose(id, s.wei(1), s.signed(id, 1)))
		})
	}),
	{twin: "ChannelsStubborn", cost: "a payer that refuses its refund keeps the payee from its money", make: func(s *stage) (bool, ledger.Outcome) {
		h, c := s.hostile(), s.suite.Channels
		s.act(h, s.at, 1000, c.PackOpen(s.Address(payee1), s.Address(stranger), 0, 1))
		id := must(c.UnpackChannelId(s.read(c.PackChannelId(h.at, s.Address(payee1), 0))))
		s.behave(h, refuse, nobody, nil)
		s.act(h, s.at, 0, c.PackRequestClose(id))
		o := s.act(h, s.at, 0, c.PackFinalize(id))
		return !o.OK, o
	}},
	theft("ChannelsReentrant", "ReentrancyGuardReentrantCall", "a voucher of 900 wei takes 1,800, from another channel", func(s *stage) ledger.Outcome {
		h := s.hostile()
		id := s.channel(h.at, 0)
		s.channel(s.Address(payee1), 1)
		data := s.suite.Channels.PackRedeem(id, s.wei(900), s.signed(id, 900))
		s.behave(h, reenter, s.at, data)
		s.Call(creator, h.at, 0, h.PackAtMost(n(1)))
		return s.takes(h.at, 900, func() ledger.Outcome { return s.do(stranger, 0, data) })
	}),
}

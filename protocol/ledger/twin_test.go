package ledger

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A stage is a chain with one contract to attack: ours, or its broken twin.
type stage struct {
	*desk
	at    common.Address
	again func() common.Address // deploys it once more
}

// An attack is made on a contract and on its twin. It reports whether it did
// harm, and what the decisive transaction said.
type attack struct {
	twin string
	want string // why ours refuses; empty if it does not have to
	make func(s *stage) (harm bool, o outcome)
}

// Every twin falls to an attack, which proves that the attack is one; the
// contract itself refuses it with the error that it should, and takes no harm.
func TestTwinsFallAndContractsStand(t *testing.T) {
	all := slices.Concat(propertyAttacks, channelAttacks, ticketAttacks, otherAttacks)
	suite := contracts.New()
	for _, twin := range contracts.Twins() {
		if !slices.ContainsFunc(all, func(a attack) bool { return a.twin == twin.Name }) {
			t.Errorf("nothing attacks %s: %s", twin.Name, twin.Flaw)
		}
	}
	for _, a := range all {
		t.Run(a.twin, func(t *testing.T) {
			twin := contracts.TwinOf(a.twin)
			s := newStage(t, suite, twin.Of, twin.Code)
			if harm, o := a.make(s); !harm {
				t.Errorf("the twin withstands, so the attack proves nothing: %q", s.reason(&o))
			}
			s = newStage(t, suite, twin.Of, nil)
			if harm, o := a.make(s); harm || s.reason(&o) != a.want {
				t.Errorf("harm %v, %q; want no harm and %q", harm, s.reason(&o), a.want)
			}
		})
	}
}

// newStage deploys a contract by name, with other code if that is not nil.
func newStage(t *testing.T, suite *contracts.Suite, name string, code []byte) *stage {
	d := newDesk(t, testConfig(), 20)
	creatorAt := d.address(creator)
	var own, args []byte
	switch name {
	case "Registry":
		own = suite.Registry.Code
	case "Split":
		own, args = suite.Split.Code, suite.Split.PackConstructor([]common.Address{creatorAt, d.address(payee1), d.address(payee2)}, []uint16{3333, 3333, 3334})
	case "Licences":
		own, args = suite.Licences.Code, suite.Licences.PackConstructor(d.registry)
	case "Channels":
		own = suite.Channels.Code
	case "Tickets":
		own, args = suite.Tickets.Code, suite.Tickets.PackConstructor(big.NewInt(5), 3600)
	case "HashChain":
		own = suite.HashChain.Code
	case "ReservePool":
		own = suite.ReservePool.Code
	case "RollupInbox":
		own, args = suite.RollupInbox.Code, suite.RollupInbox.PackConstructor(creatorAt, creatorAt, 60, 3600)
	case "StorageDeals":
		own = suite.StorageDeals.Code
	case "Vault":
		own, args = suite.Vault.Code, suite.Vault.PackConstructor(d.feeToken(creatorAt).at)
	}
	if code == nil {
		code = own
	}
	s := &stage{desk: d, again: func() common.Address { return d.deployed(code, args) }}
	s.at = s.again()
	return s
}

// do calls the contract.
func (s *stage) do(from payment.Account, value uint64, data []byte) outcome {
	return s.execute(call{from: s.address(from), to: &s.at, value: value, data: data})[0]
}

// ok is do for what has to succeed for the attack to mean anything.
func (s *stage) ok(from payment.Account, value uint64, data []byte) outcome {
	s.t.Helper()
	o := s.do(from, value, data)
	if !o.ok {
		s.t.Fatalf("the attack is not set up: %s", s.reason(&o))
	}
	return o
}

func (s *stage) read(data []byte) []byte { return s.world.read(s.at, data) }

func (s *stage) holds(a common.Address) int64 { return s.world.balance(a).Int64() }

func (s *stage) later(seconds int) { s.next += time.Duration(seconds) * time.Second }

const (
	honest   = firstPayer
	stranger = firstPayer + 1
	victim   = firstPayer + 2
)

var (
	n         = big.NewInt
	nobody    = common.Address{}
	contentID = new(big.Int).SetBytes([]byte{0xc0, 31: 0})
)

// Attacks on who owns what, and on how it is divided.
var propertyAttacks = []attack{
	{"RegistryOneStep", "", func(s *stage) (bool, outcome) {
		r, wrong := s.suite.Registry, common.HexToAddress("0xbad")
		s.ok(creator, 0, r.PackRegister(n(5), s.split, n(0)))
		o := s.do(creator, 0, r.PackOffer(n(5), wrong))
		return must(r.UnpackOwnerOf(s.read(r.PackOwnerOf(n(5))))) == wrong, o
	}},
	{"RegistryOpen", "NotOwner", func(s *stage) (bool, outcome) {
		r, thief := s.suite.Registry, s.address(stranger)
		s.ok(creator, 0, r.PackRegister(n(5), s.split, n(0)))
		o := s.do(stranger, 0, r.PackOffer(n(5), thief))
		s.do(stranger, 0, r.PackAccept(n(5)))
		return must(r.UnpackOwnerOf(s.read(r.PackOwnerOf(n(5))))) == thief, o
	}},
	{"SplitReentrant", "ReentrancyGuardReentrantCall", func(s *stage) (bool, outcome) {
		h := s.hostileShare()
		s.behave(h, reenter, s.at, s.suite.Split.PackWithdraw(h.at))
		s.execute(call{from: s.address(creator), to: &h.at, data: h.PackAtMost(n(1))})
		o := s.do(stranger, 0, s.suite.Split.PackWithdraw(h.at))
		return s.holds(h.at) > 400, o
	}},
	{"SplitPush", "", func(s *stage) (bool, outcome) {
		h := s.hostileShare()
		s.behave(h, refuse, nobody, nil)
		s.ok(creator, 100, nil)
		o := s.do(creator, 0, s.suite.Split.PackSettle())
		return !o.ok, o
	}},
	{"SplitUnbounded", "BadLength", func(s *stage) (bool, outcome) {
		var many []common.Address
		for i := range 20 {
			many = append(many, common.BigToAddress(n(int64(1000+i))))
		}
		o := s.do(creator, 0, s.suite.Split.PackSetShares(many, slices.Repeat([]uint16{500}, 20)))
		return o.ok, o
	}},
	{"SplitUnsummed", "BadSum", func(s *stage) (bool, outcome) {
		o := s.do(creator, 0, s.suite.Split.PackSetShares([]common.Address{s.address(creator)}, []uint16{9999}))
		return o.ok, o
	}},
	{"SplitOpen", "OwnableUnauthorizedAccount", func(s *stage) (bool, outcome) {
		o := s.do(stranger, 0, s.suite.Split.PackSetShares([]common.Address{s.address(stranger)}, []uint16{10_000}))
		return o.ok, o
	}},
	{"SplitDust", "", func(s *stage) (bool, outcome) {
		s.ok(creator, 1001, nil)
		o := s.ok(creator, 0, s.suite.Split.PackSettle())
		sum := new(big.Int)
		for _, p := range []payment.Account{creator, payee1, payee2} {
			sum.Add(sum, must(s.suite.Split.UnpackAccounts(s.read(s.suite.Split.PackAccounts(s.address(p))))).Credit)
		}
		return sum.Int64() < 1001, o
	}},
	{"LicencesCheap", "WrongPrice", func(s *stage) (bool, outcome) {
		l := s.suite.Licences
		s.ok(creator, 0, l.PackSetTerms(contentID, n(1000), 3600))
		o := s.do(stranger, 1, l.PackBuy(contentID, []common.Address{s.address(stranger)}))
		return must(l.UnpackValid(s.read(l.PackValid(contentID, s.address(stranger))))), o
	}},
	{"VaultNominal", "", func(s *stage) (bool, outcome) {
		v, from := s.suite.Vault, s.address(creator)
		f := feeToken{contracts.NewFeeToken(), s.desk, must(s.suite.Vault.UnpackTOKEN(s.read(v.PackTOKEN())))}
		f.approve(from, s.at)
		o := s.ok(creator, 0, v.PackDeposit(n(1000)))
		return must(v.UnpackCredits(s.read(v.PackCredits(from)))).Int64() > f.of(s.at), o
	}},
}

// hostileShare gives a hostile payee 40 % of the split and pays 1000 wei in.
func (s *stage) hostileShare() hostile {
	h := s.hostile()
	s.ok(creator, 0, s.suite.Split.PackSetShares([]common.Address{h.at, s.address(payee2)}, []uint16{4000, 6000}))
	s.ok(creator, 1000, nil)
	s.do(creator, 0, s.suite.Split.PackSettle())
	return h
}

// channel opens a channel of the honest payer to a payee with stranger as
// collector.
func (s *stage) channel(payee common.Address, nonce uint64) [32]byte {
	c := s.suite.Channels
	s.ok(honest, 1000, c.PackOpen(payee, s.address(stranger), nonce, 60))
	return must(c.UnpackChannelId(s.read(c.PackChannelId(s.address(honest), payee, nonce))))
}

// signed is the honest payer's voucher as the contract at s.at wants it.
func (s *stage) signed(id [32]byte, amount int64) []byte {
	c := s.suite.Channels
	sig := s.wallets.sign(honest, must(c.UnpackDigest(s.read(c.PackDigest(id, n(amount))))))
	return sig[:]
}

var channelAttacks = []attack{
	{"ChannelsNoDomain", "BadVoucher", func(s *stage) (bool, outcome) {
		to := s.address(payee1)
		sig := s.signed(s.channel(to, 0), 400)
		s.at = s.again()
		o := s.do(stranger, 0, s.suite.Channels.PackRedeem(s.channel(to, 0), n(400), sig))
		return o.ok, o
	}},
	{"ChannelsNoId", "BadVoucher", func(s *stage) (bool, outcome) {
		to := s.address(payee1)
		sig := s.signed(s.channel(to, 0), 400)
		o := s.do(stranger, 0, s.suite.Channels.PackRedeem(s.channel(to, 1), n(400), sig))
		return o.ok, o
	}},
	{"ChannelsReopen", "ChannelExists", func(s *stage) (bool, outcome) {
		c, to := s.suite.Channels, s.address(payee1)
		id := s.channel(to, 0)
		old := c.PackClose(id, n(400), s.signed(id, 400))
		s.ok(stranger, 0, old)
		before := s.holds(to)
		o := s.do(honest, 1000, c.PackOpen(to, s.address(stranger), 0, 60))
		s.do(stranger, 0, old)
		return s.holds(to) > before, o
	}},
	{"ChannelsNoWindow", "TooEarly", func(s *stage) (bool, outcome) {
		id := s.channel(s.address(payee1), 0)
		s.ok(honest, 0, s.suite.Channels.PackRequestClose(id))
		o := s.do(honest, 0, s.suite.Channels.PackFinalize(id))
		return o.ok, o
	}},
	{"ChannelsExtends", "AlreadyRequested", func(s *stage) (bool, outcome) {
		id := s.channel(s.address(payee1), 0)
		s.ok(honest, 0, s.suite.Channels.PackRequestClose(id))
		o := s.do(honest, 0, s.suite.Channels.PackRequestClose(id))
		return o.ok, o
	}},
	{"ChannelsOpen", "NotCollector", func(s *stage) (bool, outcome) {
		id := s.channel(s.address(payee1), 0)
		o := s.do(honest, 0, s.suite.Channels.PackClose(id, n(1), s.signed(id, 1)))
		return o.ok, o
	}},
	{"ChannelsStubborn", "", func(s *stage) (bool, outcome) {
		h, c := s.hostile(), s.suite.Channels
		s.act(h, s.at, 1000, c.PackOpen(s.address(payee1), s.address(stranger), 0, 1))
		id := must(c.UnpackChannelId(s.read(c.PackChannelId(h.at, s.address(payee1), 0))))
		s.behave(h, refuse, nobody, nil)
		s.act(h, s.at, 0, c.PackRequestClose(id))
		o := s.act(h, s.at, 0, c.PackFinalize(id))
		return !o.ok, o
	}},
	{"ChannelsReentrant", "ReentrancyGuardReentrantCall", func(s *stage) (bool, outcome) {
		h := s.hostile()
		id := s.channel(h.at, 0)
		s.channel(s.address(payee1), 1)
		data := s.suite.Channels.PackRedeem(id, n(900), s.signed(id, 900))
		s.behave(h, reenter, s.at, data)
		s.execute(call{from: s.address(creator), to: &h.at, data: h.PackAtMost(n(1))})
		o := s.do(stranger, 0, data)
		return s.holds(h.at) > 900, o
	}},
}

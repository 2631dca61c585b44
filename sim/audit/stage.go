package audit

import (
	"bytes"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
)

// Who takes part.
const (
	creator payment.Account = iota
	payee1
	payee2
	honest
	stranger
	victim
	accounts
)

var (
	n         = big.NewInt
	nobody    = common.Address{}
	contentID = new(big.Int).SetBytes([]byte{0xc0, 31: 0})
	surely    = new(big.Int).SetBytes(bytes.Repeat([]byte{0xff}, 32))
	half      = new(big.Int).Lsh(big.NewInt(1), 255)
)

// A lab is what all tests share.
type lab struct {
	suite *contracts.Suite
	seed  uint64
	cover map[string]*ledger.Coverage // of our contracts, by name; nil if nobody watches
}

func newLab(seed uint64) *lab { return &lab{suite: contracts.New(), seed: seed} }

// A stage is a chain with one contract to attack: ours, or its broken twin.
type stage struct {
	attack.Machine
	bare  *ledger.Bare // the machine, in an audit
	suite *contracts.Suite
	name  string                // of the contract
	at    common.Address        // of the contract
	split common.Address        // of the creator and the payees, where the contract does not divide itself
	code  []byte                // that creates the contract
	again func() common.Address // deploys the contract once more
	known []common.Address      // all that were deployed
	unit  uint64                // wei that one of an attack's amounts stands for: 1 in the audit
	loot  *big.Int              // wei that a theft has taken, measured by what accounts hold
}

// newStage deploys a contract by name, with other code if that is not nil.
func newStage(l *lab, name string, code []byte) *stage {
	bare := ledger.NewBare(l.suite, l.seed, int(accounts))
	s := newStageOn(bare, l.suite, name, func(own []byte) []byte {
		if code != nil {
			return code
		}
		return own
	})
	s.bare = bare
	if code == nil && l.cover != nil {
		l.cover[name] = bare.Cover(s.at, l.cover[name])
	}
	return s
}

// newStageOn deploys on any machine what version makes of the contract's own
// code.
func newStageOn(m attack.Machine, suite *contracts.Suite, name string, version func(own []byte) []byte) *stage {
	s := &stage{Machine: m, suite: suite, name: name, unit: 1, loot: new(big.Int)}
	s.split = common.HexToAddress("0x5711")
	own, args := s.creation()
	s.code = version(own)
	s.again = func() common.Address { return s.deployed(s.code, args) }
	s.at = s.again()
	return s
}

// abroad is the same stage on a chain of another id.
func (s *stage) abroad() *stage {
	there := newStageOn(s.Machine.Abroad(), s.suite, s.name, func([]byte) []byte { return s.code })
	if there.unit = s.unit; there.at != s.at {
		panic(fmt.Sprintf("audit: %s is at another address abroad, so the chains differ in more than their id", s.name))
	}
	return there
}

// beside is the same stage with another contract of the same code on the same chain.
func (s *stage) beside() *stage {
	other := *s
	other.at = s.again()
	return &other
}

// creation is the contract's own code and what its constructor is told.
func (s *stage) creation() (code, args []byte) {
	creatorAt := s.Address(creator)
	switch s.name {
	case "Registry":
		return s.suite.Registry.Code, nil
	case "Split":
		return s.suite.Split.Code, s.suite.Split.PackConstructor([]common.Address{creatorAt, s.Address(payee1), s.Address(payee2)}, []uint16{3333, 3333, 3334})
	case "Licences":
		return s.suite.Licences.Code, s.suite.Licences.PackConstructor(s.registry())
	case "Channels":
		return s.suite.Channels.Code, nil
	case "Tickets":
		return s.suite.Tickets.Code, s.suite.Tickets.PackConstructor(big.NewInt(5), 3600)
	case "HashChain":
		return s.suite.HashChain.Code, nil
	case "ReservePool":
		return s.suite.ReservePool.Code, nil
	case "RollupInbox":
		return s.suite.RollupInbox.Code, s.suite.RollupInbox.PackConstructor(creatorAt, s.Address(payee1), 60, 3600)
	case "StorageDeals":
		return s.suite.StorageDeals.Code, nil
	case "VirtualChannels":
		return s.suite.VirtualChannels.Code, nil
	case "Vault":
		return s.suite.Vault.Code, s.suite.Vault.PackConstructor(s.feeToken())
	}
	panic(fmt.Sprintf("audit: there is no contract %s", s.name))
}

// registry is one with the creator's asset in it.
func (s *stage) registry() common.Address {
	at := s.deployed(s.suite.Registry.Code, nil)
	s.set(s.Call(creator, at, 0, s.suite.Registry.PackRegister(contentID, s.split, n(500))))
	return at
}

func (s *stage) deployed(code, args []byte) common.Address {
	at := s.set(s.Deploy(creator, code, args)).Created
	s.known = append(s.known, at)
	return at
}

// set is for what has to succeed for an attack to mean anything.
func (s *stage) set(o ledger.Outcome) ledger.Outcome {
	if !o.OK {
		panic(fmt.Sprintf("audit: the stage is not set: %s", o.Reason))
	}
	return o
}

// do calls the contract.
func (s *stage) do(from payment.Account, value uint64, data []byte) ledger.Outcome {
	return s.Call(from, s.at, value*s.unit, data)
}

// wei is an amount in the unit of the attack.
func (s *stage) wei(amount int64) *big.Int {
	return new(big.Int).Mul(n(amount), new(big.Int).SetUint64(s.unit))
}

// ok is do for what has to succeed.
func (s *stage) ok(from payment.Account, value uint64, data []byte) ledger.Outcome {
	return s.set(s.do(from, value, data))
}

func (s *stage) read(data []byte) []byte { return s.Read(s.at, data) }

// holds is what an address holds, in units; of whoever has a purse, beyond it.
func (s *stage) holds(a common.Address) int64 {
	b := s.Balance(a)
	if b.BitLen() > 63 {
		b = new(big.Int).Sub(b, ledger.Purse())
	}
	return b.Int64() / int64(s.unit)
}

func (s *stage) later(seconds int) { s.Wait(time.Duration(seconds) * time.Second) }

// must is what a binding unpacks of what a contract of ours returned.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("audit: an answer that does not fit its interface: %v", err))
	}
	return v
}

// A hostile is the contract of bad manners.
type hostile struct {
	*contracts.Hostile
	at common.Address
}

// Manners of a hostile, as in contracts/test/Hostile.sol.
const (
	refuse  uint8 = 1
	reenter uint8 = 3
)

func (s *stage) hostile() hostile {
	h := contracts.NewHostile()
	return hostile{h, s.deployed(h.Code, nil)}
}

// behave sets what h does when it is paid.
func (s *stage) behave(h hostile, manner uint8, target common.Address, data []byte) {
	s.set(s.Call(creator, h.at, 0, h.PackBehave(manner, target, data)))
}

// act makes h call target with value.
func (s *stage) act(h hostile, target common.Address, value uint64, data []byte) ledger.Outcome {
	return s.Call(creator, h.at, value, h.PackAct(target, data))
}

// feeToken is a token that keeps a part of every transfer, of which the creator
// has plenty.
func (s *stage) feeToken() common.Address {
	f := contracts.NewFeeToken()
	at := s.deployed(f.Code, nil)
	s.set(s.Call(creator, at, 0, f.PackMint(s.Address(creator), n(1_000_000))))
	return at
}

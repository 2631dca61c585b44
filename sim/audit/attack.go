package audit

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// A trial is an attack that is made on a contract and on its twin. It reports
// whether it did harm, and what the decisive transaction said.
type trial struct {
	twin string
	want string // why ours refuses; empty if it does not have to
	cost string // what it costs where it succeeds
	make func(s *stage) (harm bool, o ledger.Outcome)
	loot bool // what it takes is measured, in s.loot, and its amounts are in the unit of the stage
}

// theft is a trial that does harm if it takes something; attack measures that by
// takes or drains.
func theft(twin, want, cost string, attack func(s *stage) ledger.Outcome) trial {
	return trial{twin, want, cost, func(s *stage) (bool, ledger.Outcome) {
		o := attack(s)
		return s.loot.Sign() > 0, o
	}, true}
}

// takes measures what somebody gets by an act beyond its due.
func (s *stage) takes(who common.Address, due int64, act func() ledger.Outcome) ledger.Outcome {
	before := s.Balance(who)
	o := act()
	s.loot.Sub(s.Balance(who), before).Sub(s.loot, s.wei(due))
	return o
}

// drains measures what leaves the contract by an act, beyond what is due to
// leave, and does not reach who has a claim to it.
func (s *stage) drains(due int64, claimant common.Address, act func() ledger.Outcome) ledger.Outcome {
	before, had := s.Balance(s.at), s.Balance(claimant)
	o := act()
	s.loot.Sub(before, s.Balance(s.at)).Sub(s.loot, s.Balance(claimant)).Add(s.loot, had).Sub(s.loot, s.wei(due))
	return o
}

// all are the attacks that there are.
func all() []trial {
	return slices.Concat(replays(), propertyAttacks, channelAttacks, ticketAttacks, virtualAttacks, otherAttacks)
}

// Attack makes the attack that a twin has its name from on the twin and on the
// contract. It panics if there is no such twin or nothing attacks it.
func Attack(suite *contracts.Suite, name string) result.Attack {
	return (&lab{suite: suite, seed: 1}).attack(name)
}

func (l *lab) attack(name string) result.Attack {
	a, twin := trialOf(name), contracts.TwinOf(name)
	r := result.Attack{Contract: twin.Of, Twin: name, Flaw: twin.Flaw, Cost: a.cost, Wanted: a.want}
	broken, ours := newStage(l, twin.Of, twin.Code), newStage(l, twin.Of, nil)
	var o ledger.Outcome
	r.Fell, o = a.make(broken)
	r.Gas = o.Gas
	harm, o := a.make(ours)
	r.Stood, r.Answer, r.Refusal = !harm && o.Reason == a.want, o.Reason, o.Gas
	r.Astray = astray(broken, ours)
	return r
}

// trialOf is the attack that a twin has its name from.
func trialOf(twin string) trial {
	attacks := all()
	i := slices.IndexFunc(attacks, func(a trial) bool { return a.twin == twin })
	if i < 0 {
		panic("audit: nothing attacks " + twin)
	}
	return attacks[i]
}

// astray is how much wei is in other hands on one stage than on another where
// the same was tried.
func astray(a, b *stage) int64 {
	everybody := append(slices.Clone(a.known), a.split)
	for i := range accounts {
		everybody = append(everybody, a.Address(i))
	}
	sum := int64(0)
	for _, at := range everybody {
		sum += max(0, a.holds(at)-b.holds(at))
	}
	return sum
}

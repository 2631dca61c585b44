package audit

import (
	"slices"

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
}

// all are the attacks that there are.
func all() []trial {
	return slices.Concat(propertyAttacks, channelAttacks, ticketAttacks, virtualAttacks, otherAttacks)
}

// Attack makes the attack that a twin has its name from on the twin and on the
// contract. It panics if there is no such twin or nothing attacks it.
func Attack(suite *contracts.Suite, name string) result.Attack {
	a, twin := trialOf(name), contracts.TwinOf(name)
	r := result.Attack{Contract: twin.Of, Twin: name, Flaw: twin.Flaw, Cost: a.cost, Wanted: a.want}
	r.Fell, _ = a.make(newStage(suite, twin.Of, twin.Code))
	harm, o := a.make(newStage(suite, twin.Of, nil))
	r.Stood, r.Answer = !harm && o.Reason == a.want, o.Reason
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

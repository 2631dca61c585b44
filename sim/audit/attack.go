package audit

import (
	"slices"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// An attack is made on a contract and on its twin. It reports whether it did
// harm, and what the decisive transaction said.
type attack struct {
	twin string
	want string // why ours refuses; empty if it does not have to
	cost string // what it costs where it succeeds
	make func(s *stage) (harm bool, o ledger.Outcome)
}

// all are the attacks there are.
func all() []attack {
	return slices.Concat(propertyAttacks, channelAttacks, ticketAttacks, virtualAttacks, otherAttacks)
}

// Attack makes the attack that a twin has its name from on the twin and on the
// contract. It panics if there is no such twin or nothing attacks it.
func Attack(suite *contracts.Suite, name string) result.Attack {
	attacks := all()
	i := slices.IndexFunc(attacks, func(a attack) bool { return a.twin == name })
	if i < 0 {
		panic("audit: nothing attacks " + name)
	}
	a, twin := attacks[i], contracts.TwinOf(name)
	r := result.Attack{Contract: twin.Of, Twin: name, Flaw: twin.Flaw, Cost: a.cost, Wanted: a.want}
	r.Fell, _ = a.make(newStage(suite, twin.Of, twin.Code))
	harm, o := a.make(newStage(suite, twin.Of, nil))
	r.Stood, r.Answer = !harm && o.Reason == a.want, o.Reason
	return r
}

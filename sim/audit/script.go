package audit

import (
	"math/big"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/attack"
)

// Script is the attack that a twin has its name from, for the actors of a run.
// It panics if there is no such twin or nothing attacks it.
func Script(twin string) attack.Script {
	suite, a, of := contracts.New(), trialOf(twin), contracts.TwinOf(twin).Of
	return func(m attack.Machine, code func(name string, own []byte) []byte, one unit.Wei) (bool, *big.Int, string, string) {
		s := newStageOn(m, suite, of, func(own []byte) []byte { return code(of, own) })
		if a.loot {
			s.unit = uint64(one)
		}
		harm, o := a.make(s)
		return harm, s.loot, o.Reason, a.want
	}
}

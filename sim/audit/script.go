package audit

import (
	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/attack"
)

// loot is what attacks take where they succeed, in units, of those whose
// amounts have one. The amounts of the others are a few wei: what counts is
// whether they succeed.
var loot = map[string]int64{"ChannelsNoDomain": 400, "ChannelsNoId": 400, "ChannelsReopen": 400, "ChannelsReentrant": 900, "ChannelsOpen": 999,
	"ChannelsNoWindow": 1000, "TicketsReusable": 100, "TicketsMalleable": 100, "TicketsCompact": 100, "TicketsNoSecret": 100}

// Script is the attack that a twin has its name from, for the actors of a run.
// It panics if there is no such twin or nothing attacks it.
func Script(twin string) attack.Script {
	suite, a, of := contracts.New(), trialOf(twin), contracts.TwinOf(twin).Of
	return func(m attack.Machine, flaw ledger.Contracts, one unit.Wei) (bool, int64, string, string) {
		s := newStageOn(m, suite, of, func(own []byte) []byte { return flaw.Code(of, own) })
		if loot[twin] > 0 {
			s.unit = uint64(one)
		}
		harm, o := a.make(s)
		return harm, loot[twin], o.Reason, a.want
	}
}

package scenarios

import (
	"fmt"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
)

// attacked checks that there is a chain to attack, and that each attack finds
// there what it needs.
func (s *Scenario) attacked() []error {
	var errs []error
	for i, a := range s.Attacks {
		bad := func(key, format string, args ...any) {
			errs = append(errs, unit.Bad(fmt.Sprintf("attacks.%d.%s", i, key), fmt.Sprintf(format, args...)))
		}
		_, twin := a.Kind.Twin()
		switch rollup := s.Ledger.Rollup.On || s.Payment.Needs().Chain == payment.OnL2; {
		case s.Payment.Needs().Chain == payment.Nowhere:
			bad("kind", "there is no contract to attack: payment.method %s has no chain", s.Payment.Method)
		case twin && (s.Ledger.Reorgs.Rate > 0 || s.Ledger.Rollup.Lies > 0):
			bad("kind", "an attack of the audit wants blocks that stay: write 0%% for ledger.reorgs.rate and ledger.rollup.lies")
		case twin && a.Value > ether:
			bad("value", "%v is above %v, which is the most of such an attack", a.Value, ether)
		case a.Kind == attack.Censorship && !rollup:
			bad("kind", "only the sequencer of a rollup can leave somebody out: write ledger.rollup.on: true")
		case rollup && a.Stuffing > 0:
			bad("stuffing", "a rollup's blocks are its sequencer's: attack the first layer, ledger.rollup.on: false")
		case a.Stuffing > 0 && s.Ledger.Fork == ledger.Amsterdam:
			bad("stuffing", "what bytes cost on amsterdam is not modelled here: write ledger.fork: osaka or prague")
		case a.Stuffing > 0 && a.Stuffing < s.Ledger.BaseFee:
			bad("stuffing", "%v is below ledger.base_fee (%v), so that nothing of it gets into a block", a.Stuffing, s.Ledger.BaseFee)
		}
	}
	return errs
}

// ether is 1 ETH.
const ether = unit.Wei(1_000_000_000_000_000_000)

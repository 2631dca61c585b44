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
	errs := s.dealt()
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

// dealt checks that storage deals have a chain, providers that keep what they
// are about, and blocks that stay.
func (s *Scenario) dealt() (errs []error) {
	d := s.Storage.Deals
	if !d.On() {
		return nil
	}
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad("storage.deals."+key, fmt.Sprintf(format, args...)))
	}
	switch {
	case s.Payment.Needs().Chain == payment.Nowhere:
		bad("bond", "there is no contract for it: payment.method %s has no chain", s.Payment.Method)
	case s.Publisher.To != ToProviders:
		bad("bond", "publisher.to is %s: only providers keep shards", s.Publisher.To)
	case s.Ledger.Reorgs.Rate > 0 || s.Ledger.Rollup.Lies > 0:
		bad("bond", "deals want blocks that stay: write 0%% for ledger.reorgs.rate and ledger.rollup.lies")
	}
	if kept, need := 64*s.Video.Segment, d.Period+d.Window+5*s.Ledger.BlockTime; need > kept {
		bad("period", "%v, a window of %v and five blocks are longer than a provider keeps a shard: 64 segments, %v", d.Period, d.Window, kept)
	}
	return errs
}

// ether is 1 ETH.
const ether = unit.Wei(1_000_000_000_000_000_000)

package audit

import (
	"testing"

	"kinetoscope/protocol/ledger/contracts"
)

// Every twin falls to an attack, which proves that the attack is one; the
// contract itself refuses it with the error that it should, and takes no harm.
func TestTwinsFallAndContractsStand(t *testing.T) {
	suite := contracts.New()
	for _, twin := range contracts.Twins() {
		t.Run(twin.Name, func(t *testing.T) {
			a := Attack(suite, twin.Name)
			if !a.Fell {
				t.Error("the twin withstands, so the attack proves nothing")
			}
			if !a.Stood {
				t.Errorf("the contract says %q, want no harm and %q", a.Answer, a.Wanted)
			}
		})
	}
	if got, want := len(all()), len(contracts.Twins()); got != want {
		t.Errorf("%d attacks on %d twins", got, want)
	}
}

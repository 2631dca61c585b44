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

// Everybody gets the declared answer in every state.
func TestPermissions(t *testing.T) {
	for _, f := range permissions(contracts.New()).Findings {
		if !f.Passed {
			t.Errorf("%s: %v of %v", f.What, f.Got, f.Want)
		}
	}
}

// The rules name every function that can change something, and receive.
func TestEveryFunctionHasRules(t *testing.T) {
	suite := contracts.New()
	for _, p := range permits() {
		calls := p.calls(newStage(suite, p.contract, nil))
		abi := suite.ABI(p.contract)
		for name, m := range abi.Methods {
			if _, asked := calls[name]; !asked && !m.IsConstant() {
				t.Errorf("%s: nobody calls %s", p.contract, name)
			}
		}
	}
}

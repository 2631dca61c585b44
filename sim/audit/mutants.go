package audit

import (
	"fmt"
	"slices"
	"strings"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// hunted is how many random calls a mutant has to survive.
const hunted = 3000

// hunt looks for the flaw of a twin with what knows only how its contract
// should be: the rules and the model.
func hunt(suite *contracts.Suite, twin contracts.Twin) result.Mutant {
	m, by := result.Mutant{Twin: twin.Name}, []string{}
	i := slices.IndexFunc(permits(), func(p permit) bool { return p.contract == twin.Of })
	if _, wrong := permits()[i].try(suite, twin.Code); len(wrong) > 0 {
		d := wrong[0]
		by = append(by, fmt.Sprintf("%d of the rules (%s, %s by %s)", len(wrong), d.state, d.function, d.role))
	}
	if made, wrong := stroll(suite, twin.Of, twin.Code, 1, hunted); wrong != "" {
		by = append(by, fmt.Sprintf("the model, at random call %d", made))
	}
	if m.By = strings.Join(by, "; "); m.By == "" {
		m.Why = fmt.Sprintf("it keeps all rules, and %d random calls", hunted)
	}
	return m
}

// mutants are all twins, and the share of them that is found.
func mutants(suite *contracts.Suite) (all []result.Mutant, part result.Part) {
	found := 0
	for _, twin := range contracts.Twins() {
		m := hunt(suite, twin)
		if all = append(all, m); m.By != "" {
			found++
		}
	}
	share := 100 * float64(found) / float64(len(all))
	return all, result.Part{ID: "mutants", Title: "Mutants found", Source: "what is usual where software is tested by mutation",
		Findings: []result.Finding{{What: "of the twins, by rules and models that know no flaw", Want: 95, Got: share, Unit: "%", Rule: "at least", Passed: share >= 95}}}
}

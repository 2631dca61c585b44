package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// hunted is how many random calls a mutant has to survive.
const hunted = 3000

// hunt looks for what is wrong with a contract's code with what knows only how
// the contract should be: the model, the constants and the rules. It names the
// first of them that finds something; all asks on.
func hunt(l *lab, name string, code []byte, all bool) string {
	var by []string
	for _, tool := range []func() string{
		func() string {
			made, wrong := stroll(l, name, code, hunted)
			if wrong == "" {
				return ""
			}
			return fmt.Sprintf("the model, at random call %d", made)
		},
		func() string { return unkept(newStage(l, name, code)) },
		func() string {
			most := 1
			if all {
				most = math.MaxInt
			}
			_, wrong := permitOf(name).try(l, code, most)
			if len(wrong) == 0 {
				return ""
			}
			d, count := wrong[0], "the rules"
			if all {
				count = fmt.Sprintf("%d of the rules", len(wrong))
			}
			return fmt.Sprintf("%s (%s, %s by %s)", count, d.state, d.function, d.role)
		},
	} {
		if found := caught(tool); found != "" {
			if by = append(by, found); !all {
				break
			}
		}
	}
	return strings.Join(by, "; ")
}

// caught is what a tool finds. A mutant may say what fits no interface, or
// refuse to be deployed or read, on which the tools give up.
func caught(tool func() string) (found string) {
	defer func() {
		if p := recover(); p != nil {
			found = fmt.Sprint(p)
		}
	}()
	return tool()
}

// permitOf are the rules of a contract.
func permitOf(name string) *permit {
	all := permits()
	return &all[slices.IndexFunc(all, func(p permit) bool { return p.contract == name })]
}

// flawed are all twins, as mutants.
func flawed(l *lab) (all []result.Mutant) {
	for _, twin := range contracts.Twins() {
		m := result.Mutant{Contract: twin.Of, What: twin.Name, By: hunt(l, twin.Of, twin.Code, true)}
		if m.By == "" {
			m.Why = fmt.Sprintf("it keeps all rules, and %d random calls", hunted)
		}
		all = append(all, m)
	}
	return all
}

// mutated hunts one in so many of the mutants that rules make of a contract,
// and all that are said to be no different.
func mutated(l *lab, set contracts.Mutants, every int) result.Mutations {
	r := result.Mutations{Contract: set.Of, Made: len(set.All), Same: set.Same, Twice: set.Twice}
	for i, m := range set.All {
		why, equal := equivalent[set.Of+": "+m.What]
		if i%every != 0 && !equal {
			continue
		}
		r.Hunted++
		by := hunt(l, set.Of, m.Code, false)
		if equal && by != "" {
			panic(fmt.Sprintf("audit: %s: %s is said to be no different, and found by %s", set.Of, m.What, by))
		}
		left := result.Mutant{Contract: fmt.Sprintf("%s.sol:%d", set.Of, m.Line), What: m.What, Why: why}
		switch {
		case equal:
			r.Equal = append(r.Equal, left)
		case by == "":
			r.Lived = append(r.Lived, left)
		case strings.HasPrefix(by, "the rules"):
			r.ByRules++
		default:
			r.ByModel++
		}
	}
	return r
}

// findings says how many of all were found.
func findings(twins []result.Mutant, sets []result.Mutations) result.Part {
	part := result.Part{ID: "mutants", Title: "Mutants found", Source: "what is usual where software is tested by mutation; models and rules know of no flaw"}
	add := func(what string, found, of int) {
		share := 100 * float64(found) / float64(of)
		part.Findings = append(part.Findings, result.Finding{What: fmt.Sprintf("%s: %d of %d", what, found, of), Want: 95, Got: share, Unit: "%", Rule: "at least", Passed: share >= 95})
	}
	found := 0
	for _, m := range twins {
		if m.By != "" {
			found++
		}
	}
	add("twins, with a flaw by hand", found, len(twins))
	found, hunted := 0, 0
	for _, s := range sets {
		found += s.ByModel + s.ByRules
		hunted += s.Hunted - len(s.Equal)
	}
	add("mutants, with a change by rule", found, hunted)
	return part
}

package audit

import (
	"context"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// A Scale says how much is tried.
type Scale struct {
	Operations int // random ones, shared among the contracts that have a model
}

// Full is the whole audit, in half a minute.
func Full() Scale { return Scale{Operations: 100_000} }

// Short is a few seconds: everything, with fewer random operations.
func Short() Scale { return Scale{Operations: 3000} }

// Run makes all attacks and tests of that scale; tell hears what is at work.
// Its error is that it was interrupted, not that a contract fell.
func Run(ctx context.Context, s Scale, tell func(string)) (*result.Audit, error) {
	suite, a := contracts.New(), &result.Audit{}
	tell("attacks")
	for _, twin := range contracts.Twins() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a.Attacks = append(a.Attacks, Attack(suite, twin.Name))
	}
	tell("permissions")
	a.Parts = append(a.Parts, permissions(suite))
	tell("mutants")
	found, part := mutants(suite)
	a.Mutants, a.Parts = found, append(a.Parts, part)
	walks := result.Part{ID: "operations", Title: "Random operations beside a model, settled to the wei",
		Source: "a model of each contract in plain Go, compared after every call: the answer, and what everybody holds"}
	for _, name := range contracts.Names() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell("random operations on " + name)
		walks.Findings = append(walks.Findings, beside(suite, name, s.Operations/len(contracts.Names())))
	}
	a.Parts = append(a.Parts, walks)
	return a, ctx.Err()
}

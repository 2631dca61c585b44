package audit

import (
	"context"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// A Scale says how much is tried.
type Scale struct {
	Operations int // random ones, shared among the contracts
	Mutants    int // one of so many is looked for
	Seed       uint64
}

// Full is the whole audit, in about a minute.
func Full() Scale { return Scale{Operations: 100_000, Mutants: 1, Seed: 1} }

// Short is a few seconds: everything, with fewer random operations and mutants.
func Short() Scale { return Scale{Operations: 3000, Mutants: 30, Seed: 1} }

// Run makes all attacks and tests of that scale; tell hears what is at work.
// Its error is that it was interrupted, not that a contract fell.
func Run(ctx context.Context, s Scale, tell func(string)) (*result.Audit, error) {
	l, a := newLab(s.Seed), &result.Audit{Seed: s.Seed, Operations: s.Operations}
	l.cover = map[string]*ledger.Coverage{}
	tell("attacks")
	for _, twin := range contracts.Twins() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a.Attacks = append(a.Attacks, l.attack(twin.Name))
	}
	tell("permissions")
	a.Parts = append(a.Parts, permissions(l))
	tell("malformed calls")
	a.Parts = append(a.Parts, malformed(l))
	tell("twins as mutants")
	a.Twins = flawed(l)
	for _, set := range contracts.MutantsOfAll() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell("mutants of " + set.Of)
		a.Mutants = append(a.Mutants, mutated(l, set, s.Mutants))
	}
	a.Parts = append(a.Parts, findings(a.Twins, a.Mutants))
	walks := result.Part{ID: "operations", Title: "Random operations beside a model, settled to the wei",
		Source: "a model of each contract in plain Go, compared after every call: the answer, and what everybody holds"}
	for _, name := range contracts.Names() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell("random operations on " + name)
		walks.Findings = append(walks.Findings, beside(l, name, s.Operations/len(contracts.Names())))
	}
	a.Parts = append(a.Parts, walks)
	a.Coverage = covered(l)
	return a, ctx.Err()
}

package audit

import (
	"context"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// A Scale says how much is tried.
type Scale struct {
	operations int // random ones
}

// Full is the whole audit, in a minute or two.
func Full() Scale { return Scale{operations: 100_000} }

// Short is a few seconds: everything, with fewer random operations.
func Short() Scale { return Scale{operations: 3000} }

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
	return a, ctx.Err()
}

package attack

import (
	"math/big"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// A Tally is what came of the attacks of a run. Amounts are in wei.
type Tally struct {
	Tried     int      // attacks made
	Succeeded int      // of them, those that took something or kept somebody from its own
	Refused   int      // times that a contract said what it should to an attacker
	Stolen    *big.Int // what attackers got that was not theirs: money, or service that was not paid for
	Cost      *big.Int // gas that attackers paid, and what they forfeited
	Locked    *big.Int // the most that attackers had locked, together
	Loss      *big.Int // what the honest lost, gas for their defence and fees for watchtowers included
	Served    *big.Int // what the honest had a claim to
	Frozen    time.Duration
	Answers   []time.Duration // from a stale closing asked for to the answer in a block
	Registers []time.Duration // from a registration sent to its receipt
	Reads     int             // questions who owns a title
	Wrong     int             // answers that the model of ownership does not give
	Copies    int             // titles of altered copies, which no registry can tell from new works
}

func newTally() Tally {
	return Tally{Stolen: new(big.Int), Cost: new(big.Int), Locked: new(big.Int), Loss: new(big.Int), Served: new(big.Int)}
}

// Profit is what attackers have more than before: negative where the attack
// cost more than it took.
func (t *Tally) Profit() *big.Int { return new(big.Int).Sub(t.Stolen, t.Cost) }

// Quantile is a quantile of times by nearest rank; 0 if there are none.
func Quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, max(0, int(float64(float64(len(sorted))*q)+0.999999)-1))]
}

// took counts one attack that is over, and what it took.
func (t *Tally) took(amount *big.Int) {
	if amount.Sign() > 0 {
		t.Succeeded++
		t.Stolen.Add(t.Stolen, amount)
	}
}

func wei(n unit.Wei) *big.Int { return new(big.Int).SetUint64(uint64(n)) }

// times is n × x, rounded down.
func times(n unit.Wei, x float64) unit.Wei {
	f := new(big.Float).Mul(new(big.Float).SetUint64(uint64(n)), big.NewFloat(x))
	out, _ := f.Uint64()
	return unit.Wei(out)
}

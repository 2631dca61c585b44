package sim

import (
	"math"
	"math/big"
	"testing"
	"time"

	"kinetoscope/protocol/ledger"
	"kinetoscope/sim/result"
)

// The parts of the bill make the whole, and a price that doubles doubles its
// part and no other.
func TestBillIsTheSumOfItsParts(t *testing.T) {
	parts := []result.MetricID{result.GasCost, result.EgressCost, result.StorageCost, result.ComputeCost, result.CapitalCost, result.CardCost}
	of := func(sets ...string) []float64 { return run(t, load(t, small, sets...), 1).Values }
	base := of()
	var sum float64
	for _, id := range parts {
		if base[id] <= 0 {
			t.Errorf("%s is %v", result.Metrics[id].Name, base[id])
		}
		sum += base[id]
	}
	if got := base[result.CostPerViewerHour]; math.Abs(got-sum) > 1e-12*sum {
		t.Errorf("the parts make %v, the whole is %v", sum, got)
	}
	for set, id := range map[string]result.MetricID{"prices.storage.price=$0.003/GB-month": result.StorageCost, "prices.capital.price=10%/year": result.CapitalCost} {
		v := of(set)
		for _, p := range parts {
			want := base[p]
			if p == id {
				want *= 2
			}
			if math.Abs(v[p]-want) > 1e-9*want {
				t.Errorf("%s: %s is %v, want %v", set, result.Metrics[p].Name, v[p], want)
			}
		}
	}
}

// What shards cost goes with the expansion that was measured; what edges keep
// comes on top, and viewers watch a little more or less.
func TestStorageFollowsExpansion(t *testing.T) {
	of := func(k string) (expansion, cost float64) {
		v := run(t, load(t, small, "faults=[]", "storage={scheme: reed-solomon, n: 8, k: "+k+"}"), 1).Values
		return v[result.Expansion], v[result.StorageCost]
	}
	e1, c1 := of("8")
	e2, c2 := of("4")
	e4, c4 := of("2")
	if a, b := (c2-c1)/(e2-e1), (c4-c2)/(e4-e2); a <= 0 || a < 0.6*b || a > 1.6*b {
		t.Errorf("one more copy costs %v from %v to %v times, %v from there to %v", a, e1, e2, b, e4)
	}
}

// Money that is locked counts by when it was, to the wei and millisecond.
func TestLockup(t *testing.T) {
	var l Lockup
	wei := func(n int64) *big.Int { return big.NewInt(n * 1e18) }
	l.Note(time.Hour, wei(2), wei(0))
	l.Note(2*time.Hour, wei(5), wei(1))
	l.Note(3*time.Hour, wei(5), wei(5))
	on := ledger.Config{ETHPrice: 10_000_000_000} // $10
	if got := l.DollarHours(9*time.Hour, &on); got != 60 {
		t.Errorf("%v dollar-hours, want 2 ether for an hour and 4 for another, at $10", got)
	}
	if l.Peak.Cmp(wei(4)) != 0 {
		t.Errorf("at most %v wei", &l.Peak)
	}
}

package sim

import (
	"math"
	"math/rand/v2"
	"testing"

	"kinetoscope/sim/result"
)

// One edge has all of what edges earn; of twelve the ten largest have most, and the index
// lies between equal shares and one.
func TestEdgesShares(t *testing.T) {
	one := run(t, load(t, small, "edges={count: 1, sites: 1, up: 100Mbit/s}", "faults=[]"), 1)
	if hhi, top := one.Values[result.EdgeHHI], one.Values[result.EdgeTopTen]; hhi != 1 || top != 1 {
		t.Errorf("one edge has %v, index %v", top, hhi)
	}
	many := run(t, load(t, small, "edges={count: 12, sites: 3}", "faults=[]"), 1)
	if hhi, top := many.Values[result.EdgeHHI], many.Values[result.EdgeTopTen]; !(hhi > 1.0/12 && hhi < 0.5 && top > 10.0/12 && top <= 1) {
		t.Errorf("of twelve edges ten have %v, index %v", top, hhi)
	}
}

// The Gini coefficient is half of the mean difference between two of a list,
// relative to the mean: the definition is a twin.
func TestGini(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		list := make([]float64, 1+draw.IntN(20))
		for i := range list {
			list[i] = float64(draw.IntN(9)) + 1
		}
		var apart float64
		for _, a := range list {
			for _, b := range list {
				apart += math.Abs(a - b)
			}
		}
		n := float64(len(list))
		if want, got := apart/(2*n*n*average(list)), gini(list); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v: %v, want %v", list, got, want)
		}
	}
}

// Placement by domains keeps a token's shards apart; at random they crowd.
func TestDomainsKeepShardsApart(t *testing.T) {
	of := func(placement string) []float64 {
		return run(t, load(t, small, "storage={k: 4, n: 6, placement: "+placement+"}"), 1).Values
	}
	random, apart := of("random"), of("domains")
	if apart[result.CrowdedTokens] != 0 || apart[result.SitesPerToken] != 6 || random[result.SitesPerToken] >= 6 {
		t.Errorf("domains: %v crowded, %v sites; random: %v, %v", apart[result.CrowdedTokens], apart[result.SitesPerToken],
			random[result.CrowdedTokens], random[result.SitesPerToken])
	}
}

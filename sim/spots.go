package sim

import (
	"math"
	"math/rand/v2"

	"kinetoscope/netem"
	"kinetoscope/protocol/storage"
	"kinetoscope/scenarios"
)

// Spots is where the providers stand, in order.
func Spots(f scenarios.Fleet, seed uint64) (spots []storage.Spot, err error) {
	for i := range f.Count {
		r, err := netem.Region(f.RegionOf(i))
		if err != nil {
			return nil, err
		}
		spots = append(spots, storage.Spot{Node: uint32(firstProvider) + uint32(i), Operator: uint32(f.Domain(scenarios.Operator, i)), Domain: uint32(f.Domain(scenarios.Site, i)),
			Rack: uint32(f.Domain(scenarios.Rack, i)), Region: int(r), Weight: weight(f.Unequal, stream(seed, "capacity", uint64(i)))})
	}
	return spots, nil
}

// weight draws the capacity of a machine in thousandths of the mean; 0 if all are alike.
func weight(exponent float64, r *rand.Rand) uint32 {
	if exponent == 0 {
		return 0
	}
	return uint32(1000 * capacity(exponent, r.Float64()))
}

// capacity is the quantile of u of a Pareto law with a mean of 1, before it is cut off.
func capacity(exponent, u float64) float64 {
	return min(scenarios.MaxUnequal, (exponent-1)/exponent*math.Pow(1-u, -1/exponent))
}

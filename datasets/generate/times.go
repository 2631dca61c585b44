package generate

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/law"
)

// Law is the law of a model of times. Of a fitted one, its numbers are the quantiles
// at TailShares in seconds; of a transcribed one, the scale in seconds
// and the shape, of a Weibull or, with a third number, of a lognormal.
func (m *Model) Law() law.Config {
	if !m.Transcribed {
		c := law.Config{Law: law.Table}
		for i, p := range TailShares {
			c.Quantiles = append(c.Quantiles, law.Quantile{Share: unit.Ratio(p), Time: time.Duration(m.numbers[i] * 1e9)})
		}
		return c
	}
	c := law.Config{Law: law.Weibull, Scale: time.Duration(m.numbers[0] * 1e9), Shape: m.numbers[1]}
	if len(m.numbers) > 2 {
		c.Law = law.Lognormal
	}
	return c
}

// Times are n draws of the law, smallest first.
func (m *Model) Times(seed uint64, n int) []time.Duration {
	r, l := source(m.Name, seed), m.Law()
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = max(l.Draw(r.Float64()), time.Millisecond)
	}
	slices.Sort(out)
	return out
}

// Arrivals are n times within a day, as nanoseconds since midnight, in order.
// The numbers of the model are the weights of equal parts of the day.
func (m *Model) Arrivals(seed uint64, n int) []int64 {
	r := source(m.Name, seed)
	out := make([]int64, n)
	part := 24 * time.Hour / time.Duration(len(m.numbers))
	for i := range out {
		k := draw(r, m.numbers)
		out[i] = int64(k)*int64(part) + int64(r.Float64()*float64(part))
	}
	slices.Sort(out)
	return out
}

// Fees are n base fees in wei, a step a day. What moves them is a slow and a fast
// part, each of which goes back to its mean by itself and is pushed off by chance
// (AR(1)); how high they are is the quantile of the real fees at that place. The
// numbers of the model are the share of the variance that is slow, and of the slow
// and the fast part the correlation of two days; then the quantiles at TailShares.
func (m *Model) Fees(seed uint64, n int) []*big.Int {
	r := source(m.Name, seed)
	share, slow, fast, quantiles := m.numbers[0], m.numbers[1], m.numbers[2], m.numbers[3:]
	x, y := r.NormFloat64(), r.NormFloat64()
	out := make([]*big.Int, n)
	for i := range out {
		if i > 0 {
			x, y = pushed(r, x, slow), pushed(r, y, fast)
		}
		z := float64(math.Sqrt(share)*x) + float64(math.Sqrt(1-share)*y)
		out[i] = big.NewInt(int64(math.Round(between(quantiles, math.Erfc(-z/math.Sqrt2)/2))))
	}
	return out
}

// TailShares are those of the quantiles of times and fees, which have long tails.
var TailShares = []float64{0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1}

// between is the quantile at p, log-linear between those of TailShares.
func between(quantiles []float64, p float64) float64 {
	i, _ := slices.BinarySearch(TailShares, p)
	i = min(max(i, 1), len(quantiles)-1)
	lo, hi := quantiles[i-1], quantiles[i]
	return lo * math.Pow(hi/lo, (p-TailShares[i-1])/(TailShares[i]-TailShares[i-1]))
}

// pushed is the next value of an AR(1) of variance one.
func pushed(r *rand.Rand, x, phi float64) float64 {
	return float64(phi*x) + float64(math.Sqrt(1-float64(phi*phi))*r.NormFloat64())
}

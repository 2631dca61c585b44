package generate

import (
	"math"
	"math/big"
	"slices"
	"time"

	"kinetoscope/sim/law"
)

// Law is the law of a model of times: its two numbers are the scale in seconds
// and the shape, of a Weibull or, with a third number, of a lognormal.
func (m *Model) Law() law.Config {
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

// Fees are n base fees in wei, a step a day: the logarithm goes back to its mean
// by itself and is pushed off by chance (AR(1)). The numbers of the model are the
// mean and the standard deviation of the logarithm, and the correlation of two
// days.
func (m *Model) Fees(seed uint64, n int) []*big.Int {
	r := source(m.Name, seed)
	mean, sd, phi := m.numbers[0], m.numbers[1], m.numbers[2]
	x := r.NormFloat64()
	out := make([]*big.Int, n)
	for i := range out {
		if i > 0 {
			x = float64(phi*x) + float64(math.Sqrt(1-float64(phi*phi))*r.NormFloat64())
		}
		out[i] = big.NewInt(int64(math.Round(math.Exp(mean + float64(sd*x)))))
	}
	return out
}

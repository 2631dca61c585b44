package netem

import (
	"math"
	"time"

	"kinetoscope/internal/portable"
)

// A JitterShape names how random delays above the floor are distributed
// around their mean.
type JitterShape string

// Shapes of jitter, by how heavy their tails are.
const (
	Exponential JitterShape = "exponential" // 1 % of the delays are above 4.6 means
	LogNormal   JitterShape = "lognormal"   // above 6.2 means; the logarithm has the deviation 1
	Pareto      JitterShape = "pareto"      // above 7.3 means; Lomax with the exponent 3
)

// Names lists the shapes.
func (JitterShape) Names() []string {
	return []string{string(Exponential), string(LogNormal), string(Pareto)}
}

// delay is the quantile at 1-u of the shape with mean 1: the smaller u, the
// longer the delay.
func (s JitterShape) delay(u float64) float64 {
	switch s {
	case LogNormal:
		return portable.Exp(-normal(u) - 0.5)
	case Pareto:
		return float64(2 * (portable.Exp(-portable.Ln(u)/3) - 1))
	}
	return exponential(u)
}

// Deviation is the standard deviation of the shape with mean 1.
func (s JitterShape) Deviation() float64 {
	switch s {
	case LogNormal:
		return math.Sqrt(math.E - 1)
	case Pareto:
		return math.Sqrt(3) // sqrt(a/(a-2)) times the mean
	}
	return 1
}

// Jitter is what the way from one node to another adds to OneWay for the draw
// u from (0, 1): the quantile at 1-u of the distribution of jitter.
func (t *Topology) Jitter(from, to int32, u float64) time.Duration {
	return t.cfg.delay(t.path(from, to).jitter, u)
}

// delay is a delay above the floor with that mean in ns.
func (c *Config) delay(mean, u float64) time.Duration {
	if mean == 0 {
		return 0
	}
	return time.Duration(float64(mean * c.JitterShape.delay(u)))
}

// normal is the quantile of the standard normal distribution at p: algorithm
// AS 241, PPND7 (Wichura, "The percentage points of the normal distribution",
// 1988), correct to 1e-7.
func normal(p float64) float64 {
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q * poly(r, 3.3871327179, 50.434271938, 159.29113202, 59.109374720) /
			poly(r, 1, 17.895169469, 78.757757664, 67.187563600))
	}
	r := math.Sqrt(-portable.Ln(min(p, 1-p)))
	var z float64
	if r <= 5 {
		r -= 1.6
		z = poly(r, 1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103) / poly(r, 1, 0.73700164250, 0.12021132975)
	} else {
		r -= 5
		z = poly(r, 6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997) / poly(r, 1, 0.24197894225, 0.012258202635)
	}
	return math.Copysign(z, q)
}

// poly is a polynomial in x, the constant first.
func poly(x float64, c ...float64) float64 {
	sum := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		sum = float64(sum*x) + c[i]
	}
	return sum
}

// euler is the Euler-Mascheroni constant, the mean of Gumbel's distribution.
const euler = 0.5772156649015329

// inOrder is the mean delay by jitter of so many packets that leave so far apart
// and do not overtake each other: each waits for the longest of those before it.
// For exponential jitter and no end of packets, P(delay <= x) = product over k of
// 1-exp(-(x+k*apart)/mean), which is Gumbel's distribution but for small x. Of m
// packets that leave at once the k-th waits for the longest of k, which is the
// harmonic number H(k), on average (1+1/m) H(m) - 1. The less of both is meant;
// other shapes are taken as that.
func inOrder(mean, apart, packets float64) float64 {
	if mean == 0 {
		return 0
	}
	x, m := apart/mean, max(1, packets)
	if x > 1.1 { // ever < 0.99
		return mean
	}
	ever, once := infinite, infinite
	if m < 3 || x*m > 1 { // else once < ever: 1-exp(-x) <= x
		ever = euler - portable.Ln(1-portable.Exp(-x))
	}
	if float64(m*x) < float64(math.E*(1+x)) { // else ever < once: 1-exp(-x) >= x/(1+x)
		once = float64((1+1/m)*(euler+portable.Ln(m)+0.5/m)) - 1
	}
	return max(mean, float64(mean*min(ever, once)))
}

package law

import (
	"math"
	"slices"
)

// A table is a distribution by its quantiles, log-linear between them.
type table []point

type point struct{ p, x float64 }

func (c *Config) points() (t table) {
	for _, q := range c.Quantiles {
		t = append(t, point{float64(q.Share), q.Time.Seconds()})
	}
	return t
}

// Quantile is the time that a share p stays at or below, in seconds.
func (t table) Quantile(p float64) float64 {
	i := slices.IndexFunc(t[1:], func(q point) bool { return p < q.p })
	if i < 0 {
		return t[len(t)-1].x
	}
	a, b := t[i], t[i+1]
	return a.x * math.Exp((p-a.p)/(b.p-a.p)*math.Log(b.x/a.x))
}

// CDF is the share of times up to x seconds.
func (t table) CDF(x float64) float64 {
	if x < t[0].x {
		return 0
	}
	i := slices.IndexFunc(t[1:], func(q point) bool { return x < q.x })
	if i < 0 {
		return 1
	}
	a, b := t[i], t[i+1]
	return a.p + float64(math.Log(x/a.x)/math.Log(b.x/a.x)*(b.p-a.p))
}

// Mean is the integral of Quantile: between two points, of an exponential.
func (t table) Mean() float64 { return t.raw(1) }

// Variance is the integral of its square less the square of the mean.
func (t table) Variance() float64 {
	m := t.raw(1)
	return t.raw(2) - float64(m*m)
}

// raw is the n-th moment about zero.
func (t table) raw(n float64) (sum float64) {
	for i := range t[1:] {
		a, b := math.Pow(t[i].x, n), math.Pow(t[i+1].x, n)
		sum += float64((t[i+1].p - t[i].p) * (b - a) / math.Log(b/a))
	}
	return sum
}

// A constant is a time that is always the same.
type constant float64

// Quantile is the time.
func (c constant) Quantile(float64) float64 { return float64(c) }

// CDF is a step.
func (c constant) CDF(x float64) float64 {
	if x < float64(c) {
		return 0
	}
	return 1
}

// Mean is the time.
func (c constant) Mean() float64 { return float64(c) }

// Variance is nothing.
func (c constant) Variance() float64 { return 0 }

package storage

import (
	"math"

	"kinetoscope/internal/unit"
)

// Loss is the probability that a token cannot be got back when each of its
// shards is gone with probability gone, independently of the others: that of
// fewer than k survivors among n,
//
//	sum over i < k of C(n, i) (1-gone)^i gone^(n-i).
//
// It is for shards that fail one by one; those of one failure domain fail
// together, which placement is there to avoid.
func (c Config) Loss(gone unit.Ratio) float64 {
	k, n := c.Needed(), c.Shards()
	loss, ways := 0.0, 1.0 // ways is C(n, i), below 2^256
	for i := range k {
		loss += ways * math.Pow(1-float64(gone), float64(i)) * math.Pow(float64(gone), float64(n-i))
		ways *= float64(n-i) / float64(i+1)
	}
	return min(loss, 1)
}

// LossAmong is the same when exactly dark of so many providers are gone and
// the token's n are chosen among them at random: the hypergeometric law. Its
// mean over a binomial number of dark ones is Loss.
func (c Config) LossAmong(dark, providers int) float64 {
	k, n := c.Needed(), c.Shards()
	loss := 0.0
	for i := range k {
		loss += math.Exp(choices(providers-dark, i) + choices(dark, n-i) - choices(providers, n))
	}
	return min(loss, 1)
}

// Surprise is how probable it is, when each of so many providers is gone with
// probability gone, to lose a number of tokens that is at most as probable as
// lost: the two-sided exact test. The law is the binomial one of Loss with its
// correlation: tokens share providers, so that given the number of dark ones
// the losses are binomial, and that number is binomial too. Placement is
// Random.
func (c Config) Surprise(gone unit.Ratio, providers, tokens, lost int) float64 {
	law := make([]float64, tokens+1)
	for dark := range providers + 1 {
		weight := binomial(providers, dark, float64(gone))
		if weight == 0 {
			continue
		}
		p := c.LossAmong(dark, providers)
		for x := range law {
			law[x] += float64(weight * binomial(tokens, x, p))
		}
	}
	sum := 0.0
	for _, p := range law {
		if p <= law[lost]*(1+1e-9) { // equal but for rounding counts
			sum += p
		}
	}
	return min(sum, 1)
}

// binomial is the probability of x successes in n trials.
func binomial(n, x int, p float64) float64 {
	switch {
	case p <= 0:
		return indicator(x == 0)
	case p >= 1:
		return indicator(x == n)
	}
	return math.Exp(choices(n, x) + float64(float64(x)*math.Log(p)) + float64(float64(n-x)*math.Log1p(-p)))
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// choices is the logarithm of C(n, x), minus infinity where there are none.
func choices(n, x int) float64 {
	if x < 0 || x > n {
		return math.Inf(-1)
	}
	lg := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	return lg(n) - lg(x) - lg(n-x)
}

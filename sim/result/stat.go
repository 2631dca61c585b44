package result

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// confidence is the level of every interval.
const confidence = 0.95

// A Stat is a mean over seeds with its 95 % interval. Lo and Hi are NaN if
// there are fewer than two seeds; Mean is NaN if there is none.
type Stat struct {
	N            int
	Mean, Lo, Hi float64
}

// HasInterval reports whether there were seeds enough for an interval.
func (s Stat) HasInterval() bool { return s.N >= 2 }

// Half is half the width of the interval, NaN without one.
func (s Stat) Half() float64 { return (s.Hi - s.Lo) / 2 }

// Straddles reports whether x cannot be told from the mean: it lies inside the
// interval, or there is none.
func (s Stat) Straddles(x float64) bool {
	if !s.HasInterval() {
		return true
	}
	if s.Lo == s.Hi {
		return false // no spread: whatever the mean is, it is surely that
	}
	return s.Lo <= x && x <= s.Hi
}

// A Delta is what a variant changes: the mean difference to the baseline over
// seeds that both have, with its interval, and the ratio of their means (NaN
// where the baseline's is 0).
type Delta struct {
	Stat
	Ratio float64
}

// NewStat takes the mean of samples and Student's t interval. Samples that are
// NaN (the metric did not apply under that seed) are left out.
func NewStat(samples []float64) Stat {
	var kept []float64
	for _, v := range samples {
		if !math.IsNaN(v) {
			kept = append(kept, v)
		}
	}
	s := Stat{N: len(kept), Mean: mean(kept), Lo: math.NaN(), Hi: math.NaN()}
	if s.N < 2 {
		return s
	}
	var squares float64
	for _, v := range kept {
		squares += float64((v - s.Mean) * (v - s.Mean))
	}
	n := float64(s.N)
	half := float64(upper.of(s.N) * math.Sqrt(squares/(n-1)/n))
	s.Lo, s.Hi = s.Mean-half, s.Mean+half
	return s
}

// A quantile is one of Student's t for means of few samples, each worked out
// once: with hundreds of metrics it is most of what statistics cost.
type quantile struct {
	p     float64
	known [64]float64 // by the number of samples, from 2
}

// upper bounds an interval.
var upper = newQuantile(0.5 + confidence/2)

func newQuantile(p float64) *quantile {
	q := &quantile{p: p}
	for n := 2; n < len(q.known); n++ {
		q.known[n] = student(n).Quantile(p)
	}
	return q
}

// of is the quantile for a mean of n samples.
func (q *quantile) of(n int) float64 {
	if n < len(q.known) {
		return q.known[n]
	}
	return student(n).Quantile(q.p)
}

// student is the distribution of t for a mean of n samples.
func student(n int) distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)} }

// NewDelta pairs samples of a variant with samples of the baseline, seed by
// seed, and leaves out seeds that lack one of the two.
func NewDelta(variant, baseline []float64) Delta {
	var diffs, a, b []float64
	for i, v := range variant {
		if d := v - baseline[i]; !math.IsNaN(d) {
			diffs = append(diffs, d)
			a, b = append(a, v), append(b, baseline[i])
		}
	}
	return Delta{Stat: NewStat(diffs), Ratio: over(mean(a), mean(b))}
}

// MedianInterval is which of n sorted samples bound the median of what they were
// drawn from, the first-th from either end, counted from 0, and how surely: at
// 95 % or more from six samples on, and less than that with the outermost of
// fewer. It asks nothing of the distribution.
//
// H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition (2003), section 7.1.
func MedianInterval(n int) (first int, level float64) {
	tail := math.Ldexp(1, -n) // that no sample is below the median
	term := tail
	level = 1 - 2*tail
	for k := 1; k < n/2; k++ {
		term *= float64(n-k+1) / float64(k)
		if tail += term; 1-2*tail < confidence {
			break
		}
		first, level = k, 1-2*tail
	}
	return first, level
}

// mean is the arithmetic mean, exact where all samples are equal, NaN of none.
func mean(samples []float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	var sum float64
	equal := true
	for _, v := range samples {
		sum += v
		equal = equal && v == samples[0]
	}
	if equal {
		return samples[0]
	}
	return sum / float64(len(samples))
}

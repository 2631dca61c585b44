package result

import (
	"math"
	"slices"
)

// An Effect is what one change does to one metric of one variant, told from
// the same seeds before and after it.
//
// Where every value is positive the seeds are paired by ratio: Change is the
// geometric mean of after ÷ before less 1, its interval and P are of Student's
// t on the logarithms. Where a value is not, a ratio says nothing: they are
// paired by difference, and Change is the mean difference in the unit of the
// metric.
type Effect struct {
	Metric        MetricID
	Variant       string // of the changed set
	After         int    // which of the changed sets, from 0
	Before, Now   Stat   // over all seeds of either set
	Change        Stat   // over the seeds of both
	Ratio         bool   // Change is relative, not in the unit of the metric
	P             float64
	Adjusted      float64 // P by Holm over all effects of the Comparison; NaN with P
	Detectable    float64 // smallest change of this spread that is found in 8 of 10 comparisons, as Change counts; NaN without a spread
	Outcome       Outcome
	size, allowed float64 // of the change and the least that counts, on one scale
}

// An Outcome says what became of a metric.
type Outcome string

// What may become of a metric.
const (
	Same     Outcome = "same"     // equal in every seed
	Unclear  Outcome = "unclear"  // it cannot be told from chance, or there are too few seeds
	Slight   Outcome = "slight"   // it changed by less than what counts
	Improved Outcome = "improved" // it changed for the better
	Worsened Outcome = "worsened" // it changed for the worse: a regression
	Moved    Outcome = "moved"    // it changed, and neither direction is better
	Appeared Outcome = "appeared" // it has values only after
	Vanished Outcome = "vanished" // it has values only before
)

// Names is every Outcome, the gravest first.
func (Outcome) Names() []string {
	var names []string
	for _, o := range outcomes {
		names = append(names, string(o))
	}
	return names
}

var outcomes = []Outcome{Worsened, Vanished, Improved, Moved, Appeared, Slight, Unclear, Same}

// NewEffect compares one metric seed by seed: before[i] and after[i] are of the
// same seed, NaN where the metric does not apply. P is NaN with fewer than
// LeastSeeds pairs, Adjusted until Holm has seen all.
func NewEffect(metric MetricID, before, after []float64) Effect {
	e := Effect{Metric: metric, Before: NewStat(before), Now: NewStat(after), P: math.NaN(), Adjusted: math.NaN(), Detectable: math.NaN()}
	e.Ratio = true
	var a, b []float64
	for i := range before {
		if d := after[i] - before[i]; math.IsNaN(d) {
			continue
		}
		a, b = append(a, before[i]), append(b, after[i])
		e.Ratio = e.Ratio && before[i] > 0 && after[i] > 0
	}
	steps := make([]float64, len(a))
	for i := range a {
		if steps[i] = b[i] - a[i]; e.Ratio {
			steps[i] = math.Log(b[i] / a[i])
		}
	}
	e.Change = NewStat(steps)
	e.P = pOf(e.Change)
	e.Detectable = detectable(e.Change)
	if e.Ratio {
		for _, v := range []*float64{&e.Change.Mean, &e.Change.Lo, &e.Change.Hi, &e.Detectable} {
			*v = math.Expm1(*v)
		}
	}
	return e
}

// LeastSeeds is how many pairs a test needs. With two, Student's t rests on one
// step beside another, and a metric whose values gather at a few places, as gas
// for a session does, takes almost the same step twice by chance.
const LeastSeeds = 3

// pOf is the two-sided p of Student's t for a mean of 0. Where all n differences
// are one and the same, t says nothing: a metric that takes few values does that
// by chance. Two draws of one law differ by a given step with probability 1/4 at
// most, whatever the law, so that n of them do with 4⁻ⁿ, up or down.
//
// T. S. Motzkin and E. G. Straus, Maxima for graphs and a new proof of a theorem
// of Turán, Canadian Journal of Mathematics 17 (1965): the steps join values to
// a graph without triangles.
func pOf(s Stat) float64 {
	switch {
	case s.N < LeastSeeds:
		return math.NaN()
	case s.Lo == s.Hi && s.Mean == 0:
		return 1
	case s.Lo == s.Hi:
		return 2 * math.Pow(4, -float64(s.N))
	}
	return 2 * student(s.N).Survival(math.Abs(s.Mean)/standardError(s))
}

// power is how often a change of the size Detectable is found.
const power = 0.8

var powerful = newQuantile(power)

// detectable is the smallest mean that a test of this spread finds so often,
// by the usual sum of two quantiles of t.
func detectable(s Stat) float64 {
	if !s.HasInterval() {
		return math.NaN()
	}
	return float64((upper.of(s.N) + powerful.of(s.N)) * standardError(s))
}

// standardError is that of a mean with its interval.
func standardError(s Stat) float64 { return s.Half() / upper.of(s.N) }

// Holm sets Adjusted of all effects that have a P, so that the probability of
// one or more false findings among them stays below the level at which
// Adjusted is read.
//
// S. Holm, A simple sequentially rejective multiple test procedure,
// Scandinavian Journal of Statistics 6 (1979).
func Holm(effects []Effect) {
	var order []int
	for i := range effects {
		if !math.IsNaN(effects[i].P) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch a, b := effects[i].P, effects[j].P; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	adjusted := 0.0
	for rank, i := range order {
		adjusted = max(adjusted, min(1, float64(effects[i].P*float64(len(order)-rank))))
		effects[i].Adjusted = adjusted
	}
}

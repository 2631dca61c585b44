package abr

import (
	"math"
	"time"

	"kinetoscope/internal/portable"
	"kinetoscope/internal/unit"
)

// Half-lives of the two averages, those of dash.js and Sabre. The fast one
// notices a drop, the slow one is not fooled by a burst.
const (
	fastHalf = 3 * time.Second
	slowHalf = 8 * time.Second
)

// An Estimator estimates throughput from finished downloads: two
// exponentially weighted moving averages, of which the lower counts. Its zero
// value has seen nothing and is ready for use; nil counts nothing, for rules that do not
// measure.
type Estimator struct{ fast, slow average }

// An average is a weighted sum and the sum of the weights. Dividing one by the
// other is the correction for starting from nothing.
type average struct{ sum, weight float64 }

// Add counts a download of n bytes that took d. A download that took no time
// or brought nothing says nothing about the network and is left out.
func (e *Estimator) Add(n unit.Size, d time.Duration) {
	if e == nil || n <= 0 || d <= 0 {
		return
	}
	rate := 8 * float64(n) / d.Seconds()
	e.fast.add(rate, halving(d, fastHalf))
	e.slow.add(rate, halving(d, slowHalf))
}

func (a *average) add(rate, keep float64) {
	a.sum = float64(keep*a.sum) + float64((1-keep)*rate)
	a.weight = float64(keep*a.weight) + (1 - keep)
}

// Rate is the estimate, rounded down to a bit per second. It is 0 before
// anything was added, and at least 1 bit/s after.
func (e *Estimator) Rate() unit.Rate {
	if e == nil || e.fast.weight == 0 {
		return 0
	}
	r := min(e.fast.sum/e.fast.weight, e.slow.sum/e.slow.weight)
	return unit.Rate(max(1, min(r, math.MaxInt64/2)))
}

// halving is 0.5^(d/half), for d > 0.
func halving(d, half time.Duration) float64 {
	const nothing = 1000 // half-lives
	if d > nothing*half {
		return 0
	}
	return portable.Exp2(-float64(d) / float64(half))
}

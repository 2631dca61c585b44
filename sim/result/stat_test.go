package result

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestNewStat(t *testing.T) {
	nan := math.NaN()
	cases := []struct {
		samples      []float64
		n            int
		mean, lo, hi float64
	}{
		{nil, 0, nan, nan, nan},
		{[]float64{7}, 1, 7, nan, nan},
		{[]float64{nan, 7, nan}, 1, 7, nan, nan},
		// t(0.975; 4) = 2.77645, sd = 1.58114
		{[]float64{1, 2, 3, 4, 5}, 5, 3, 3 - 1.96324, 3 + 1.96324},
		// t(0.975; 1) = 12.7062, sd = 1.41421
		{[]float64{1, nan, 3}, 2, 2, 2 - 12.7062, 2 + 12.7062},
		{[]float64{0.1, 0.1, 0.1}, 3, 0.1, 0.1, 0.1},
	}
	same := func(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-4 }
	for _, c := range cases {
		s := NewStat(c.samples)
		if s.N != c.n || !same(s.Mean, c.mean) || !same(s.Lo, c.lo) || !same(s.Hi, c.hi) {
			t.Errorf("NewStat(%v) = %+v, want %+v", c.samples, s, c)
		}
	}
	if m := NewStat([]float64{0.1, 0.1, 0.1}).Mean; m != 0.1 {
		t.Errorf("the mean of equal samples must be that sample to the last bit: %v", m)
	}
}

// The interval must hold what it promises: cover the true mean in 95 % of
// experiments, also with few seeds.
func TestIntervalCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 5, 20} {
		const experiments = 4000
		covered := 0
		for range experiments {
			samples := make([]float64, n)
			for i := range samples {
				samples[i] = 10 + 3*rng.NormFloat64()
			}
			if s := NewStat(samples); s.Lo <= 10 && 10 <= s.Hi {
				covered++
			}
		}
		// three standard errors of a proportion of 0.95 in 4000 trials are 0.0103
		if share := float64(covered) / experiments; math.Abs(share-0.95) > 0.0103 {
			t.Errorf("n=%d: %g of the intervals cover the mean", n, share)
		}
	}
}

func TestDeltaSkipsSeedsWithoutAPair(t *testing.T) {
	nan := math.NaN()
	d := NewDelta([]float64{3, nan, 5}, []float64{1, 1, nan})
	if d.N != 1 || d.Mean != 2 || d.Ratio != 3 {
		t.Errorf("%+v", d)
	}
	if d := NewDelta([]float64{3}, []float64{0}); !math.IsNaN(d.Ratio) {
		t.Errorf("a ratio to nothing is not a number: %v", d.Ratio)
	}
}

func TestStraddles(t *testing.T) {
	cases := []struct {
		s    Stat
		want bool
	}{
		{NewStat([]float64{3, 4, 5}), false},
		{NewStat([]float64{-1, 2, 1}), true},
		{NewStat([]float64{5}), true},
		{NewStat([]float64{0, 0}), false},
	}
	for _, c := range cases {
		if got := c.s.Straddles(0); got != c.want {
			t.Errorf("%+v straddles 0: %v", c.s, got)
		}
	}
}

// The interval of the median holds it as often as it says, whatever the
// distribution: the chance is that of coins.
func TestMedianInterval(t *testing.T) {
	for n := 2; n <= 40; n++ {
		first, level := MedianInterval(n)
		tail := func(most int) (sum float64) { // P(at most so many of n below the median)
			for k := 0; k <= most; k++ {
				sum += math.Exp(lchoose(n, k) - float64(n)*math.Ln2)
			}
			return sum
		}
		if want := 1 - 2*tail(first); math.Abs(level-want) > 1e-12 {
			t.Errorf("n=%d: the samples %d from the ends hold it with %.6f, want %.6f", n, first, level, want)
		}
		if n < 6 && (first != 0 || level >= 0.95) || n >= 6 && (level < 0.95 || 1-2*tail(first+1) >= 0.95) {
			t.Errorf("n=%d: %d from the ends, level %.4f", n, first, level)
		}
	}
}

// lchoose is the logarithm of a binomial coefficient.
func lchoose(n, k int) float64 {
	l := func(m int) float64 { v, _ := math.Lgamma(float64(m + 1)); return v }
	return l(n) - l(k) - l(n-k)
}

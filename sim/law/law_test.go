package law

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var laws = []Config{
	{Law: Constant, Scale: 90 * time.Second},
	{Law: Exponential, Scale: 20 * time.Minute},
	{Law: Weibull, Shape: 0.59, Scale: time.Duration(181.91 * float64(time.Minute))},
	{Law: Lognormal, Shape: 1.44, Scale: 179472 * time.Millisecond},
	{Law: Pareto, Shape: 2.52, Scale: 1550 * time.Millisecond},
	{Law: Puffer},
	{Law: Table, Quantiles: []Quantile{{0, time.Second}, {0.5, time.Minute}, {1, time.Hour}}},
}

func sample(c *Config, n int) *Sample {
	r, s := rand.New(rand.NewPCG(1, 2)), &Sample{}
	for range n {
		s.Add(c.Draw(r.Float64()))
	}
	return s
}

// Every law draws what its moments say: the sample fits, its quantiles are the
// law's, and where the variance is finite so is the mean.
func TestConformance(t *testing.T) {
	const n = 40_000
	for _, c := range laws {
		if err := c.Validate(); err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		s := sample(&c, n)
		want, got := c.Moments(), s.Moments()
		if !s.Fits(&c) {
			t.Errorf("%v does not fit itself: %v, drawn %v", c, want, got)
		}
		if sigma := want.SD / math.Sqrt(n); math.Abs(got.Mean-want.Mean) > 4*sigma+1e-5 {
			t.Errorf("%v: mean %v, drawn %v, sigma %v", c, want.Mean, got.Mean, sigma)
		}
		if math.Abs(got.P50/want.P50-1) > 0.06 || math.Abs(got.P95/want.P95-1) > 0.1 {
			t.Errorf("%v: %v, drawn %v", c, want, got)
		}
		for u := 0.05; u < 1; u += 0.1 { // the law's functions agree with each other
			if d := c.of(); c.Law != Constant && math.Abs(d.CDF(d.Quantile(u))-u) > 1e-9 {
				t.Errorf("%v: CDF(Quantile(%v)) = %v", c, u, d.CDF(d.Quantile(u)))
			}
		}
	}
}

// The slow, obvious twin of a table's moments: the mean over a fine grid.
func TestTableMoments(t *testing.T) {
	const n = 200_000
	sum, squares := 0.0, 0.0
	for i := range n {
		x := puffer.Quantile((float64(i) + 0.5) / n)
		sum, squares = sum+x/n, squares+x*x/n
	}
	if m, v := puffer.Mean(), puffer.Variance(); math.Abs(m/sum-1) > 1e-4 || math.Abs(v/(squares-sum*sum)-1) > 1e-3 {
		t.Errorf("mean %v and variance %v, on a grid %v and %v", m, v, sum, squares-sum*sum)
	}
}

// Parameters in the wrong place are found: the ON times of OSSim with mu and
// sigma swapped have a median of seconds and a mean of a day and more.
func TestSwappedParametersDoNotFit(t *testing.T) {
	meant := Config{Law: Lognormal, Scale: time.Duration(math.Exp(5.19) * float64(time.Second)), Shape: 1.44}
	swapped := Config{Law: Lognormal, Scale: time.Duration(math.Exp(1.44) * float64(time.Second)), Shape: 5.19}
	if m := meant.Moments(); math.Round(m.P50) != 179 || math.Round(m.Mean) != 506 {
		t.Errorf("median %v and mean %v, published are 179 s and 506 s", m.P50, m.Mean)
	}
	s := sample(&swapped, 50)
	if s.Fits(&meant) || !strings.Contains(s.Compare(&meant), "WARNING") {
		t.Errorf("fifty draws of the swapped law pass for the other: %s", s.Compare(&meant))
	}
}

func TestEndless(t *testing.T) {
	for _, c := range []Config{{}, {Law: Endless}} {
		if c.Ends() || c.Draw(0.5) != Forever || !math.IsInf(c.Moments().P50, 1) {
			t.Errorf("%+v ends", c)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, c := range []struct {
		c    Config
		want string
	}{
		{Config{Law: Weibull}, "scale: 0s: the law weibull needs a positive time\nshape: 0: the law weibull needs a number from 0.05 to 50"},
		{Config{Law: Puffer, Scale: 1, Shape: 1}, "scale: the law puffer does not read it: take it out\nshape: the law puffer does not read it: take it out"},
		{Config{Law: Table}, "quantiles: a table begins at share 0% and ends at 100%"},
		{Config{Law: Table, Quantiles: []Quantile{{0, time.Second}, {0.5, time.Second}, {1, 0}}},
			"quantiles.1: 1s at 50% does not rise from 1s at 0%\nquantiles.2.time: 0s is not a positive time\nquantiles.2: 0s at 100% does not rise from 1s at 50%"},
		{Config{Law: Constant, Scale: 1, Quantiles: make([]Quantile, 1)}, "quantiles: the law constant does not read them: take them out, or write law: quantiles"},
	} {
		if err := c.c.Validate(); err == nil || err.Error() != c.want {
			t.Errorf("%v: got %v, want %s", c.c, err, c.want)
		}
	}
	if err := new(Name).UnmarshalText([]byte("normal")); err == nil {
		t.Error("a law that is none is read")
	}
}

func ExampleSample_Compare() {
	c := Config{Law: Weibull, Shape: 0.6, Scale: 20 * time.Minute}
	var s Sample
	for i := range 100 {
		s.Add(c.Draw((float64(i) + 0.5) / 100)) // evenly, for want of chance
	}
	fmt.Println(s.Compare(&c))
	// Output:
	// weibull (shape 0.6, scale 20m0s): configured mean 1805s, sd 3174s, p50 651s, p95 7471s, p99 15296s; drawn n=100, mean 1781s, sd 2946s, p50 636s, p95 7079s, p99 13118s
}

// Times that are all the same have no spread, whatever rounding leaves of one.
func TestEqualTimesHaveNoSpread(t *testing.T) {
	var s Sample
	for range 19 {
		s.Add(4 * time.Second)
	}
	if m := s.Moments(); m.SD != 0 {
		t.Errorf("standard deviation of %v", m.SD)
	}
}

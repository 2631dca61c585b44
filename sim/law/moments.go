package law

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Moments sum up a law or a sample, in seconds. Mean and SD of a law may be
// infinite.
type Moments struct{ Mean, SD, P50, P95, P99 float64 }

// Moments are those of the law; all are infinite if it is Endless.
func (c *Config) Moments() Moments {
	if !c.Ends() {
		inf := math.Inf(1)
		return Moments{inf, inf, inf, inf, inf}
	}
	d := c.of()
	return Moments{d.Mean(), math.Sqrt(d.Variance()), d.Quantile(0.50), d.Quantile(0.95), d.Quantile(0.99)}
}

// String is the moments for a reader.
func (m Moments) String() string {
	return fmt.Sprintf("mean %s, sd %s, p50 %s, p95 %s, p99 %s", seconds(m.Mean), seconds(m.SD), seconds(m.P50), seconds(m.P95), seconds(m.P99))
}

func seconds(s float64) string {
	switch {
	case math.IsInf(s, 1):
		return "infinite"
	case s >= 100:
		return fmt.Sprintf("%.0fs", s)
	}
	return fmt.Sprintf("%.3gs", s)
}

// A Sample is what was drawn by one law.
type Sample struct{ values []float64 }

// Add notes one draw.
func (s *Sample) Add(d time.Duration) { s.values = append(s.values, d.Seconds()) }

// Len is how many were noted.
func (s *Sample) Len() int { return len(s.values) }

// Moments are those of the sample; quantiles are nearest ranks.
func (s *Sample) Moments() Moments {
	n := float64(len(s.values))
	slices.Sort(s.values)
	var m Moments
	for _, x := range s.values {
		m.Mean += x / n
	}
	for _, x := range s.values {
		m.SD += float64((x-m.Mean)*(x-m.Mean)) / n
	}
	if m.SD = math.Sqrt(m.SD); m.SD < 1e-9*m.Mean {
		m.SD = 0 // what rounding leaves of equal times
	}
	rank := func(p float64) float64 { return s.values[max(0, int(math.Ceil(p*n))-1)] }
	m.P50, m.P95, m.P99 = rank(0.50), rank(0.95), rank(0.99)
	return m
}

// chance is how improbable a sample is that Fits takes for another law's.
const chance = 1e-6

// Fits says whether the sample may be of the law: the test of Kolmogorov and
// Smirnov, with the bound of Dvoretzky, Kiefer and Wolfowitz (Massart 1990),
// which holds for any number of draws. Means are not compared: those of heavy
// tails say nothing.
func (s *Sample) Fits(c *Config) bool {
	slices.Sort(s.values)
	d, n, far := c.of(), float64(len(s.values)), 0.0
	for i, x := range s.values {
		// Draws are rounded to a microsecond, so that the law is asked on either side.
		below, above := d.CDF(x-1e-6), d.CDF(x+1e-6)
		far = max(far, float64(i)/n-above, below-float64(i+1)/n)
	}
	return far <= math.Sqrt(math.Log(2/chance)/(2*n))
}

// Compare is a line that puts the law and a sample of it side by side.
func (s *Sample) Compare(c *Config) string {
	if s.Len() == 0 {
		return fmt.Sprintf("%v: configured %v; nothing drawn", c, c.Moments())
	}
	line := fmt.Sprintf("%v: configured %v; drawn n=%d, %v", c, c.Moments(), s.Len(), s.Moments())
	if !s.Fits(c) {
		line += "; WARNING: they differ by more than chance (Kolmogorov-Smirnov, p < 1e-6)"
	}
	return line
}

package generate

import (
	"math"
	"slices"
)

// Sum sums values up. Correlations are within each series alone.
func Sum(series [][]float64) (m Moments) {
	var all []float64
	for _, s := range series {
		all = append(all, s...)
	}
	if len(all) == 0 {
		return m
	}
	for _, x := range all {
		m.Mean += x / float64(len(all))
		if x == 0 {
			m.Outage += 1 / float64(len(all))
		}
	}
	for _, x := range all {
		m.SD += (x - m.Mean) * (x - m.Mean) / float64(len(all))
	}
	m.SD = math.Sqrt(m.SD)
	m.Lag1, m.Lag10, m.Lag60, m.Lag300 = lag(series, m, 1), lag(series, m, 10), lag(series, m, 60), lag(series, m, 300)
	slices.Sort(all)
	at := func(p float64) float64 { return all[int(math.Round(p*float64(len(all)-1)))] }
	m.P10, m.P50, m.P90 = at(0.1), at(0.5), at(0.9)
	return m
}

// lag is the autocorrelation at k steps, about the mean of all series.
func lag(series [][]float64, m Moments, k int) float64 {
	var sum, n float64
	for _, s := range series {
		for i := k; i < len(s); i++ {
			sum += (s[i] - m.Mean) * (s[i-k] - m.Mean)
			n++
		}
	}
	if n == 0 || m.SD == 0 {
		return 0
	}
	return sum / n / (m.SD * m.SD)
}

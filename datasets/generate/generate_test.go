package generate

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

// made are what some seeds give, as series of numbers.
func made(m *Model) (all [][]float64) {
	seeds := map[string]uint64{"fees": 120}[m.Kind] // these forget so slowly that it takes many
	for seed := range max(seeds, 40) {
		var xs []float64
		switch m.Kind {
		case "rates":
			for _, s := range m.Rates(seed, Length) {
				xs = append(xs, float64(s.Down))
			}
		case "times":
			for _, d := range m.Times(seed, Length) {
				xs = append(xs, d.Seconds())
			}
		case "arrivals":
			for _, at := range m.Arrivals(seed, Length) {
				xs = append(xs, float64(at)/1e9)
			}
		case "fees":
			for _, wei := range m.Fees(seed, Length) {
				x, _ := new(big.Float).SetInt(wei).Float64()
				xs = append(xs, x)
			}
		}
		all = append(all, xs)
	}
	return all
}

// What is generated has the moments of the real set, and what belongs to a
// series in time its autocorrelation.
func TestMoments(t *testing.T) {
	for _, m := range Models() {
		if m.Kind == "matrix" || m.Kind == "ladder" {
			continue // without chance
		}
		series := made(&m)
		got, want := Sum(series), m.Moments
		t.Logf("%-9s real %s\n%23s %s", m.Name, want, "made", got)
		near := func(what string, got, want, most float64) {
			if off := math.Abs(got/want - 1); off > most || want == 0 {
				t.Errorf("%s: %s is %.4g, and that of the real set %.4g: %.0f%% off, at most %.0f%%", m.Name, what, got, want, 100*off, 100*most)
			}
		}
		near("the median", got.P50, want.P50, 0.2)
		near("the 90th percentile", got.P90, want.P90, 0.3)
		near("the 10th percentile", got.P10, want.P10, 0.3)
		if !m.Transcribed {
			near("the mean", got.Mean, want.Mean, 0.15)
			near("the standard deviation", got.SD, want.SD, 0.2)
		}
		if m.Kind == "fees" { // its correlations are of the logarithm
			for _, xs := range series {
				for i := range xs {
					xs[i] = math.Log(xs[i])
				}
			}
			logs := Sum(series)
			got.Lag1, got.Lag10, got.Lag60, got.Lag300 = logs.Lag1, logs.Lag10, logs.Lag60, logs.Lag300
		}
		if m.Kind == "times" || m.Kind == "arrivals" {
			continue
		}
		for _, l := range []struct {
			what            string
			got, want, most float64
		}{{"1 step", got.Lag1, want.Lag1, 0.06}, {"10 steps", got.Lag10, want.Lag10, 0.12}, {"60 steps", got.Lag60, want.Lag60, 0.1}, {"300 steps", got.Lag300, want.Lag300, lastly[m.Name]}, {"outages", got.Outage, want.Outage, 0.002}} {
			if math.Abs(l.got-l.want) > l.most {
				t.Errorf("%s: at %s it has %.3f, and the real set %.3f: at most %v apart", m.Name, l.what, l.got, l.want, l.most)
			}
		}
	}
}

// lastly is how far from the real set the correlation at five minutes may be.
var lastly = map[string]float64{"3g": 0.1, "4g": 0.1, "5g": 0.2, "wifi": 0.35, "starlink": 0.1, "base-fee": 0.3}

// String is a line of figures for a page and for messages.
func (m Moments) String() string {
	return fmt.Sprintf("mean %.4g, sd %.4g, p10 %.4g, p50 %.4g, p90 %.4g, zeros %.2g%%, lags 1/10/60/300 %.2f/%.2f/%.2f/%.2f", m.Mean, m.SD, m.P10, m.P50, m.P90, 100*m.Outage, m.Lag1, m.Lag10, m.Lag60, m.Lag300)
}

// A name and a seed make the same series each time, and another seed another.
func TestSeeds(t *testing.T) {
	m, err := Find("4g")
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := m.Rates(1, 500), m.Rates(1, 500), m.Rates(2, 500)
	if !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) {
		t.Error("seeds do not decide")
	}
	if _, err := Find("6g"); err == nil || !strings.Contains(err.Error(), "use generated/ and one of 3g, 4g, 5g, wifi, starlink") {
		t.Errorf("%v", err)
	}
}

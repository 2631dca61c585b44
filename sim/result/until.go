package result

import (
	"fmt"
	"math"
	"strings"
)

// A Precision is how narrow the interval of a metric is to become.
type Precision struct {
	Metric   MetricID
	Half     float64 // of the interval
	Absolute bool    // Half is in the metric's unit, not a share of the mean
}

// ParsePrecision reads "startup-p95=2%", of the mean, or "rebuffer-ratio=0.1pp"
// and "startup-p95=20ms" in the metric's unit. An error says what is allowed.
func ParsePrecision(text string) (Precision, error) {
	var r Rule
	if !strings.Contains(text, "=") {
		text += "="
	}
	if err := r.Set(text); err != nil {
		return Precision{}, err
	}
	if r.Own[0].Change == 0 {
		return Precision{}, fmt.Errorf("%q: no interval of chance is that narrow: write half its width, as in startup-p95=2%% or startup-p95=20ms", text)
	}
	return Precision{r.Own[0].Metric, r.Own[0].Change, r.Own[0].Absolute}, nil
}

// pocock is the level of each look when there are so many in all, from 1 on, so
// that the intervals of all looks together miss the mean in 5 % of experiments.
//
// S. J. Pocock, Group sequential methods in the design and analysis of clinical
// trials, Biometrika 64 (1977), table 1, for looks after equal numbers of
// samples; looks that double are correlated less closely than the later ones of
// these, and err a little more.
var pocock = []float64{0.05, 0.0294, 0.0221, 0.0182, 0.0158}

// MostLooks is how often seeds may be looked at before they are all run.
const MostLooks = 5

// TooWide says which interval is wider than it is to become, in some variant, at
// the level that so many looks ask for; nothing if none is. A metric without
// spread is narrow, and one that does not apply to a variant asks nothing of
// it.
func (s *Set) TooWide(list []Precision, looks int) string {
	for _, p := range list {
		for _, v := range s.VariantNames() {
			stat := NewStat(s.Values(p.Metric, v))
			allowed := p.Half
			if !p.Absolute {
				allowed *= math.Abs(stat.Mean)
			}
			if stat.N > 0 && !(halfAt(stat, looks) <= allowed) {
				return fmt.Sprintf("%s of %s, %s", Metrics[p.Metric].Name, v, Metrics[p.Metric].StatText(stat))
			}
		}
	}
	return ""
}

// halfAt is half of the interval at the level of one of so many looks.
func halfAt(s Stat, looks int) float64 {
	if !s.HasInterval() {
		return math.Inf(1)
	}
	return float64(standardError(s) * student(s.N).Quantile(1-pocock[looks-1]/2))
}

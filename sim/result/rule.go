package result

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Set reads one least change that counts into the rule: "2%" for every metric,
// "startup-p95=5%" for one, relative to what it was, or "startup-p95=50ms" in
// its unit, which for ratios is percentage points: "rebuffer-ratio=0.1pp". An
// error says what is allowed.
func (r *Rule) Set(text string) error {
	name, value, named := strings.Cut(text, "=")
	if !named {
		share, ok := percent(text)
		if !ok {
			return fmt.Errorf("%q is no least change: write a share of what it was, as in 2%%, or METRIC=CHANGE, as in startup-p95=50ms", text)
		}
		r.Least = share
		return nil
	}
	id, err := FindMetric(name)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	least, ok := Least{Metric: id}, false
	if least.Change, ok = percent(value); !ok {
		least.Absolute = true
		if least.Change, ok = Metrics[id].amount(value); !ok {
			return fmt.Errorf("%q: %q is no change of %s: write a share of what it was, as in 2%%, or %s", text, value, name, Metrics[id].changeSample())
		}
	}
	r.Own = append(r.Own, least)
	return nil
}

// percent reads "2%"; negative shares are none.
func percent(text string) (share float64, ok bool) {
	number, ok := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	return v / 100, ok && err == nil && v >= 0 && !math.IsInf(v, 0)
}

// amount reads a change in the metric's own unit.
func (m *Metric) amount(text string) (amount float64, ok bool) {
	p := &parser{text: text}
	at := p.number()
	v, err := strconv.ParseFloat(at, 64)
	if err != nil || v < 0 || math.IsInf(v, 0) {
		return 0, false
	}
	if m.Unit == "ratio" {
		return v / 100, strings.TrimSpace(text[p.pos:]) == "pp"
	}
	v = p.limit(0, m, v)
	p.space()
	return v, p.err == nil && p.pos == len(text)
}

// changeSample is a change in the metric's own unit, as it is written.
func (m *Metric) changeSample() string {
	if m.Unit == "ratio" {
		return "0.1pp"
	}
	return m.quantity().sample
}

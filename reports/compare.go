package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kinetoscope/sim/result"
)

// A sense is what a difference to the baseline means.
type sense string

// What a difference means. The words are class names of the page as well.
const (
	unclear sense = "unclear" // the interval reaches across 0, or there is none
	neutral sense = "neutral" // neither direction is better
	better  sense = "better"
	worse   sense = "worse"
	equal   sense = "equal" // the same in every seed
)

// A comparison is one metric of one variant, beside the baseline.
type comparison struct {
	Variant  string
	Stat     result.Stat
	Text     string // mean ± half interval, with n where seeds are missing
	Baseline bool   // it is the baseline itself: no difference
	Delta    result.Delta
	Change   string // the difference in words, empty if there is none
	Relative string // the difference in percent of the baseline, or as a factor
	Moved    string // the difference as a share of the baseline, for sorting; empty if there is none
	Sense    sense
}

// compare puts one metric of one variant beside the baseline, seed by seed.
func compare(s *result.Set, id result.MetricID, variant string) comparison {
	m := &result.Metrics[id]
	c := comparison{Variant: variant, Stat: s.Summary(id, variant), Baseline: variant == s.Baseline, Sense: neutral}
	c.Text = m.StatText(c.Stat)
	if c.Stat.N > 1 && c.Stat.N < len(s.Seeds) {
		c.Text += fmt.Sprintf(" (n=%d)", c.Stat.N)
	}
	if s.Baseline == "" || c.Baseline {
		return c
	}
	c.Delta = s.Paired(id, variant, s.Baseline)
	if c.Delta.N == 0 {
		return c
	}
	c.Change = m.DeltaText(c.Delta.Stat)
	c.Relative = relative(c.Delta.Ratio)
	if r := c.Delta.Ratio; r == r {
		c.Moved = fmt.Sprintf("%.4g", r-1)
	}
	c.Sense = judge(m.Better, c.Delta.Stat)
	switch c.Sense {
	case equal:
		c.Change, c.Relative = "same in every seed", ""
	case unclear:
		c.Change = "~ " + c.Change
	}
	if len(s.Seeds) == 1 { // said once for the whole report: nothing is certain
		c.Change = strings.TrimSuffix(strings.TrimPrefix(c.Change, "~ "), " (n=1)")
	}
	return c
}

// judge says what a difference means for a metric.
func judge(direction result.Better, d result.Stat) sense {
	switch {
	case d.HasInterval() && d.Lo == 0 && d.Hi == 0:
		return equal
	case d.Straddles(0):
		return unclear
	case direction == result.Neutral:
		return neutral
	case (d.Mean < 0) == (direction == result.Lower):
		return better
	}
	return worse
}

// relative words a ratio of means: "-49%", "+3.2%", "×12".
func relative(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0) || ratio < 0:
		return ""
	case ratio >= 3:
		return fmt.Sprintf("×%.3g", ratio)
	}
	return fmt.Sprintf("%+.3g%%", 100*(ratio-1))
}

// headline says whether a metric stands in the summary: some always do, the
// others where the scenario's own assertions speak of them.
func headline(s *result.Set, id result.MetricID) bool {
	speaks := func(a result.Assertion) bool {
		return a.Left.Metric == id || a.Right != nil && a.Right.Metric == id
	}
	return result.Metrics[id].Headline || slices.ContainsFunc(s.Thresholds, speaks) || slices.ContainsFunc(s.RefutedIf, speaks)
}

// shown is the metrics that apply to the Set, only headlines if so asked.
func shown(s *result.Set, headlines bool) []result.MetricID {
	var ids []result.MetricID
	for i := range result.Metrics {
		id := result.MetricID(i)
		if s.Applies(id) && (!headlines || headline(s, id)) {
			ids = append(ids, id)
		}
	}
	return ids
}

// outcome is the whole verdict in one sentence.
func outcome(verdicts []result.Verdict) string {
	met, thresholds, refuted, claims := 0, 0, 0, 0
	for _, v := range verdicts {
		switch {
		case v.Kind == result.Threshold:
			thresholds++
			if v.Passed {
				met++
			}
		default:
			claims++
			if !v.Passed {
				refuted++
			}
		}
	}
	text := "nothing to judge: no thresholds, no claim"
	if thresholds > 0 {
		text = fmt.Sprintf("%d of %d thresholds met", met, thresholds)
	}
	switch {
	case claims == 0:
		return text
	case thresholds == 0:
		text = ""
	default:
		text += ", "
	}
	if refuted > 0 {
		return text + "claim refuted"
	}
	return text + "claim not refuted"
}

// legendOf says how to read the cells of a table of metrics.
func legendOf(s *result.Set) string {
	compared := s.Baseline != "" && len(s.Variants) > 1
	switch {
	case len(s.Seeds) == 1 && compared:
		return "One seed (n=1), so no intervals; below each value its difference to " + clean(s.Baseline) + "."
	case len(s.Seeds) == 1:
		return "One seed (n=1), so no intervals."
	case compared:
		return fmt.Sprintf("Mean over %s ± half of the 95 %% interval; below it the difference to %s, seed by seed; ~ where 0 lies inside the interval.",
			sampled(s), clean(s.Baseline))
	}
	return fmt.Sprintf("Mean over %s ± half of the 95 %% interval.", sampled(s))
}

// extent words what was run: "3 variants × 5 seeds × 120 s of stream".
func extent(s *result.Set) string {
	length := result.Metrics[result.StartupP50].Text(s.Duration.Seconds())
	if !s.Window.Whole() {
		length += " of stream, measured " + s.Window.Text()
	} else {
		length += " of stream"
	}
	return fmt.Sprintf("%s × %s × %s", count(len(s.Variants), "variant"), count(len(s.Seeds), "seed"), length)
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

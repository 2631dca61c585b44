package result

import (
	"fmt"
	"math"
)

// A Kind says what a Verdict judges.
type Kind string

// What a Verdict judges.
const (
	Threshold Kind = "threshold" // passes if its condition holds
	Claim     Kind = "claim"     // passes unless its condition, the refutation, holds
)

// A Verdict is what the results say about one Assertion.
type Verdict struct {
	Kind      Kind
	Assertion Assertion
	Holds     bool   // the condition is true of the means
	Passed    bool   // what Holds means for the Kind; false if nothing was observed
	Decided   bool   // the whole interval is on the side of the mean
	Observed  string // for people, with interval and n
	Stat      Stat   // what was compared with the limit, or the paired difference with 0
}

// Check judges the thresholds, then the refutations of the claim. The means
// decide; where the interval reaches across the limit the Verdict is not
// Decided, and more seeds may turn it. A comparison of two metrics is made on
// the differences seed by seed. Where no run has a value nothing passes.
func Check(s *Set) []Verdict {
	var verdicts []Verdict
	for _, a := range s.Thresholds {
		verdicts = append(verdicts, s.judge(Threshold, a))
	}
	for _, a := range s.RefutedIf {
		verdicts = append(verdicts, s.judge(Claim, a))
	}
	return verdicts
}

// Passed reports whether every verdict passed.
func Passed(verdicts []Verdict) bool {
	for _, v := range verdicts {
		if !v.Passed {
			return false
		}
	}
	return true
}

// judge evaluates one assertion.
func (s *Set) judge(kind Kind, a Assertion) Verdict {
	v := Verdict{Kind: kind, Assertion: a}
	limit := a.Limit
	if a.Right == nil {
		v.Stat = s.Summary(a.Left.Metric, a.Left.Variant)
		v.Observed = observed(a, v.Stat)
	} else {
		left := s.Values(a.Left.Metric, a.Left.Variant)
		right := s.Values(a.Right.Metric, a.Right.Variant)
		for i := range right {
			right[i] = float64(right[i] * a.Factor)
		}
		v.Stat = NewDelta(left, right).Stat
		v.Observed = observedPair(a, v.Stat, NewStat(left).Mean, NewStat(right).Mean)
	}
	if v.Stat.N == 0 {
		v.Observed = "no value observed"
		return v
	}
	v.Holds = a.Op.holds(v.Stat.Mean, limit)
	v.Passed = v.Holds == (kind == Threshold)
	v.Decided = decided(a.Op, v.Stat, limit)
	return v
}

// decided reports whether the comparison comes out the same everywhere in the
// interval.
func decided(op Op, s Stat, limit float64) bool {
	if !s.HasInterval() {
		return false
	}
	if op == Equal {
		return s.Lo == s.Hi || limit < s.Lo || s.Hi < limit
	}
	return op.holds(s.Lo, limit) == op.holds(s.Hi, limit)
}

// observed words a mean that was compared with a limit.
func observed(a Assertion, s Stat) string {
	text := Metrics[a.Left.Metric].StatText(s)
	if s.HasInterval() {
		text += fmt.Sprintf(" (n=%d)", s.N)
	}
	return text
}

// observedPair words a comparison of two metrics: both means, then the paired
// difference that decides.
func observedPair(a Assertion, s Stat, left, right float64) string {
	m := &Metrics[a.Left.Metric]
	if math.IsNaN(left) || math.IsNaN(right) {
		return ""
	}
	against := m.Text(right)
	if a.Factor != 1 {
		against = fmt.Sprintf("%g × %s", a.Factor, m.Text(right/a.Factor))
	}
	if a.Limit != 0 {
		against += " + " + m.Text(a.Limit)
	}
	diff := m.DeltaText(s)
	if s.HasInterval() {
		diff += fmt.Sprintf(" (n=%d)", s.N)
	}
	return fmt.Sprintf("%s against %s: %s", m.Text(left), against, diff)
}

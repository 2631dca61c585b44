package result

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A Set is everything one command produced: all runs of one scenario, and what
// they were meant to show.
type Set struct {
	Name       string        // of the scenario: flash-crowd
	From       string        // where it was read from, as people call it; empty if it was made here
	Title      string        // one line for people
	Claim      string        // what the scenario sets out to test, as a sentence; may be empty
	Duration   time.Duration // length of the stream in virtual time
	Scenario   []byte        // effective scenario, YAML, nothing unset
	Variants   []Variant     // in the order of the scenario file
	Rows       string        // what differs from row to row of the map of crossed variants, with its unit; may be empty
	Columns    string        // and from column to column
	Baseline   string        // the variant that the others are compared with
	Seeds      []uint64
	Runs       []*Run      // variant-major: all seeds of the first variant, then of the second
	Thresholds []Assertion // the run passes if all hold
	RefutedIf  []Assertion // the claim is refuted if one holds
	Marks      []Mark      // what happened when, for timelines
	Window     Window      // of the stream, that is measured
	Notes      []string    // what holds for all runs; notes of single runs stay with them
	Manifest   Manifest    // where this came from; Stamp fills in what the Set knows
}

// A Variant is one way to play the scenario.
type Variant struct {
	Name string
	Doc  string // one line
}

// A Mark labels a span of the stream, such as a blackout.
type Mark struct {
	At, Until time.Duration
	Label     string
	Variants  []string // that it happens to; empty: all
}

// Concerns says whether the mark belongs to the variant.
func (m *Mark) Concerns(variant string) bool {
	return len(m.Variants) == 0 || slices.Contains(m.Variants, variant)
}

// Validate reports the first way in which the Set does not hold together:
// variants, seeds and runs must match, and each run must have one value for
// each metric, finite or NaN.
func (s *Set) Validate() error {
	if len(s.Runs) != len(s.Variants)*len(s.Seeds) {
		return fmt.Errorf("result: %d runs for %d variants x %d seeds", len(s.Runs), len(s.Variants), len(s.Seeds))
	}
	if s.Baseline != "" && s.variant(s.Baseline) < 0 {
		return fmt.Errorf("result: baseline %q is no variant", s.Baseline)
	}
	for i, r := range s.Runs {
		v, seed := s.Variants[i/len(s.Seeds)], s.Seeds[i%len(s.Seeds)]
		if r == nil || r.Variant != v.Name || r.Seed != seed {
			return fmt.Errorf("result: run %d is not variant %s, seed %d", i, v.Name, seed)
		}
		if len(r.Values) != len(Metrics) {
			return fmt.Errorf("result: variant %s, seed %d: %d values for %d metrics", r.Variant, r.Seed, len(r.Values), len(Metrics))
		}
		for id, v := range r.Values {
			if math.IsInf(v, 0) {
				return fmt.Errorf("result: variant %s, seed %d: %s is infinite", r.Variant, r.Seed, Metrics[id].Name)
			}
		}
	}
	return nil
}

// VariantNames lists the variants in order.
func (s *Set) VariantNames() []string {
	names := make([]string, len(s.Variants))
	for i, v := range s.Variants {
		names[i] = v.Name
	}
	return names
}

// RunsOf is the runs of one variant in the order of Seeds; it panics if there
// is no such variant.
func (s *Set) RunsOf(variant string) []*Run {
	i := s.variant(variant)
	if i < 0 {
		panic("result: no variant " + variant)
	}
	return s.Runs[i*len(s.Seeds) : (i+1)*len(s.Seeds)]
}

// Values is one value of the metric for each seed, NaN where it does not apply.
func (s *Set) Values(metric MetricID, variant string) []float64 {
	var values []float64
	for _, r := range s.RunsOf(variant) {
		values = append(values, r.Values[metric])
	}
	return values
}

// Summary is the mean of the metric over seeds with its interval.
func (s *Set) Summary(metric MetricID, variant string) Stat {
	return NewStat(s.Values(metric, variant))
}

// Paired is what the variant changes against the baseline, seed by seed.
func (s *Set) Paired(metric MetricID, variant, baseline string) Delta {
	return NewDelta(s.Values(metric, variant), s.Values(metric, baseline))
}

// Applies reports whether any run has a value of the metric.
func (s *Set) Applies(metric MetricID) bool {
	return slices.ContainsFunc(s.Runs, func(r *Run) bool { return !math.IsNaN(r.Values[metric]) })
}

// variant is the index of a variant, -1 if there is none of that name.
func (s *Set) variant(name string) int {
	return slices.IndexFunc(s.Variants, func(v Variant) bool { return v.Name == name })
}

package result

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Comparison is what one or more changed Sets are beside the one before.
type Comparison struct {
	Before    *Set
	After     []*Set
	Identical bool     // every changed Set has the digest of the first: nothing was compared
	Effects   []Effect // by changed set, variant and metric, in their order
	Level     float64  // Adjusted P below it is a finding
	Warnings  []string // what a reader must know
}

// A Rule says what a Comparison tests and which changes count.
type Rule struct {
	Level   float64    // family-wise error over all tests; 0 means 0.05
	Least   float64    // smallest relative change that counts: 0.01 is 1 %
	Own     []Least    // metrics with a least change of their own
	Metrics []MetricID // what is tested; empty: the headline metrics
}

// A Least is the smallest change of one metric that counts: relative, or in the
// metric's unit.
type Least struct {
	Metric   MetricID
	Change   float64
	Absolute bool
}

// Compare puts changed Sets beside the one before: each variant with that of
// the same name, seed by seed. Sets with one variant each are compared whatever
// its name. Where all digests are known and equal nothing is left to compare.
// An error says which Sets have nothing in common, or were changed by hand.
func Compare(before *Set, after []*Set, rule Rule) (*Comparison, error) {
	c := &Comparison{Before: before, After: after, Level: rule.Level}
	if c.Level == 0 {
		c.Level = 0.05
	}
	digest := before.Manifest.Digest
	c.Identical = digest != "" && !slices.ContainsFunc(after, func(s *Set) bool { return s.Manifest.Digest != digest })
	if c.Identical {
		return c, c.unchanged()
	}
	for i, s := range after {
		if err := c.add(i, s, rule); err != nil {
			return nil, err
		}
	}
	Holm(c.Effects)
	for i := range c.Effects {
		c.Effects[i].Outcome = c.Effects[i].outcome(c.Level)
	}
	c.warnOfFewSeeds()
	return c, nil
}

// unchanged is nil if Sets of one digest have the same values too, as they have
// unless a file was changed or cut after it was written.
func (c *Comparison) unchanged() error {
	for _, s := range c.After {
		for i, r := range c.Before.Runs {
			if i >= len(s.Runs) || !slices.EqualFunc(r.Values, s.Runs[i].Values, same) {
				return fmt.Errorf("%s and %s have the same digest and not the same values (variant %s, seed %d): one of them was changed after it was written; kscope verify tells which",
					c.Before.From, s.From, r.Variant, r.Seed)
			}
		}
	}
	return nil
}

// same is equality of values, where two that do not apply are equal.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// add compares one changed Set.
func (c *Comparison) add(index int, s *Set, rule Rule) error {
	pairs, err := c.pairVariants(s)
	if err != nil {
		return err
	}
	var seeds []uint64
	for _, seed := range c.Before.Seeds {
		if slices.Contains(s.Seeds, seed) {
			seeds = append(seeds, seed)
		}
	}
	if len(seeds) == 0 {
		return fmt.Errorf("%s and %s have no seed in common: runs are compared seed by seed, so play both on the same seeds", c.Before.From, s.From)
	}
	if left := len(c.Before.Seeds) + len(s.Seeds) - 2*len(seeds); left > 0 {
		c.warn("%d of the seeds of %s and %s are in one of them only, and are left out", left, c.Before.From, s.From)
	}
	if c.Before.Name != s.Name {
		c.warn("%s is of the scenario %s, %s of %s", c.Before.From, c.Before.Name, s.From, s.Name)
	} else if len(c.Before.Scenario) > 0 && len(s.Scenario) > 0 && string(c.Before.Scenario) != string(s.Scenario) {
		c.warn("the scenario of %s is not that of %s: what differs may come from there", s.From, c.Before.From)
	}
	for _, p := range pairs {
		for id := range Metrics {
			if !rule.tests(MetricID(id)) {
				continue
			}
			e := NewEffect(MetricID(id), c.Before.of(MetricID(id), p[0], seeds), s.of(MetricID(id), p[1], seeds))
			if e.Before.N == 0 && e.Now.N == 0 {
				continue
			}
			e.Variant, e.After = p[1], index
			e.size, e.allowed = rule.measure(&e)
			c.Effects = append(c.Effects, e)
		}
	}
	return nil
}

// pairVariants is which variant is compared with which.
func (c *Comparison) pairVariants(s *Set) (pairs [][2]string, err error) {
	for _, v := range s.Variants {
		if c.Before.variant(v.Name) >= 0 {
			pairs = append(pairs, [2]string{v.Name, v.Name})
		}
	}
	switch left := len(c.Before.Variants) + len(s.Variants) - 2*len(pairs); {
	case len(pairs) == 0 && len(c.Before.Variants) == 1 && len(s.Variants) == 1:
		return [][2]string{{c.Before.Variants[0].Name, s.Variants[0].Name}}, nil
	case len(pairs) == 0:
		return nil, fmt.Errorf("%s and %s have no variant in common: the first has %s, the second %s",
			c.Before.From, s.From, listed(c.Before.VariantNames()), listed(s.VariantNames()))
	case left > 0:
		c.warn("%d of the variants of %s and %s are in one of them only, and are left out", left, c.Before.From, s.From)
	}
	return pairs, nil
}

// of is the values of a metric on some of the seeds.
func (s *Set) of(metric MetricID, variant string, seeds []uint64) []float64 {
	var values []float64
	for _, r := range s.RunsOf(variant) {
		if slices.Contains(seeds, r.Seed) {
			values = append(values, r.Values[metric])
		}
	}
	return values
}

// Common is the values of a metric before and in the changed Set of an index, on
// the seeds where both have one.
func (c *Comparison) Common(metric MetricID, variant string, after int) (seeds []uint64, before, now []float64) {
	s := c.After[after]
	if c.Before.variant(variant) < 0 || s.variant(variant) < 0 {
		return nil, nil, nil
	}
	for _, seed := range c.Before.Seeds {
		if !slices.Contains(s.Seeds, seed) {
			continue
		}
		was, is := c.Before.of(metric, variant, []uint64{seed}), s.of(metric, variant, []uint64{seed})
		if !math.IsNaN(was[0]) && !math.IsNaN(is[0]) {
			seeds, before, now = append(seeds, seed), append(before, was[0]), append(now, is[0])
		}
	}
	return seeds, before, now
}

// tests reports whether the rule looks at a metric.
func (r *Rule) tests(id MetricID) bool {
	if len(r.Metrics) == 0 {
		return Metrics[id].Headline
	}
	return slices.Contains(r.Metrics, id)
}

// measure is the size of a change and the least that counts, on one scale.
func (r *Rule) measure(e *Effect) (size, allowed float64) {
	least := Least{Change: r.Least}
	for _, own := range r.Own {
		if own.Metric == e.Metric {
			least = own
		}
	}
	size = math.Abs(e.Change.Mean)
	switch {
	case least.Absolute:
		return math.Abs(e.Now.Mean - e.Before.Mean), least.Change
	case !e.Ratio: // relative to what was, where that is something
		return size, least.Change * math.Abs(e.Before.Mean)
	}
	return size, least.Change
}

// outcome judges an effect that Holm has seen.
func (e *Effect) outcome(level float64) Outcome {
	direction := Metrics[e.Metric].Better
	switch {
	case e.Before.N == 0:
		return Appeared
	case e.Now.N == 0:
		return Vanished
	case e.Change.N > 0 && e.Change.Mean == 0 && (e.Change.Lo == e.Change.Hi || e.Change.N == 1):
		return Same
	case math.IsNaN(e.Adjusted) || e.Adjusted >= level:
		return Unclear
	case e.size <= e.allowed:
		return Slight
	case direction == Neutral:
		return Moved
	case (e.Change.Mean < 0) == (direction == Lower):
		return Improved
	}
	return Worsened
}

// Regressed reports whether a metric became worse, or is no longer there.
func (c *Comparison) Regressed() bool { return c.Count(Worsened)+c.Count(Vanished) > 0 }

// Count is how many effects came out so.
func (c *Comparison) Count(o Outcome) int {
	n := 0
	for i := range c.Effects {
		if c.Effects[i].Outcome == o {
			n++
		}
	}
	return n
}

// Tests is how many hypotheses were tested, over which Holm corrects.
func (c *Comparison) Tests() int {
	n := 0
	for i := range c.Effects {
		if !math.IsNaN(c.Effects[i].P) {
			n++
		}
	}
	return n
}

func (c *Comparison) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.Warnings, text) {
		c.Warnings = append(c.Warnings, text)
	}
}

// warnOfFewSeeds says which unclear metrics had too few seeds for a test, and
// which could not have been told apart at the least change that counts.
func (c *Comparison) warnOfFewSeeds() {
	var untested, blind []string
	for i := range c.Effects {
		e := &c.Effects[i]
		name := Metrics[e.Metric].Name
		switch {
		case e.Outcome != Unclear:
		case e.Change.N < LeastSeeds:
			untested = append(untested, name)
		case !(e.Detectable <= e.allowed) || e.Change.Lo == e.Change.Hi:
			blind = append(blind, name)
		}
	}
	if len(untested) > 0 {
		c.warn("too few seeds for a verdict on %s: play %d or more", someOf(untested), LeastSeeds)
	}
	if len(blind) > 0 {
		c.warn("too few seeds to see the least change that counts in %s: more seeds would", someOf(blind))
	}
}

// someOf lists names once each, and counts those beyond the first few.
func someOf(names []string) string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	if len(once) > 4 {
		once = append(once[:3], fmt.Sprintf("%d others", len(once)-3))
	}
	return strings.Join(once, ", ")
}

package result_test

import (
	"fmt"
	"strings"

	"kinetoscope/sim/result"
)

// Two variants on three seeds, a threshold and a claim: the means decide, the
// interval says how surely, and variants are compared seed by seed.
func Example() {
	set := &result.Set{
		Name:     "demo",
		Claim:    "A swarm stalls less than one central server.",
		Variants: []result.Variant{{Name: "central"}, {Name: "swarm"}},
		Baseline: "central",
		Seeds:    []uint64{1, 2, 3},
	}
	for _, v := range []struct {
		variant  string
		rebuffer []float64
	}{{"central", []float64{0.03, 0.05, 0.04}}, {"swarm", []float64{0.011, 0.030, 0.021}}} {
		for i, seed := range set.Seeds {
			run := &result.Run{Variant: v.variant, Seed: seed, Values: result.NewValues()}
			run.Values[result.RebufferRatio] = v.rebuffer[i]
			run.Seal()
			set.Runs = append(set.Runs, run)
		}
	}
	threshold, err := result.ParseAssertion("rebuffer-ratio[swarm] <= 3%", set.VariantNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	refuted, err := result.ParseAssertion("rebuffer-ratio[swarm] >= rebuffer-ratio[central]", set.VariantNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	set.Thresholds, set.RefutedIf = []result.Assertion{threshold}, []result.Assertion{refuted}
	for _, v := range result.Check(set) {
		fmt.Printf("%s: %s: passed=%t decided=%t: %s\n", v.Kind, v.Assertion.Text, v.Passed, v.Decided, v.Observed)
	}
	_, err = result.ParseAssertion("rebufer-ratio[swarm] <= 3", set.VariantNames())
	short, _, _ := strings.Cut(err.Error(), ";") // the rest lists all metrics
	fmt.Println(short)
	// Output:
	// threshold: rebuffer-ratio[swarm] <= 3%: passed=true decided=false: 2.1 ± 2.4% (n=3)
	// claim: rebuffer-ratio[swarm] >= rebuffer-ratio[central]: passed=true decided=true: 2.07% against 4%: -1.93 ± 0.14 pp (n=3)
	// "rebufer-ratio[swarm] <= 3", column 1: no metric "rebufer-ratio" (did you mean "rebuffer-ratio"?)
}

package reports_test

import (
	"fmt"
	"os"
	"time"

	"kinetoscope/reports"
	"kinetoscope/sim/result"
)

// The summary of two variants on three seeds.
func Example() {
	set := &result.Set{
		Name:     "demo",
		Title:    "A swarm against one server",
		Duration: time.Minute,
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
			set.Runs = append(set.Runs, run)
		}
	}
	limit, err := result.ParseAssertion("rebuffer-ratio[swarm] <= 3%", set.VariantNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	set.Thresholds = []result.Assertion{limit}
	if err := reports.Summary(os.Stdout, set, reports.Options{ASCII: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// pass demo: 1 of 1 thresholds met
	//   A swarm against one server
	//
	//   pass rebuffer-ratio[swarm] <= 3%  2.1 +/- 2.4% (n=3) ~
	//   ~ the interval reaches across the limit: other seeds may turn the verdict.
	//
	//   metric          central (baseline)  swarm
	//  -------------------------------------------------------
	//   rebuffer-ratio  4.0 +/- 2.5%        2.1 +/- 2.4%
	//                                       -1.93 +/- 0.14 pp
	//   Mean over n=3 seeds +/- half of the 95 % interval; below it the difference to central, seed by seed;
	//   ~ where 0 lies inside the interval.
	//
	//   Notes
	//   - 3 seeds are few: an interval rests on a guess of their spread that is itself uncertain; play 5
	//     or more before believing a small difference
}

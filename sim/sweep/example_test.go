package sweep_test

import (
	"fmt"

	"kinetoscope/sim/sweep"
)

// Ten runs on four machines, of which two never came back.
func Example() {
	plan := &sweep.Plan{}
	for i := range 10 {
		plan.Tasks = append(plan.Tasks, sweep.Task{Index: i, ID: sweep.ID("run", fmt.Sprint(i))})
	}
	lost := append(sweep.Shard{Index: 1, Of: 4}.Tasks(plan), sweep.Shard{Index: 2, Of: 4}.Tasks(plan)...)
	fmt.Println(&sweep.Incomplete{Missing: lost, All: 10})
	fmt.Println("start again --array=" + sweep.Ranges(sweep.Shards(lost, 4)))
	// Output:
	// 5 of 10 runs are missing: 1-2,5-6,9
	// start again --array=1-2
}

package hosts_test

import (
	"context"
	"fmt"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

func ExampleRun() {
	all, err := scenarios.Load("tiny.yaml", []byte("duration: 20s\nlive: {delay: 8s}\npopulation: {viewers: 5, at: 8s, over: 2s}\n"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ladder, err := media.Load(all[0].Video)
	if err != nil {
		fmt.Println(err)
		return
	}
	run, err := hosts.Run(context.Background(), all[0], ladder, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(run.Viewers), "viewers,", run.Values[result.NeverStarted], "of them without a picture")
	// Output: 5 viewers, 0 of them without a picture
}

package economy_test

import (
	"context"
	"fmt"

	"kinetoscope/scenarios"
	"kinetoscope/sim/economy"
	"kinetoscope/sim/result"
)

func Example() {
	all, err := scenarios.Load("week.yaml", []byte("duration: 168h\npopulation: {viewers: 20}\npayment: {method: l1-batch}\n"+
		"economy: {on: true, creators: 5}\nledger: {base_fee: 0.001gwei, tip: 0.0001gwei}\n"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	run, err := economy.Run(context.Background(), all[0], 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("rights holders get %.0f%%, half of it within %.0f hours\n", 100*run.Values[result.RightsShare], run.Values[result.ReceivedP50]/3600)
	// Output: rights holders get 71%, half of it within 70 hours
}

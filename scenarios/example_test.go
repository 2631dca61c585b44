package scenarios_test

import (
	"errors"
	"fmt"

	"kinetoscope/scenarios"
)

func ExampleLoad() {
	variants, err := scenarios.Load("tour.yaml", []byte(`
seeds: 5
variants:
  central: {}
  peers: {}
`), []string{"duration=90s"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range variants {
		fmt.Println(s.Name, s.Variant, s.Seeds, s.Duration)
	}
	// Output:
	// tour central 5 1m30s
	// tour peers 5 1m30s
}

func ExampleError() {
	_, err := scenarios.Load("tour.yaml", []byte("title: A tour\nsedes: 5\nduration: 90\n"), nil)
	var bad *scenarios.Error
	if errors.As(err, &bad) {
		fmt.Println(len(bad.Problems), "problems")
		fmt.Println(bad.Problems[1])
	}
	// Output:
	// 2 problems
	// tour.yaml:3:11: duration: 90 has no unit: write 90ms, 90s, 90m or 90h
	//   2 | sedes: 5
	//   3 | duration: 90
	//     |           ^^
}

package generate_test

import (
	"fmt"

	"kinetoscope/datasets/generate"
)

func Example() {
	m, err := generate.Find("3g")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range m.Rates(1, 3) {
		fmt.Println(s.For, s.Down > 0)
	}
	fmt.Println("fitted to", m.Source)
	// Output:
	// 1s true
	// 1s true
	// 1s true
	// fitted to bw-hsdpa-norway-sabre
}

package abr_test

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
)

// A viewer's buffer fills up, and BOLA climbs the ladder.
func Example() {
	ladder := []unit.Rate{300_000, 1_000_000, 3_000_000, 6_000_000}
	chooser, err := abr.New(abr.Default(), ladder)
	if err != nil {
		fmt.Println(err)
		return
	}
	var seen abr.Estimator
	var memory abr.Memory
	seen.Add(75_000, 200*time.Millisecond)

	view := abr.View{BufferMax: 18 * time.Second, Segment: 2 * time.Second, Throughput: seen.Rate(), Last: 0}
	for buffer := time.Duration(0); buffer <= 16*time.Second; buffer += 2 * time.Second {
		view.Buffer = buffer
		view.Last, _ = chooser.Choose(&memory, view)
		fmt.Printf("%v ahead: %v\n", buffer, ladder[view.Last])
	}
	fmt.Println("estimate:", seen.Rate())
	// Output:
	// 0s ahead: 300kbit/s
	// 2s ahead: 300kbit/s
	// 4s ahead: 300kbit/s
	// 6s ahead: 300kbit/s
	// 8s ahead: 300kbit/s
	// 10s ahead: 1Mbit/s
	// 12s ahead: 3Mbit/s
	// 14s ahead: 6Mbit/s
	// 16s ahead: 6Mbit/s
	// estimate: 3Mbit/s
}

package calibrate_test

import (
	"fmt"
	"time"

	"kinetoscope/sim/calibrate"
)

// What a gigabyte-a-second hash and a slow signature look like to a scenario.
func ExampleFile() {
	fmt.Printf("%s", calibrate.File([]calibrate.Cost{
		{Key: "hash", Bytes: 1000, Low: 999, Median: 1000, High: 1100, Goes: 80},
		{Key: "seal", Low: 15 * time.Microsecond, Median: 16 * time.Microsecond, High: 18 * time.Microsecond, Goes: 90},
		{Key: "evm", Gas: 16_000_000, Low: 20 * time.Millisecond, Median: 20 * time.Millisecond, High: 25 * time.Millisecond, Goes: 50},
	}, []string{"An example."}))
	// Output:
	// # An example.
	// cpu:
	//   hash: 8Gbit/s # median of 80; half of them 8010Mbit/s to 7270Mbit/s
	//   seal: 16µs # median of 90; half of them 15µs to 18µs
	// # evm: 800 Mgas/s, median of 50; half of them 800 Mgas/s to 640 Mgas/s; executed, never charged: no node of a scenario runs a chain's node.
}

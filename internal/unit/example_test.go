package unit_test

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
)

func Example() {
	var r unit.Rate
	if err := r.UnmarshalText([]byte("1.5Mbit/s")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(r, r.Time(64<<10), r.Bytes(2*time.Second))

	fmt.Println(r.UnmarshalText([]byte("1.5")))
	// Output:
	// 1.5Mbit/s 349.525334ms 375kB
	// 1.5 has no unit: write 1.5bit/s, 1.5kbit/s, 1.5Mbit/s or 1.5Gbit/s
}

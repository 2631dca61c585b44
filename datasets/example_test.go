package datasets_test

import (
	"fmt"

	"kinetoscope/datasets"
)

// A trace with a hole and an outage becomes steps, and says so.
func ExampleRead() {
	text := "time_s,down_Mbps\r\n0,8\r\n1,0\r\n2,6\r\n9,7\r\n10,5\r\n"
	s, err := datasets.Read("bus.csv", []byte(text), datasets.Descriptor{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Kind, "by", s.Format, "as", s.Why)
	fmt.Println(&s.Repairs)
	for _, step := range s.Traces[0].Steps {
		fmt.Print(step.For, " ", step.Down, "; ")
	}
	// Output:
	// bandwidth by bandwidth-csv as its column "down_Mbps" is a rate
	// 1 of 5 rows repaired: crlf 6, gap 1, zero-outage 1
	// 1s 8Mbit/s; 1s 0bit/s; 1s 6Mbit/s; 1s 7Mbit/s; 1s 5Mbit/s;
}

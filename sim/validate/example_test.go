package validate_test

import (
	"fmt"

	"kinetoscope/sim/validate"
)

// The textbook's max-min fair shares, as the flow engine finds them.
func Example() {
	p := validate.Shares()
	fmt.Printf("%s: %d of %d as they should be\n", p.Title, p.Passed(), len(p.Findings))
	fmt.Println(p.Findings[0].What)
	// Output:
	// Max-min fair shares: 15 of 15 as they should be
	// one uplink, four alike: the first ends
}

package prefetch_test

import (
	"fmt"
	"testing"

	"kinetoscope/internal/prefetch"
)

func ExampleAll() {
	var viewers [1000]struct{ count, next int }
	sum := 0
	for i := range viewers {
		prefetch.All(&viewers[(i+8)%len(viewers)]) // needed in eight rounds
		sum += viewers[i].count
	}
	fmt.Println(sum)
	// Output: 0
}

// A hint may point anywhere, and changes nothing.
func TestHintsAreHarmless(t *testing.T) {
	prefetch.Line[int](nil)
	prefetch.All[[4096]byte](nil)
	prefetch.Before[int, int](nil, nil)
	x := 7
	prefetch.Line(&x)
	if prefetch.All(&x); x != 7 {
		t.Errorf("a hint has made %d of 7", x)
	}
	if n := testing.AllocsPerRun(100, func() { prefetch.All(&x) }); n > 0 {
		t.Errorf("a hint allocates %v times", n)
	}
}

package hugepages_test

import (
	"bytes"
	"fmt"
	"testing"

	"kinetoscope/internal/hugepages"
)

func ExampleHeap() {
	links := hugepages.Slice(make([]int, 1<<20)) // read here and there from the beginning
	hugepages.Heap()                             // now and then, while much else comes
	fmt.Println(len(links), links[len(links)-1])
	// Output: 1048576 0
}

// A hint changes nothing.
func TestHarmless(t *testing.T) {
	hugepages.Slice(make([]int, 3))
	hugepages.Slice([]int(nil))
	all := bytes.Repeat([]byte{7}, 9<<20)
	hugepages.Heap()
	if s := hugepages.Slice(all); len(s) != 9<<20 || bytes.Count(s, []byte{7}) != len(s) {
		t.Error("a hint has changed a slice")
	}
	if n := testing.AllocsPerRun(100, hugepages.Heap); n > 0 {
		t.Errorf("a heap that stays as it is takes %v allocations to look at", n)
	}
}

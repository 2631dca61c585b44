package hugepages

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"testing"
)

// The heap comes to lie in large pages, where the system has them and says so.
func TestHeap(t *testing.T) {
	set, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	before := large()
	all := bytes.Repeat([]byte{1}, 4*chunk)
	collapse()
	after := large()
	runtime.KeepAlive(all)
	if err == nil && !bytes.Contains(set, []byte("[never]")) && before >= 0 && after <= before {
		t.Errorf("%d kB lie in large pages, %d before", after, before)
	}
}

// large is how many kilobytes of this process lie in large pages, -1 if the system does not say.
func large() (n int) {
	sums, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return -1
	}
	for line := range bytes.Lines(sums) {
		if rest, ok := bytes.CutPrefix(line, []byte("AnonHugePages:")); ok {
			_, _ = fmt.Sscan(string(rest), &n)
		}
	}
	return n
}

package hugepages

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// chunk is what Go's heap grows by: its mappings begin and end at multiples of it,
// and those of others, of stacks above all, nearly never do.
const chunk = 4 << 20

// collapseNow is MADV_COLLAPSE, of Linux 6.1 and later.
const collapseNow = 25

// advise asks for large pages in what of a range is whole ones.
func advise(first, length uintptr) {
	begin, end := (first+size-1)&^(size-1), (first+length)&^(size-1)
	if begin < end {
		madvise(begin, end, syscall.MADV_HUGEPAGE)
	}
}

// collapse asks for them in all mappings of the heap, and for what is there to be
// copied into them. Go tells nobody where its heap is, but the system does.
func collapse() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if begin, end, ok := heapMapping(line); ok {
			madvise(begin, end, syscall.MADV_HUGEPAGE)
			for p := begin; p < end; p += size { // each by itself, for one that holds nothing would end the rest
				madvise(p, p+size, collapseNow)
			}
		}
	}
}

// heapMapping is the range that a line of the list names, if that can only be of
// the heap: of no file, to be read and written, in whole chunks.
func heapMapping(line string) (begin, end uintptr, ok bool) {
	f := strings.Fields(line) // range, rights, offset, device, inode, and a name that Go may give it
	if len(f) < 5 || f[1] != "rw-p" || f[4] != "0" {
		return 0, 0, false
	}
	_, err := fmt.Sscanf(f[0], "%x-%x", &begin, &end)
	return begin, end, err == nil && begin%chunk == 0 && end%chunk == 0
}

// madvise advises the system. That it may refuse is no error: it is a hint.
func madvise(begin, end, advice uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, begin, end-begin, advice)
}

package prefetch

import (
	"syscall"
	"unsafe"
)

// large has memory come in large pages. That the system may refuse is no error:
// it is a hint.
func large(p unsafe.Pointer, size uintptr) {
	first := (uintptr(p)+largePage-1)&^(largePage-1) - uintptr(p)
	last := (uintptr(p)+size)&^(largePage-1) - uintptr(p)
	if size < largePage || last <= first {
		return
	}
	_ = syscall.Madvise(unsafe.Slice((*byte)(p), size)[first:last], syscall.MADV_HUGEPAGE)
}

// Package hugepages asks the system for large pages where memory is read here
// and there. A processor remembers where some two thousand pages are and looks
// the others up, in memory again, before it reads what they hold; of large pages, 512 times
// as large, those two thousand are enough. Go's heap has them only where
// the system gives them to everybody, and many give them to who asks.
//
// It is a hint that changes no result: where it is refused, or there are no such
// pages, nothing happens. It leaves out how a program lays its memory out.
package hugepages

import (
	"runtime/metrics"
	"sync"
	"unsafe"
)

// size is that of a large page on amd64 and, with pages of 4 KB, arm64.
const size = 2 << 20

// Slice asks for a slice, just made, to lie in large pages from its first use.
// Slices of less than a page stay as they are. It returns s.
func Slice[T any](s []T) []T {
	if cap(s) > 0 {
		advise(uintptr(unsafe.Pointer(unsafe.SliceData(s))), uintptr(cap(s))*unsafe.Sizeof(*unsafe.SliceData(s)))
	}
	return s
}

// heap is the heap of this process: what it held when large pages were last asked for.
var heap struct {
	sync.Mutex
	asked  uint64
	sample [1]metrics.Sample
}

// A heap of less than least is left alone: what copying it takes would not come back.
// Whoever has asked asks again when it has grown by one part in growth.
const (
	least  = 32 << 20
	growth = 4
)

// Heap asks for all of the heap to lie in large pages, if it has grown by enough since
// it last did. What is there already is copied into them, which takes some two
// milliseconds for each. It is cheap enough to be called every few milliseconds.
func Heap() {
	heap.Lock()
	defer heap.Unlock()
	heap.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(heap.sample[:])
	if held := heap.sample[0].Value.Uint64(); held >= max(least, heap.asked+heap.asked/growth) {
		heap.asked = held
		collapse()
	}
}

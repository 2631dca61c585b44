// Package prefetch asks the processor to fetch memory before it is needed.
//
// A run of many viewers waits for memory more than it computes. Whoever knows
// which event comes a little later can have its lines under way meanwhile, and
// large pages, where the system has them, spare it to look up where they are. A
// hint changes no result: where there is no instruction or call for it it does nothing.
package prefetch

import "unsafe"

// lineSize is the bytes that come from memory at once.
const lineSize = 64

// Line hints that the line where p points is needed soon. p may be nil, or point
// anywhere: nothing is read.
func Line[T any](p *T) { line(unsafe.Pointer(p)) }

// All hints the same of all of what p points to, up to maxLines lines.
func All[T any](p *T) {
	n := min((unsafe.Sizeof(*p)+lineSize-1)/lineSize, maxLines)
	for i := range n {
		line(unsafe.Add(unsafe.Pointer(p), i*lineSize))
	}
}

// maxLines bounds what All asks for: a processor has no more requests to memory
// open at a time than about so many.
const maxLines = 16

// Large hints that a slice, just made, will be read here and there: a processor
// remembers where so many pages are and no more, so that each read would wait for
// that too unless the pages are large. Slices of less than a large page stay as
// they are. It returns s.
func Large[T any](s []T) []T {
	if cap(s) > 0 {
		large(unsafe.Pointer(unsafe.SliceData(s)), uintptr(cap(s))*unsafe.Sizeof(*unsafe.SliceData(s)))
	}
	return s
}

// largePage is the size of a large page on amd64 and, with pages of 4 KB, arm64.
const largePage = 2 << 20

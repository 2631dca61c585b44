// Package prefetch asks the processor to fetch memory before it is needed.
//
// A run of many viewers waits for memory more than it computes. Whoever knows
// which event comes a little later can have its lines under way meanwhile. A
// hint changes no result: where there is no instruction for it it does nothing.
package prefetch

import "unsafe"

// lineSize is the bytes that come from memory at once.
const lineSize = 64

// Line hints that the line where p points is needed soon. p may be nil, or point
// anywhere: nothing is read.
func Line[T any](p *T) { lines(unsafe.Pointer(p), 1) }

// All hints the same of all of what p points to, up to maxLines lines.
func All[T any](p *T) {
	lines(unsafe.Pointer(p), min((unsafe.Sizeof(*p)+lineSize-1)/lineSize, maxLines))
}

// Before hints the same of what lies from p on until end, of one and the same value.
func Before[T, E any](p *T, end *E) {
	n := (uintptr(unsafe.Pointer(end)) - uintptr(unsafe.Pointer(p)) + lineSize - 1) / lineSize
	lines(unsafe.Pointer(p), min(n, maxLines))
}

// maxLines bounds what All asks for: a processor has no more requests to memory
// open at a time than about so many.
const maxLines = 16

//go:build amd64 || arm64

package prefetch

import "unsafe"

// lines hints that n cache lines from an address on are needed soon, and one at least.
//
//go:noescape
func lines(p unsafe.Pointer, n uintptr)

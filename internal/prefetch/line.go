//go:build amd64 || arm64

package prefetch

import "unsafe"

// line hints that the cache line of an address is needed soon.
//
//go:noescape
func line(p unsafe.Pointer)

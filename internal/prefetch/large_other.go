//go:build !linux

package prefetch

import "unsafe"

func large(unsafe.Pointer, uintptr) {}

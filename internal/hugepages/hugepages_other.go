//go:build !linux

package hugepages

func advise(first, length uintptr) {}

func collapse() {}

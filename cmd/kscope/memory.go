package main

import (
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"kinetoscope/internal/unit"
)

// live is how many bytes of the heap were in use when garbage was last collected.
func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// shortage says that what is in use leaves little room under the limit of memory, so that
// garbage is looked for all the time; empty: there is room, or nobody has set a limit.
func shortage(inUse uint64, limit int64) string {
	if limit == math.MaxInt64 || inUse < uint64(limit)/10*9 {
		return ""
	}
	return fmt.Sprintf("memory is short: %v are in use, and GOMEMLIMIT allows %v. The run goes on, but looks for garbage for up to half of its time and takes what it needs; "+
		"allow more, play fewer viewers, or fewer runs at a time with --workers", unit.Size(inUse>>20<<20), unit.Size(limit))
}

// watchMemory says once on w if memory gets short, until stop is called.
func watchMemory(w io.Writer, quiet bool) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for !quiet {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if why := shortage(live(), debug.SetMemoryLimit(-1)); why != "" {
				fmt.Fprintln(w, "kscope: "+why)
				return
			}
		}
	}()
	return func() { close(done) }
}

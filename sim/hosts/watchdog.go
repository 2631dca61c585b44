package hosts

import (
	"fmt"
	"os"
	"runtime/pprof"
	"sync/atomic"
	"time"
)

// A watchdog looks from outside of the bubble whether it goes on. Virtual time
// stands still for ever if a goroutine waits in a way that the bubble cannot
// see, such as for a mutex that another holds while it sleeps.
type watchdog struct {
	beats      atomic.Uint64
	stop, over chan struct{}
}

// patience is how long, on the wall, a bubble may take for one step: many times
// what the slowest takes.
const patience = 2 * time.Minute

// watch begins to watch.
func watch() *watchdog {
	w := &watchdog{stop: make(chan struct{}), over: make(chan struct{})}
	go func() {
		defer close(w.over)
		t := time.NewTicker(patience)
		defer t.Stop()
		for last := uint64(0); ; {
			select {
			case <-w.stop:
				return
			case <-t.C:
			}
			now := w.beats.Load()
			if now == last {
				fmt.Fprintf(os.Stderr, "kscope: virtual time has stood still for %v. This is a bug in kscope or in libp2p. All goroutines:\n", patience)
				_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
				os.Exit(exitFrozen)
			}
			last = now
		}
	}()
	return w
}

// exitFrozen is the exit code of a fault of ours.
const exitFrozen = 3

// end stops watching.
func (w *watchdog) end() {
	close(w.stop)
	<-w.over
}

func (w *watchdog) beat() { w.beats.Add(1) }

package hosts

import (
	"fmt"
	"runtime/debug"
	"testing"
	"testing/synctest"
)

// bubble runs f in virtual time, which passes when every goroutine that f has
// started waits for another or for a time. All of them must have ended when f
// returns; one that has not is an error, as is a panic of f.
//
// The testing package is entered without a test: synctest.Test asks nothing of
// its T but a place to report to, and f does not report. A test of this package
// holds that the toolchain still lets it.
func bubble(f func() error) (err error) {
	errata.listen()
	defer func() {
		if p := recover(); p != nil { // a goroutine waits for what cannot happen
			err = fmt.Errorf("hosts: the bubble of virtual time did not close: %v", p)
		}
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("hosts: %v\n%s", p, debug.Stack())
			}
		}()
		err = f()
	})
	return err
}

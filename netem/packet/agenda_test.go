package packet

import (
	"testing"
	"time"
)

// An agenda hands out events in order, while others of later times are added:
// half of them soon, as when a link is free, and half after a while, as when a
// packet has crossed an ocean.
func TestAgenda(t *testing.T) {
	for _, pending := range []int{1, 5, 50, 200, 400, 1_000} {
		var a agenda
		last, planned := event{}, uint64(0)
		add := func() {
			planned++
			later := time.Duration(12)
			if planned%2 == 0 {
				later = time.Duration(12 * pending)
			}
			a.add(event{at: last.at + later, seq: planned})
		}
		for range pending {
			add()
		}
		for i := range 100_000 {
			due := a.next()
			e := a.take()
			if e.before(&last) || e.at != due || len(a) != pending-1 {
				t.Fatalf("%d pending, take %d: %+v comes after %+v", pending, i, e, last)
			}
			last = e
			add()
		}
	}
}

package packet

import (
	"context"
	"time"
)

// A Passenger acts in lockstep with the fabric: whenever all that was due by
// now has happened and everybody has reacted to it, Step is called, at any
// time, whether or not the passenger asked for it. It says when it wants to
// act next, or Never, and whether the run is done.
type Passenger interface {
	Step(now time.Duration) (next time.Duration, done bool)
}

// Until is a passenger who rides until done is closed. Who closes it wakes the
// fabric.
func Until(done <-chan struct{}) Passenger { return rider(done) }

type rider <-chan struct{}

// Step looks whether it is over.
func (u rider) Step(time.Duration) (time.Duration, bool) {
	select {
	case <-u:
		return Never, true
	default:
		return Never, false
	}
}

// longestNap bounds how long a canceled context goes unnoticed when nothing
// happens.
const longestNap = time.Second

// Run carries packets until the passenger is done or the context is, whose
// error it returns then. It asks the context without waiting for it, so that
// one from outside of a bubble does.
//
// settle returns when all other goroutines wait for something: in a bubble
// that is synctest.Wait. Without one (nil) whatever has been written so far is
// taken, and time is the caller's. The passenger may be nil. Run may be called
// again.
func (f *Fabric) Run(ctx context.Context, settle func(), p Passenger) error {
	if settle == nil {
		settle = func() {}
	}
	nap := nap{}
	defer nap.stop()
	for {
		settle()
		if err := ctx.Err(); err != nil {
			return err
		}
		now := f.Now()
		next, delivered := f.step(now)
		if delivered {
			continue // reactions of this instant first
		}
		if p != nil {
			want, done := p.Step(now)
			if done {
				return nil
			}
			next = min(next, want)
		}
		if next > now {
			nap.until(now, min(next, now+longestNap), f.wake)
		}
	}
}

// step carries what was written and is due by now. It says when the next
// packet moves.
func (f *Fabric) step(now time.Duration) (next time.Duration, delivered bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serve(now)
	f.collect(now)
	delivered = f.serve(now)
	return f.next(), delivered || len(f.written) > 0
}

// Wake makes Run look again, and step its passenger, without waiting for the
// next event. Any goroutine may call it.
func (f *Fabric) Wake() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// A nap is how Run waits. A timer that would be set to an earlier time is
// replaced instead: the runtime takes time in proportion to all timers for
// that. One that rings too early is left as it is.
type nap struct {
	timer *time.Timer
	rings time.Duration // 0: it has rung
}

func (n *nap) until(now, at time.Duration, wake <-chan struct{}) {
	switch {
	case n.timer == nil || n.rings > at:
		n.stop()
		n.timer, n.rings = time.NewTimer(at-now), at
	case n.rings == 0:
		n.timer.Reset(at - now)
		n.rings = at
	}
	select {
	case <-n.timer.C:
		n.rings = 0
	case <-wake:
	}
}

func (n *nap) stop() {
	if n.timer != nil {
		n.timer.Stop()
	}
}

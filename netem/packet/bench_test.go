package packet

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
)

// Every node sends a packet of 1252 bytes every 5 ms to its neighbour, whose
// reader takes it: in a bubble, as hosts would.
func BenchmarkFabric(b *testing.B) {
	for _, n := range []int{10, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			synctest.Test(new(testing.T), func(*testing.T) {
				f := New(line(b, n, netem.Class{Up: 20 * mbit, Down: 20 * mbit, Latency: 10 * ms, Jitter: ms}), Default(), draws(1))
				conns := attach(b, f, n)
				for _, c := range conns {
					go func() {
						buf := make([]byte, 1500)
						for {
							if _, _, err := c.ReadFrom(buf); err != nil {
								return
							}
						}
					}()
				}
				data := make([]byte, 1252)
				sent := 0
				next := time.Duration(0)
				b.ResetTimer()
				f.Run(context.Background(), synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
					if now < next {
						return next, false
					}
					for i, c := range conns {
						c.WriteTo(data, conns[(i+1)%n].addr)
						sent++
					}
					next += 5 * ms
					return next, sent >= b.N
				}))
				b.StopTimer()
				for _, c := range conns {
					c.Close()
				}
			})
		})
	}
}

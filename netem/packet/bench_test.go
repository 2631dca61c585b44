package packet

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
)

// Packets across the fabric, each from a node to its neighbour at half of the
// rate of the links or at twice it: with somebody who reads them in a bubble,
// as hosts do, and without any of that, the fabric alone.
func BenchmarkFabric(b *testing.B) {
	for _, n := range []int{10, 200, 1000} {
		for _, load := range []string{"half", "twice"} {
			for _, aqm := range []AQM{DropTail, FQCoDel} {
				b.Run(fmt.Sprintf("nodes=%d/load=%s/aqm=%s/alone", n, load, aqm), func(b *testing.B) { benchmark(b, n, load, aqm, false) })
			}
			b.Run(fmt.Sprintf("nodes=%d/load=%s/aqm=drop_tail/bubble", n, load), func(b *testing.B) { benchmark(b, n, load, DropTail, true) })
		}
	}
}

func benchmark(b *testing.B, n int, load string, aqm AQM, bubble bool) {
	cfg := Default()
	cfg.AQM, cfg.ReceiveBuffer = aqm, minReceive
	gap := map[string]time.Duration{"half": 1024 * time.Microsecond, "twice": 256 * time.Microsecond}[load]
	class := netem.Class{Up: 20 * mbit, Down: 20 * mbit, Latency: 10 * ms, Jitter: ms}
	b.ReportAllocs()
	if bubble {
		synctest.Test(new(testing.T), func(*testing.T) { // the clock of b is outside: do not touch it here
			f := New(line(b, n, class), cfg, draws(1))
			conns := attach(b, f, n)
			for _, c := range conns {
				go func() {
					buf := make([]byte, 1500)
					for err := error(nil); err == nil; {
						_, _, err = c.ReadFrom(buf)
					}
				}()
			}
			f.Run(context.Background(), synctest.Wait, offered(conns, gap, b.N))
			for _, c := range conns {
				c.Close()
			}
		})
	} else { // nobody reads: what comes is dropped at the socket
		f := New(line(b, n, class), cfg, draws(1))
		conns := attach(b, f, n)
		p := offered(conns, gap, b.N)
		for now, done := time.Duration(0), false; !done; {
			var want time.Duration
			want, done = p.Step(now)
			next, _ := f.step(now)
			now = min(next, want)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
}

// offered writes so many packets of 1252 bytes in all, each node one in a gap.
func offered(conns []*Conn, gap time.Duration, total int) Passenger {
	data := make([]byte, 1252)
	n := len(conns)
	sent, next := 0, time.Duration(0)
	return steps(func(now time.Duration) (time.Duration, bool) {
		for now >= next {
			conns[sent%n].WriteTo(data, conns[(sent+1)%n].addr)
			sent++
			next += gap / time.Duration(n)
		}
		return next, sent >= total
	})
}

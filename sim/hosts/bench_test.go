//go:build unix

package hosts_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kinetoscope/sim/hosts"
)

// BenchmarkRun plays a live stream of 20 s with every viewer there from the
// fourth second on, and reports the processor time of a virtual second, the
// making of the hosts included, and the largest resident memory so far.
func BenchmarkRun(b *testing.B) {
	const length = 20 * time.Second
	for _, nodes := range []int{50, 200} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			s, l := load(b, fmt.Sprintf(`
duration: %v
live: {delay: 4s}
population: {viewers: %d, initial: 100%%}
edges: {count: 4, sites: 4, up: 200Mbit/s}
providers: {count: 12, sites: 6, up: 1Gbit/s}
ledger: {block_time: 2s, base_fee: 0.01gwei, tip: 0.001gwei}
`, length, nodes-18))
			before := usage(b)
			for b.Loop() {
				if _, err := hosts.Run(context.Background(), s, l, 1); err != nil {
					b.Fatal(err)
				}
			}
			after := usage(b)
			spent := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
			b.ReportMetric(spent.Seconds()/length.Seconds()/float64(b.N), "cpu-sec/virtual-sec")
			b.ReportMetric(float64(after.Maxrss)/1024, "MB")
		})
	}
}

func usage(b *testing.B) (u unix.Rusage) {
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u
}

//go:build unix

package hosts_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"kinetoscope/sim/hosts"
)

// BenchmarkRun plays a live stream with every viewer there from the fourth
// second on, in a process of its own as kscope run starts it, and reports the
// processor time of a virtual second, the making of the hosts and the start of
// the process included, and the largest resident memory.
func BenchmarkRun(b *testing.B) {
	crowds := []struct {
		nodes  int
		length time.Duration
	}{{50, 20 * time.Second}, {200, 20 * time.Second}, {1000, 10 * time.Second}}
	if testing.Short() {
		crowds = crowds[:2] // a thousand take a minute and a half
	}
	for _, of := range crowds {
		b.Run(fmt.Sprintf("nodes=%d", of.nodes), func(b *testing.B) {
			if os.Getenv(apart) != "" {
				crowd(b, of.nodes, of.length)
				return
			}
			var spent time.Duration
			var most int64
			for b.Loop() {
				c := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^"+strings.ReplaceAll(b.Name(), "/", "$/^")+"$", "-test.benchtime=1x")
				c.Env = slices.Concat(os.Environ(), hosts.Environment(), []string{apart + "=1"})
				if out, err := c.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				spent += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
				most = max(most, int64(c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss))
			}
			b.ReportMetric(spent.Seconds()/of.length.Seconds()/float64(b.N), "cpu-sec/virtual-sec")
			b.ReportMetric(float64(most)/1024, "MB")
		})
	}
}

// apart is what the environment of the process that plays has.
const apart = "KSCOPE_BENCH_APART"

// crowd plays the stream once.
func crowd(b *testing.B, nodes int, length time.Duration) {
	s, l := load(b, fmt.Sprintf(`
duration: %v
live: {delay: 4s}
population: {viewers: %d, initial: 100%%}
edges: {count: 4, sites: 4, up: 200Mbit/s}
providers: {count: 12, sites: 6, up: 1Gbit/s}
ledger: {block_time: 2s, base_fee: 0.01gwei, tip: 0.001gwei}
`, length, nodes-18))
	if !hosts.Alone(1) {
		b.Fatal("the environment is not that of a run that can be repeated")
	}
	for b.Loop() {
		play(b, s, l)
	}
}

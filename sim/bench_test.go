//go:build unix

package sim

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kinetoscope/protocol/media"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/swarm"
	"kinetoscope/scenarios"
)

// crowd is the spine's world at a size: every viewer there within 10 s, one
// edge of 100 Mbit/s for each 500 viewers, channels, Reed-Solomon 4 of 6.
func crowd(t testing.TB, viewers int, length time.Duration) (scenarios.Scenario, *media.Ladder) {
	t.Helper()
	sites := max(4, viewers/500)
	all, err := scenarios.Load("crowd.yaml", fmt.Appendf(nil, `
duration: %v
live: {delay: 8s}
population: {viewers: %d, initial: 20%%, at: 8s, over: 4s}
edges: {count: %d, sites: %d, up: 100Mbit/s, regions: [europe, na_east, na_west, east_asia]}
providers: {count: %d, sites: 6, up: 1Gbit/s, regions: [europe, na_east, east_asia]}
publisher: {up: 1Gbit/s}
ledger: {block_time: 2s, base_fee: 0.01gwei, tip: 0.001gwei, gas_limit: 1000000000, background: 0}
`, length, viewers, sites, sites, max(12, sites)), nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := media.Load(all[0].Video)
	if err != nil {
		t.Fatal(err)
	}
	return all[0], l
}

// BenchmarkRun plays a live stream with every viewer there, and reports the
// speed of the engine with the whole protocol: virtual seconds and events for
// each second of processor time, garbage collection included, so that a busy
// machine does not blur it; and the memory of a viewer. What a
// session costs once (an account's key, opening and closing a channel on the
// EVM) is measured by BenchmarkSession.
func BenchmarkRun(b *testing.B) {
	const begin, length = 30 * time.Second, 20 * time.Second
	sizes := []int{1_000, 10_000, 100_000}
	if testing.Short() { // the others take a minute and more to get under way
		sizes = sizes[:1]
	}
	for i := range 2 * len(sizes) {
		viewers, delivery := sizes[i/2], []swarm.Delivery{swarm.Pull, swarm.Push}[i%2]
		b.Run(fmt.Sprintf("viewers=%d/%s", viewers, delivery), func(b *testing.B) {
			s, l := crowd(b, viewers, time.Hour)
			s.Payment.Signatures = payment.Modelled
			if s.Swarm.Delivery = delivery; delivery == swarm.Push { // and pays for ten seconds at a time
				s.Payment.Method = payment.Interval
			}
			heap := heapInUse()
			w, err := newWorld(Flows, s, l, 1)
			if err != nil {
				b.Fatal(err)
			}
			until := time.Duration(begin)
			play(b, w, until)
			before, events, spent := mallocs(), w.events, processor()
			for b.Loop() {
				until += length
				play(b, w, until)
			}
			spent, events = processor()-spent, w.events-events
			b.ReportMetric(float64(b.N)*length.Seconds()/spent.Seconds(), "virtual-sec/cpu-sec")
			b.ReportMetric(float64(events)/spent.Seconds(), "events/cpu-sec")
			b.ReportMetric(float64(mallocs()-before)/float64(events), "allocs/event")
			b.ReportMetric((float64(heapInUse())-float64(heap))/float64(viewers), "B/viewer")
			runtime.KeepAlive(w)
		})
	}
}

func play(b *testing.B, w *world, until time.Duration) {
	if err := w.play(context.Background(), until); err != nil {
		b.Fatal(err)
	}
}

// processor is the processor time that this process has used.
func processor() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSession is what one session costs besides streaming: an account's
// key, its opening and closing transaction on the EVM, and the split, for a
// thousand viewers who come, watch 20 s and go.
func BenchmarkSession(b *testing.B) {
	const viewers = 1000
	s, l := crowd(b, viewers, 20*time.Second)
	s.Payment.Signatures = payment.Modelled
	var channels, central time.Duration
	for b.Loop() {
		for _, m := range []payment.Method{payment.Channel, payment.Central} {
			s.Payment.Method = m
			begun := processor()
			if _, err := Run(context.Background(), s, l, 1); err != nil {
				b.Fatal(err)
			}
			if m == payment.Channel {
				channels += processor() - begun
			} else {
				central += processor() - begun
			}
		}
	}
	b.ReportMetric(float64((channels-central).Microseconds())/float64(b.N)/viewers, "cpu-us/session")
}

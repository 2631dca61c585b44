//go:build unix

package netem

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kinetoscope/internal/unit"
)

// A audience is viewers who each ask for a segment every two seconds, in parts
// from some servers of those there are.
type audience struct {
	n       *Network
	r       *rand.Rand
	viewers int
	parts   int
	phase   []time.Duration
	turn    int
	ahead   [4 * foreseen]int32 // servers of the next parts, drawn
	emit    func(Arrival)
}

// foreseen is how many viewers ahead a driver that has a queue of requests knows
// of.
const foreseen = 8

const (
	period  = 2 * time.Second
	bitrate = 2 * mbit
)

// newAudience has servers whose uplinks are used to two thirds. Within is how
// much of the period the viewers spread their requests over.
func newAudience(b *testing.B, cfg Config, class string, viewers, servers, parts int, within time.Duration) *audience {
	c := &audience{r: rand.New(rand.NewPCG(1, 1)), viewers: viewers, parts: parts}
	for range viewers {
		c.phase = append(c.phase, time.Duration(c.r.Int64N(int64(within))))
	}
	slices.Sort(c.phase)
	viewer, err := cfg.Class(class)
	if err != nil {
		b.Fatal(err)
	}
	ends := make([]Endpoint, viewers+servers)
	for i := range ends {
		ends[i] = Endpoint{Region: 2, Class: viewer}
		if i >= viewers {
			up := unit.Rate(float64(bitrate) * float64(viewers) / float64(servers) * 1.5)
			ends[i] = access(up, up)
		}
	}
	c.n, err = build(cfg, ends, draws(3))
	if err != nil {
		b.Fatal(err)
	}
	c.emit = func(a Arrival) { c.n.Arrive(a.From, a.To, a.Size, a.Traffic) }
	return c
}

// next has the next viewer ask.
func (c *audience) next() {
	i := c.turn % c.viewers
	at := c.phase[i] + time.Duration(c.turn/c.viewers)*period
	c.turn++
	c.n.Advance(at, c.emit)
	size := bitrate.Bytes(period) / unit.Size(c.parts)
	servers := len(c.n.nodes) - c.viewers
	later := int32((i + foreseen) % c.viewers)
	for part := range c.parts {
		server := &c.ahead[(c.turn%foreseen)*c.parts+part]
		if from := *server; from > 0 {
			c.n.SendBulk(at, from, int32(i), size, 0, 0)
		}
		*server = int32(c.viewers + c.r.IntN(servers))
		if len(c.n.nodes) >= manyNodes {
			c.n.ForeseeBulk(*server, later)
		}
	}
}

func (c *audience) bench(b *testing.B) {
	for range 3 * c.viewers {
		c.next()
	}
	b.ReportAllocs()
	b.ResetTimer()
	before := c.n.Measured()
	from, begun := c.n.now, processor()
	for range b.N {
		c.next()
	}
	spent := processor() - begun
	b.StopTimer()
	m := c.n.Measured()
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "cpu-ns/op")
	b.ReportMetric((c.n.now-from).Seconds()/spent.Seconds(), "virtual-sec/cpu-sec")
	b.ReportMetric(float64(m.Evaluations-before.Evaluations)/float64(b.N), "evals/op")
	if m.Fallbacks > 0 {
		b.Errorf("relaxation was given up %d times", m.Fallbacks)
	}
	if err := c.n.Check(); err != nil {
		b.Error(err)
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

// BenchmarkSegment is one segment fetched, request to completion. "even"
// spreads the requests and has a server for 50 viewers: with one part or four,
// and 500 KB every 2 s, it is the case that docs/explanation/performance.md
// compares with SimGrid. "live" has one for
// 1250 and everybody asks within 300 ms, as viewers of a live stream do.
func BenchmarkSegment(b *testing.B) {
	for _, viewers := range crowds(1e3, 1e4, 1e5) {
		for _, parts := range []int{1, 4} {
			b.Run(fmt.Sprintf("even/viewers=%d/K=%d", viewers, parts), func(b *testing.B) {
				newAudience(b, Config{}, "dsl", viewers, viewers/50, parts, period).bench(b)
			})
			b.Run(fmt.Sprintf("live/viewers=%d/K=%d", viewers, parts), func(b *testing.B) {
				newAudience(b, Config{}, "dsl", viewers, max(4, viewers/1250), parts, 300*ms).bench(b)
			})
			lazy := Config{Sharing: Lazy}
			b.Run(fmt.Sprintf("even-lazy/viewers=%d/K=%d", viewers, parts), func(b *testing.B) {
				newAudience(b, lazy, "dsl", viewers, viewers/50, parts, period).bench(b)
			})
			b.Run(fmt.Sprintf("live-lazy/viewers=%d/K=%d", viewers, parts), func(b *testing.B) {
				newAudience(b, lazy, "dsl", viewers, max(4, viewers/1250), parts, 300*ms).bench(b)
			})
			b.Run(fmt.Sprintf("caps/viewers=%d/K=%d", viewers, parts), func(b *testing.B) {
				newAudience(b, Default(), "cable", viewers, max(4, viewers/1250), parts, 300*ms).bench(b)
			})
		}
	}
}

// crowds leaves out what takes minutes to set up when time is short.
func crowds(all ...int) []int {
	if testing.Short() {
		return all[:len(all)-1]
	}
	return all
}

// BenchmarkMillion is the even case with a million viewers and one part, and
// the memory that the network takes for a viewer.
func BenchmarkMillion(b *testing.B) {
	viewers := 1_000_000
	if testing.Short() { // a tenth: all of them take a minute to set up
		viewers /= 10
	}
	before := heapInUse()
	c := newAudience(b, Config{}, "dsl", viewers, viewers/50, 1, period)
	c.bench(b)
	b.ReportMetric((float64(heapInUse())-float64(before))/float64(viewers), "B/viewer")
	runtime.KeepAlive(c)
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkControl is one message on the control lane.
func BenchmarkControl(b *testing.B) {
	for _, viewers := range []int{1e3, 1e5} {
		b.Run(fmt.Sprintf("viewers=%d", viewers), func(b *testing.B) {
			c := newAudience(b, Default(), "cable", viewers, 1, 1, period)
			now, i := time.Duration(0), int32(0)
			send := func() {
				now += time.Second / time.Duration(4*viewers)
				i = (i + 1) % int32(viewers)
				if _, ok := c.n.SendControl(now, i, (i+7)%int32(viewers), 200, 1); ok {
					c.n.Arrive(i, (i+7)%int32(viewers), 200, 1)
				}
			}
			for range 10 * viewers {
				send()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				send()
			}
		})
	}
}

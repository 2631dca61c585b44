package packet

import (
	"context"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// On idle links, what is achieved is what is configured: round trip within
// 1 ms and 1 %, rate within 3 %, loss within the binomial interval of four
// standard deviations.
func TestIdleLinks(t *testing.T) {
	cfg := netem.Config{Loss: netem.Random, Spread: 0.1}
	var ends []netem.Endpoint
	for region := range netem.Regions() {
		for _, name := range []string{"home", "cable", "4g", "bad"} {
			class, err := cfg.Class(name)
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, netem.Endpoint{Region: region, Class: class})
		}
	}
	topology, err := netem.NewTopology(cfg, ends, draws(3))
	if err != nil {
		t.Fatal(err)
	}
	for from := int32(0); from < int32(len(ends)); from += 3 {
		to := (from*7 + 5) % int32(len(ends))
		there, back := measure(t, topology, from, to), measure(t, topology, to, from)
		rtt, want := there.delay+back.delay, topology.RTT(from, to)
		if off := (rtt - want).Abs(); off > ms+want/100 {
			t.Errorf("%d and %d: a round trip takes %v, want %v", from, to, rtt, want)
		}
		up, _ := topology.Rates(from)
		_, down := topology.Rates(to)
		if want := float64(min(up, down)); math.Abs(there.rate-want) > 0.03*want {
			t.Errorf("%d to %d: %v bit/s, want %v", from, to, there.rate, want)
		}
		p := topology.Loss(from, to)
		if off := math.Abs(there.loss - p); off > 4*math.Sqrt(p*(1-p)/there.packets) {
			t.Errorf("%d to %d: loses %v, want %v", from, to, there.loss, p)
		}
	}
}

// measured is what packets on one way have met: the delay of a small one, and
// what a saturating source achieves.
type measured struct {
	delay               time.Duration
	rate, loss, packets float64
}

func measure(t *testing.T, topology *netem.Topology, from, to int32) (m measured) {
	const small, large, many = 1, 1252, 4000
	synctest.Test(t, func(t *testing.T) {
		f := New(topology, Default(), draws(uint64(from)<<32|uint64(to)))
		a, b := attachAt(t, f, from), attachAt(t, f, to)
		var arrived []time.Duration
		f.Tap = func(e Event) {
			if e.Kind == Delivered {
				arrived = append(arrived, e.At)
			}
		}
		for len(arrived) == 0 { // until one is not lost
			begin := f.Now()
			write(t, a, b, small)
			run(t, f, begin+5*time.Second)
			if len(arrived) == 1 {
				m.delay = arrived[0] - begin
			}
		}
		before := f.Tally()
		up, _ := topology.Rates(from)
		_, down := topology.Rates(to)
		gap := duration(nanobits(large+28), min(up, down))
		arrived = arrived[:0]
		load(t, f, f.Now()+many*gap, source{a, b, large, gap})
		run(t, f, f.Now()+5*time.Second)
		after := f.Tally()
		m.packets = float64(after.Packets[Sent] - before.Packets[Sent])
		m.loss = float64(after.Packets[Lost]-before.Packets[Lost]) / m.packets
		span := arrived[len(arrived)-1] - arrived[0]
		m.rate = float64(len(arrived)-1) / (1 - m.loss) * 8 * (large + 28) / span.Seconds()
	})
	return m
}

// attachAt opens a socket of a node.
func attachAt(t *testing.T, f *Fabric, node int32) *Conn {
	t.Helper()
	c, err := f.Attach(node, address(int(node)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A saturated link is never idle and never faster than its rate.
func TestSaturatedLink(t *testing.T) {
	for _, aqm := range []AQM{DropTail, FQCoDel} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Default()
			cfg.AQM = aqm
			f := New(line(t, 3, netem.Class{Up: 10 * mbit, Down: 10 * mbit}), cfg, draws(1))
			c := attach(t, f, 3)
			load(t, f, 2*time.Second, source{c[0], c[2], 1000, 900_000}, source{c[1], c[2], 1000, 900_000})
			got := f.Tally()
			rate := float64(8*got.Bytes[Delivered]) / (2 * time.Second).Seconds()
			if math.Abs(rate-10e6) > 0.01*10e6 {
				t.Errorf("%s: %v bit/s of 10 Mbit/s", aqm, rate)
			}
		})
	}
}

// A source writes packets of a size from one socket to another, one each gap
// nanoseconds.
type source struct {
	from, to *Conn
	size     int
	gap      time.Duration
}

// load lets sources write until an end.
func load(t *testing.T, f *Fabric, end time.Duration, sources ...source) {
	t.Helper()
	next := make([]time.Duration, len(sources))
	for i := range next {
		next[i] = f.Now()
	}
	err := f.Run(context.Background(), synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
		for i, s := range sources {
			if now >= next[i] && now < end {
				write(t, s.from, s.to, s.size)
				next[i] += s.gap
			}
		}
		return min(end, slices.Min(next)), now >= end
	}))
	if err != nil {
		t.Error(err)
	}
	if tally := f.Tally(); tally.Check() != nil {
		t.Error(tally.Check())
	}
}

// Packets that are lost take the link's time all the same, and a packet that
// does not fit takes none.
func TestBuffer(t *testing.T) {
	for _, aqm := range []AQM{DropTail, FQCoDel} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Default()
			cfg.AQM, cfg.Buffer = aqm, 5*unit.Size(1000)
			f := New(line(t, 2, netem.Class{Up: mbit, Down: 100 * mbit}), cfg, draws(1))
			c := attach(t, f, 2)
			for range 10 {
				write(t, c[0], c[1], 972)
			}
			run(t, f, time.Second)
			if got := f.Tally(); got.Packets[Delivered] != 6 || got.Packets[UpOverflow] != 4 {
				t.Errorf("%s: %+v", aqm, got)
			}
		})
	}
}

// Two bursts meet at a downlink: what does not fit there is lost there.
func TestDownlinkQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 3, netem.Class{Up: 100 * mbit, Down: mbit}), Default(), draws(1))
		c := attach(t, f, 3)
		for range 10 {
			write(t, c[0], c[2], 972)
			write(t, c[1], c[2], 972)
		}
		run(t, f, time.Second)
		if got := f.Tally(); got.Packets[Delivered] != 13 || got.Packets[DownOverflow] != 7 {
			t.Errorf("%+v", got)
		}
	})
}

func TestReceiveBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Default()
		cfg.ReceiveBuffer = 3000
		f := New(line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit}), cfg, draws(1))
		c := attach(t, f, 2)
		for range 5 {
			write(t, c[0], c[1], 972)
		}
		run(t, f, time.Second)
		if got := f.Tally(); got.Packets[Delivered] != 3 || got.Packets[RxOverflow] != 2 {
			t.Errorf("%+v", got)
		}
	})
}

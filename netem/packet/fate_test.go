package packet

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// The share of lost packets is that of the topology, in bursts or not, and the
// bursts are as long as asked.
func TestBursts(t *testing.T) {
	for _, tt := range []struct{ p, burst, want float64 }{ // want: mean length of a burst
		{0.02, 0, 1 / 0.98}, {0.02, 1, 1 / 0.98}, {0.02, 10, 10}, {0.3, 3, 3}, {0.5, 1.5, 2},
	} {
		const n = 2_000_000
		way := path{key: 7}
		lost, bursts, before := 0.0, 0.0, false
		for range n {
			l := way.burst.Loses(0, way.nextFate().loss(0), tt.p, tt.burst)
			if l {
				lost++
				if !before {
					bursts++
				}
			}
			before = l
		}
		if got := lost / n; math.Abs(got-tt.p) > 0.03*tt.p {
			t.Errorf("%+v: loses %v", tt, got)
		}
		if got := lost / bursts; math.Abs(got-tt.want) > 0.03*tt.want {
			t.Errorf("%+v: bursts of %v", tt, got)
		}
	}
}

// Packets and the messages of the flow engine are lost by the same law, whatever
// the pause between them: the same share, as many in a row. A second of silence
// ends a burst.
func TestBurstsInBothEngines(t *testing.T) {
	for _, tt := range []struct {
		every time.Duration
		count int
		row   float64
	}{{ms, 20_000, 5}, {700 * ms, 20_000, 5}, {1100 * ms, 10_000, 1 / 0.9}} {
		topology := func() *netem.Topology {
			class := netem.Class{Up: 100 * mbit, Down: 100 * mbit, Loss: unit.Ratio(1 - math.Sqrt(0.9))}
			return line(t, 2, class, func(c *netem.Config) { c.Loss, c.Burst = netem.Bursty, 5 })
		}
		for engine, lost := range map[string][]bool{"flows": messagesLost(topology(), tt.every, tt.count), "packets": packetsLost(t, topology(), tt.every, tt.count)} {
			count, bursts, last := 0.0, 0.0, false
			for _, l := range lost {
				if l {
					count++
				}
				if l && !last {
					bursts++
				}
				last = l
			}
			share, row := count/float64(tt.count), count/bursts
			// The deviations of a share of which 2 row - 1 packets hang together, and of the mean of geometric lengths.
			wide := 4 * math.Sqrt(0.1*0.9*(2*tt.row-1)/float64(tt.count))
			long := 4 * math.Sqrt(tt.row*(tt.row-0.9)/bursts)
			if len(lost) != tt.count || math.Abs(share-0.1) > wide || math.Abs(row-tt.row) > long {
				t.Errorf("%s, one every %v: of %d %.4f are lost, %.2f in a row; want 0.1 within %.4f and %.2f within %.2f", engine, tt.every, len(lost), share, row, wide, tt.row, long)
			}
		}
	}
}

func messagesLost(topology *netem.Topology, every time.Duration, count int) (lost []bool) {
	n := netem.New(topology, draws(1))
	for i := range count {
		before := n.Measured().Resent
		n.SendControl(time.Duration(i)*every, 0, 1, 100, 0)
		lost = append(lost, n.Measured().Resent > before)
	}
	return lost
}

func packetsLost(t *testing.T, topology *netem.Topology, every time.Duration, count int) (lost []bool) {
	synctest.Test(t, func(t *testing.T) {
		f := New(topology, Default(), draws(1))
		c := attach(t, f, 2)
		f.Tap = func(e Event) {
			switch e.Kind {
			case Sent:
				lost = append(lost, false)
			case Lost:
				lost[len(lost)-1] = true
			}
		}
		var buf [100]byte
		if err := f.Run(t.Context(), synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
			if len(lost) == count {
				return Never, true
			}
			if now >= time.Duration(len(lost))*every {
				write(t, c[0], c[1], 100)
			}
			for c[1].SetReadDeadline(time.Unix(1, 0)) == nil {
				if _, _, err := c[1].ReadFrom(buf[:]); err != nil {
					break
				}
			}
			return time.Duration(len(lost)) * every, false
		})); err != nil {
			t.Error(err)
		}
	})
	return lost
}

// What jitter does to a packet may not let it overtake, unless asked.
func TestReorder(t *testing.T) {
	for _, reorder := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Default()
			cfg.Reorder = reorder
			f := New(line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit, Jitter: 2 * ms}), cfg, draws(1))
			c := attach(t, f, 2)
			last, turned, mean := 0, 0, 0.0
			f.Tap = func(e Event) {
				if e.Kind != Delivered {
					return
				}
				if len(e.Data) < last {
					turned++
				}
				last = len(e.Data)
				mean += (e.At - time.Duration(last)*ms - 10*ms).Seconds() / 1000
			}
			for size := range 1000 {
				load(t, f, time.Duration(size+1)*ms, source{c[0], c[1], size, time.Hour})
			}
			run(t, f, 3*time.Second)
			if got := f.Tally(); got.Packets[Delivered] != 1000 {
				t.Errorf("%+v", got)
			}
			if reorder != (turned > 100) || !reorder && turned > 0 {
				t.Errorf("reorder %v: %d overtook", reorder, turned)
			}
			if reorder && math.Abs(mean-0.004) > 0.0005 || !reorder && mean < 0.004 { // two classes of 2 ms
				t.Errorf("reorder %v: the mean delay is %v s", reorder, mean)
			}
		})
	}
}

func TestDuplicateAndCorrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Default()
		cfg.Duplicate, cfg.Corrupt = 0.1, 0.2
		f := New(line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit}), cfg, draws(1))
		c := attach(t, f, 2)
		flipped := 0
		f.Tap = func(e Event) {
			if e.Kind == Delivered {
				for _, b := range e.Data {
					for ; b != 0; b &= b - 1 {
						flipped++
					}
				}
			}
		}
		load(t, f, time.Second, source{c[0], c[1], 100, 100 * time.Microsecond})
		run(t, f, 2*time.Second)
		got := f.Tally()
		if n := got.Packets[Duplicated]; n < 900 || n > 1100 || got.Packets[Delivered] != 10_000+n {
			t.Errorf("%+v", got)
		}
		if n := int(got.Packets[Corrupted]); n < 1850 || n > 2150 || flipped < n || flipped > n+n/5 {
			t.Errorf("%d are corrupted, %d bits are flipped", n, flipped)
		}
	})
}

// Which packets of a path are lost depends on nothing but their number: not on
// other knobs, and not on other traffic.
func TestFateIsOwn(t *testing.T) {
	lost := func(change func(*Config), others bool) (numbers []int) {
		synctest.Test(t, func(t *testing.T) {
			cfg := Default()
			change(&cfg)
			f := New(line(t, 3, netem.Class{Up: 100 * mbit, Down: 100 * mbit, Loss: 0.1, Jitter: ms}), cfg, draws(1))
			c := attach(t, f, 3)
			n := 0
			f.Tap = func(e Event) {
				if e.Src != 0 || e.Dst != 1 {
					return
				}
				switch e.Kind {
				case Sent:
					n++
				case Lost:
					numbers = append(numbers, n)
				}
			}
			load(t, f, time.Second, source{c[0], c[1], 100, ms})
			if others {
				load(t, f, 2*time.Second, source{c[0], c[1], 100, ms}, source{c[0], c[2], 100, ms}, source{c[1], c[0], 100, ms})
			} else {
				load(t, f, 2*time.Second, source{c[0], c[1], 100, ms})
			}
		})
		return numbers
	}
	want := lost(func(*Config) {}, false)
	if len(want) < 300 || len(want) > 500 {
		t.Fatalf("%d of 2000 are lost", len(want))
	}
	for what, got := range map[string][]int{
		"other traffic": lost(func(*Config) {}, true),
		"other knobs":   lost(func(c *Config) { c.Reorder, c.Duplicate, c.Corrupt = true, 0.1, 0.1 }, false),
	} {
		if len(got) != len(want) {
			t.Errorf("%s: %d are lost, want %d", what, len(got), len(want))
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: packet %d is lost, want %d", what, got[i], want[i])
				break
			}
		}
	}
}

// Where loss goes with delay, the latest packets are the ones that are lost.
func TestLateLoss(t *testing.T) {
	for _, late := range []unit.Ratio{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Default()
			cfg.Reorder = true
			class := netem.Class{Up: 1000 * mbit, Down: 1000 * mbit, Loss: 0.1, Jitter: 2 * ms}
			f := New(line(t, 2, class, func(c *netem.Config) { c.LateLoss = late }), cfg, draws(1))
			c := attach(t, f, 2)
			longest := time.Duration(0)
			f.Tap = func(e Event) {
				if e.Kind == Delivered {
					longest = max(longest, e.At-time.Duration(len(e.Data))*ms-10*ms)
				}
			}
			for size := range 1000 {
				load(t, f, time.Duration(size+1)*ms, source{c[0], c[1], size, time.Hour})
			}
			run(t, f, 3*time.Second)
			limit := time.Duration(-4e6 * math.Log(0.19)) // the delay that 19 % exceed
			if got := f.Tally(); (longest < limit+ms/10) != (late == 1) || got.Packets[Lost] < 150 || got.Packets[Lost] > 230 {
				t.Errorf("late %v: the longest delay is %v; %+v", late, longest, got)
			}
		})
	}
}

package packet

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// arrivals notes when packets are delivered.
func arrivals(f *Fabric) *[]time.Duration {
	at := &[]time.Duration{}
	f.Tap = func(e Event) {
		if e.Kind == Delivered {
			*at = append(*at, e.At)
		}
	}
	return at
}

// A packet that is being sent goes on at the new rate, and those that wait
// follow it. At 1 Mbit/s 1000 bytes take 8 ms.
func TestRatesChange(t *testing.T) {
	const outage = 1 // bit a second
	type rates struct{ up, down unit.Rate }
	for _, tt := range []struct {
		name    string
		changes map[time.Duration]rates
		want    []time.Duration
	}{
		{"none", nil, []time.Duration{22 * ms, 30 * ms, 38 * ms}},
		{"up faster", map[time.Duration]rates{4 * ms: {2 * mbit, 2 * mbit}}, []time.Duration{20 * ms, 24 * ms, 28 * ms}},
		{"up slower", map[time.Duration]rates{4 * ms: {outage, 2 * mbit}, 104 * ms: {mbit, 2 * mbit}}, []time.Duration{122 * ms, 130 * ms, 138 * ms}},
		{"down slower", map[time.Duration]rates{20 * ms: {mbit, mbit}}, []time.Duration{24 * ms, 34 * ms, 42 * ms}},
		{"down stops", map[time.Duration]rates{20 * ms: {mbit, outage}, 120 * ms: {mbit, 2 * mbit}}, []time.Duration{122 * ms, 126 * ms, 130 * ms}},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := New(line(t, 2, netem.Class{Up: mbit, Down: 2 * mbit}), Default(), draws(1))
			c := attach(t, f, 2)
			got := arrivals(f)
			for range 3 {
				write(t, c[0], c[1], 972)
			}
			for _, at := range []time.Duration{4 * ms, 20 * ms, 104 * ms, 120 * ms} {
				run(t, f, at)
				if r, ok := tt.changes[at]; ok {
					f.SetRates(0, r.up, 2*mbit)
					f.SetRates(1, mbit, r.down)
				}
			}
			run(t, f, time.Second)
			if !slices.EqualFunc(*got, tt.want, func(a, b time.Duration) bool { return (a - b).Abs() < time.Microsecond }) {
				t.Errorf("%s: delivered at %v, want %v", tt.name, *got, tt.want)
			}
		})
	}
}

// What a node has not sent when its power fails is lost, and so is what
// reaches it in the dark; what is under way from it arrives.
func TestPowerCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 3, netem.Class{Up: mbit, Down: 100 * mbit}), Default(), draws(1))
		c := attach(t, f, 3)
		for range 3 {
			write(t, c[0], c[1], 972)
			write(t, c[2], c[0], 972)
		}
		run(t, f, 12*ms)
		f.SetDark(0, true)
		write(t, c[0], c[1], 100)
		run(t, f, 30*ms)
		f.SetDark(0, false)
		run(t, f, 100*ms)
		got := f.Tally()
		if got.Packets[Delivered] != 2 || got.Packets[Dark] != 5 { // one each way; two wait, one is written, two come
			t.Errorf("%+v", got)
		}
	})
}

// A cut stops what is under way, in the direction that it has.
func TestPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topology := line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit})
		f := New(topology, Default(), draws(1))
		c := attach(t, f, 2)
		both := func() {
			write(t, c[0], c[1], 100)
			write(t, c[1], c[0], 100)
		}
		both()
		run(t, f, 5*ms)
		topology.Cut(0, []int32{0}, netem.Out, time.Second)
		run(t, f, 50*ms)
		both()
		run(t, f, 100*ms)
		topology.Heal(0)
		both()
		run(t, f, 150*ms)
		if got := f.Tally(); got.Packets[Cut] != 2 || got.Packets[Delivered] != 4 {
			t.Errorf("%+v", got)
		}
	})
}

// What comes for a frozen process waits until it goes on.
func TestFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topology := line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit})
		f := New(topology, Default(), draws(1))
		c := attach(t, f, 2)
		topology.Freeze(1, time.Second)
		f.Changed(1)
		start := time.Now()
		var waited time.Duration
		go func() {
			c[1].ReadFrom(make([]byte, 100))
			waited = time.Since(start)
		}()
		write(t, c[0], c[1], 100)
		write(t, c[1], c[0], 100)
		run(t, f, time.Second)
		topology.Thaw(1)
		f.Changed(1)
		run(t, f, 2*time.Second)
		if got := f.Tally(); got.Packets[Frozen] != 1 || got.Packets[Delivered] != 1 || waited != time.Second {
			t.Errorf("read after %v: %+v", waited, got)
		}
	})
}

// A node that moves keeps its sockets under its new address.
func TestMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit}), Default(), draws(1))
		c := attach(t, f, 2)
		old, at := c[0].LocalAddr(), address(77)
		write(t, c[1], c[0], 100)
		run(t, f, 5*ms)
		if err := f.Move(0, address(0).Addr(), at.Addr()); err != nil {
			t.Fatal(err)
		}
		write(t, c[0], c[1], 100)
		if _, err := c[1].WriteTo(nil, old); err != nil {
			t.Error(err)
		}
		run(t, f, 100*ms)
		if got := f.Tally(); got.Packets[NoSocket] != 1 || got.Packets[NoRoute] != 1 || got.Packets[Delivered] != 1 {
			t.Errorf("%+v", got)
		}
		_, from, err := c[1].ReadFrom(make([]byte, 100))
		if err != nil || from.String() != at.String() || c[0].LocalAddr().String() != at.String() {
			t.Errorf("from %v, at %v, want %v: %v", from, c[0].LocalAddr(), at, err)
		}
		if err := f.Move(0, address(0).Addr(), at.Addr()); err == nil || err.Error() != "packet: node 0 cannot leave the address 198.51.0.0: it does not have it" {
			t.Error(err)
		}
		if err := f.Move(0, at.Addr(), address(1).Addr()); err == nil {
			t.Error("two nodes have one address")
		}
	})
}

// Rates follow the topology's traces, through an outage too.
func TestTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		class := netem.Class{Trace: netem.Trace{Loop: netem.Hold, Steps: []netem.Step{
			{For: 4 * ms, Up: mbit, Down: 2 * mbit}, {For: 100 * ms}, {For: time.Second, Up: mbit, Down: 2 * mbit}}}}
		topology := line(t, 2, class)
		f := New(topology, Default(), draws(1))
		c := attach(t, f, 2)
		got := arrivals(f)
		for range 3 {
			write(t, c[0], c[1], 972)
		}
		err := f.Run(t.Context(), synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
			topology.Turn(now, func(node int32) { f.Changed(node) })
			return topology.NextTurn(), now >= time.Second
		}))
		if want := []time.Duration{122 * ms, 130 * ms, 138 * ms}; err != nil || !slices.Equal(*got, want) {
			t.Errorf("delivered at %v, want %v: %v", *got, want, err)
		}
	})
}

package packet

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// chatter is a program that uses sockets as programs do: each of its nodes
// answers what it hears, asks the next node every few milliseconds, and takes
// its time. It returns a hash of everything that happened.
func chatter(t *testing.T, cfg Config, changes ...func(*netem.Config)) uint64 {
	const n = 12
	h := fnv.New64a()
	synctest.Test(t, func(t *testing.T) {
		class := netem.Class{Up: 2 * mbit, Down: 2 * mbit, Loss: 0.02, Jitter: 2 * ms}
		f := New(line(t, n, class, changes...), cfg, draws(5))
		f.Tap = func(e Event) {
			var b []byte
			for _, v := range []int64{int64(e.At), int64(e.Kind), int64(e.Src), int64(e.Dst), int64(e.From.Port()), int64(len(e.Data))} {
				b = binary.LittleEndian.AppendUint64(b, uint64(v))
			}
			h.Write(append(b, e.Data...))
		}
		conns := attach(t, f, n)
		var all sync.WaitGroup
		for i, c := range conns {
			all.Go(func() { answer(c) })
			all.Go(func() { ask(c, conns[(i+1)%n], i) })
		}
		run(t, f, 300*ms)
		for _, c := range conns {
			c.Close()
		}
		all.Wait()
	})
	return h.Sum64()
}

// answer sends three packets for each that asks.
func answer(c *Conn) {
	buf := make([]byte, 1500)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		if n > 0 && buf[0] == 'a' {
			for size := range 3 {
				c.WriteTo(make([]byte, 400*(1+size)), from)
			}
		}
	}
}

// ask sends two packets at once, again and again, until the socket is closed.
func ask(c, to *Conn, i int) {
	tick := time.NewTicker(time.Duration(5+i%3) * ms)
	defer tick.Stop()
	for range tick.C {
		c.WriteTo([]byte("ask"), to.LocalAddr())
		if _, err := c.WriteTo([]byte("and so on"), to.LocalAddr()); err != nil {
			return
		}
	}
}

// The same program gives the same trace, on any number of processors.
func TestDeterminism(t *testing.T) {
	cfg := Default()
	cfg.Reorder, cfg.Duplicate, cfg.Corrupt = true, 0.01, 0.01
	bursty := func(c *netem.Config) { c.Loss, c.Burst, c.LateLoss, c.Queue = netem.Bursty, 3, 0.5, 20*ms }
	for _, cfg.AQM = range []AQM{DropTail, FQCoDel} {
		want := chatter(t, cfg, bursty)
		for _, procs := range []int{1, 2, 4} {
			before := runtime.GOMAXPROCS(procs)
			for range 2 {
				if got := chatter(t, cfg, bursty); got != want {
					t.Errorf("%s on %d processors: trace %x, want %x", cfg.AQM, procs, got, want)
				}
			}
			runtime.GOMAXPROCS(before)
		}
	}
}

// Each knob changes what happens.
func TestKnobs(t *testing.T) {
	changes := map[string]func(*Config){
		"AQM":           func(c *Config) { c.AQM = FQCoDel },
		"Buffer":        func(c *Config) { c.Buffer = 4000 },
		"ReceiveBuffer": func(c *Config) { c.ReceiveBuffer = 2100 },
		"MTU":           func(c *Config) { c.MTU = 600 },
		"Reorder":       func(c *Config) { c.Reorder = true },
		"Duplicate":     func(c *Config) { c.Duplicate = unit.Ratio(0.1) },
		"Corrupt":       func(c *Config) { c.Corrupt = unit.Ratio(0.1) },
	}
	base := Default()
	want := chatter(t, base)
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		cfg := base
		change := changes[field.Name]
		if change == nil {
			t.Errorf("no change for %s: add one here", field.Name)
			continue
		}
		change(&cfg)
		if field.Name == "ReceiveBuffer" {
			continue // readers that are always there need none: TestReceiveBuffer
		}
		if chatter(t, cfg) == want {
			t.Errorf("%s changes nothing", field.Name)
		}
	}
}

// Each thing that the topology says about packets changes what happens.
func TestTopologyIsHeard(t *testing.T) {
	want := chatter(t, Default())
	for what, change := range map[string]func(*netem.Config){
		"jitter":       func(c *netem.Config) { c.Jitter = 2 },
		"jitter_shape": func(c *netem.Config) { c.JitterShape = netem.Pareto },
		"loss":         func(c *netem.Config) { c.Loss = netem.NoLoss },
		"burst":        func(c *netem.Config) { c.Loss, c.Burst = netem.Bursty, 5 },
		"late_loss":    func(c *netem.Config) { c.LateLoss = 0.5 },
		"queue":        func(c *netem.Config) { c.Queue = 10 * ms },
		"spread":       func(c *netem.Config) { c.Spread = 0.1 },
	} {
		if chatter(t, Default(), change) == want {
			t.Errorf("%s changes nothing", what)
		}
	}
}

// Without a bubble, time is the machine's.
func TestRealTime(t *testing.T) {
	f := New(line(t, 2, netem.Class{Up: 100 * mbit, Down: 100 * mbit}), Default(), draws(1))
	c := attach(t, f, 2)
	go answer(c[1])
	ctx, cancel := context.WithCancel(context.Background())
	answered := make(chan int, 1)
	go func() {
		defer cancel()
		c[0].WriteTo([]byte("ask"), c[1].addr)
		n, _, _ := c[0].ReadFrom(make([]byte, 1500))
		answered <- n
	}()
	if err := f.Run(ctx, nil, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := <-answered; n != 400 {
		t.Errorf("%d bytes", n)
	}
	if f.Now() < 20*ms {
		t.Errorf("there and back in %v", f.Now())
	}
	c[1].Close()
}

// A context from outside of the bubble ends a run in which nothing happens.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: mbit}), Default(), draws(1))
		stepped := 0
		err := f.Run(ctx, synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
			if stepped++; stepped == 3 {
				cancel()
			}
			return Never, false
		}))
		if err != context.Canceled || f.Now() != 3*longestNap {
			t.Errorf("%v after %v", err, f.Now())
		}
	})
}

// What a run is woken for, it does at once.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: mbit}), Default(), draws(1))
		time.AfterFunc(7*ms, f.Wake)
		var at []time.Duration
		f.Run(context.Background(), synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
			at = append(at, now)
			return Never, len(at) == 2
		}))
		if at[1] != 7*ms {
			t.Errorf("stepped at %v", at)
		}
	})
}

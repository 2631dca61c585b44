package packet

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

const (
	ms   = time.Millisecond
	mbit = unit.Rate(1e6)
)

// draws are independent sources for a seed.
func draws(seed uint64) func(string, uint64) *rand.Rand {
	return func(purpose string, entity uint64) *rand.Rand {
		for _, b := range []byte(purpose) {
			seed = mix(seed ^ uint64(b))
		}
		return rand.New(rand.NewPCG(seed, entity))
	}
}

// line is a network of n nodes whose access has the class given, 10 ms apart,
// without variation, with queues of 100 ms.
func line(tb testing.TB, n int, class netem.Class, changes ...func(*netem.Config)) *netem.Topology {
	tb.Helper()
	class.Name = "test"
	class.Latency += 4 * ms // and 2 ms within europe
	cfg := netem.Config{Jitter: 1, Loss: netem.Random, Queue: 100 * ms, Classes: []netem.Class{class}}
	for _, change := range changes {
		change(&cfg)
	}
	index, err := cfg.Class("test")
	if err != nil {
		tb.Fatal(err)
	}
	europe, err := netem.Region("europe")
	if err != nil {
		tb.Fatal(err)
	}
	ends := make([]netem.Endpoint, n)
	for i := range ends {
		ends[i] = netem.Endpoint{Region: europe, Class: index}
	}
	t, err := netem.NewTopology(cfg, ends, draws(1))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// address is that of the i-th node.
func address(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}), 4001)
}

// attach opens one socket for each node.
func attach(tb testing.TB, f *Fabric, n int) []*Conn {
	tb.Helper()
	conns := make([]*Conn, n)
	for i := range conns {
		c, err := f.Attach(int32(i), address(i))
		if err != nil {
			tb.Fatal(err)
		}
		conns[i] = c
	}
	return conns
}

// steps is a passenger made of one function.
type steps func(now time.Duration) (time.Duration, bool)

func (s steps) Step(now time.Duration) (time.Duration, bool) { return s(now) }

// until ends a run at a time.
func until(end time.Duration) Passenger {
	return steps(func(now time.Duration) (time.Duration, bool) { return end, now >= end })
}

// run drives a fabric until a time.
func run(tb testing.TB, f *Fabric, end time.Duration) {
	tb.Helper()
	if err := f.Run(context.Background(), synctest.Wait, until(end)); err != nil {
		tb.Error(err)
	}
	if tally := f.Tally(); tally.Check() != nil {
		tb.Error(tally.Check())
	}
}

func write(tb testing.TB, from, to *Conn, size int) {
	tb.Helper()
	if n, err := from.WriteTo(make([]byte, size), to.LocalAddr()); n != size || err != nil {
		tb.Errorf("wrote %d bytes of %d: %v", n, size, err)
	}
}

func TestSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: mbit}), Default(), draws(1))
		c := attach(t, f, 2)
		buf := make([]byte, 10)
		if _, err := c[0].WriteTo(make([]byte, 1473), c[1].LocalAddr()); !errors.Is(err, syscall.EMSGSIZE) {
			t.Errorf("beyond the MTU: %v", err)
		}
		if _, err := c[0].WriteTo(nil, &net.TCPAddr{}); err == nil {
			t.Error("a TCP address is accepted")
		}
		c[0].WriteTo([]byte("a datagram of two dozens"), c[1].LocalAddr())
		run(t, f, 11*ms)
		if n, from, err := c[1].ReadFrom(buf); string(buf[:n]) != "a datagram" || from.String() != "198.51.0.0:4001" || err != nil {
			t.Errorf("read %q from %v: %v", buf[:n], from, err)
		}

		c[1].SetReadDeadline(time.Now().Add(5 * ms))
		before := time.Now()
		if _, _, err := c[1].ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(before) != 5*ms {
			t.Errorf("a deadline in 5 ms: %v after %v", err, time.Since(before))
		}
		c[1].SetDeadline(time.Now())
		if _, err := c[1].WriteTo(nil, c[0].LocalAddr()); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write after the deadline: %v", err)
		}
		c[1].SetDeadline(time.Time{})

		read := make(chan error)
		go func() {
			_, _, err := c[1].ReadFrom(buf)
			read <- err
		}()
		synctest.Wait()
		c[1].Close()
		if err := <-read; !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed while reading: %v", err)
		}
		for what, err := range map[string]error{"close": c[1].Close(), "deadline": c[1].SetDeadline(time.Time{})} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after closing: %v", what, err)
			}
		}
	})
}

func TestAttach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: mbit}), Default(), draws(1))
		at := netip.MustParseAddrPort
		for _, tt := range []struct {
			node int32
			at   netip.AddrPort
			want string
		}{
			{0, at("192.0.2.1:1"), ""},
			{0, at("[::ffff:192.0.2.1]:2"), ""},
			{0, at("[2001:db8::1]:1"), ""},
			{0, at("192.0.2.1:0"), ""},
			{0, at("192.0.2.1:49152"), "packet: node 0 cannot open 192.0.2.1:49152: a socket has it"},
			{0, at("192.0.2.1:2"), "packet: node 0 cannot open 192.0.2.1:2: a socket has it"},
			{1, at("192.0.2.1:3"), "packet: node 1 cannot have the address 192.0.2.1: it is that of node 0"},
			{1, at("0.0.0.0:3"), "packet: node 1 cannot have the address 0.0.0.0: give it one of its own"},
			{2, at("192.0.2.3:3"), "packet: node 2 is not one of the 2"},
		} {
			_, err := f.Attach(tt.node, tt.at)
			if got := ""; err != nil {
				if got = err.Error(); got != tt.want {
					t.Errorf("%v: %s", tt.at, got)
				}
			} else if tt.want != "" {
				t.Errorf("%v: no error, want %s", tt.at, tt.want)
			}
		}
	})
}

// What a packet meets on an idle way is what the topology says.
func TestIdleWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: 2 * mbit}), Default(), draws(1))
		c := attach(t, f, 2)
		write(t, c[0], c[1], 972)
		var at time.Duration
		f.Tap = func(e Event) {
			if e.Kind == Delivered {
				at = e.At
			}
		}
		run(t, f, time.Second)
		if want := 8*ms + 10*ms + 4*ms; at != want { // 1000 bytes with headers
			t.Errorf("delivered after %v, want %v", at, want)
		}
	})
}

// A queue of 100 ms at 1 Mbit/s holds 12,500 bytes behind the packet that is
// being sent.
func TestDropTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: 10 * mbit}), Default(), draws(1))
		c := attach(t, f, 2)
		for range 20 {
			write(t, c[0], c[1], 972)
		}
		run(t, f, time.Second)
		got := f.Tally()
		if got.Packets[Delivered] != 13 || got.Packets[UpOverflow] != 7 || got.InFlight != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// The order in which goroutines write is not seen.
func TestWritersDoNotRace(t *testing.T) {
	trace := func(backwards bool) (events []Event) {
		synctest.Test(t, func(t *testing.T) {
			f := New(line(t, 5, netem.Class{Up: mbit, Down: mbit, Loss: 0.1, Jitter: ms}), Default(), draws(1))
			f.Tap = func(e Event) { e.Data = nil; events = append(events, e) }
			c := attach(t, f, 5)
			for i := range 25 {
				if backwards {
					i = 24 - i
				}
				if from, to := c[i%5], c[i/5]; from != to {
					write(t, from, to, 100+i)
				}
			}
			run(t, f, time.Second)
		})
		return events
	}
	a, b := trace(false), trace(true)
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("%d events, then %d", len(a), len(b))
	}
	for i := range a {
		if a[i].At != b[i].At || a[i].From != b[i].From || a[i].To != b[i].To || a[i].Kind != b[i].Kind {
			t.Fatalf("event %d: %+v, then %+v", i, a[i], b[i])
		}
	}
}

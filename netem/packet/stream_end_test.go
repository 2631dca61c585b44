package packet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"kinetoscope/netem"
)

// wide is a network that gets in nobody's way.
func wide(t *testing.T) func() *netem.Topology {
	return func() *netem.Topology { return line(t, 3, netem.Class{Up: 100 * mbit, Down: 100 * mbit}) }
}

// accept is the next stream of a listener, or nil.
func accept(l *Listener) net.Conn {
	c, err := l.Accept()
	if err != nil {
		return nil
	}
	return c
}

// Waiting ends at deadlines, in virtual time, and whoever waits can be let go.
func TestStreamDeadlines(t *testing.T) {
	overTCP(t, wide(t), Default(), nil, func(f *Fabric) {
		s := dial(t, f)
		var b [10]byte
		begun := f.Now()
		s.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := s.Read(b[:]); !errors.Is(err, os.ErrDeadlineExceeded) || f.Now()-begun != time.Second {
			t.Errorf("reading ends with %v after %v", err, f.Now()-begun)
		}
		s.SetWriteDeadline(time.Now().Add(time.Second))
		begun = f.Now()
		n, err := s.Write(make([]byte, 64<<20)) // more than both buffers
		if !errors.Is(err, os.ErrDeadlineExceeded) || f.Now()-begun != time.Second || n == 0 {
			t.Errorf("writing %d bytes ends with %v after %v", n, err, f.Now()-begun)
		}
		var slow net.Error
		if !errors.As(err, &slow) || !slow.Timeout() {
			t.Errorf("%v is no timeout", err)
		}
		s.SetDeadline(time.Time{})
		time.AfterFunc(time.Second, func() { s.SetReadDeadline(time.Unix(1, 0)) })
		if _, err := s.Read(b[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a deadline that is set meanwhile gives %v", err)
		}
		s.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Second, func() { s.Close() })
		if _, err := s.Read(b[:]); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing gives %v", err)
		}
		if err := s.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing again gives %v", err)
		}
	}, func(f *Fabric, l *Listener) {
		s := accept(l)
		time.AfterFunc(20*time.Second, func() { s.Close() })
		time.AfterFunc(30*time.Second, func() { l.Close() })
		if c := accept(l); c != nil {
			t.Error("a connection came that nobody opened")
		}
	})
}

// What is not there refuses, what is dark lets wait, what closes resets.
func TestStreamRefusals(t *testing.T) {
	overTCP(t, wide(t), Default(), nil, func(f *Fabric) {
		home := netip.AddrPortFrom(address(0).Addr(), 0)
		open := func(to netip.AddrPort, patience time.Duration) error {
			s, err := f.Open(0, home, to)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			return s.Connected(ctx)
		}
		if err := open(netip.AddrPortFrom(address(1).Addr(), 9), time.Minute); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a closed port gives %v", err)
		}
		if err := open(address(2), time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an address of nobody gives %v", err)
		}
		if err := open(address(2), time.Hour); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("an address of nobody gives %v in the end", err)
		}
		if err := open(netip.MustParseAddrPort("[2001:db8::1]:7"), time.Second); !errors.Is(err, syscall.EAFNOSUPPORT) {
			t.Errorf("another version of IP gives %v", err)
		}
		if _, err := f.Open(0, address(1), address(2)); err == nil {
			t.Error("somebody else's address is taken")
		}
		if _, err := f.Listen(1, address(1)); err == nil {
			t.Error("a port can be opened twice")
		}
		s := dial(t, f)
		s.SetLinger(0)
		s.Write([]byte("lost"))
		s.Close()
	}, func(_ *Fabric, l *Listener) {
		s := accept(l)
		if _, err := io.ReadAll(s); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a reset gives %v", err)
		}
		if _, err := s.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("writing after a reset gives %v", err)
		}
		s.Close()
		l.Close()
	})
}

// What a fault does to a stream: one to whom the other side still belongs goes
// on afterwards, one that has lost its address or its power is none any more.
func TestStreamFaults(t *testing.T) {
	far := netip.AddrPortFrom(netip.MustParseAddr("203.0.113.9"), address(1).Port())
	for _, tt := range []struct {
		name   string
		strike func(f *Fabric)
		mend   func(f *Fabric)
		lives  bool
		again  netip.AddrPort // where the node is found then
	}{
		{"dark for a while", func(f *Fabric) { f.SetDark(1, true) }, func(f *Fabric) { f.SetDark(1, false) }, true, address(1)},
		{"frozen", func(f *Fabric) { f.topology.Freeze(1, Never); f.Changed(1) }, func(f *Fabric) { f.topology.Thaw(1); f.Changed(1) }, true, address(1)},
		{"moved", func(f *Fabric) { f.Move(1, address(1).Addr(), far.Addr()) }, func(*Fabric) {}, false, far},
		{"halted", func(f *Fabric) { f.Halt(1) }, func(f *Fabric) {}, false, netip.AddrPort{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			overTCP(t, wide(t), Default(), nil, func(f *Fabric) {
				s := dial(t, f)
				if _, err := s.Write([]byte("one")); err != nil {
					t.Error(err)
				}
				<-time.After(time.Second)
				tt.strike(f)
				s.Write([]byte("two"))
				s.SetReadDeadline(time.Now().Add(3 * time.Second))
				var b [3]byte
				if _, err := io.ReadFull(s, b[:]); tt.again.IsValid() && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("meanwhile reading gives %q, %v", b, err)
				}
				tt.mend(f)
				s.SetReadDeadline(time.Now().Add(10 * time.Second))
				_, err := io.ReadFull(s, b[:])
				if lives := err == nil && string(b[:]) == "two"; lives != tt.lives {
					t.Errorf("afterwards reading gives %q, %v", b, err)
				}
				s.SetLinger(0)
				s.Close()
				if !tt.again.IsValid() {
					return
				}
				if s, err := f.Open(0, netip.AddrPortFrom(address(0).Addr(), 0), tt.again); err != nil || s.Connected(context.Background()) != nil {
					t.Errorf("the node is not found again: %v", err)
				} else {
					s.Close()
				}
			}, func(f *Fabric, l *Listener) {
				s := accept(l)
				var b [6]byte
				io.ReadFull(s, b[:3])
				if _, err := io.ReadFull(s, b[3:]); err == nil {
					s.Write(b[3:])
				}
				io.Copy(io.Discard, s)
				s.Close()
				if tt.again.IsValid() {
					if c := accept(l); c != nil {
						c.Close()
					}
					l.Close()
				}
			})
		})
	}
}

// Two behind NATs that let in only who was sent to reach each other if both
// open the connection, in whichever order the first segments come.
func TestStreamThroughNATs(t *testing.T) {
	for _, after := range []time.Duration{0, 5 * ms, 10 * ms, time.Second} {
		outside := [2]netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")}
		overTCP(t, wide(t), Default(), func(f *Fabric) {
			for i, at := range outside {
				if err := f.Masquerade(int32(i), at, NAT{Filtering: AddressAndPortDependent}); err != nil {
					t.Error(err)
				}
			}
		}, func(f *Fabric) {
			s, err := f.Open(0, netip.AddrPortFrom(address(0).Addr(), 50_000), netip.AddrPortFrom(outside[1], address(1).Port()))
			if err == nil {
				err = s.Connected(context.Background())
			}
			if err != nil {
				t.Errorf("%v later: %v", after, err)
				return
			}
			if got := s.RemoteAddr().String(); got != "203.0.113.2:4001" {
				t.Errorf("the other end seems to be %v", got)
			}
			s.Write([]byte("hello"))
			s.Close()
		}, func(f *Fabric, l *Listener) {
			<-time.After(after + 1)
			if err := l.Meet(netip.AddrPortFrom(outside[0], 50_000)); err != nil {
				t.Error(err)
			}
			s := accept(l)
			if b, err := io.ReadAll(s); string(b) != "hello" || err != nil {
				t.Errorf("%v later: %q, %v", after, b, err)
			}
			s.Close()
			l.Close()
		})
	}
}

// A NAT keeps a TCP connection for two hours and four minutes without a packet
// from inside (RFC 5382, 5), then what comes from outside finds nobody.
func TestStreamIdleBehindNAT(t *testing.T) {
	outside := netip.MustParseAddr("203.0.113.1")
	overTCP(t, wide(t), Default(), func(f *Fabric) {
		if err := f.Masquerade(0, outside, NAT{Filtering: AddressAndPortDependent}); err != nil {
			t.Error(err)
		}
	}, func(f *Fabric) {
		s := dial(t, f)
		var b [1]byte
		for _, want := range []error{nil, os.ErrDeadlineExceeded} {
			s.SetReadDeadline(time.Now().Add(natIdleTCP + 20*time.Second))
			if _, err := s.Read(b[:]); !errors.Is(err, want) {
				t.Errorf("reading ends with %v, want %v", err, want)
			}
		}
		s.SetLinger(0)
		s.Close()
	}, func(_ *Fabric, l *Listener) {
		s := accept(l)
		<-time.After(natIdleTCP - time.Second)
		s.Write([]byte("a")) // and is acknowledged
		<-time.After(natIdleTCP + time.Second)
		s.Write([]byte("b"))
		<-time.After(30 * time.Second)
		s.(*Stream).SetLinger(0)
		s.Close()
		l.Close()
	})
}

// Who has closed first waits for late segments, but not to be connected to
// again from the same port.
func TestStreamOpensAgain(t *testing.T) {
	from := netip.AddrPortFrom(address(0).Addr(), 50_000)
	overTCP(t, wide(t), Default(), nil, func(f *Fabric) {
		for i := range 3 {
			s, err := f.Open(0, from, address(1))
			if err == nil {
				err = s.Connected(context.Background())
			}
			if err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
			if b, err := io.ReadAll(s); string(b) != "hello" || err != nil {
				t.Errorf("connection %d: %q, %v", i, b, err)
			}
			s.Close()
			<-time.After(time.Second) // until the FIN is acknowledged
		}
	}, func(f *Fabric, l *Listener) {
		for range 3 {
			s := accept(l)
			s.Write([]byte("hello"))
			s.Close()
			<-time.After(100 * ms)
			if n := len(f.nodes[1].streams); n != 1 {
				t.Errorf("%d streams are left", n)
			}
		}
		l.Close()
	})
}

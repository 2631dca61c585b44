package packet

import (
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
)

// overTCP lets two nodes talk: client and server run until both have returned.
// Then no packet is left and the books balance.
func overTCP(t *testing.T, topology func() *netem.Topology, cfg Config, prepare func(*Fabric), client func(*Fabric), server func(*Fabric, *Listener)) (tally Tally) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := New(topology(), cfg, draws(1))
		l, err := f.Listen(1, address(1))
		if err != nil {
			t.Fatal(err)
		}
		if prepare != nil {
			prepare(f)
		}
		ended := make(chan struct{}, 2)
		go func() { client(f); ended <- struct{}{}; f.Wake() }()
		go func() { server(f, l); ended <- struct{}{}; f.Wake() }()
		until := Never
		if err := f.Run(t.Context(), synctest.Wait, steps(func(now time.Duration) (time.Duration, bool) {
			if len(ended) == 2 && until == Never {
				until = now + 5*time.Minute
			}
			return until, now >= until
		})); err != nil {
			t.Error(err)
		}
		tally = f.Tally()
		if err := tally.Check(); err != nil || tally.InFlight > 0 {
			t.Errorf("%v, %d in flight", err, tally.InFlight)
		}
		if len(f.connected) > 0 || len(f.nodes[0].streams)+len(f.nodes[1].streams) > 0 {
			t.Errorf("connections are left: %v", f.connected)
		}
	})
	return tally
}

func dial(t *testing.T, f *Fabric) *Stream {
	s, err := f.Open(0, netip.AddrPortFrom(address(0).Addr(), 0), address(1))
	if err == nil {
		err = s.Connected(context.Background())
	}
	if err != nil {
		t.Error(err)
	}
	return s
}

// What is written on one side is read on the other, whatever packets meet.
func TestStream(t *testing.T) {
	class := netem.Class{Up: 10 * mbit, Down: 10 * mbit}
	for _, tt := range []struct {
		name string
		do   func(*netem.Class, *Config)
	}{
		{"plain", func(*netem.Class, *Config) {}},
		{"all goes wrong", func(c *netem.Class, p *Config) {
			c.Loss, c.Jitter = 0.02, 5*ms
			p.Duplicate, p.Corrupt, p.Reorder, p.AQM = 0.1, 0.02, true, FQCoDel
		}},
	} {
		c, cfg := class, Default()
		tt.do(&c, &cfg)
		data := make([]byte, 500_000)
		for i := range data {
			data[i] = byte(rand.N(256))
		}
		var got [32]byte
		tally := overTCP(t, func() *netem.Topology { return line(t, 2, c) }, cfg, nil, func(f *Fabric) {
			s := dial(t, f)
			s.Write(data)
			s.CloseWrite()
			io.ReadFull(s, got[:])
			if _, err := s.Read(got[:1]); err != io.EOF {
				t.Errorf("%s: the stream ends with %v", tt.name, err)
			}
			s.Close()
		}, func(_ *Fabric, l *Listener) {
			s, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			h := sha256.New()
			io.Copy(h, s)
			s.Write(h.Sum(nil))
			s.Close()
		})
		if got != sha256.Sum256(data) {
			t.Errorf("%s: other bytes came than were sent", tt.name)
		}
		t.Log(tt.name, tally.Packets[Sent], tally.Bytes[Sent])
	}
}

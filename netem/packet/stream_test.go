package packet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/internal/unit"
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

// A capture of TCP has every packet whole, with right checksums, in the order of
// time; its sizes are those that are accounted; and the same program gives the
// same bytes again.
func TestStreamCapture(t *testing.T) {
	record := func() ([]byte, Tally) {
		var file bytes.Buffer
		c := NewCapture(&file)
		class := netem.Class{Up: 10 * mbit, Down: 5 * mbit, Loss: 0.01, Jitter: 2 * ms}
		tally := overTCP(t, func() *netem.Topology { return line(t, 2, class) }, Default(), func(f *Fabric) {
			f.Tap = c.Record
			outside := netip.MustParseAddr("203.0.113.1")
			if err := f.Masquerade(0, outside, NAT{Mapping: AddressDependent}); err != nil {
				t.Error(err)
			}
		}, func(f *Fabric) {
			s := dial(t, f)
			s.Write(make([]byte, 200_000))
			s.Close()
		}, func(_ *Fabric, l *Listener) {
			s := accept(l)
			io.Copy(io.Discard, s)
			s.Close()
			l.Close()
		})
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		return file.Bytes(), tally
	}
	file, tally := record()
	records, err := parse(file)
	if err != nil {
		t.Fatal(err)
	}
	var sent, data int
	for i, r := range records {
		if i > 0 && r.At < records[i-1].At {
			t.Fatalf("record %d is of %v, after one of %v", i, r.At, records[i-1].At)
		}
		if r.Note == "out" {
			sent += r.Size
			data += len(r.Data)
		}
	}
	if sent != int(tally.Bytes[Sent]) || data < 200_000 {
		t.Errorf("%d bytes in the file with %d of data, %d accounted", sent, data, tally.Bytes[Sent])
	}
	if again, _ := record(); !bytes.Equal(file, again) {
		t.Error("the second time other packets pass")
	}
}

// TCP fills a link as QUIC does: TestBulkGoodput has the thresholds.
func TestStreamGoodput(t *testing.T) {
	for _, tt := range []struct {
		rate   unit.Rate
		rtt    time.Duration
		last   time.Duration
		filled float64
	}{
		{1 * mbit, 300 * ms, 60 * time.Second, 0.70},
		{10 * mbit, 200 * ms, 30 * time.Second, 0.88},
		{100 * mbit, 100 * ms, 12 * time.Second, 0.92},
		{1000 * mbit, 10 * ms, time.Second, 0.90},
	} {
		class := netem.Class{Up: tt.rate, Down: tt.rate, Latency: tt.rtt/4 - 5*ms}
		var got int64
		overTCP(t, func() *netem.Topology { return line(t, 2, class) }, Default(), nil, func(f *Fabric) {
			s := dial(t, f)
			s.SetReadDeadline(time.Now().Add(tt.last))
			got, _ = io.Copy(io.Discard, s)
			s.SetLinger(0)
			s.Close()
		}, func(_ *Fabric, l *Listener) {
			s := accept(l)
			for data, err := make([]byte, 1<<16), error(nil); err == nil; {
				_, err = s.Write(data)
			}
			s.Close()
			l.Close()
		})
		const payload = 1460.0 / 1500
		filled := float64(got) * 8 / tt.last.Seconds() / float64(tt.rate) / payload
		t.Logf("%v, %v: %.1f %%", tt.rate, tt.rtt, 100*filled)
		if filled < tt.filled || filled > 1 {
			t.Errorf("%v, %v: fills %.1f %% of the link, want %v %%", tt.rate, tt.rtt, 100*filled, 100*tt.filled)
		}
	}
}

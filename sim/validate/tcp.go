package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/scenarios"
	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

// random is how much more CUBIC gets from losses at random than from those at
// equal distances, which the formulas are for: a window by window play of RFC
// 9438 gives 1.06 to 1.21 on the grid of the full form.
const random = 1.12

// segmentData is how much of the bytes on the wire TCP carries in full segments.
const segmentData = 1460.0 / 1500

// overTCP holds bulk transfers over TCP against their link, and where losses
// limit them against theory; then those of real hosts, with Noise and Yamux on
// top, which hold a sender up after a loss until Yamux hears of room again.
func overTCP(ctx context.Context, s Scale) (result.Part, error) {
	sec := result.Part{ID: "tcp", Title: "TCP fills its link, or does what theory says",
		Source: "thresholds as for QUIC, on hosts lower ones; Mathis et al. 1997 where CUBIC does as Reno would, RFC 9438, 5.1 where it does better; 12 % more, since losses are random"}
	for _, c := range []struct {
		rate        unit.Rate
		rtt         time.Duration
		least, host float64
	}{
		{1e6, 300 * ms, 0.70, 0.60},
		{10e6, 100 * ms, 0.88, 0.60},
		{10e6, 200 * ms, 0.88, 0.60},
		{100e6, 100 * ms, 0.90, 0.60},
		{1e9, 10 * ms, 0.90, 0.60},
	} {
		seconds := 30.0
		if c.rate >= 1e8 {
			if seconds = min(seconds, s.bulk); seconds == 0 {
				continue
			}
		}
		name := fmt.Sprintf("%v, %v", c.rate, c.rtt)
		t, err := between(c.rtt, c.rate, 0)
		if err != nil {
			return sec, err
		}
		rate, err := stream(ctx, t, float64(c.rate)*seconds)
		if err != nil {
			return sec, err
		}
		size := unit.Size(float64(c.rate) / 8 * seconds)
		took, err := hosts.Download(ctx, scenarios.TCP, t, packet.Default(), draws(1), size, 1)
		if err != nil {
			return sec, err
		}
		sec.Findings = append(sec.Findings, atLeast("share of the link: "+name, "", c.least, rate/float64(c.rate)/segmentData),
			atLeast("with Noise and Yamux: "+name, "", c.host, 8*float64(size)/took[0].Seconds()/float64(c.rate)/segmentData))
	}
	for _, rtt := range s.tcpRTTs {
		for _, loss := range s.tcpLosses {
			want := lossLimited(rtt, loss)
			t, err := between(rtt, 1e9, loss)
			if err != nil {
				return sec, err
			}
			rate, err := stream(ctx, t, want*s.tcpSeconds)
			if err != nil {
				return sec, err
			}
			sec.Findings = append(sec.Findings, near(fmt.Sprintf("rate: %v, %.3g %% lost", rtt, 100*loss), "bit/s", random*want, rate, 0.30, 0))
		}
	}
	return sec, nil
}

// stream is the rate at which so many bits come over one TCP connection, from
// its first segment on.
func stream(ctx context.Context, t *netem.Topology, bits float64) (rate float64, err error) {
	failed := hosts.Virtual(func(settle func()) error {
		f := packet.New(t, packet.Default(), draws(1))
		at := [2]netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("192.0.2.2:2")}
		l, err := f.Listen(1, at[1])
		if err != nil {
			return err
		}
		s, err := f.Open(0, at[0], at[1])
		if err != nil {
			return err
		}
		var sent, got error
		var n int64
		done := make(chan struct{})
		go func() {
			_, sent = io.CopyN(s, zeros{}, int64(bits/8))
			s.Close()
		}()
		go func() {
			c, err := l.Accept()
			if got = err; err == nil {
				n, got = io.Copy(io.Discard, c)
				rate = 8 * float64(n) / f.Now().Seconds()
				c.Close()
			}
			close(done)
			f.Wake()
		}()
		if err := f.Run(ctx, settle, packet.Until(done)); err != nil {
			f.Halt(0)
			f.Halt(1)
			<-done
			return err
		}
		return errors.Join(sent, got, l.Close())
	})
	return rate, failed
}

// zeros are what is sent.
type zeros struct{}

// Read gives zeros.
func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// lossLimited is the rate of data in bits a second at which theory has TCP with
// CUBIC, where a share of the segments is lost at equal distances and nothing
// else limits it.
func lossLimited(rtt time.Duration, loss float64) float64 {
	const (
		beta, steep = 0.7, 0.4
		bits        = 8 * 1460
	)
	reno := math.Sqrt(1.5 / loss)
	cubic := math.Pow(steep*(3+beta)/(4*(1-beta)), 0.25) * math.Pow(rtt.Seconds()/loss, 0.75)
	return max(reno, cubic) * bits / rtt.Seconds()
}

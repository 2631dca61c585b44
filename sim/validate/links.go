package validate

import (
	"context"
	"encoding/binary"
	"fmt"
	"kinetoscope/sim/result"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/sim/hosts"
)

// pairs are the idle ways that are measured: access class and region of both
// ends.
var pairs = []struct{ fromClass, fromRegion, toClass, toRegion string }{
	{"datacenter", "europe", "fibre", "europe"},
	{"datacenter", "na_east", "cable", "europe"},
	{"home", "europe", "dsl", "west_asia"},
	{"4g", "na_west", "5g", "na_east"},
}

// draws gives each purpose and entity a source of its own.
func draws(seed uint64) func(string, uint64) *rand.Rand {
	return func(purpose string, entity uint64) *rand.Rand {
		for _, c := range purpose {
			seed = seed*31 + uint64(c)
		}
		return rand.New(rand.NewPCG(seed, entity))
	}
}

// ends makes endpoints of the built-in classes.
func ends(cfg netem.Config, classRegion ...string) ([]netem.Endpoint, error) {
	var list []netem.Endpoint
	for i := 0; i < len(classRegion); i += 2 {
		class, err := cfg.Class(classRegion[i])
		if err != nil {
			return nil, err
		}
		region, err := netem.Region(classRegion[i+1])
		if err != nil {
			return nil, err
		}
		list = append(list, netem.Endpoint{Region: region, Class: class})
	}
	return list, nil
}

// links is V1: what idle links achieve of what they are configured to.
func links(ctx context.Context, s Scale) (result.Part, error) {
	sec := result.Part{ID: "V1", Title: "Idle links do what they are told", Source: "configured round trip, rate and loss"}
	for _, p := range pairs {
		cfg := netem.Default()
		list, err := ends(cfg, p.fromClass, p.fromRegion, p.toClass, p.toRegion)
		if err != nil {
			return sec, err
		}
		name := fmt.Sprintf("%s, %s to %s, %s", p.fromClass, p.fromRegion, p.toClass, p.toRegion)
		t, err := netem.NewTopology(cfg, list, draws(1))
		if err != nil {
			return sec, err
		}
		sec.Findings = append(sec.Findings, idleFlows(t, name, s.messages)...)
		if t, err = netem.NewTopology(cfg, list, draws(1)); err != nil {
			return sec, err
		}
		checks, err := idlePackets(ctx, t, name, s.messages)
		if err != nil {
			return sec, err
		}
		sec.Findings = append(sec.Findings, checks...)
	}
	return sec, nil
}

// idleFlows measures a way between nodes 0 and 1 in the flow engine.
func idleFlows(t *netem.Topology, name string, messages int) []result.Finding {
	n := netem.New(t, draws(2))
	rtt := t.RTT(0, 1)
	best := time.Hour
	for i := range messages {
		now := time.Duration(i+1) * time.Second
		there, _ := n.SendControl(now, 0, 1, 60, 0)
		back, _ := n.SendControl(there, 1, 0, 60, 0)
		best = min(best, back-now)
		n.Arrive(0, 1, 60, 0)
		n.Arrive(1, 0, 60, 0)
	}
	m := n.Measured()
	up, _ := t.Rates(0)
	_, down := t.Rates(1)
	checks := []result.Finding{
		near("flows: round trip, "+name, "s", rtt.Seconds(), best.Seconds(), 0.01, 0.001),
		binomial("flows: messages that lost a packet, "+name, t.Loss(0, 1), m.Resent, m.Messages),
	}
	cfg := netem.Default()
	cfg.Loss, cfg.Startup = netem.NoLoss, false // the link's rate, not what a young connection makes of it
	clear, err := netem.NewTopology(cfg, []netem.Endpoint{t.Endpoint(0), t.Endpoint(1)}, draws(1))
	if err != nil {
		panic(err) // the endpoints are those of a topology
	}
	n = netem.New(clear, draws(2))
	want := min(up, down)
	size := unit.Size(float64(want) / 8 * 100)
	n.SendBulk(0, 0, 1, size, 0, 0)
	at, _ := n.Next()
	return append(checks, near("flows: rate without losses, "+name, "bit/s", float64(want), 8*float64(size)/at.Seconds(), 0.03, 0))
}

// idlePackets measures it in the packet fabric, with sockets.
func idlePackets(ctx context.Context, t *netem.Topology, name string, messages int) (checks []result.Finding, err error) {
	failed := hosts.Virtual(func(settle func()) error {
		f := packet.New(t, packet.Default(), draws(2))
		var probe probe
		done := make(chan struct{})
		if err := probe.open(f); err != nil {
			return err
		}
		go func() {
			defer func() { close(done); f.Wake() }()
			checks, err = probe.measure(t, name, messages)
			probe.close()
		}()
		if e := f.Run(ctx, settle, packet.Until(done)); e != nil {
			probe.close()
			<-done
			return e
		}
		return err
	})
	return checks, failed
}

// A probe is a socket at each end of a way.
type probe struct {
	near, far *packet.Conn
}

func (p *probe) open(f *packet.Fabric) (err error) {
	if p.near, err = f.Attach(0, netip.MustParseAddrPort("192.0.2.1:7")); err != nil {
		return err
	}
	p.far, err = f.Attach(1, netip.MustParseAddrPort("192.0.2.2:7"))
	return err
}

func (p *probe) close() {
	p.near.Close()
	p.far.Close()
}

func (p *probe) measure(t *netem.Topology, name string, messages int) ([]result.Finding, error) {
	best, err := p.echo(messages / 20)
	if err != nil {
		return nil, err
	}
	arrived, err := p.count(messages, 5*time.Millisecond, 32)
	if err != nil {
		return nil, err
	}
	up, _ := t.Rates(0)
	_, down := t.Rates(1)
	want := float64(min(up, down))
	rate, err := p.flood(max(time.Second, time.Duration(4e7/want*1e9)), want) // 5 MB and more, so that the last packet's jitter is little
	if err != nil {
		return nil, err
	}
	return []result.Finding{
		near("packets: round trip, "+name, "s", t.RTT(0, 1).Seconds(), best.Seconds(), 0.01, 0.001),
		binomial("packets: lost, "+name, t.Loss(0, 1), int64(messages-arrived), int64(messages)),
		near("packets: rate, "+name, "bit/s", want, rate, 0.03, 0),
	}, nil
}

// echo sends small packets there and back, one after the other: the fastest.
func (p *probe) echo(times int) (time.Duration, error) {
	go func() {
		buf := make([]byte, 100)
		for {
			n, from, err := p.far.ReadFrom(buf)
			if err != nil || n > 40 {
				return
			}
			_, _ = p.far.WriteTo(buf[:n], from)
		}
	}()
	best := time.Hour
	buf := make([]byte, 32)
	for range times {
		begun := time.Now()
		if _, err := p.near.WriteTo(buf, p.far.LocalAddr()); err != nil {
			return 0, err
		}
		_ = p.near.SetReadDeadline(begun.Add(3 * time.Second))
		if _, _, err := p.near.ReadFrom(buf); err == nil {
			best = min(best, time.Since(begun))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return best, p.stop()
}

// stop ends the echo, by packets it does not answer: one may be lost.
func (p *probe) stop() error {
	for range 20 {
		if _, err := p.near.WriteTo(make([]byte, 64), p.far.LocalAddr()); err != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(time.Second)
	return drain(p.far)
}

// drain throws away what has come.
func drain(c net.PacketConn) error {
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	buf := make([]byte, 2000)
	for {
		if _, _, err := c.ReadFrom(buf); err != nil {
			return nil
		}
	}
}

// count sends numbered packets at a distance and says how many arrive.
func (p *probe) count(n int, apart time.Duration, size int) (arrived int, err error) {
	got := make(chan int)
	_ = p.far.SetReadDeadline(time.Now().Add(time.Duration(n)*apart + 5*time.Second))
	go func() {
		buf, seen := make([]byte, 2000), map[uint64]bool{}
		for {
			k, _, err := p.far.ReadFrom(buf)
			if err != nil {
				got <- len(seen)
				return
			}
			if k >= 8 {
				seen[binary.BigEndian.Uint64(buf)] = true
			}
		}
	}()
	for i := range n {
		buf := make([]byte, size)
		binary.BigEndian.PutUint64(buf, uint64(i))
		if _, err = p.near.WriteTo(buf, p.far.LocalAddr()); err != nil {
			break
		}
		time.Sleep(apart)
	}
	return <-got, err
}

// flood offers a way a third more than its rate for a while, and says at what
// rate packets arrive: bits a second with the headers of IP and UDP.
func (p *probe) flood(during time.Duration, rate float64) (float64, error) {
	const size, headers = 1200, 28
	n := int(during.Seconds() * rate / 8 / (size + headers))
	apart := time.Duration((size + headers) * 8 / (4.0 / 3 * rate) * 1e9)
	type span struct {
		first, last time.Time
		bytes       int
	}
	got := make(chan span)
	_ = p.far.SetReadDeadline(time.Now().Add(time.Hour))
	go func() {
		var s span
		buf := make([]byte, 2000)
		for {
			k, _, err := p.far.ReadFrom(buf)
			if err != nil {
				got <- s
				return
			}
			if s.last = time.Now(); s.first.IsZero() {
				s.first = s.last // the first only starts the clock
				continue
			}
			s.bytes += k + headers
		}
	}()
	buf := make([]byte, size)
	for range n {
		if _, err := p.near.WriteTo(buf, p.far.LocalAddr()); err != nil {
			return 0, err
		}
		time.Sleep(apart)
	}
	time.Sleep(3 * time.Second)
	_ = p.far.SetReadDeadline(time.Now())
	s := <-got
	if s.bytes == 0 {
		return 0, fmt.Errorf("validate: nothing of %d packets has come", n)
	}
	return 8 * float64(s.bytes) / s.last.Sub(s.first).Seconds(), nil
}

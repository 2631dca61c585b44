package hosts_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/scenarios"
	"kinetoscope/sim/hosts"
)

// between is a topology of two nodes with this round trip time and rate, which
// loses packets in both directions.
func between(t testing.TB, rtt time.Duration, rate unit.Rate, loss unit.Ratio) *netem.Topology {
	t.Helper()
	cfg := netem.Config{Loss: netem.Random, Queue: 100 * time.Millisecond, Startup: true,
		Classes: []netem.Class{{Name: "end", Up: rate, Down: rate, Latency: (rtt/2 - 2*time.Millisecond) / 2, Loss: unit.Ratio(1 - math.Sqrt(float64(1-loss)))}}}
	class, err := cfg.Class("end")
	if err != nil {
		t.Fatal(err)
	}
	end := netem.Endpoint{Region: 2, Class: class} // 2 ms from one to the other
	topology, err := netem.NewTopology(cfg, []netem.Endpoint{end, end}, draws)
	if err != nil {
		t.Fatal(err)
	}
	return topology
}

func draws(purpose string, entity uint64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(len(purpose)), entity))
}

func median(d []time.Duration) float64 {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2].Seconds()
}

// model is the median that the flow engine gives, of connections like those of
// hosts.Download.
func model(t testing.TB, topology *netem.Topology, size unit.Size, times int) float64 {
	var took []time.Duration
	for k := range times {
		n := netem.New(topology, func(p string, e uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(k), e)) })
		at, ok := n.SendControl(0, 1, 0, 100, 0) // makes the connection
		if !ok {
			t.Fatal("a node is dark")
		}
		now := at + time.Second
		n.SendBulk(now, 0, 1, netem.OnWire(size), 1, 0)
		done, _ := n.Next()
		n.Advance(done, func(a netem.Arrival) { took = append(took, a.At-now+n.OneWay(1, 0)) })
	}
	return median(took)
}

// The time that transfers take is that of real hosts: half of them within 6 %,
// 19 of 20 within 30 %.
func TestTransfersAreThoseOfRealHosts(t *testing.T) {
	type point struct {
		rtt  time.Duration
		loss unit.Ratio
		size unit.Size
	}
	var grid []point
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond} {
		for _, loss := range []unit.Ratio{0, 0.02} {
			for _, size := range []unit.Size{10e3, 100e3, 1e6} {
				grid = append(grid, point{rtt, loss, size})
			}
		}
	}
	var errs []float64
	for _, p := range grid {
		topology := between(t, p.rtt, 20e6, p.loss)
		took, err := hosts.Download(context.Background(), scenarios.QUIC, topology, packet.Default(), draws, p.size, 41)
		if err != nil {
			t.Fatal(err)
		}
		real, modelled := median(took), model(t, topology, p.size, 401)
		errs = append(errs, math.Abs(modelled/real-1))
		t.Logf("%v, %v lost, %v: hosts %.3f s, model %.3f s, %+.1f %%", p.rtt, p.loss, p.size, real, modelled, 100*(modelled/real-1))
	}
	slices.Sort(errs)
	if mid, most := errs[len(errs)/2], errs[len(errs)*95/100]; mid > 0.06 || most > 0.30 {
		t.Errorf("the median error is %.1f %%, the 95th percentile %.1f %%: want 6 and 30", 100*mid, 100*most)
	}
}

package validate

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

// between is a topology of two nodes with this round trip time, rate and loss
// in each direction.
func between(rtt time.Duration, rate unit.Rate, loss float64) (*netem.Topology, error) {
	cfg := netem.Default()
	cfg.Jitter, cfg.Spread = 0, 0
	cfg.Classes = []netem.Class{{Name: "end", Up: rate, Down: rate, Latency: (rtt/2 - 2*time.Millisecond) / 2, Loss: unit.Ratio(1 - math.Sqrt(1-loss))}}
	e, err := ends(cfg, "end", "europe", "end", "europe")
	if err != nil {
		return nil, err
	}
	return netem.NewTopology(cfg, e, draws(1))
}

// goodput is V2: how much of a link real hosts fill, and the flow engine.
func goodput(ctx context.Context, s Scale) (result.Part, error) {
	sec := result.Part{ID: "V2", Title: "Bulk transfers fill their link", Source: "of hosts, what Shadow's tests of fixed duration want of TCP on the same links; but where 1 Gbit/s has a drop-tail queue, which Shadow's routers have not, what libp2p's window of 10 MiB lets pass; of flows, what hosts do"}
	const gigabit = 1e9
	for _, c := range []struct {
		rate  unit.Rate
		rtt   time.Duration
		aqm   packet.AQM
		least float64
	}{
		{1e6, 300 * time.Millisecond, packet.DropTail, 0.70},
		{10e6, 200 * time.Millisecond, packet.DropTail, 0.88},
		{100e6, 100 * time.Millisecond, packet.DropTail, 0.92},
		{gigabit, 10 * time.Millisecond, packet.FQCoDel, 0.96}, // Shadow's routers have CoDel
		{gigabit, 10 * time.Millisecond, packet.DropTail, starved(gigabit, 10*time.Millisecond)},
	} {
		seconds := 20.0
		if c.rate > 1e8 { // a packet takes its time
			if seconds = s.bulk; seconds == 0 {
				continue
			}
		}
		size := unit.Size(float64(c.rate) / 8 * seconds)
		t, err := between(c.rtt, c.rate, 0)
		if err != nil {
			return sec, err
		}
		cfg := packet.Default()
		cfg.AQM = c.aqm
		took, err := hosts.Download(ctx, scenarios.QUIC, t, cfg, draws(1), size, 1)
		if err != nil {
			return sec, err
		}
		name := fmt.Sprintf("%v, %v, %v, %s", c.rate, c.rtt, size, c.aqm)
		part := func(d time.Duration) float64 { return 8 * float64(netem.OnWire(size)) / d.Seconds() / float64(c.rate) }
		sec.Findings = append(sec.Findings, atLeast("hosts: "+name, "", c.least, part(took[0])),
			near("flows: "+name, "", part(took[0]), part(modelled(t, size, 1)[0]), 0.10, 0))
	}
	return sec, nil
}

// starved is the least part of a link that a stream fills whose receiver cannot
// tell the sender to go on before everything has arrived. quic-go v0.64.1
// charges its pacer for packets that only acknowledge, and lets a window update
// go when there is budget for a full packet. Who only receives has a window of
// 32 packets of 1,280 bytes and paces 1.25 of it in a round trip: behind a queue
// of 100 ms that a window of 4.2 MB fills to a third, 1.5 MB/s. At 1 Gbit/s it
// acknowledges 47,800 times a second in 33 bytes, which is 1.6 MB/s. So a window
// of 10 MiB, all that libp2p grants a stream, passes, and then nothing for a
// round trip and the millisecond that a pacer waits at least.
func starved(rate unit.Rate, rtt time.Duration) float64 {
	const window, pause = unit.Size(10 << 20), time.Millisecond
	busy := 8 * float64(netem.OnWire(window)) / float64(rate)
	return busy / (busy + (rtt + pause).Seconds())
}

// modelled is what hosts.Download measures, in the flow engine.
func modelled(t *netem.Topology, size unit.Size, times int) (took []time.Duration) {
	for k := range times {
		n := netem.New(t, draws(uint64(k)))
		at, _ := n.SendControl(0, 1, 0, 100, 0) // makes the connection
		now := at + time.Second
		n.SendBulk(now, 0, 1, netem.OnWire(size), 1, 0)
		done, _ := n.Next()
		n.Advance(done, func(a netem.Arrival) { took = append(took, a.At-now+n.OneWay(1, 0)) })
	}
	return took
}

// transfers is the grid of sizes, round trips and losses: the median of the
// model against that of real hosts, half of the points within 6 % and 19 of 20
// within 30 %.
func transfers(ctx context.Context, s Scale) (result.Part, error) {
	sec := result.Part{ID: "transfers", Title: "Transfers take as long as with real hosts", Source: "go-libp2p over the packet fabric, 20 Mbit/s"}
	var errs []float64
	for _, rtt := range s.rtts {
		for _, loss := range s.losses {
			for _, size := range s.sizes {
				t, err := between(rtt, 20e6, loss)
				if err != nil {
					return sec, err
				}
				real, err := hosts.Download(ctx, scenarios.QUIC, t, packet.Default(), draws(1), size, s.draws)
				if err != nil {
					return sec, err
				}
				want, got := median(real), median(modelled(t, size, 401))
				errs = append(errs, math.Abs(got/want-1))
				sec.Findings = append(sec.Findings, near(fmt.Sprintf("%v, %.3g %% lost, %v", rtt, 100*loss, size), "s", want, got, 0.60, 0))
			}
		}
	}
	slices.Sort(errs)
	sec.Findings = append(sec.Findings, near("half of the points are off by", "", 0, errs[len(errs)/2], 0, 0.06),
		near("19 of 20 points are off by", "", 0, errs[len(errs)*95/100], 0, 0.30))
	return sec, nil
}

func median(d []time.Duration) float64 {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2].Seconds()
}

//go:embed scenes/*.yaml
var files embed.FS

// scenes is V12: whole scenarios on both engines.
func scenes(ctx context.Context, s Scale, tell func(string)) (list []result.Scene, sec result.Part, err error) {
	sec = result.Part{ID: "V12", Title: "Whole scenarios take as long on both engines", Source: "the same scenario over real libp2p hosts; variants are in an order where their medians on hosts differ by more than the 10 % that engines may, and 95 % intervals do not overlap: hosts of other seeds would not agree on the order of others"}
	names, err := fs.Glob(files, "scenes/*.yaml")
	if err != nil {
		return nil, sec, err
	}
	for _, file := range names {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "scenes/"), ".yaml")
		if !slices.Contains(s.scenes, name) {
			continue
		}
		tell("V12 " + name)
		scene, err := play(ctx, file, name, s)
		if err != nil {
			return nil, sec, fmt.Errorf("validate: %s: %w", name, err)
		}
		list = append(list, scene)
		sec.Findings = append(sec.Findings, compare(&scene, s.sample)...)
	}
	return list, sec, nil
}

// play runs every variant of a scene on both engines.
func play(ctx context.Context, file, name string, s Scale) (result.Scene, error) {
	text, err := files.ReadFile(file)
	if err != nil {
		return result.Scene{}, err
	}
	variants, err := scenarios.Load(file, text, nil)
	if err != nil {
		return result.Scene{}, err
	}
	scene := result.Scene{Name: name, Title: variants[0].Title}
	for _, v := range variants {
		ladder, err := media.Load(v.Video)
		if err != nil {
			return scene, err
		}
		p := result.Pair{Variant: v.Variant}
		for seed := range uint64(s.seeds) {
			for _, e := range []struct {
				run func(context.Context, scenarios.Scenario, *media.Ladder, uint64) (*result.Run, error)
				sum *result.Histogram
			}{{sim.Run, &p.Flows}, {hosts.Run, &p.Hosts}} {
				run, err := e.run(ctx, v, ladder, seed+1)
				if err != nil {
					return scene, err
				}
				e.sum.Merge(&run.Downloads)
			}
		}
		scene.Variants = append(scene.Variants, p)
	}
	return scene, nil
}

// compare looks at the downloads of a scene: their median within 10 %, their
// 95th percentile within 20 %, and the same order of the variants; of a sample,
// as far as that is no chance.
func compare(s *result.Scene, sample bool) (list []result.Finding) {
	var flows []float64
	for i := range s.Variants {
		v := &s.Variants[i]
		name := s.Name + ", " + v.Variant
		list = append(list, quantile(name+": median download", v, 0.5, 0.10, sample), quantile(name+": 95th percentile", v, 0.95, 0.20, sample))
		flows = append(flows, v.Flows.Quantile(0.5))
	}
	differ := 0.0
	for i := range flows {
		for k := range i {
			a, b := &s.Variants[i].Hosts, &s.Variants[k].Hosts
			if far(a, b) && (flows[i] < flows[k]) != (a.Quantile(0.5) < b.Quantile(0.5)) {
				differ++
			}
		}
	}
	return append(list, near(s.Name+": pairs of variants in another order", "", 0, differ, 0, 0))
}

// quantile compares one of both engines, and says where that of hosts lies. A
// sample may be off by as much more as two samples of one thing are.
func quantile(what string, v *result.Pair, p, part float64, sample bool) result.Finding {
	f := near(what, "s", v.Hosts.Quantile(p), v.Flows.Quantile(p), part, 0)
	least, most := likely(&v.Hosts, p, 0)
	word := ""
	if sample {
		least, most = likely(&v.Hosts, p, v.Flows.Count())
		word, f.Passed = "of ", f.Got >= (1-part)*least && f.Got <= (1+part)*most
	}
	f.Rule += fmt.Sprintf(" %s(95 %% of %d downloads: %.3g to %.3g)", word, v.Hosts.Count(), least, most)
	return f
}

// likely is where a quantile lies 19 times of 20, by its ranks among as many
// downloads that know nothing of each other: np -+ 1.96 sqrt(np(1-p)). Beside
// that of another sample, of others downloads, both err: variances add up.
func likely(h *result.Histogram, p float64, others uint64) (least, most float64) {
	variance := p * (1 - p) / float64(h.Count())
	if others > 0 {
		variance += p * (1 - p) / float64(others)
	}
	half := 1.96 * math.Sqrt(variance)
	return h.Quantile(p - half), h.Quantile(min(1, p+half))
}

// far says that the medians of two variants differ by more than the engines
// may, and than those of the same variant might.
func far(a, b *result.Histogram) bool {
	x, y := a.Quantile(0.5), b.Quantile(0.5)
	fromX, toX := likely(a, 0.5, 0)
	fromY, toY := likely(b, 0.5, 0)
	return math.Abs(x-y) > 0.10*min(x, y) && (toX < fromY || toY < fromX)
}

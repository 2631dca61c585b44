package validate

import (
	"fmt"
	"kinetoscope/sim/result"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// shortest is the latency of the shortest way that there is.
const shortest = 2 * ms

// simgrid is V3: the worked examples of another simulator, whose factors are
// laid on our links. LV08 multiplies latency by 13.01 and the rate by 0.97, and
// takes 5 % of it for acknowledgements; CM02 bounds a flow by a window of 4 MiB
// over the round trip, and its examples leave the latency out where that rules.
// What is found is when the receiver has all, but for what our shortest way takes
// more than the example's. Lay, unless nil, changes what is laid.
func simgrid(lay func(*netem.Config)) result.Part {
	sec := result.Part{ID: "V3", Title: "SimGrid's worked examples", Source: "SimGrid's documentation of its network models"}
	const gamma = 4 << 20
	for _, c := range []struct {
		what    string
		size    unit.Size
		rate    float64 // bytes a second
		latency time.Duration
		want    float64 // seconds
	}{
		{"LV08: 100 kB, 10 ms, 1 Mbit/s", 100_000, 1e6 / 8 * 0.97 / 1.05, 130_100 * time.Microsecond, 0.996079},
		{"CM02: 1 GB, no latency, 1 GB/s", 1e9, 1e9, 0, 1},
		{"CM02: 1 GB, 10 us, 1 GB/s", 1e9, 1e9, 10 * time.Microsecond, 1.00001},
		{"CM02: 1 GB, 10 ms: the window rules, and the latency", 1e9, gamma / 0.020, 10 * ms, 4.76837 + 0.010},
		{"CM02: 1 GB, 1 s: the window rules, and the latency", 1e9, gamma / 2.0, time.Second, 476.837 + 1},
	} {
		sec.Findings = append(sec.Findings, near(c.what, "s", c.want, alone(c.size, unit.Rate(8*c.rate), c.latency, lay), 2e-6, 0))
	}
	return sec
}

// alone is when the flow engine has delivered one flow without a transport, in
// seconds, but for what its latency is too long.
func alone(size unit.Size, rate unit.Rate, latency time.Duration, lay func(*netem.Config)) float64 {
	way := max(latency, shortest)
	cfg := netem.Config{Classes: []netem.Class{{Name: "end", Up: rate, Down: rate, Latency: (way - shortest) / 2}}}
	if lay != nil {
		lay(&cfg)
	}
	n := fluid(cfg, "end", "end")
	n.SendBulk(0, 0, 1, size, 0, 0)
	var arrived time.Duration
	for at, ok := n.Next(); ok; at, ok = n.Next() {
		n.Advance(at, func(a netem.Arrival) { arrived = a.At })
	}
	return (arrived - (way - latency)).Seconds()
}

// fluid is a network of endpoints of these classes in one region, with nothing
// but sharing.
func fluid(cfg netem.Config, classes ...string) *netem.Network {
	var list []string
	for _, c := range classes {
		list = append(list, c, "europe")
	}
	e, err := ends(cfg, list...)
	if err == nil {
		var t *netem.Topology
		if t, err = netem.NewTopology(cfg, e, draws(1)); err == nil {
			return netem.New(t, draws(1))
		}
	}
	panic(err) // the classes are those of this file
}

// Shares is V4: max-min fair shares whose solution is known, each shown by
// transfers sized for it, which must all end at the same time.
func Shares() result.Part {
	sec := result.Part{ID: "V4", Title: "Max-min fair shares", Source: "Bertsekas and Gallager, Data Networks, 6.5.2, by hand"}
	type flow struct {
		from, to int32
		share    float64 // Mbit/s
	}
	cases := []struct {
		what  string
		rates [][2]float64 // up and down of each node, Mbit/s
		flows []flow
	}{
		{"one uplink, four alike", [][2]float64{{100, 1000}, {1000, 1000}, {1000, 1000}, {1000, 1000}, {1000, 1000}},
			[]flow{{0, 1, 25}, {0, 2, 25}, {0, 3, 25}, {0, 4, 25}}},
		{"one uplink, one slow receiver", [][2]float64{{100, 1000}, {1000, 10}, {1000, 1000}, {1000, 1000}},
			[]flow{{0, 1, 10}, {0, 2, 45}, {0, 3, 45}}},
		{"two uplinks, one downlink between them", [][2]float64{{10, 1000}, {100, 1000}, {1000, 60}, {1000, 1000}},
			[]flow{{0, 2, 10}, {1, 2, 50}, {1, 3, 50}}},
		{"a chain: each share sets the next", [][2]float64{{12, 1000}, {40, 1000}, {90, 1000}, {1000, 30}, {1000, 80}, {1000, 1000}},
			[]flow{{0, 3, 12}, {1, 3, 18}, {1, 4, 22}, {2, 4, 45}, {2, 5, 45}}},
		{"all to all of three", [][2]float64{{30, 30}, {30, 30}, {30, 30}},
			[]flow{{0, 1, 15}, {0, 2, 15}, {1, 0, 15}, {1, 2, 15}, {2, 0, 15}, {2, 1, 15}}},
	}
	const seconds = 10
	for _, c := range cases {
		var cfg netem.Config
		var names []string
		for i, r := range c.rates {
			names = append(names, fmt.Sprintf("n%d", i))
			cfg.Classes = append(cfg.Classes, netem.Class{Name: names[i], Up: unit.Rate(r[0] * 1e6), Down: unit.Rate(r[1] * 1e6)})
		}
		n := fluid(cfg, names...)
		for i, f := range c.flows {
			n.SendBulk(0, f.from, f.to, unit.Size(f.share*1e6/8*seconds), 0, uint64(i))
		}
		first, last, ended := time.Duration(0), time.Duration(0), 0
		for at, ok := n.Next(); ok; at, ok = n.Next() {
			n.Advance(at, func(a netem.Arrival) {
				if last = at; ended == 0 {
					first = at
				}
				ended++
				n.Arrive(a.From, a.To, a.Size, a.Traffic)
			})
		}
		sec.Findings = append(sec.Findings, near(c.what+": the first ends", "s", seconds, first.Seconds(), 1e-8, 0),
			near(c.what+": the last ends", "s", seconds, last.Seconds(), 1e-8, 0))
		broken := 0.0
		if err := n.Check(); err != nil || ended != len(c.flows) {
			broken = 1
		}
		sec.Findings = append(sec.Findings, near(c.what+": bytes made or lost, links above their rate", "", 0, broken, 0, 0))
	}
	return sec
}

package netem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"kinetoscope/internal/unit"
)

// A Topology says where endpoints are, how they are connected, and what lies
// between any two of them at this moment: the truth from which flows are
// shared here, and packets carried by package packet. An endpoint is named by
// its index in the list that NewTopology was given.
type Topology struct {
	cfg     Config
	pairKey uint64
	ends    []end
	paths   []path // by class of the sender, class of the receiver
	classes int
}

type end struct {
	region, class int32
	up, down      unit.Rate
	dark          bool
}

// A path is what two access classes add to the way between their regions.
type path struct {
	latency  time.Duration
	jitter   float64 // mean, ns
	loss     float64 // probability that a packet is lost
	sqrtLoss float64
}

// NewTopology places the endpoints. The config is valid; an error says which
// endpoint does not fit it. One number is drawn, from the source that draw
// gives for the purpose "latency".
func NewTopology(cfg Config, ends []Endpoint, draw func(purpose string, entity uint64) *rand.Rand) (*Topology, error) {
	classes := cfg.AccessClasses()
	t := &Topology{cfg: cfg, classes: len(classes), ends: make([]end, len(ends))}
	for i, e := range ends {
		if err := e.check(len(classes)); err != nil {
			return nil, fmt.Errorf("netem: endpoint %d: %w", i, err)
		}
		up, down := e.Up, e.Down
		if up == 0 {
			up = classes[e.Class].Up
		}
		if down == 0 {
			down = classes[e.Class].Down
		}
		t.ends[i] = end{region: int32(e.Region), class: int32(e.Class), up: up, down: down}
	}
	t.pairKey = draw("latency", 0).Uint64()
	for _, from := range classes {
		for _, to := range classes {
			t.paths = append(t.paths, cfg.path(from, to))
		}
	}
	return t, nil
}

// path is what two classes add up to.
func (c Config) path(from, to Class) path {
	p := path{latency: from.Latency + to.Latency, jitter: c.Jitter * float64(from.Jitter+to.Jitter)}
	if c.Loss {
		p.loss = 1 - float64((1-float64(from.Loss))*(1-float64(to.Loss)))
		p.sqrtLoss = math.Sqrt(p.loss)
	}
	return p
}

// Up reports whether a node is there, not dark.
func (t *Topology) Up(node int32) bool { return !t.ends[node].dark }

// OneWay is the configured time that a byte takes from one node to another:
// regions, access and the pair's own variation, without jitter and loss.
func (t *Topology) OneWay(from, to int32) time.Duration {
	a, b := &t.ends[from], &t.ends[to]
	far := float64(regions[a.region].oneWay[b.region])
	return time.Duration(float64(far*t.variation(from, to))) + t.path(from, to).latency
}

// RTT is the configured round trip time between two nodes, the same both ways
// round: OneWay there and back.
func (t *Topology) RTT(from, to int32) time.Duration {
	a, b := t.ends[from].region, t.ends[to].region
	far := float64(regions[a].oneWay[b] + regions[b].oneWay[a])
	return time.Duration(float64(far*t.variation(from, to))) + 2*t.path(from, to).latency
}

// Rates are the rates of a node's access at this moment.
func (t *Topology) Rates(node int32) (up, down unit.Rate) { return t.ends[node].up, t.ends[node].down }

// Loss is the probability that a packet from one node to another is lost.
func (t *Topology) Loss(from, to int32) float64 { return t.path(from, to).loss }

// Jitter is what the way from one node to another adds to OneWay for the draw
// u from (0, 1): the quantile at 1-u of the distribution of jitter.
func (t *Topology) Jitter(from, to int32, u float64) time.Duration {
	mean := t.path(from, to).jitter
	if mean == 0 {
		return 0
	}
	return time.Duration(float64(mean * exponential(u)))
}

// Nodes is how many endpoints there are.
func (t *Topology) Nodes() int { return len(t.ends) }

// SetDark takes a node off the network, or brings it back.
func (t *Topology) SetDark(node int32, dark bool) { t.ends[node].dark = dark }

// SetRates changes the access of a node; both rates are positive.
func (t *Topology) SetRates(node int32, up, down unit.Rate) {
	if up <= 0 || down <= 0 {
		panic(fmt.Sprintf("netem: node %d gets %v up, %v down: rates are positive", node, up, down))
	}
	t.ends[node].up, t.ends[node].down = up, down
}

func (t *Topology) path(from, to int32) *path {
	return &t.paths[int(t.ends[from].class)*t.classes+int(t.ends[to].class)]
}

// variation is the factor on the latency between the regions of two nodes.
func (t *Topology) variation(a, b int32) float64 {
	if a > b {
		a, b = b, a
	}
	u := uniform(hash(t.pairKey, uint64(a)<<32|uint64(b)))
	return 1 + float64(float64(t.cfg.Spread)*(2*u-1))
}

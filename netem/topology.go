package netem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"kinetoscope/internal/hugepages"
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
	classes []Class
	backbone
	cuts     [MaxCuts]cut
	apart    uint64                  // the cuts that keep those inside apart
	worn     []worn                  // by fault, in the order in which they began
	wear     []wear                  // of each endpoint; nil as long as nothing is worn
	sides    []uint64                // of each endpoint the cuts that it is inside of, one bit for each; nil as long as nothing is cut
	thaws    map[int32]time.Duration // of endpoints that are or were frozen
	courses  []*course               // of each class; nil without a trace
	turn     []time.Duration         // when the trace of each endpoint changes its rates next; nil if no class has one
	traceKey uint64
	turns    []turn // binary heap
	nats     *nats  // nil without
	placeKey uint64 // where there are measured times

	isAnother bool // something was degraded or has moved since the beginning
}

// An end is half a cache line.
type end struct {
	up, down     unit.Rate // of the access now, before faults; 0: nothing passes
	key          uint32    // of its draws
	since        uint32    // for a network: the tick in which it came back last, or the one after it went dark
	class        uint16
	region       uint8
	dark, frozen bool
	ownUp        bool // its rate up is its own, not that of its class
	ownDown      bool
}

// A path is what two access classes add to the way between their regions.
type path struct {
	latency time.Duration
	jitter  float64 // mean, ns
	loss    float64 // probability that a packet is lost
}

// NewTopology places the endpoints. The config is valid; an error says which
// endpoint does not fit it. One number is drawn, from the source that draw
// gives for the purpose "latency", and one more each for "trace", "nat" and
// "place" if there are any.
func NewTopology(cfg Config, ends []Endpoint, draw func(purpose string, entity uint64) *rand.Rand) (*Topology, error) {
	classes := cfg.AccessClasses()
	if len(classes) > math.MaxUint16 {
		return nil, fmt.Errorf("netem: %d access classes: at most %d", len(classes), math.MaxUint16)
	}
	t := &Topology{cfg: cfg, classes: classes, ends: hugepages.Slice(make([]end, len(ends))), courses: make([]*course, len(classes))}
	for i := range classes {
		if c := &classes[i]; len(c.Trace.Steps) > 0 {
			t.courses[i], t.turn = newCourse(c.Trace), make([]time.Duration, len(ends))
			t.traceKey = draw("trace", 0).Uint64()
		}
	}
	for i, e := range ends {
		if err := e.check(len(classes)); err != nil {
			return nil, fmt.Errorf("netem: endpoint %d: %w", i, err)
		}
		if t.ends[i].key = e.Key; e.Key == 0 {
			t.ends[i].key = uint32(i)
		}
		t.put(0, int32(i), e)
	}
	var err error
	if t.backbone, err = newBackbone(cfg.Backbone); err != nil {
		return nil, fmt.Errorf("netem: backbone: %w", err)
	}
	t.pairKey = draw("latency", 0).Uint64()
	if cfg.NAT.Share > 0 {
		if t.nats, err = newNATs(&cfg, classes, draw("nat", 0).Uint64()); err != nil {
			return nil, fmt.Errorf("netem: nat: %w", err)
		}
	}
	if len(cfg.Latency.Places) > 0 {
		t.placeKey = draw("place", 0).Uint64()
	}
	for _, from := range classes {
		for _, to := range classes {
			t.paths = append(t.paths, cfg.path(from, to))
		}
	}
	return t, nil
}

// put connects an endpoint.
func (t *Topology) put(now time.Duration, node int32, e Endpoint) {
	i := &t.ends[node]
	i.region, i.class, i.up, i.down = uint8(e.Region), uint16(e.Class), e.Up, e.Down
	if i.ownUp = e.Up > 0; !i.ownUp {
		i.up = t.classes[e.Class].Up
	}
	if i.ownDown = e.Down > 0; !i.ownDown {
		i.down = t.classes[e.Class].Down
	}
	t.follow(now, node)
}

// path is what two classes add up to.
func (c Config) path(from, to Class) path {
	p := path{latency: from.Latency + to.Latency, jitter: c.Jitter * float64(from.Jitter+to.Jitter)}
	if c.lossy() {
		p.loss = 1 - float64((1-float64(from.Loss))*(1-float64(to.Loss)))
	}
	return p
}

// Up reports whether a node is there, not dark.
func (t *Topology) Up(node int32) bool { return !t.ends[node].dark }

// OneWay is the configured time that a byte takes from one node to another:
// regions, access and the pair's own variation, without jitter and loss.
func (t *Topology) OneWay(from, to int32) time.Duration {
	return t.oneWay(from, to, t.path(from, to))
}

// oneWay is OneWay over the path of the two.
func (t *Topology) oneWay(from, to int32, p path) time.Duration {
	far := float64(t.far(from, to, t.ends[from].region, t.ends[to].region))
	return time.Duration(float64(far*t.variation(from, to))) + p.latency
}

// span is the path from one node to another, OneWay and RTT.
func (t *Topology) span(from, to int32) (p path, oneWay, rtt time.Duration) {
	a, b := t.ends[from].region, t.ends[to].region
	p = t.path(from, to)
	varies := t.variation(from, to)
	there, back := t.far(from, to, a, b), t.far(to, from, b, a)
	return p, time.Duration(float64(float64(there)*varies)) + p.latency, time.Duration(float64(float64(there+back)*varies)) + 2*p.latency
}

// far is the latency between the regions a and b of two nodes, over a relay if
// they need one.
func (t *Topology) far(from, to int32, a, b uint8) time.Duration {
	if t.placeKey == 0 && t.nats == nil {
		return regions[a].oneWay[b]
	}
	return t.farther(from, to)
}

// farther is far where times are measured or relays may be needed.
func (t *Topology) farther(from, to int32) time.Duration {
	if t.placeKey != 0 {
		return t.measured(from, to)
	}
	a, b := t.ends[from].region, t.ends[to].region
	if via, ok := t.Relay(from, to); ok {
		return regions[a].oneWay[via] + regions[via].oneWay[b]
	}
	return regions[a].oneWay[b]
}

// Least is a time below which OneWay is between no two nodes.
func (t *Topology) Least() time.Duration {
	least := t.paths[0].latency
	for i := range t.paths {
		least = min(least, t.paths[i].latency)
	}
	if p := t.cfg.Latency.Places; len(p) > 0 {
		return least + time.Duration(float64(float64(nearest(p))*(1-float64(t.cfg.Spread))))
	}
	near := regions[0].oneWay[0]
	for i := range regions {
		for _, far := range regions[i].oneWay {
			near = min(near, far)
		}
	}
	return least + time.Duration(float64(float64(near)*(1-float64(t.cfg.Spread))))
}

// RTT is the configured round trip time between two nodes, the same both ways
// round: OneWay there and back.
func (t *Topology) RTT(from, to int32) time.Duration {
	a, b := t.ends[from].region, t.ends[to].region
	far := float64(t.far(from, to, a, b) + t.far(to, from, b, a))
	return time.Duration(float64(far*t.variation(from, to))) + 2*t.path(from, to).latency
}

// Rates are the rates of a node's access at this moment. Where one is zero
// nothing passes, and Reaches says so.
func (t *Topology) Rates(node int32) (up, down unit.Rate) {
	if t.ends[node].frozen {
		return 0, 0
	}
	return t.Capacity(node)
}

// Capacity is what the access of a node can carry at this moment, whether or
// not its process is frozen.
func (t *Topology) Capacity(node int32) (up, down unit.Rate) {
	e := &t.ends[node]
	if t.wear == nil {
		return e.up, e.down
	}
	return t.wear[node].rate(e.up), t.wear[node].rate(e.down)
}

// Loss is the probability that a packet from one node to another is lost.
func (t *Topology) Loss(from, to int32) float64 { return t.path(from, to).loss }

// Nodes is how many endpoints there are.
func (t *Topology) Nodes() int { return len(t.ends) }

// SetDark takes a node off the network, or brings it back.
func (t *Topology) SetDark(node int32, dark bool) { t.ends[node].dark = dark }

// SetRates gives the access of a node rates of its own, which no trace changes;
// both are positive.
func (t *Topology) SetRates(node int32, up, down unit.Rate) {
	if up <= 0 || down <= 0 {
		panic(fmt.Sprintf("netem: node %d gets %v up, %v down: rates are positive", node, up, down))
	}
	e := &t.ends[node]
	e.up, e.down, e.ownUp, e.ownDown = up, down, true, true
}

// Move gives a node another access, and another place if the regions differ.
// The endpoint is one that NewTopology would take.
func (t *Topology) Move(now time.Duration, node int32, e Endpoint) {
	if err := e.check(len(t.classes)); err != nil {
		panic(fmt.Sprintf("netem: node %d moves: %v", node, err))
	}
	t.put(now, node, e)
	t.isAnother = true
}

// Endpoint is how a node is connected, before faults.
func (t *Topology) Endpoint(node int32) Endpoint {
	e := &t.ends[node]
	o := Endpoint{Region: int(e.region), Class: int(e.class)}
	if e.ownUp {
		o.Up = e.up
	}
	if e.ownDown {
		o.Down = e.down
	}
	return o
}

// Key is what a node's draws are made by: that of its endpoint, or its number.
func (t *Topology) Key(node int32) uint64 { return uint64(t.ends[node].key) }

// path is what the accesses of two nodes add up to, with what faults add.
func (t *Topology) path(from, to int32) path {
	p := t.paths[int(t.ends[from].class)*len(t.classes)+int(t.ends[to].class)]
	if t.wear != nil {
		p = t.wear[from].path(t.wear[to].path(p))
	}
	return p
}

// variation is the factor on the latency between the regions of two nodes.
func (t *Topology) variation(a, b int32) float64 {
	if t.cfg.Spread == 0 {
		return 1
	}
	x, y := t.ends[a].key, t.ends[b].key
	u := uniform(hash(t.pairKey, uint64(min(x, y))<<32|uint64(max(x, y))))
	return 1 + float64(float64(t.cfg.Spread)*(2*u-1))
}

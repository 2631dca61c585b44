package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/cache"
	"kinetoscope/sim/law"
)

// An Engine names what carries the messages.
type Engine string

// Engines.
const (
	Flow   Engine = "flow"   // package sim
	Libp2p Engine = "libp2p" // package sim/hosts
)

// Names lists the engines.
func (Engine) Names() []string { return []string{string(Flow), string(Libp2p)} }

// UnmarshalText accepts the names in Names.
func (e *Engine) UnmarshalText(b []byte) error { return choose(e, b, e.Names()) }

// Hosts says what real hosts are made of.
type Hosts struct {
	Transport Transport `yaml:"transport" doc:"What carries their streams: quic (with TLS 1.3), or tcp (with Noise and Yamux)."`
}

// A Transport names what carries the streams of real hosts.
type Transport string

// Transports.
const (
	QUIC Transport = "quic"
	TCP  Transport = "tcp"
)

// Names lists the transports.
func (Transport) Names() []string { return []string{string(QUIC), string(TCP)} }

// UnmarshalText accepts the names in Names.
func (t *Transport) UnmarshalText(b []byte) error { return choose(t, b, t.Names()) }

// A Weight is one entry of a list to draw from.
type Weight struct {
	Name   string `yaml:"name" doc:"What may be drawn."`
	Weight int    `yaml:"weight" doc:"How often, relative to the other entries."`
}

// Population says who watches, from where, and for how long.
type Population struct {
	Viewers   int           `yaml:"viewers" doc:"Viewers that come in all."`
	Initial   unit.Ratio    `yaml:"initial" doc:"Share of them that are there from the beginning: they come in the second after the stream has run for live.delay."`
	At        time.Duration `yaml:"at" doc:"When the others begin to come, live.delay at the earliest."`
	Over      time.Duration `yaml:"over" doc:"During how long they come."`
	Arrival   Arrival       `yaml:"arrival" doc:"How arrivals are spread over that time: uniform, ramp (at a rate that grows from nothing), exponential (at a rate that grows e^3-fold, as word spreads), step (all at once), trace (as population.trace says, whose steps make the time), or one after the other: poisson (so that the expected number comes in that time), gaps (by population.gaps)."`
	Gaps      law.Config    `yaml:"gaps" doc:"arrival gaps: what lies between one arrival and the next."`
	Trace     []Wave        `yaml:"trace" doc:"arrival trace: how many come in each of these times."`
	Dataset   string        `yaml:"dataset" doc:"arrival trace: recorded or generated arrivals instead of trace, named as a network trace's data set is: beginnings of sessions, frames, or numbers of viewers whose growth counts; in bins=60 waves, every=10s long."`
	Session   law.Config    `yaml:"session" doc:"How long a viewer stays."`
	Returns   unit.Ratio    `yaml:"returns" doc:"Share of leavers who come back, again and again: as another session at the same place, with another address, channel and account."`
	Off       law.Config    `yaml:"off" doc:"How long those who come back are away."`
	Patience  Patience      `yaml:"patience" doc:"How long a viewer waits for its first frame before it leaves: without end, or from 2s on, 5.8% of all in every further second (Krishnan and Sitaraman 2012)."`
	Operators int           `yaml:"operators" doc:"Access networks (autonomous systems) among which viewers are drawn, wherever they are. Read by faults of the network with operators."`
	Abrupt    unit.Ratio    `yaml:"abrupt" doc:"Share of leavers who vanish without a word."`
	Pollutes  unit.Ratio    `yaml:"pollutes" doc:"Share of viewers who send neighbours corrupt bytes."`
	Defaults  unit.Ratio    `yaml:"defaults" doc:"Share of viewers who never pay."`
	Lingers   unit.Ratio    `yaml:"lingers" doc:"Share of viewers who say goodbye to the edge that serves them after four segments, and go on with the next one."`
	Doubles   unit.Ratio    `yaml:"doubles" doc:"Share of viewers who take from two edges by turns, pay for every second segment only, and show each payment to all edges that they know."`
	Griefs    unit.Ratio    `yaml:"griefs" doc:"Share of viewers who lock next to nothing when they press play and promise, or draw lottery tickets, as if they had locked the deposit: what wins is worth nothing, and costs who redeems it. payment.optimistic: 0s protects against them; deposits that are preopened are honest."`
	Forges    unit.Ratio    `yaml:"forges" doc:"Share of viewers who send neighbours bytes of their own, with a header that names them: only the signature tells."`
	Withholds unit.Ratio    `yaml:"withholds" doc:"Share of viewers who announce and promise tokens, and send nothing."`
	Freeloads unit.Ratio    `yaml:"freeloads" doc:"Share of viewers who take and never upload."`
	Liars     unit.Ratio    `yaml:"liars" doc:"Share of viewers who report to neighbours that they are idle whatever they do. Read where swarm.selection goes by reports; its price is such a report."`
	Sybils    unit.Ratio    `yaml:"sybils" doc:"False identities that register with the directory, as a share of the viewers, besides these: they are there from the beginning, take places among neighbours and have nothing."`
	Eclipse   bool          `yaml:"eclipse" doc:"Whether sybils also offer themselves as neighbours to whomever they learn of, again and again."`
	NoDecoder unit.Ratio    `yaml:"no_decoder" doc:"Share of viewers who cannot show what a fault of the kind codec has hit."`
	Regions   []Weight      `yaml:"regions" doc:"Where viewers are."`
	Classes   []Weight      `yaml:"classes" doc:"How viewers are connected."`
}

// An Arrival names how arrivals are spread over a time.
type Arrival string

// Arrivals.
const (
	Uniform     Arrival = "uniform"     // at a constant rate
	Exponential Arrival = "exponential" // at a rate that grows e^3-fold, as word spreads
	Ramp        Arrival = "ramp"        // at a rate that grows from nothing
	Step        Arrival = "step"        // all at once
	ByTrace     Arrival = "trace"       // as a list says
	Poisson     Arrival = "poisson"     // one after the other, with exponential gaps
	ByGaps      Arrival = "gaps"        // one after the other, with gaps of any law
)

// A Wave is a time in which viewers come at a constant rate.
type Wave struct {
	For    time.Duration `yaml:"for" doc:"How long it lasts."`
	Weight int           `yaml:"weight" doc:"How many come in it, relative to the other waves."`
}

// Names lists the arrivals.
func (Arrival) Names() []string {
	return []string{string(Uniform), string(Ramp), string(Exponential), string(Step), string(ByTrace), string(Poisson), string(ByGaps)}
}

// UnmarshalText accepts the names in Names.
func (a *Arrival) UnmarshalText(b []byte) error { return choose(a, b, a.Names()) }

// A Patience names a distribution of how long viewers wait for their first
// frame.
type Patience string

// Patiences.
const (
	Endless  Patience = "none"
	Krishnan Patience = "krishnan" // Krishnan and Sitaraman, IMC 2012
)

// Names lists the patiences.
func (Patience) Names() []string { return []string{string(Endless), string(Krishnan)} }

// UnmarshalText accepts the names in Names.
func (p *Patience) UnmarshalText(b []byte) error { return choose(p, b, p.Names()) }

// Origin says where the publisher stands, what it computes on, and where it
// sends tokens.
type Origin struct {
	Region  string        `yaml:"region" doc:"Where it stands."`
	Up      unit.Rate     `yaml:"up" doc:"Its upload rate."`
	To      Target        `yaml:"to" doc:"Whom it sends tokens: providers as shards, or edges whole."`
	CPU     float64       `yaml:"cpu" doc:"Speed of its processor, relative to the core that the cpu section was measured on, 0.001 to 100: 1 is a server, 0.25 a laptop, 0.05 a phone."`
	Streams int           `yaml:"streams" doc:"Streams that share this processor, 1 to 200, all with the same segments. The one that is watched is served last."`
	Cuts    protocol.Cuts `yaml:"cuts" doc:"When the segments of these streams end: spread evenly over a slot, or together at the same instant."`
}

// Host is what the publisher computes on.
func (o Origin) Host() protocol.Host {
	return protocol.Host{Speed: o.CPU, Streams: o.Streams, Cuts: o.Cuts}
}

// A Target names whom the publisher sends tokens.
type Target string

// Targets.
const (
	ToProviders Target = "providers"
	ToEdges     Target = "edges"
)

// Names lists the targets.
func (Target) Names() []string { return []string{string(ToProviders), string(ToEdges)} }

// UnmarshalText accepts the names in Names.
func (t *Target) UnmarshalText(b []byte) error { return choose(t, b, t.Names()) }

// Fleet is a number of machines in data centres: providers or edges.
type Fleet struct {
	Count     int       `yaml:"count" doc:"Machines in all."`
	Sites     int       `yaml:"sites" doc:"Data centres that they stand in, dealt out in turn: one site fails as a whole."`
	Operators int       `yaml:"operators" doc:"Who runs the sites, dealt out over them in turn: an operator fails with all its sites."`
	Racks     int       `yaml:"racks" doc:"Racks of each site, over which its machines are dealt out in turn."`
	Up        unit.Rate `yaml:"up" doc:"Upload rate of each."`
	Regions   []string  `yaml:"regions" doc:"Regions of the sites, dealt out in turn."`
	Unequal   float64   `yaml:"unequal" doc:"How unequal the capacities of the machines are, which placements deal shards out by: drawn from a Pareto law with this exponent, such as 1.2, and a mean of 1, but cut off at 20; 0: all are alike."`
}

// MaxUnequal is the capacity of the largest machine, in those of the mean one.
const MaxUnequal = 20

// EdgeFleet is the edges: machines in data centres, and what they do for viewers.
type EdgeFleet struct {
	Count     int                `yaml:"count" doc:"Machines in all."`
	Sites     int                `yaml:"sites" doc:"Data centres that they stand in, dealt out in turn: one site fails as a whole."`
	Operators int                `yaml:"operators" doc:"Who runs the sites, dealt out over them in turn: an operator fails with all its sites."`
	Racks     int                `yaml:"racks" doc:"Racks of each site, over which its machines are dealt out in turn."`
	Up        unit.Rate          `yaml:"up" doc:"Upload rate of each."`
	Regions   []string           `yaml:"regions" doc:"Regions of the sites, dealt out in turn."`
	Cache     cache.Policy       `yaml:"cache" doc:"What an edge keeps: the newest slots of a live stream (ring), or as much as its capacity holds, by a policy."`
	Capacity  unit.Size          `yaml:"capacity" doc:"How much an edge keeps. Not read by ring."`
	Liars     unit.Ratio         `yaml:"liars" doc:"Share of them that report to be idle whatever they do. Read where swarm.selection goes by reports; its price is such a report."`
	Admission protocol.Admission `yaml:"admission" doc:"What an edge does with a newcomer: serve everybody (none), or send it away for a while if its uplink, divided among those it serves and the newcomer, would not carry the lowest rendition (floor)."`
}

// Fleet is the machines.
func (e EdgeFleet) Fleet() Fleet {
	return Fleet{e.Count, e.Sites, e.Operators, e.Racks, e.Up, e.Regions, 0}
}

// Service is what each does for viewers.
func (e EdgeFleet) Service() protocol.Service {
	return protocol.Service{Up: e.Up, Admission: e.Admission, Cache: e.Cache, Capacity: e.Capacity}
}

func choose[T ~string](to *T, b []byte, names []string) error {
	for _, n := range names {
		if n == string(b) {
			*to = T(n)
			return nil
		}
	}
	return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(names, ", "))
}

// Limits of the sections.
const (
	maxViewers   = 2_000_000
	maxOperators = 1000
	maxMachines  = 1000
	maxCapacity  = unit.Size(1e15)
	maxTitles    = 100_000
	maxExponent  = 3
	maxStreams   = 200
	minSpeed     = 0.001
	maxSpeed     = 100
)

// Validate reports every value that makes no sense by itself.
func (p Population) Validate() error {
	var errs []error
	if p.Viewers < 1 || p.Viewers > maxViewers {
		errs = append(errs, unit.Bad("viewers", fmt.Sprintf("%d is not between 1 and %d", p.Viewers, maxViewers)))
	}
	if p.Operators < 1 || p.Operators > maxOperators {
		errs = append(errs, unit.Bad("operators", fmt.Sprintf("%d is not between 1 and %d", p.Operators, maxOperators)))
	}
	if p.At < 0 {
		errs = append(errs, unit.Bad("at", fmt.Sprintf("%v is negative", p.At)))
	}
	if p.Over <= 0 {
		errs = append(errs, unit.Bad("over", fmt.Sprintf("%v is not a positive time", p.Over)))
	}
	errs = append(errs, below("session", p.Session.Validate()), below("off", p.Off.Validate()), below("gaps", p.Gaps.Validate()))
	if p.Returns > 0 && !p.Off.Ends() {
		errs = append(errs, unit.Bad("off.law", "say how long those who come back (returns) are away"))
	}
	if p.Returns > 0 && !p.Session.Ends() {
		errs = append(errs, unit.Bad("returns", "nobody leaves, so that nobody comes back: write session.law"))
	}
	if p.Returns > maxReturns {
		errs = append(errs, unit.Bad("returns", fmt.Sprintf("%v: at most %v, or viewers would come back without end", p.Returns, maxReturns)))
	}
	if p.Arrival == ByGaps && !p.Gaps.Ends() {
		errs = append(errs, unit.Bad("gaps.law", "say what lies between two arrivals"))
	}
	if p.Dataset != "" && (p.Arrival != ByTrace || len(p.Trace) > 0) {
		errs = append(errs, unit.Bad("dataset", "it is read with arrival: trace, and instead of a trace"))
	}
	if p.Arrival == ByTrace && len(p.Trace) == 0 && p.Dataset == "" {
		errs = append(errs, unit.Bad("trace", "say how many come in which time: [{for: 10s, weight: 1}, ...]"))
	}
	if p.Eclipse && p.Sybils == 0 {
		errs = append(errs, unit.Bad("eclipse", "it is what sybils do: write population.sybils, or false"))
	}
	errs = append(errs, waves(p.Trace), weights("regions", p.Regions), weights("classes", p.Classes))
	return errors.Join(errs...)
}

// maxReturns keeps the number of a viewer's sessions finite.
const maxReturns = unit.Ratio(0.99)

// below puts a section's problems under its key.
func below(section string, err error) error {
	var errs []error
	for _, e := range keyErrors(err, section) {
		errs = append(errs, unit.Bad(e.Key, e.Msg))
	}
	return errors.Join(errs...)
}

func waves(list []Wave) error {
	sum := 0
	for i, w := range list {
		if w.For <= 0 {
			return unit.Bad(fmt.Sprintf("trace.%d.for", i), fmt.Sprintf("%v is not a positive time", w.For))
		}
		if w.Weight < 0 || w.Weight > 1_000_000_000 {
			return unit.Bad(fmt.Sprintf("trace.%d.weight", i), fmt.Sprintf("%d is not between 0 and 1000000000", w.Weight))
		}
		sum += w.Weight
	}
	if len(list) > 0 && sum == 0 {
		return unit.Bad("trace", "the weights add up to nothing")
	}
	return nil
}

func weights(key string, list []Weight) error {
	sum := 0
	for i, w := range list {
		if slices.ContainsFunc(list[:i], func(o Weight) bool { return o.Name == w.Name }) {
			return unit.Bad(fmt.Sprintf("%s.%d.name", key, i), fmt.Sprintf("%s is there twice: write it once, with the weight of both", clip(w.Name)))
		}
		if w.Weight < 0 || w.Weight > 1_000_000 {
			return unit.Bad(fmt.Sprintf("%s.%d.weight", key, i), fmt.Sprintf("%d is not between 0 and 1000000", w.Weight))
		}
		sum += w.Weight
	}
	if sum == 0 {
		return unit.Bad(key, "the weights add up to nothing")
	}
	return nil
}

// Validate reports every value that makes no sense by itself.
func (o Origin) Validate() error {
	var errs []error
	if o.Up <= 0 {
		errs = append(errs, unit.Bad("up", "a publisher needs an upload rate above 0"))
	}
	if !(o.CPU >= minSpeed && o.CPU <= maxSpeed) {
		errs = append(errs, unit.Bad("cpu", fmt.Sprintf("%v is not between %v and %v times the calibrated core", o.CPU, minSpeed, maxSpeed)))
	}
	if o.Streams < 1 || o.Streams > maxStreams {
		errs = append(errs, unit.Bad("streams", fmt.Sprintf("%d is not between 1 and %d", o.Streams, maxStreams)))
	}
	return errors.Join(errs...)
}

// Validate reports every value that makes no sense by itself.
// Validate reports every value that makes no sense by itself.
func (e EdgeFleet) Validate() error {
	err := e.Fleet().Validate()
	if e.Cache != cache.Ring && (e.Capacity <= 0 || e.Capacity > maxCapacity) {
		err = errors.Join(err, unit.Bad("capacity", fmt.Sprintf("%v is not above 0B and up to %v", e.Capacity, maxCapacity)))
	}
	return err
}

// Validate reports every value that makes no sense by itself.
func (f Fleet) Validate() error {
	var errs []error
	if f.Count < 0 || f.Count > maxMachines {
		errs = append(errs, unit.Bad("count", fmt.Sprintf("%d is not between 0 and %d", f.Count, maxMachines)))
	}
	if f.Count > 0 && (f.Sites < 1 || f.Sites > f.Count) {
		errs = append(errs, unit.Bad("sites", fmt.Sprintf("%d is not between 1 and count (%d)", f.Sites, f.Count)))
	}
	errs = append(errs, f.checkTree()...)
	if f.Up <= 0 {
		errs = append(errs, unit.Bad("up", "a machine needs an upload rate above 0"))
	}
	if len(f.Regions) == 0 {
		errs = append(errs, unit.Bad("regions", "name at least one region"))
	}
	if f.Unequal != 0 && !(f.Unequal > 1 && f.Unequal <= 100) {
		errs = append(errs, unit.Bad("unequal", fmt.Sprintf("%v: allowed is 0, or above 1, where a Pareto law has a mean, up to 100", f.Unequal)))
	}
	return errors.Join(errs...)
}

package netem

import (
	"errors"
	"fmt"
	"math"
	"time"

	"kinetoscope/internal/unit"
)

// Config is the network section of a scenario.
type Config struct {
	Jitter      float64       `yaml:"jitter" doc:"Scales the jitter of every access class; 0 switches jitter off."`
	JitterShape JitterShape   `yaml:"jitter_shape" doc:"How random delays above the floor are distributed around their mean: 1% of them exceed 4.6, 6.2 or 7.3 means."`
	Loss        LossModel     `yaml:"loss" doc:"How packets are lost, as many as the access classes say: not at all, each by itself, or in bursts. Losses delay control messages by probe timeouts and cut the windows of transfers."`
	Burst       float64       `yaml:"burst" doc:"bursty: how many packets in a row are lost on average, 1 to 1000."`
	LateLoss    unit.Ratio    `yaml:"late_loss" doc:"How probable it is that loss goes with delay: that a message is lost because it is among the latest, not by a draw of its own."`
	Queue       time.Duration `yaml:"queue" doc:"How long a packet waits at most before a link that is full. Transfers overflow queues, and control messages wait behind them; 0s: no queue."`
	Startup     bool          `yaml:"startup" doc:"Whether connections begin with a handshake and a small window, as QUIC does; if not, they have run for long."`
	Spread      unit.Ratio    `yaml:"spread" doc:"How far the latency between two endpoints may lie above or below that of their regions, drawn once for each pair."`
	Sharing     Sharing       `yaml:"sharing" doc:"How transfers share links: max-min over all of them, or only nearly so and faster, with downlinks that look at the rest only when a transfer of theirs begins or ends. Flow engine only."`
	Latency     Latency       `yaml:"latency" doc:"Measured round trip times instead of those between regions."`
	Backbone    []Backbone    `yaml:"backbone" doc:"Links between regions that have a limit, each in one direction; all others carry whatever comes. Flow engine only."`
	NAT         NAT           `yaml:"nat" doc:"Who is behind a network address translator."`
	Classes     []Class       `yaml:"classes" doc:"Access classes of this scenario: each is added to the built-in ones, or replaces the whole built-in one of its name."`
}

// A Class is a kind of access to the network.
type Class struct {
	Name    string        `yaml:"name" doc:"Name by which node groups refer to the class."`
	Down    unit.Rate     `yaml:"down" doc:"Rate from the network to the endpoint."`
	Up      unit.Rate     `yaml:"up" doc:"Rate from the endpoint to the network."`
	Latency time.Duration `yaml:"latency" doc:"One-way time that the access adds to that between the regions."`
	Loss    unit.Ratio    `yaml:"loss" doc:"Share of packets that the access loses, in each direction."`
	Jitter  time.Duration `yaml:"jitter" doc:"Mean of the random delay that the access adds to a message."`
	Trace   Trace         `yaml:"trace" doc:"Rates that change with time, instead of down and up."`
}

// builtin holds the access classes. The first five are those of ethshadow
// (lib/src/config/ethshadow.rs); it knows no jitter, so theirs is provisional.
// The rates of cable, dsl, fibre, 4g and 5g are common offers in the mid-2020s
// and, like their latency, loss and jitter, provisional: no measured source.
var builtin = []Class{
	{"reliable", 1 * gbit, 1 * gbit, 0, 0, 200 * us, Trace{}},
	{"home", 50 * mbit, 50 * mbit, 20 * ms, 0.001, 2 * ms, Trace{}},
	{"laggy", 50 * mbit, 50 * mbit, 300 * ms, 0.05, 20 * ms, Trace{}},
	{"constrained", 5 * mbit, 5 * mbit, 20 * ms, 0.001, 2 * ms, Trace{}},
	{"bad", 2 * mbit, 2 * mbit, 500 * ms, 0.2, 50 * ms, Trace{}},
	{"cable", 100 * mbit, 10 * mbit, 8 * ms, 0.0005, 2 * ms, Trace{}},
	{"dsl", 20 * mbit, 2 * mbit, 15 * ms, 0.0005, 2 * ms, Trace{}},
	{"fibre", 300 * mbit, 300 * mbit, 3 * ms, 0.0001, 500 * us, Trace{}},
	{"4g", 30 * mbit, 10 * mbit, 20 * ms, 0.001, 8 * ms, Trace{}},
	{"5g", 200 * mbit, 20 * mbit, 10 * ms, 0.0005, 4 * ms, Trace{}},
	{"datacenter", 10 * gbit, 10 * gbit, 0, 0, 50 * us, Trace{}},
}

const (
	us   = time.Microsecond
	mbit = unit.Rate(1e6)
	gbit = unit.Rate(1e9)
)

// Limits of a Config.
const (
	maxJitterScale = 100
	minRate        = unit.Rate(1_000)
	maxRate        = 1_000 * gbit
	MaxDelay       = 10 * time.Second // that an access may add
	MaxLoss        = unit.Ratio(0.5)  // of an access
	maxSpread      = unit.Ratio(0.5)
	maxBurst       = 1000
	maxQueue       = 10 * time.Second
)

// Default is the network with everything on and the built-in classes.
func Default() Config {
	return Config{Jitter: 1, JitterShape: Exponential, Loss: Random, Burst: 10, Queue: 100 * ms, Startup: true, Spread: 0.1, Sharing: Exact, NAT: defaultNAT()}
}

// AccessClasses lists the classes in force: the built-in ones in a fixed
// order, some of them replaced, then the added ones in the order of the file.
// An Endpoint's Class is an index into it.
func (c Config) AccessClasses() []Class {
	classes := append([]Class(nil), builtin...)
	for _, class := range c.Classes {
		i := 0
		for i < len(classes) && classes[i].Name != class.Name {
			i++
		}
		if i == len(classes) {
			classes = append(classes, class)
		}
		classes[i] = class
	}
	return classes
}

// Class is the index of the named access class. The error lists the names.
func (c Config) Class(name string) (int, error) {
	classes := c.AccessClasses()
	names := make([]string, len(classes))
	for i := range classes {
		names[i] = classes[i].Name
	}
	return find("access class", name, names)
}

// Validate reports every value that is out of its range, each as a
// unit.KeyError.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if !(c.Jitter >= 0 && c.Jitter <= maxJitterScale) {
		bad("jitter", "%v is not a factor from 0 to %d", c.Jitter, maxJitterScale)
	}
	if c.Loss == Bursty && !(c.Burst >= 1 && c.Burst <= maxBurst) {
		bad("burst", "%v packets in a row is not between 1 and %d", c.Burst, maxBurst)
	}
	if c.LateLoss > 0 && !c.lossy() {
		bad("late_loss", "%v, but nothing is lost: take it out, or write loss: random or bursty", c.LateLoss)
	}
	c.NAT.check(&c, bad)
	c.Latency.check(func(field, format string, args ...any) { bad("latency."+field, format, args...) })
	if c.Queue < 0 || c.Queue > maxQueue {
		bad("queue", "%v is not between 0s and %v", c.Queue, maxQueue)
	}
	if err := c.Sharing.check(); err != nil && c.Sharing != "" { // nothing said is exact
		bad("sharing", "%v", err)
	}
	if !(c.Spread >= 0 && c.Spread <= maxSpread) {
		bad("spread", "%v is not between 0%% and %v", c.Spread, maxSpread)
	}
	checkBackbone(c.Backbone, bad)
	for i, class := range c.Classes {
		key := fmt.Sprintf("classes[%d]", i)
		for _, earlier := range c.Classes[:i] {
			if earlier.Name == class.Name {
				bad(key+".name", "%q is defined twice: write each class once", class.Name)
				break
			}
		}
		class.check(func(field, format string, args ...any) { bad(key+"."+field, format, args...) })
	}
	return errors.Join(errs...)
}

// check calls bad for each field that is out of its range.
func (c Class) check(bad func(field, format string, args ...any)) {
	if c.Name == "" {
		bad("name", "is missing: name the class")
	}
	rate := func(field string, r unit.Rate) {
		switch {
		case c.Trace.isSet() && r != 0:
			bad(field, "%v, but the class has a trace: take one of them out", r)
		case c.Trace.isSet():
		case r < minRate || r > maxRate:
			bad(field, "%v is not between %v and %v", r, minRate, maxRate)
		}
	}
	delay := func(field string, d time.Duration) {
		if d < 0 || d > MaxDelay {
			bad(field, "%v is not between 0s and %v", d, MaxDelay)
		}
	}
	rate("down", c.Down)
	rate("up", c.Up)
	c.Trace.check(func(field, format string, args ...any) { bad("trace."+field, format, args...) })
	delay("latency", c.Latency)
	delay("jitter", c.Jitter)
	if !(c.Loss >= 0 && c.Loss <= MaxLoss) {
		bad("loss", "%v is not between 0%% and %v: a dark endpoint is a fault, not a class", c.Loss, MaxLoss)
	}
}

// An Endpoint is one access to the network.
type Endpoint struct {
	Region, Class int       // indices into Regions and Config.AccessClasses
	Up, Down      unit.Rate // 0: those of the class
	Key           uint32    // by which all is drawn that chance decides of it; 0: its number
}

// check reports an endpoint that does not fit the tables. Such a one is the
// fault of the caller, who took the indices from these tables.
func (e Endpoint) check(classes int) error {
	switch {
	case e.Region < 0 || e.Region >= len(regions):
		return fmt.Errorf("region %d is not one of the %d", e.Region, len(regions))
	case e.Class < 0 || e.Class >= classes:
		return fmt.Errorf("access class %d is not one of the %d", e.Class, classes)
	case e.Up < 0 || e.Up > maxRate || e.Down < 0 || e.Down > maxRate:
		return fmt.Errorf("rates %v up and %v down are not between 0bit/s and %v", e.Up, e.Down, maxRate)
	}
	return nil
}

// bytesPerNano is a rate in the unit of the sharing: bytes a nanosecond.
func bytesPerNano(r unit.Rate) float64 { return float64(r) / 8e9 }

// infinite is the level of a link that limits nobody.
var infinite = math.Inf(1)

package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
)

// A Fault is something that goes wrong on schedule.
type Fault struct {
	Kind       FaultKind     `yaml:"kind" doc:"What goes wrong."`
	Of         FaultOf       `yaml:"of" doc:"To whom. Not read by codec, drm and damage, which hit segments."`
	Regions    []string      `yaml:"regions" doc:"partition, degrade, crash, freeze, move: only who is in these regions. censorship: who is refused, wherever the machines stand. None named: all."`
	Titles     []uint32      `yaml:"titles" doc:"censorship: only these titles of the catalogue are refused, counted from 0, the most popular: a work, or all works of a creator. None named: all."`
	Classes    []string      `yaml:"classes" doc:"partition, degrade, crash, freeze, move: only who has these access classes. None named: all."`
	Sites      int           `yaml:"sites" doc:"blackout: how many sites, drawn by chance. partition, degrade, crash, freeze, move of providers or edges: only in so many sites, 0 for all."`
	Operators  int           `yaml:"operators" doc:"In place of sites: how many operators, with all their sites. partition, degrade, crash, freeze, move of viewers: only in so many access networks."`
	Racks      int           `yaml:"racks" doc:"In place of sites: how many racks."`
	Chosen     []int         `yaml:"chosen" doc:"Which operators, sites or racks, counted from 0, in place of chance. None named: chance."`
	Wiped      bool          `yaml:"wiped" doc:"blackout, errors, removal of providers: they come back with nothing, in place of what they had."`
	Share      unit.Ratio    `yaml:"share" doc:"errors, lies, censorship: how probable it is for each machine, independently of the others. partition, degrade, crash, freeze, move: the same, 0% for all. damage: for each bit, in parts of all bits."`
	Nodes      int           `yaml:"nodes" doc:"removal: how many machines. The seed says which, in turn: as many seeds as machines take each once."`
	Way        Way           `yaml:"way" doc:"partition: what is stopped: all that crosses it, or only what those inside send out, or only what is sent in to them. Not written: both."`
	Rate       unit.Ratio    `yaml:"rate" doc:"degrade: what is left of the rates. 0%, as if not written: all."`
	Latency    time.Duration `yaml:"latency" doc:"degrade: one-way time that the access takes longer."`
	Loss       unit.Ratio    `yaml:"loss" doc:"degrade: share of packets that the access loses besides, in each direction."`
	To         string        `yaml:"to" doc:"move: the access class that they come to. When the fault is over they go back."`
	Gap        time.Duration `yaml:"gap" doc:"move: how long nothing reaches them, on the way there and on the way back."`
	Renditions []int         `yaml:"renditions" doc:"codec, drm, damage: which rungs of the ladder, 0 being the lowest. None named: all."`
	At         time.Duration `yaml:"at" doc:"When."`
	For        time.Duration `yaml:"for" doc:"For how long."`
}

// A FaultKind names what goes wrong.
type FaultKind string

// Kinds of fault.
const (
	Blackout   FaultKind = "blackout"   // sites go dark without a warning and come back later
	Errors     FaultKind = "errors"     // machines go dark one by one
	Removal    FaultKind = "removal"    // a number of machines goes dark, others with every seed
	Lies       FaultKind = "lies"       // providers drop what they store and pretend to have it
	Censorship FaultKind = "censorship" // machines refuse the stream, or some titles, to who asks from some regions, or from all
	Partition  FaultKind = "partition"  // the network falls apart in two
	Degrade    FaultKind = "degrade"    // accesses become slower, longer and lossier
	Crash      FaultKind = "crash"      // processes end, and start again with the state that they had
	Freeze     FaultKind = "freeze"     // processes stand still while their connections stay
	Move       FaultKind = "move"       // addresses and access classes change in mid-session
	Codec      FaultKind = "codec"      // segments are in a codec that population.no_decoder of the viewers lack
	DRM        FaultKind = "drm"        // segments are encrypted with a key that nobody has
	Damaged    FaultKind = "damage"     // bits of segments are wrong
)

var (
	ofMachines = []FaultKind{Blackout, Errors, Removal, Lies, Censorship}
	ofNetwork  = []FaultKind{Partition, Degrade, Crash, Freeze, Move}
	ofMedia    = []FaultKind{Codec, DRM, Damaged}
)

// Names lists the kinds of fault.
func (FaultKind) Names() []string {
	var names []string
	for _, k := range slices.Concat(ofMachines, ofNetwork, ofMedia) {
		names = append(names, string(k))
	}
	return names
}

// OfMedia says whether a fault of this kind hits segments before they are
// published, and not machines.
func (k FaultKind) OfMedia() bool { return slices.Contains(ofMedia, k) }

// OfNetwork says whether a fault of this kind may concern any node, and picks
// it by region, access class, site and share.
func (k FaultKind) OfNetwork() bool { return slices.Contains(ofNetwork, k) }

// UnmarshalText accepts the names in Names.
func (k *FaultKind) UnmarshalText(b []byte) error { return choose(k, b, k.Names()) }

// A FaultOf names who fails.
type FaultOf string

// Victims of a fault.
const (
	OfProviders FaultOf = "providers"
	OfEdges     FaultOf = "edges"
	OfViewers   FaultOf = "viewers"
	OfPublisher FaultOf = "publisher"
	OfHubs      FaultOf = "hubs"
	OfDirectory FaultOf = "directory"
	OfAll       FaultOf = "all"
)

// Names lists the victims.
func (FaultOf) Names() []string {
	return []string{string(OfProviders), string(OfEdges), string(OfViewers), string(OfPublisher), string(OfHubs), string(OfDirectory), string(OfAll)}
}

// UnmarshalText accepts the names in Names.
func (o *FaultOf) UnmarshalText(b []byte) error { return choose(o, b, o.Names()) }

// of lists the victims that a fault of this kind may have.
func (k FaultKind) of() []FaultOf {
	switch k {
	case Blackout, Errors, Removal, Censorship:
		return []FaultOf{OfProviders, OfEdges}
	case Lies:
		return []FaultOf{OfProviders}
	case Crash, Freeze:
		return []FaultOf{OfProviders, OfEdges, OfViewers, OfHubs, OfDirectory}
	case Move:
		return []FaultOf{OfProviders, OfEdges, OfViewers, OfPublisher}
	case Partition, Degrade, "":
		return []FaultOf{OfProviders, OfEdges, OfViewers, OfPublisher, OfHubs, OfDirectory, OfAll}
	}
	return nil
}

// A Way names what a partition stops.
type Way string

// Ways.
const (
	BothWays Way = "both"
	OutOnly  Way = "out"
	InOnly   Way = "in"
)

// Names lists the ways.
func (Way) Names() []string { return []string{string(BothWays), string(OutOnly), string(InOnly)} }

// UnmarshalText accepts the names in Names.
func (w *Way) UnmarshalText(b []byte) error { return choose(w, b, w.Names()) }

// Direction is the way as the network knows it.
func (w Way) Direction() netem.Direction {
	switch w {
	case OutOnly:
		return netem.Out
	case InOnly:
		return netem.In
	}
	return netem.Both
}

// Degradation is what a fault of the kind degrade does to an access.
func (f Fault) Degradation() netem.Degradation {
	d := netem.Degradation{Rate: 1, Latency: f.Latency, Loss: f.Loss}
	if f.Rate > 0 {
		d.Rate = float64(f.Rate)
	}
	return d
}

// reads lists the kinds of fault that read each key which not all of them
// read.
func (f *Fault) reads() []struct {
	key   string
	set   bool
	kinds []FaultKind
} {
	return []struct {
		key   string
		set   bool
		kinds []FaultKind
	}{
		{"of", f.Of != "", slices.Concat(ofMachines, ofNetwork)},
		{"regions", len(f.Regions) != 0, slices.Concat(ofNetwork, []FaultKind{Censorship})},
		{"titles", len(f.Titles) != 0, []FaultKind{Censorship}},
		{"classes", len(f.Classes) != 0, ofNetwork},
		{"sites", f.Sites != 0, slices.Concat([]FaultKind{Blackout, Censorship}, ofNetwork)},
		{"operators", f.Operators != 0, slices.Concat([]FaultKind{Blackout, Censorship}, ofNetwork)},
		{"racks", f.Racks != 0, slices.Concat([]FaultKind{Blackout, Censorship}, ofNetwork)},
		{"chosen", len(f.Chosen) != 0, slices.Concat([]FaultKind{Blackout, Censorship}, ofNetwork)},
		{"wiped", f.Wiped, []FaultKind{Blackout, Errors, Removal}},
		{"share", f.Share != 0, slices.Concat([]FaultKind{Errors, Lies, Censorship}, ofNetwork, []FaultKind{Damaged})},
		{"nodes", f.Nodes != 0, []FaultKind{Removal}},
		{"way", f.Way != "", []FaultKind{Partition}},
		{"rate", f.Rate != 0, []FaultKind{Degrade}},
		{"latency", f.Latency != 0, []FaultKind{Degrade}},
		{"loss", f.Loss != 0, []FaultKind{Degrade}},
		{"to", f.To != "", []FaultKind{Move}},
		{"gap", f.Gap != 0, []FaultKind{Move}},
		{"renditions", len(f.Renditions) != 0, ofMedia},
	}
}

// Validate reports every value that makes no sense by itself.
func (f Fault) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if f.Kind == "" {
		bad("kind", "say what goes wrong: %s", strings.Join(f.Kind.Names(), ", "))
	}
	switch of := f.Kind.of(); {
	case f.Of == "" && len(of) > 0:
		bad("of", "say to whom: %s", either(of))
	case len(of) > 0 && !slices.Contains(of, f.Of):
		bad("of", "a fault of the kind %s does not happen to %s: write %s", f.Kind, f.Of, either(of))
	}
	for _, r := range f.reads() {
		if r.set && f.Kind != "" && !slices.Contains(r.kinds, f.Kind) {
			bad(r.key, "%s does not read it: take it out, or write kind: %s", f.Kind, either(r.kinds))
		}
	}
	f.checkKind(bad)
	f.checkDomains(bad)
	if f.Wiped && f.Of == OfEdges {
		bad("wiped", "edges keep what they have: take it out, or write of: providers")
	}
	for i, r := range f.Renditions {
		if r < 0 || r >= protocol.MaxRenditions {
			bad(fmt.Sprintf("renditions.%d", i), "%d: rungs count from 0 to %d", r, protocol.MaxRenditions-1)
		}
	}
	if f.At < 0 {
		bad("at", "%v is negative", f.At)
	}
	if f.For <= 0 {
		bad("for", "%v is not a positive time", f.For)
	}
	return errors.Join(errs...)
}

// checkKind reports what a fault of its kind must say and does not.
func (f *Fault) checkKind(bad func(key, format string, args ...any)) {
	switch f.Kind {
	case Blackout, "":
		if _, n := f.Within(); n < 1 {
			bad("sites", "%d sites: a fault takes at least one", n)
		}
	case Censorship:
		if _, n := f.Within(); n < 1 && f.Share <= 0 {
			bad("share", "%v: write how probable it is for each machine, or which operators, sites or racks", f.Share)
		}
	case Errors, Lies:
		if f.Share <= 0 {
			bad("share", "%v: write how probable it is for each machine, above 0%% and up to 100%%", f.Share)
		}
	case Damaged:
		if f.Share <= 0 {
			bad("share", "%v: write which part of the bits is wrong, above 0%% and up to 100%%", f.Share)
		}
	case Removal:
		if f.Nodes < 1 {
			bad("nodes", "%d machines: a fault takes at least one", f.Nodes)
		}
	case Degrade:
		f.checkDegrade(bad)
	case Move:
		if f.To == "" {
			bad("to", "say to which access class: they stay where they are otherwise")
		}
		if f.Gap < 0 || f.Gap > f.For {
			bad("gap", "%v is not between 0s and for (%v)", f.Gap, f.For)
		}
	}
}

func (f *Fault) checkDegrade(bad func(key, format string, args ...any)) {
	if f.Rate == 0 && f.Latency == 0 && f.Loss == 0 {
		bad("rate", "nothing becomes worse: write rate, latency or loss")
	}
	if f.Latency < 0 || f.Latency > netem.MaxDelay {
		bad("latency", "%v is not between 0s and %v", f.Latency, netem.MaxDelay)
	}
	if f.Loss > netem.MaxLoss {
		bad("loss", "%v is not between 0%% and %v: where nothing passes is a partition", f.Loss, netem.MaxLoss)
	}
}

// either lists names with an "or" before the last.
func either[T ~string](names []T) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	return b.String()
}

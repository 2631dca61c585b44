package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
)

// A Fault is something that goes wrong on schedule.
type Fault struct {
	Kind       FaultKind     `yaml:"kind" doc:"What goes wrong."`
	Of         FaultOf       `yaml:"of" doc:"blackout, errors, removal, lies: to whom."`
	Sites      int           `yaml:"sites" doc:"blackout: how many sites, drawn by chance."`
	Share      unit.Ratio    `yaml:"share" doc:"errors, lies: how probable it is for each machine, independently of the others. damage: for each bit, in parts of all bits."`
	Nodes      int           `yaml:"nodes" doc:"removal: how many machines. The seed says which, in turn: as many seeds as machines take each once."`
	Renditions []int         `yaml:"renditions" doc:"codec, drm, damage: which rungs of the ladder, 0 being the lowest. None named: all."`
	At         time.Duration `yaml:"at" doc:"When."`
	For        time.Duration `yaml:"for" doc:"For how long."`
}

// A FaultKind names what goes wrong.
type FaultKind string

// Kinds of fault.
const (
	Blackout FaultKind = "blackout" // sites go dark without a warning and come back later
	Errors   FaultKind = "errors"   // machines go dark one by one
	Removal  FaultKind = "removal"  // a number of machines goes dark, others with every seed
	Lies     FaultKind = "lies"     // providers drop what they store and pretend to have it
	Codec    FaultKind = "codec"    // segments are in a codec that population.no_decoder of the viewers lack
	DRM      FaultKind = "drm"      // segments are encrypted with a key that nobody has
	Damaged  FaultKind = "damage"   // bits of segments are wrong
)

// Names lists the kinds of fault.
func (FaultKind) Names() []string {
	return []string{string(Blackout), string(Errors), string(Removal), string(Lies),
		string(Codec), string(DRM), string(Damaged)}
}

// OfMedia says whether a fault of this kind hits segments before they are
// published, and not machines.
func (k FaultKind) OfMedia() bool { return k == Codec || k == DRM || k == Damaged }

// UnmarshalText accepts the names in Names.
func (k *FaultKind) UnmarshalText(b []byte) error { return choose(k, b, k.Names()) }

// A FaultOf names who fails.
type FaultOf string

// Victims of a fault.
const (
	OfProviders FaultOf = "providers"
	OfEdges     FaultOf = "edges"
)

// Names lists the victims.
func (FaultOf) Names() []string { return []string{string(OfProviders), string(OfEdges)} }

// UnmarshalText accepts the names in Names.
func (o *FaultOf) UnmarshalText(b []byte) error { return choose(o, b, o.Names()) }

// Validate reports every value that makes no sense by itself.
func (f Fault) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if f.Kind == "" {
		bad("kind", "say what goes wrong: %s", strings.Join(f.Kind.Names(), ", "))
	}
	if f.Of == "" && !f.Kind.OfMedia() {
		bad("of", "say to whom: %s", strings.Join(f.Of.Names(), ", "))
	}
	for _, key := range []struct {
		name     string
		set, due bool
		want     string
	}{
		{"of", f.Of != "", !f.Kind.OfMedia(), "blackout, errors, removal or lies"},
		{"renditions", len(f.Renditions) != 0, f.Kind.OfMedia(), "codec, drm or damage"},
		{"sites", f.Sites != 0, f.Kind == Blackout || f.Kind == "", "blackout"},
		{"share", f.Share != 0, f.Kind == Errors || f.Kind == Lies || f.Kind == Damaged, "errors, lies or damage"},
		{"nodes", f.Nodes != 0, f.Kind == Removal, "removal"},
	} {
		if key.set && !key.due {
			bad(key.name, "%s does not read it: take it out, or write kind: %s", f.Kind, key.want)
		}
	}
	switch f.Kind {
	case Blackout, "":
		if f.Sites < 1 {
			bad("sites", "%d sites: a fault takes at least one", f.Sites)
		}
	case Errors, Lies:
		if f.Share <= 0 || f.Share > 1 {
			bad("share", "%v: write how probable it is for each machine, above 0%% and up to 100%%", f.Share)
		}
	case Damaged:
		if f.Share <= 0 || f.Share > 1 {
			bad("share", "%v: write which part of the bits is wrong, above 0%% and up to 100%%", f.Share)
		}
	case Removal:
		if f.Nodes < 1 {
			bad("nodes", "%d machines: a fault takes at least one", f.Nodes)
		}
	}
	for i, r := range f.Renditions {
		if r < 0 || r >= protocol.MaxRenditions {
			bad(fmt.Sprintf("renditions.%d", i), "%d: rungs count from 0 to %d", r, protocol.MaxRenditions-1)
		}
	}
	if f.Kind == Lies && f.Of == OfEdges {
		bad("of", "only providers store what can be lied about: write providers")
	}
	if f.At < 0 {
		bad("at", "%v is negative", f.At)
	}
	if f.For <= 0 {
		bad("for", "%v is not a positive time", f.For)
	}
	return errors.Join(errs...)
}

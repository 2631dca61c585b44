package scenarios

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/cache"
	"kinetoscope/protocol/swarm"
)

// A Catalogue is titles on demand. Each viewer draws one and watches it from its
// beginning.
type Catalogue struct {
	Titles   int           `yaml:"titles" doc:"How many; 0 for the live stream."`
	Exponent float64       `yaml:"exponent" doc:"How unequal they are: the i-th most popular one is drawn in proportion to 1 ÷ i to this power (Zipf)."`
	Length   time.Duration `yaml:"length" doc:"How long each is, in whole repetitions of the video."`
}

// defaultCatalogue has an exponent in the middle of what catalogues of video were
// found to have, 0.8 to 1.2.
func defaultCatalogue() Catalogue { return Catalogue{Exponent: 1, Length: 30 * time.Second} }

// Validate reports every value that makes no sense by itself.
func (c Catalogue) Validate() error {
	var errs []error
	if c.Titles < 0 || c.Titles > maxTitles {
		errs = append(errs, unit.Bad("titles", fmt.Sprintf("%d is not between 0 and %d", c.Titles, maxTitles)))
	}
	if !(c.Exponent >= 0 && c.Exponent <= maxExponent) {
		errs = append(errs, unit.Bad("exponent", fmt.Sprintf("%v is not between 0 and %v", c.Exponent, maxExponent)))
	}
	if c.Length <= 0 || c.Length > time.Hour {
		errs = append(errs, unit.Bad("length", fmt.Sprintf("%v is not above 0s and up to 1h", c.Length)))
	}
	return errors.Join(errs...)
}

// shelved checks that a catalogue and what edges keep are of a kind.
func (s *Scenario) shelved() []error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	ring := s.Edges.Cache == cache.Ring
	if !ring && s.Publisher.To == ToEdges {
		bad("edges.cache", "%s: edges that the publisher sends everything keep the newest slots: write ring", s.Edges.Cache)
	}
	if s.Catalogue.Titles == 0 {
		return errs
	}
	switch {
	case ring:
		bad("edges.cache", "ring has no place for a catalogue: write another policy")
	case s.Publisher.To != ToProviders:
		bad("publisher.to", "a catalogue is kept by providers: write providers")
	}
	if s.Swarm.Delivery == swarm.Push {
		bad("swarm.delivery", "push: viewers of a catalogue ask for each segment: write pull")
	}
	if s.Swarm.Neighbours > 0 {
		bad("swarm.neighbours", "%d: viewers of a catalogue exchange nothing with each other: write 0", s.Swarm.Neighbours)
	}
	if s.Token.Sealed {
		bad("token.sealed", "a catalogue is not sealed: write false")
	}
	for i, f := range s.Faults {
		if f.Kind.OfMedia() {
			bad(fmt.Sprintf("faults.%d.kind", i), "%s hits slots of a live stream, not a catalogue", f.Kind)
		}
	}
	return errs
}

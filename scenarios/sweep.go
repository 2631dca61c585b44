package scenarios

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"kinetoscope/internal/unit"
)

// A Sweep varies keys of a scenario. Each of its points is the scenario with
// some keys changed, in all variants, and runs on the same seeds as the others.
type Sweep struct {
	Design  Design `yaml:"design" variant:"no" doc:"How points follow from the axes: every combination (grid), the first values of all, then the second (zip), chance (random), or a Latin hypercube, which is chance that covers every axis evenly (latin)."`
	Samples int    `yaml:"samples" variant:"no" doc:"How many points are drawn. Read by random and latin."`
	Seed    uint64 `yaml:"seed" variant:"no" doc:"What they are drawn from."`
	Axes    []Axis `yaml:"axes" variant:"no" doc:"What varies."`
	Points  []Case `yaml:"points" variant:"no" doc:"Points that are written out, before those of the axes."`
}

// An Axis is one key that varies.
type Axis struct {
	Key    string  `yaml:"key" doc:"As after --set: live.delay, or variants.NAME.live.delay for one variant."`
	Values []Value `yaml:"values" doc:"What it is set to."`
	From   Value   `yaml:"from" doc:"Or the least that is drawn, with its unit. Read by random and latin."`
	To     Value   `yaml:"to" doc:"And the most, in the same unit."`
	Scale  Scale   `yaml:"scale" doc:"Whether what lies between is drawn evenly, or its logarithm is."`
}

// A Case is one point that is written out.
type Case struct {
	Name string   `yaml:"name" doc:"What it is called. Not written: its number, like 001."`
	Set  []string `yaml:"set" doc:"Settings as after --set: [live.delay=4s, population.viewers=50]."`
}

// A Value is what a key is set to, as text.
type Value string

// UnmarshalText accepts everything: the key says later what it may be.
func (v *Value) UnmarshalText(b []byte) error { *v = Value(b); return nil }

// MarshalText is the text.
func (v Value) MarshalText() ([]byte, error) { return []byte(v), nil }

// Example is a value.
func (Value) Example() string { return "1%" }

// A Design is how points follow from axes.
type Design string

// Designs.
const (
	Grid   Design = "grid"
	Zip    Design = "zip"
	Random Design = "random"
	Latin  Design = "latin" // M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979)
)

// Names lists the designs.
func (Design) Names() []string {
	return []string{string(Grid), string(Zip), string(Random), string(Latin)}
}

// A Scale is how an Axis is drawn from.
type Scale string

// Scales.
const (
	Linear Scale = "linear"
	Log    Scale = "log"
)

// Names lists the scales.
func (Scale) Names() []string { return []string{string(Linear), string(Log)} }

// A Point is one place of a sweep.
type Point struct {
	Name string   // 001, 002, ..., or what its case is called
	Sets []string // key=value, as after --set
}

// maxPoints bounds a sweep.
const maxPoints = 100_000

// DefaultSweep has no point: the scenario is one.
func DefaultSweep() Sweep { return Sweep{Design: Grid, Samples: 20, Seed: 1} }

// Validate checks what can be said without the scenario.
func (s *Sweep) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	drawn := s.Design == Random || s.Design == Latin
	if drawn && (s.Samples < 1 || s.Samples > maxPoints) {
		bad("samples", "%d points: allowed are 1 to %d", s.Samples, maxPoints)
	}
	grid := 1
	for i, a := range s.Axes {
		at := fmt.Sprintf("axes.%d.", i)
		switch {
		case a.Key == "" || strings.HasPrefix(a.Key, "sweep") || strings.ContainsAny(a.Key, "= \n"):
			bad(at+"key", "%s is no key of a scenario: write it as after --set, like live.delay", clip(a.Key))
		case slices.ContainsFunc(s.Axes[:i], func(b Axis) bool { return b.Key == a.Key }):
			bad(at+"key", "%s has an axis already", a.Key)
		}
		switch between := a.From != "" || a.To != ""; {
		case between && len(a.Values) > 0:
			bad(at+"values", "either values or from and to")
		case between && !drawn:
			bad(at+"from", "a %s takes the values of its axes: write values, or design: random", s.Design)
		case between:
			if _, err := a.between(0); err != nil {
				bad(at+"from", "%v", err)
			}
		case len(a.Values) == 0:
			bad(at+"values", "no value: write values, as in [1%%, 2%%]%s", map[bool]string{true: ", or from and to"}[drawn])
		case s.Design == Zip && len(a.Values) != len(s.Axes[0].Values):
			bad(at+"values", "%d values beside %d of the first axis: zip takes one of each", len(a.Values), len(s.Axes[0].Values))
		}
		grid = min(grid*max(len(a.Values), 1), maxPoints+1)
	}
	for i, c := range s.Points {
		if c.Name != "" && !isName(c.Name) {
			bad(fmt.Sprintf("points.%d.name", i), "%s cannot name a folder: %s", clip(c.Name), nameRule)
		}
		if c.Name != "" && slices.ContainsFunc(s.Points[:i], func(o Case) bool { return o.Name == c.Name }) {
			bad(fmt.Sprintf("points.%d.name", i), "%s is there twice", c.Name)
		}
		for k, set := range c.Set {
			if key, _, ok := strings.Cut(set, "="); !ok || strings.HasPrefix(key, "sweep") {
				bad(fmt.Sprintf("points.%d.set.%d", i, k), "%s is no setting: write it as after --set, like live.delay=4s", clip(set))
			}
		}
	}
	if s.Design == Grid && grid > maxPoints {
		bad("axes", "more than %d points: take values away, or draw some with design: latin", maxPoints)
	}
	return errors.Join(errs...)
}

// List is the points of a valid sweep, in order: those written out, then those
// of the axes, the last axis varying fastest. None means that nothing is swept.
func (s *Sweep) List() []Point {
	var sets [][]string
	for _, c := range s.Points {
		sets = append(sets, c.Set)
	}
	if len(s.Axes) > 0 {
		sets = append(sets, s.onAxes()...)
	}
	points := make([]Point, len(sets))
	for i, set := range sets {
		points[i] = Point{Name: fmt.Sprintf("%03d", i+1), Sets: set}
		if i < len(s.Points) && s.Points[i].Name != "" {
			points[i].Name = s.Points[i].Name
		}
	}
	return points
}

// onAxes is the settings of every point of the axes.
func (s *Sweep) onAxes() [][]string {
	switch s.Design {
	case Grid:
		return grid(s.Axes)
	case Zip:
		sets := make([][]string, len(s.Axes[0].Values))
		for i := range sets {
			for _, a := range s.Axes {
				sets[i] = append(sets[i], a.Key+"="+string(a.Values[i]))
			}
		}
		return sets
	}
	sets := make([][]string, s.Samples)
	for _, a := range s.Axes {
		h := fnv.New64a()
		h.Write([]byte(a.Key)) // another axis does not move this one
		rng := rand.New(rand.NewPCG(s.Seed, h.Sum64()))
		order := rng.Perm(s.Samples)
		for i := range sets {
			share := rng.Float64()
			if s.Design == Latin {
				share = (float64(order[i]) + share) / float64(s.Samples)
			}
			sets[i] = append(sets[i], a.Key+"="+a.at(share))
		}
	}
	return sets
}

// grid is every combination of values.
func grid(axes []Axis) [][]string {
	sets := [][]string{nil}
	for _, a := range axes {
		var longer [][]string
		for _, set := range sets {
			for _, v := range a.Values {
				longer = append(longer, append(slices.Clone(set), a.Key+"="+string(v)))
			}
		}
		sets = longer
	}
	return sets
}

// at is the value at a share of the axis, from 0 to below 1.
func (a *Axis) at(share float64) string {
	if len(a.Values) > 0 {
		return string(a.Values[int(share*float64(len(a.Values)))])
	}
	v, _ := a.between(share) // Validate has tried it
	return v
}

// between is the value at a share of the way from From to To, with the unit of
// both: whole if both are whole, else to four digits.
func (a *Axis) between(share float64) (string, error) {
	from, unit, ok := measure(string(a.From))
	to, other, good := measure(string(a.To))
	switch {
	case !ok || !good || unit != other:
		return "", fmt.Errorf("from %s to %s: write two numbers with the same unit, as in 2s and 10s", clip(string(a.From)), clip(string(a.To)))
	case a.Scale == Log && (from <= 0 || to <= 0):
		return "", fmt.Errorf("from %s to %s: a logarithmic scale has no place for 0 and below", clip(string(a.From)), clip(string(a.To)))
	}
	v := from + float64(share*(to-from))
	if a.Scale == Log {
		v = from * math.Pow(to/from, share)
	}
	if unit == "" && !strings.ContainsAny(string(a.From+a.To), ".eE") {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64), nil
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64) + unit, nil
}

// measure splits "2.5Mbit/s".
func measure(text string) (v float64, unit string, ok bool) {
	n := strings.IndexFunc(text, func(c rune) bool { return !strings.ContainsRune("0123456789.+-", c) })
	if n < 0 {
		n = len(text)
	}
	v, err := strconv.ParseFloat(text[:n], 64)
	return v, text[n:], err == nil
}

// LoadPoint is Load of one point of a sweep: its settings over those of sets,
// and nothing swept any more.
func LoadPoint(file string, text []byte, sets []string, p Point) ([]Scenario, error) {
	all, err := Load(file, text, slices.Concat(sets, p.Sets))
	if err != nil {
		return nil, err
	}
	all[0].top.Sweep = DefaultSweep()
	for i := range all {
		all[i].Sweep = DefaultSweep()
	}
	return all, nil
}

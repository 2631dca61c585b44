package scenarios

import (
	"fmt"
	"slices"

	"kinetoscope/internal/unit"
)

// A Level is one of the tree of failure domains that a fleet stands in: what
// belongs together there fails together.
type Level string

// Levels, from the top: an operator has sites, a site has racks, a rack has
// machines.
const (
	Operator Level = "operator"
	Site     Level = "site"
	Rack     Level = "rack"
)

// Domains is how many failure domains of a level there are.
func (f Fleet) Domains(l Level) int {
	switch l {
	case Operator:
		return f.Operators
	case Rack:
		return f.Sites * f.Racks
	}
	return f.Sites
}

// Domain numbers the failure domain of machine i. Machines are dealt out over
// sites in turn and in each over its racks, sites over operators.
func (f Fleet) Domain(l Level, i int) int {
	site := i % f.Sites
	switch l {
	case Operator:
		return site % f.Operators
	case Rack:
		return site + f.Sites*(i/f.Sites%f.Racks)
	}
	return site
}

// RegionOf is the region of machine i.
func (f Fleet) RegionOf(i int) string { return f.Regions[i%f.Sites%len(f.Regions)] }

// checkTree reports operators and racks that cannot be.
func (f Fleet) checkTree() (errs []error) {
	if f.Count < 1 || f.Sites < 1 || f.Sites > f.Count {
		return nil // said already
	}
	if f.Operators < 1 || f.Operators > f.Sites {
		errs = append(errs, unit.Bad("operators", fmt.Sprintf("%d is not between 1 and sites (%d)", f.Operators, f.Sites)))
	}
	if most := (f.Count + f.Sites - 1) / f.Sites; f.Racks < 1 || f.Racks > most {
		errs = append(errs, unit.Bad("racks", fmt.Sprintf("%d is not between 1 and the machines of a site (%d)", f.Racks, most)))
	}
	return errs
}

// Within is the level of the failure domains that a fault takes, and how many;
// none if it takes machines wherever they stand.
func (f *Fault) Within() (l Level, n int) {
	switch {
	case f.Operators > 0:
		return Operator, f.Operators
	case f.Racks > 0:
		return Rack, f.Racks
	}
	return Site, f.Sites
}

// checkDomains reports what a fault says of failure domains that cannot be.
func (f *Fault) checkDomains(bad func(key, format string, args ...any)) {
	said := 0
	for _, d := range []struct {
		key string
		n   int
	}{{"operators", f.Operators}, {"sites", f.Sites}, {"racks", f.Racks}} {
		if d.n < 0 {
			bad(d.key, "%d is negative", d.n)
		}
		if d.n > 0 {
			if said++; said > 1 {
				bad(d.key, "a fault takes domains of one level: write operators, sites or racks")
			}
			switch stands := f.Of == OfProviders || f.Of == OfEdges; {
			case stands || f.Of == OfViewers && d.key == "operators" || !slices.Contains(f.Kind.of(), f.Of):
			case d.key == "operators":
				bad(d.key, "only providers, edges and viewers have operators: take it out, or write of: providers, edges or viewers")
			default:
				bad(d.key, "only providers and edges stand in failure domains: take it out, or write of: providers or edges")
			}
		}
	}
	if _, n := f.Within(); len(f.Chosen) > 0 && len(f.Chosen) != n {
		bad("chosen", "%d are chosen of the %d that fail: write as many, or let chance choose", len(f.Chosen), n)
	}
}

// fitsIn reports failure domains of a fault of which there are only so many.
func (f *Fault) fitsIn(domains func(Level) int, bad func(key, format string, args ...any)) {
	level, n := f.Within()
	have := domains(level)
	if n > have {
		bad(string(level)+"s", "%d of %d %ss cannot fail", n, have, level)
	}
	for i, c := range f.Chosen {
		if c < 0 || c >= have {
			bad(fmt.Sprintf("chosen.%d", i), "%d: %ss count from 0 to %d", c, level, have-1)
		}
	}
}

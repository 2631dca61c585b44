package reports

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A sweepAxis is a key in which the points of a sweep differ, and what they set
// it to.
type sweepAxis struct {
	key    string
	values []string  // each once: ascending if they are numbers of one unit, else as they first come
	at     []float64 // where the values lie: numbers or, for names, 0, 1, 2...
	unit   string    // of at; empty for names and plain numbers
	names  bool      // at counts names
}

// sweepAxes is the keys that points set to more than one value. Points that do
// not all set the same keys lie on one axis, by their names.
func sweepAxes(points []Point) (axes []sweepAxis) {
	if len(points) > 1 && len(sweepKeys(points)) == 0 {
		a := sweepAxis{key: "point", names: true}
		for i, p := range points {
			a.values, a.at = append(a.values, p.Name), append(a.at, float64(i))
		}
		return []sweepAxis{a}
	}
	for _, key := range sweepKeys(points) {
		a := sweepAxis{key: key}
		for _, p := range points {
			if v := valueOf(p.Sets, key); !slices.Contains(a.values, v) {
				a.values = append(a.values, v)
			}
		}
		if len(a.values) > 1 {
			a.measure()
			axes = append(axes, a)
		}
	}
	return axes
}

// measured is a number with a unit.
var measured = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?) ?([^0-9]*)$`)

// measure finds where the values lie, and sorts them by that.
func (a *sweepAxis) measure() {
	numbers, unit, ok := numbersOf(a.values)
	if !ok {
		a.names = true
		for i := range a.values {
			a.at = append(a.at, float64(i))
		}
		return
	}
	order := make([]int, len(a.values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(numbers[i], numbers[j]) })
	old := a.values
	a.values, a.unit = nil, unit
	for _, i := range order {
		a.values, a.at = append(a.values, old[i]), append(a.at, numbers[i])
	}
}

// numbersOf reads values as numbers of one unit, or as times in seconds.
func numbersOf(values []string) (numbers []float64, unit string, ok bool) {
	for i, v := range values {
		m := measured.FindStringSubmatch(v)
		if m == nil || i > 0 && m[2] != unit {
			return timesOf(values)
		}
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return nil, "", false
		}
		numbers, unit = append(numbers, n), m[2]
	}
	return numbers, strings.TrimSpace(unit), true
}

func timesOf(values []string) (numbers []float64, unit string, ok bool) {
	for _, v := range values {
		d, err := time.ParseDuration(v)
		if err != nil {
			return nil, "", false
		}
		numbers = append(numbers, d.Seconds())
	}
	return numbers, "s", true
}

// of is the index of a point's value.
func (a *sweepAxis) of(p Point) int { return slices.Index(a.values, a.value(p)) }

// value is what a point sets, or its name where that is what tells points apart.
func (a *sweepAxis) value(p Point) string {
	if a.key == "point" {
		return p.Name
	}
	return valueOf(p.Sets, a.key)
}

// label is what stands below the axis.
func (a *sweepAxis) label() string {
	if a.unit == "" {
		return a.key
	}
	return a.key + ", " + a.unit
}

// cells is the points of a complete grid by the indices of their values on the
// axes, first axis slowest; nil if there is a hole or two points share a place.
func cells(points []Point, axes []sweepAxis) []Point {
	n := 1
	for _, a := range axes {
		n *= len(a.values)
	}
	if n != len(points) {
		return nil
	}
	grid := make([]Point, n)
	for _, p := range points {
		i := 0
		for _, a := range axes {
			i = i*len(a.values) + a.of(p)
		}
		if grid[i].Set != nil {
			return nil
		}
		grid[i] = p
	}
	return grid
}

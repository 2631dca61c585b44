package result

import (
	"io"
	"maps"
	"math"
	"slices"
	"time"
)

// A class is a row of classes.csv: what the viewers of one access class got.
type class struct {
	name    string
	viewers int
	values  []float64 // by the rows of these viewers alone; NaN where they say nothing
}

// classes are those of a run, by name.
func classes(r *Run, window Window) (all []class) {
	count := map[string]int{}
	for i := range r.Viewers {
		count[r.Viewers[i].Class]++
	}
	var rows []Viewer // of one class at a time: there may be a million of them
	for _, name := range slices.Sorted(maps.Keys(count)) {
		rows = slices.Grow(rows[:0], count[name])
		for i := range r.Viewers {
			if v := &r.Viewers[i]; v.Class == name {
				rows = append(rows, *v)
			}
		}
		c := class{name: name, viewers: len(rows), values: NewValues()}
		Tally(rows, c.values, window)
		all = append(all, c)
	}
	return all
}

// WriteClasses writes classes.csv: one row for each access class of each run,
// with every metric that follows from the rows of its viewers.
func WriteClasses(w io.Writer, s *Set) error {
	columns := []column[class]{
		{"class", func(c *class) any { return &c.name }},
		{"viewers", func(c *class) any { return &c.viewers }},
	}
	told := NewValues() // what a viewer who has seen something gives evidence for
	Tally([]Viewer{{Watched: time.Second, Switches: 1, FromPeers: 1}}, told, Window{})
	for id, m := range Metrics {
		if !math.IsNaN(told[id]) {
			columns = append(columns, column[class]{m.Name, func(c *class) any { return &c.values[id] }})
		}
	}
	return writeTable(w, s, columns, func(r *Run) []class { return classes(r, s.Window) })
}

package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kinetoscope/sim/result"
)

// A Point is one place of a sweep and what was found there.
type Point struct {
	Name string   // 001
	Sets []string // key=value: what is special about it
	Set  *result.Set
}

// Sweep writes for a terminal the headline metrics of every point and variant,
// with intervals, and what became of thresholds and claim there.
func Sweep(w io.Writer, points []Point, opts Options) error {
	t := &terminal{Options: opts, w: w}
	if t.Width <= 0 {
		t.Width = 100
	}
	first := points[0].Set
	passed := 0
	for _, p := range points {
		if result.Passed(result.Check(p.Set)) {
			passed++
		}
	}
	t.printf("%s: %s × %s", t.paint(ansiBold, clean(first.Name)), count(len(points), "point"), extent(first))
	if len(first.Thresholds)+len(first.RefutedIf) > 0 {
		t.printf("Thresholds and claim hold at %d of %d.", passed, len(points))
	}
	t.printf("")
	for i, part := range fit(t.sweepRows(points), t.Width-1) {
		if i > 0 {
			t.printf("")
		}
		t.table(part)
	}
	t.paragraph("  ", fmt.Sprintf("Mean over %s ± half of the 95 %% interval.", sampled(first)))
	if t.Dir != "" {
		t.printf("")
		dir := strings.TrimRight(t.Dir, `/\`)
		t.printf("  Report: %s/report.html, table: %s/sweep.csv, a report for each point: %s/points", dir, dir, dir)
	}
	return t.err
}

// sweepRows is a table of the headline metrics, one row for each point and
// variant.
func (t *terminal) sweepRows(points []Point) [][]string {
	ids := sweepHeadlines(points)
	keys := sweepKeys(points)
	// The first column is repeated where the table is too wide, so it tells rows
	// apart by itself.
	one := len(points[0].Set.Variants) == 1
	rows := [][]string{append([]string{"point"}, keys...)}
	rows[0] = append(rows[0], "holds")
	for _, id := range ids {
		rows[0] = append(rows[0], result.Metrics[id].Name)
	}
	for _, p := range points {
		holds := "-"
		if verdicts := result.Check(p.Set); len(verdicts) > 0 {
			holds = t.mark(result.Passed(verdicts))
		}
		for _, v := range p.Set.VariantNames() {
			row := []string{p.Name + " " + t.plain(clean(v))}
			if one {
				row[0] = p.Name
			}
			for _, key := range keys {
				row = append(row, t.plain(clean(valueOf(p.Sets, key))))
			}
			row = append(row, t.plain(holds))
			for _, id := range ids {
				row = append(row, t.plain(result.Metrics[id].StatText(p.Set.Summary(id, v))))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// sweepKeys is the keys that tell points apart, in the order of their first
// point: none where not all points set the same.
func sweepKeys(points []Point) []string {
	keys := allKeys(points)
	for _, p := range points {
		if len(allKeys([]Point{p})) != len(keys) {
			return nil
		}
	}
	return keys
}

// allKeys is the keys that points set, in the order of their first point.
func allKeys(points []Point) (keys []string) {
	for _, p := range points {
		for _, set := range p.Sets {
			if key, _, _ := strings.Cut(set, "="); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// valueOf is what the last setting of a key gives it, or nothing.
func valueOf(sets []string, key string) (value string) {
	for _, set := range sets {
		if k, v, _ := strings.Cut(set, "="); k == key {
			value = v
		}
	}
	return value
}

// SweepCSV writes the whole table: one row for each point, variant and metric,
// with mean, interval and the number of seeds.
func SweepCSV(w io.Writer, points []Point) error {
	keys := sweepKeys(points)
	c := csv.NewWriter(w)
	header := slices.Concat([]string{"point"}, keys, []string{"variant", "metric", "unit", "n", "mean", "lo95", "hi95"})
	if err := c.Write(header); err != nil {
		return err
	}
	number := func(v float64) string {
		if v != v {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	for _, p := range points {
		front := []string{p.Name}
		for _, key := range keys {
			front = append(front, valueOf(p.Sets, key))
		}
		for _, v := range p.Set.VariantNames() {
			for _, id := range shown(p.Set, false) {
				m, s := &result.Metrics[id], p.Set.Summary(id, v)
				if s.N == 0 {
					continue
				}
				row := slices.Concat(front, []string{v, m.Name, m.Unit, strconv.Itoa(s.N), number(s.Mean), number(s.Lo), number(s.Hi)})
				if err := c.Write(row); err != nil {
					return err
				}
			}
		}
	}
	c.Flush()
	return c.Error()
}

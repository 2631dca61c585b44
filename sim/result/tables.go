package result

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// A table is one kind of row that runs have, and what its columns are.
type table[T any] struct {
	name    string
	columns []column[T]
	rows    func(*Run) []T
	keep    func(*Run, []T) // the inverse of rows
}

// A tabular is a table of rows of any type.
type tabular interface {
	// write puts the rows of all runs into a Parquet file.
	write(w io.Writer, s *Set) error
	// read gives runs their rows back from such a file.
	read(f io.ReaderAt, size int64, runs *roll) error
}

// The tables that CSV files have too.
var (
	viewerTable = table[Viewer]{"rows", rowColumns, func(r *Run) []Viewer { return r.Viewers }, func(r *Run, rows []Viewer) { r.Viewers = rows }}
	pointTable  = table[Point]{"timeline", timelineColumns, func(r *Run) []Point { return r.Series }, func(r *Run, rows []Point) { r.Series = rows }}
)

// tables is everything that a Run holds, by the name of its file. The runs come
// first: what belongs to no run is refused.
func tables() []struct {
	name string
	tabular
} {
	return []struct {
		name string
		tabular
	}{
		{"runs", runTable()},
		{viewerTable.name, &viewerTable},
		{pointTable.name, &pointTable},
		{"money", &table[Flow]{"money", []column[Flow]{
			{"payee", func(f *Flow) any { return &f.Payee }},
			{"usd", func(f *Flow) any { return &f.USD }},
		}, func(r *Run) []Flow { return r.Flows }, func(r *Run, rows []Flow) { r.Flows = rows }}},
		{"downloads", bucketTable("downloads", "downloads", func(r *Run) *Histogram { return &r.Downloads })},
		{"spendable", bucketTable("spendable", "micro_usd", func(r *Run) *Histogram { return &r.Money })},
		{"assets", bucketTable("assets", "assets", func(r *Run) *Histogram { return &r.Assets })},
		{"unseen", bucketTable("unseen", "shards", func(r *Run) *Histogram { return &r.Unseen })},
		{"notes", &table[note]{"notes", []column[note]{
			{"note", func(n *note) any { return &n.text }},
		}, notesOf, func(r *Run, rows []note) {
			for _, n := range rows {
				r.Notes = append(r.Notes, n.text)
			}
		}}},
	}
}

// runTable is one row for each run: its metrics and its digest.
func runTable() *table[Run] {
	t := &table[Run]{name: "runs",
		rows: func(r *Run) []Run { return []Run{{Values: r.Values, Digest: r.Digest}} },
		keep: func(r *Run, rows []Run) { r.Values, r.Digest = rows[0].Values, rows[0].Digest }}
	for id := range Metrics {
		t.columns = append(t.columns, column[Run]{Metrics[id].Name, func(r *Run) any {
			if r.Values == nil {
				r.Values = NewValues()
			}
			return &r.Values[id]
		}})
	}
	t.columns = append(t.columns, column[Run]{"digest", func(r *Run) any { return &r.Digest }})
	return t
}

// bucketTable is one row for each bucket of a histogram that is not empty; counted
// names what it counts.
func bucketTable(name, counted string, of func(*Run) *Histogram) *table[bucket] {
	return &table[bucket]{name, []column[bucket]{
		{"bucket", func(b *bucket) any { return &b.index }},
		{"middle_sec", func(b *bucket) any { return &b.middle }},
		{counted, func(b *bucket) any { return &b.count }},
	}, func(r *Run) []bucket { return bucketsOf(of(r)) }, func(r *Run, list []bucket) { of(r).fill(list) }}
}

// A bucket is one of a run's histogram that is not empty.
type bucket struct {
	index  int
	middle float64 // s
	count  uint64
}

func bucketsOf(h *Histogram) (list []bucket) {
	for i, n := range h.counts {
		if n > 0 {
			list = append(list, bucket{i, middle(i) / 1e9, n})
		}
	}
	return list
}

func (h *Histogram) fill(list []bucket) {
	for _, b := range list {
		if b.index >= 0 && b.index <= bucketOf(math.MaxInt64) {
			h.grow(b.index + 1)
			h.counts[b.index] += b.count
			h.n += b.count
		}
	}
}

type note struct{ text string }

func notesOf(r *Run) (list []note) {
	for _, text := range r.Notes {
		list = append(list, note{text})
	}
	return list
}

// A roll finds the runs of a Set by variant and seed.
type roll struct {
	runs []*Run
	last *Run
}

// of is the run of a row.
func (l *roll) of(variant string, seed uint64) (*Run, error) {
	is := func(r *Run) bool { return r.Variant == variant && r.Seed == seed }
	if l.last != nil && is(l.last) {
		return l.last, nil
	}
	i := slices.IndexFunc(l.runs, is)
	if i < 0 {
		return nil, fmt.Errorf("a row of variant %s, seed %d, which the manifest does not have", variant, seed)
	}
	l.last = l.runs[i]
	return l.last, nil
}

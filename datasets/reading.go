package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Descriptor states what a file cannot say of itself. The zero value leaves
// all to the file.
type Descriptor struct {
	Format  string            // name of a format; empty: the one that it looks like
	Units   map[string]string // by role of the column, or "" for the main one
	Columns map[string]string // header, or number from 1, by role
	Step    time.Duration     // how long a row lasts that has no length
	Comma   bool              // a comma in a number is the decimal sign
	Strict  bool              // refuse what would be repaired, dropped or skipped
}

// MaxRows bounds the rows of one set.
const MaxRows = 20_000_000

// A reading is a set that is being read.
type reading struct {
	set     *Set
	desc    Descriptor
	journal *journal
	name    string // of the file being read
	folder  string // where it lies; empty for archives and memory
	files   int    // looked at
	format  *Format
	sample  *sample // of the file being read
	why     []error // why files were not read
	empty   error   // that a file was empty
	gauge   gauge
	deep    int
	places  *atlas           // of latency
	nodes   map[string]int32 // of churn
	means   string           // the unit of round-trip times
}

func newReading(name string, d Descriptor) *reading {
	return &reading{set: &Set{Name: name}, desc: d, journal: &journal{strict: d.Strict}, name: name}
}

// Open reads a file, a folder with all that is in it, or an archive. Folders
// and archives hold files of one kind. The error says where it fails, what was
// found there, what is allowed and what to do.
func Open(path string, d Descriptor) (*Set, error) {
	r := newReading(path, d)
	return r.finish(r.open(path))
}

// Read reads a file that is in memory. The name is for messages; its ending
// may help to recognise it.
func Read(name string, text []byte, d Descriptor) (*Set, error) {
	r := newReading(name, d)
	return r.finish(r.stream(name, bytes.NewReader(text), bytes.NewReader(text), int64(len(text))))
}

// finish completes the set, or says why there is none.
func (r *reading) finish(err error) (*Set, error) {
	if err == nil && r.journal.err == nil && r.format != nil && r.format.close != nil {
		err = r.format.close(r)
	}
	switch {
	case r.journal.err != nil:
		return nil, r.journal.err
	case err != nil:
		return nil, err
	case r.format == nil && len(r.why) > 1:
		return nil, fmt.Errorf("%s: none of %d files can be read, the first because: %w", r.set.Name, len(r.why), r.why[0])
	case r.format == nil && len(r.why) == 1:
		return nil, r.why[0]
	case r.format == nil && r.empty != nil:
		return nil, r.empty
	case r.format == nil:
		return nil, fmt.Errorf("%s: there is no file in it: name one with data", r.set.Name)
	}
	for _, why := range r.why {
		r.journal.note(unreadMember, why.Error)
	}
	if r.journal.err != nil {
		return nil, r.journal.err
	}
	r.set.Repairs = r.journal.repairs()
	if r.set.Repairs.Kept+r.set.Repairs.Repaired == 0 {
		return nil, fmt.Errorf("%s: read as %s (%s), and not one row of it is of use: %v%s", r.set.Name, r.set.Format, r.set.Why, &r.set.Repairs, r.advice())
	}
	return r.set, nil
}

// advice says what may help where no row is of use.
func (r *reading) advice() string {
	if r.sample == nil || r.desc.Comma {
		return ""
	}
	for _, row := range r.sample.rows {
		for _, c := range row {
			if point := strings.Replace(c, ",", ".", 1); point != c && (!hasThousands([]byte(c), ",") || r.sample.doubtful([]byte(c))) {
				if _, ok := parseDecimal([]byte(point)); ok {
					return fmt.Sprintf("; %q may be a number with a comma for its decimal sign: then say --decimal-comma", c)
				}
			}
		}
	}
	return ""
}

// take reads one file that is no archive.
func (r *reading) take(name string, in *bufio.Reader) error {
	r.name = name
	in, widened := unwidened(in)
	if widened {
		r.journal.note(twoBytes, func() string { return name })
	}
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("%s: %w", name, err)
	}
	s := newSample(lastName(name), head, err != nil)
	if r.desc.Comma {
		s.point()
	}
	r.sample = s
	if len(bytes.TrimSpace(head)) == 0 && s.whole {
		r.empty = fmt.Errorf("%s: %s", name, unknown(s))
		r.journal.note(emptyMember, func() string { return name })
		return r.journal.err
	}
	from := &file{name, in, s}
	f, why, err := r.choose(s)
	if (err != nil || f.roles != nil) && s.lists() { // JSON, and perhaps of another shape
		if other, g, as := r.unrolledFile(from); other != nil {
			from, f, why, err = other, g, as, nil
		}
	}
	if err != nil {
		r.why = append(r.why, err)
		if r.desc.Format != "" {
			return err
		}
		return nil
	}
	rows := r.journal.rows
	if err := f.read(r, from); err != nil {
		if r.journal.rows == rows { // it says why it does not even begin
			r.why = append(r.why, err)
			return nil
		}
		return err
	}
	if r.format == nil {
		r.set.Kind, r.set.Why = f.Kind, why
	}
	if !slices.Contains(strings.Split(r.set.Format, "+"), f.Name) {
		r.set.Format = strings.TrimPrefix(r.set.Format+"+"+f.Name, "+")
	}
	r.format = f
	r.set.Files++
	if r.journal.rows > MaxRows {
		return fmt.Errorf("%s: more than %s rows: cut it into parts", name, Grouped(MaxRows))
	}
	return r.journal.err
}

// unit tells once where a unit comes from.
func (r *reading) unit(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(r.set.Units, s) {
		r.set.Units = append(r.set.Units, s)
	}
}

// missing counts marks for nothing in a column.
func (r *reading) missing(name string, n int64) {
	if n == 0 {
		return
	}
	for i := range r.set.Columns {
		if c := &r.set.Columns[i]; c.Name == name {
			c.Missing += n
			return
		}
	}
	r.set.Columns = append(r.set.Columns, Column{name, n})
}

// lastName is a path's last part, of nested archives too.
func lastName(path string) string {
	if i := strings.LastIndexAny(path, `/\!`); i >= 0 {
		return path[i+1:]
	}
	return path
}

// rows opens the table of a file: objects of JSON or lines of cells.
func (r *reading) rows(f *file, p *profile) rowSource {
	if f.starts("[") || f.starts("{") {
		return newObjects(f.in, r.journal, f.name)
	}
	delim := p.delim
	if delim == 0 {
		delim = f.delim
		r.unit("cells: set apart by %s, as most lines are", delimiterNames[delim])
	}
	l := newLines(f.in, r.journal, f.name)
	for range f.preamble {
		l.next()
		r.journal.note(preamble, l.place)
	}
	s := newSheet(l, delim, f.hashed == nil && (len(p.signature) > 0 || len(f.titles()) > 0))
	if f.hashed != nil {
		s.names, s.want = f.hashed, len(f.hashed)
	}
	if f.units != nil && s.read() {
		r.journal.note(unitsRow, s.place)
	}
	if p.loose {
		s.want = -1
	}
	return s
}

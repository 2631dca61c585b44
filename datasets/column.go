package datasets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A column is one thing that a kind of data wants of a table.
type column struct {
	role   string // its name for the user: --column down=3
	of     quantity
	names  []string // headers that hold it: exactly these in a profile, these words in a plain table
	unit   string   // stated by the format, or empty
	layout string   // of instants that are text, stated by the format, or empty
	main   bool     // a unit that is given without a role is meant for it
	at     int      // its place in a table without a header, from 1
}

// A profile is a table whose columns are known.
type profile struct {
	signature []string // headers that tell it from all others; empty: no header
	delim     byte     // 0: as it looks
	columns   []column // in the order of the roles of the kind; the role alone where the table has none
	none      []string // further marks for nothing
	loose     bool     // rows may have any number of cells
}

// A binding is a column found in a table.
type binding struct {
	column
	index   int // in the row, from 0; -1: not there
	scale   scale
	bare    bool // numbers have a unit
	layouts []string
	said    string // the unit
	form    string // of the last time that was text, as Go writes it
	header  string
	date    int   // of a clock: the column of its date, from 0; -1: not there
	last    int64 // of a clock without a date: the last time, with the days
}

// A sheetReader gives the rows of a table by role.
type sheetReader struct {
	rowSource
	r       *reading
	bound   []binding
	none    []string
	now     state
	missing []int64            // marks for nothing, by column of the table
	told    bool               // that times have no zone
	rates   map[string]measure // units that stood in a column beside rates
}

// noneMarks stand for nothing in any table.
var noneMarks = []string{"-", "--", "NA", "N/A", "n/a", "na", "NaN", "nan", "-nan", "null", "NULL", "None", "none", `\N`, "?", "[none]", "*"}

// isNone says whether a cell has a mark for nothing. Few cells get past the
// first comparison.
func (t *sheetReader) isNone(c []byte) bool {
	if len(c) == 0 {
		return true
	}
	if len(c) > 6 || c[0] >= '0' && c[0] <= '9' {
		return false
	}
	return slices.Contains(noneMarks, string(c)) || slices.Contains(t.none, string(c))
}

// next moves to the next row and counts marks for nothing.
func (t *sheetReader) next() bool {
	if !t.rowSource.next() {
		return false
	}
	t.now = t.state()
	n := t.width()
	for len(t.missing) < n {
		t.missing = append(t.missing, 0)
	}
	for i := range n {
		if t.isNone(t.cell(i)) {
			t.missing[i]++
		}
	}
	return true
}

// has says whether the table has a column.
func (t *sheetReader) has(role int) bool { return t.bound[role].index >= 0 }

// drop settles the row as dropped.
func (t *sheetReader) drop(d dirt) { t.r.journal.drop(d, t.place) }

// note counts a rule of the row.
func (t *sheetReader) note(d dirt) { t.now = max(t.now, t.r.journal.note(d, t.place)) }

// text is a cell as it stands; valid until the next row.
func (t *sheetReader) text(role int) []byte { return t.cell(t.bound[role].index) }

// read is a number or time of the row in the unit of the models, or what is
// wrong with the cell.
func (t *sheetReader) read(role int) (n int64, wrong dirt, ok bool) {
	b := &t.bound[role]
	c := t.cell(b.index)
	if t.isNone(c) {
		return 0, missing, false
	}
	timed := b.of == instant && len(b.layouts) > 0
	if !timed || b.layouts[0] == excelLayout {
		c = t.decimal(c)
	}
	if timed {
		n, ok = t.instant(c, b)
		return n, badTime, ok
	}
	d, ok := parseDecimal(c)
	if !ok && (b.of == instant || b.of == count) {
		d, ok = hexDecimal(c)
	}
	if ok && !b.bare {
		return 0, badNumber, false
	}
	sc := b.scale
	if !ok {
		if d, sc, ok = t.dressed(c, b); !ok {
			return 0, badNumber, false
		}
		n, ok = d.in(sc)
		return n, badNumber, ok
	}
	if b.of == count && b.bare && d.exp < 0 {
		if !t.r.desc.Comma && hasThousands(c, ".") {
			return 0, doubtful, false
		}
		if !d.whole() {
			t.note(fraction)
		}
	}
	n, ok = d.in(sc)
	return n, badNumber, ok
}

// finish takes what was counted of columns into the set.
func (t *sheetReader) finish() error {
	for i, n := range t.missing {
		name := strconv.Itoa(i + 1)
		if h := t.header(); i < len(h) && h[i] != "" {
			name = h[i]
		}
		t.r.missing(name, n)
		needed := slices.ContainsFunc(t.bound, func(b binding) bool { return b.index == i })
		if !needed {
			t.r.journal.notes(missingCell, n, func() string { return t.r.name + ", column " + name })
		}
	}
	return t.fault()
}

// bind finds the columns of a profile in a table.
func (r *reading) bind(src rowSource, p *profile) (*sheetReader, error) {
	t := &sheetReader{rowSource: src, r: r, none: p.none, rates: map[string]measure{}}
	for _, c := range p.columns {
		b := binding{column: c, index: -1, date: -1}
		if err := r.place(&b, src.header(), len(p.signature) > 0); err != nil {
			return nil, err
		}
		if b.index >= 0 {
			if err := r.measure(&b); err != nil {
				return nil, err
			}
		}
		t.bound = append(t.bound, b)
	}
	return t, nil
}

// isoAtAll says which form to state where the first time is of another one.
func (r *reading) isoAtAll(b *binding, column string) error {
	text := r.sampled(b)
	if _, ok := readInstant([]byte(text), b.layouts); ok || text == "" || slices.Contains(noneMarks, text) || b.header == "" {
		return nil
	}
	return fmt.Errorf("%s:1: column %q holds times like %.40q, which is not ISO 8601: say --unit %s=FORM with one of %s", r.name, column, text, b.role, layoutNames())
}

// sampled is the cell of a column in the first row.
func (r *reading) sampled(b *binding) (cell string) {
	s := r.sample
	if s.starts("[") || s.starts("{") {
		list := s.head[listBegins(s.head):]
		if i := strings.IndexByte(string(list), '{'); i >= 0 {
			object, _ := scanValue(list, i)
			walkFlat(object, func(key, value []byte) {
				if string(key) == b.header {
					cell = string(value)
				}
			})
		}
		return cell
	}
	if row := btoi(b.header != "" && s.hashed == nil); row < len(s.rows) && b.index < len(s.rows[row]) {
		return s.rows[row][b.index]
	}
	return ""
}

// place finds a column: where the descriptor says, or by header, or by number.
func (r *reading) place(b *binding, header []string, known bool) error {
	asked, ok := r.desc.Columns[b.role]
	if asked == "-" { // there is none
		return nil
	}
	if ok {
		return r.placeAsked(b, header, asked)
	}
	switch {
	case header == nil:
		b.index = b.at - 1
	case known:
		for _, n := range b.names {
			if i := slices.Index(header, n); i >= 0 {
				b.index, b.header = i, n
				return nil
			}
		}
	default:
		i, err := byMeaning(header, &b.column)
		if err != nil && b.main {
			return fmt.Errorf("%s:1: %w", r.name, err)
		}
		if err != nil { // perhaps it is not needed
			i = -1
			r.unit("%s: left out, as %v", b.role, err)
		}
		if b.index = i; i >= 0 {
			b.header = header[i]
		}
	}
	return nil
}

// placeAsked finds the column that the reader has named, by header or number.
func (r *reading) placeAsked(b *binding, header []string, asked string) error {
	if i := slices.Index(header, asked); i >= 0 {
		b.index, b.header = i, asked
		return nil
	}
	n, err := strconv.Atoi(asked)
	if err != nil || n < 1 || header != nil && n > len(header) {
		have := "it has no header: give a number from 1"
		if header != nil {
			have = "it has " + strings.Join(quoteAll(header), ", ")
		}
		return fmt.Errorf("%s:1: --column %s=%s: there is no such column: %s", r.name, b.role, asked, have)
	}
	if b.index = n - 1; header != nil {
		b.header = header[n-1]
	}
	return nil
}

func quoteAll(names []string) (quoted []string) {
	for _, n := range names {
		quoted = append(quoted, strconv.Quote(n))
	}
	return quoted
}

// measure settles the unit of a column: what the descriptor says, else the
// format, else the header. Never the size of the numbers.
func (r *reading) measure(b *binding) error {
	name := b.header
	if name == "" {
		name = strconv.Itoa(b.index + 1)
	}
	if b.of == label {
		return nil
	}
	if b.of == count {
		b.scale, b.bare = one, true
		return nil
	}
	if unit, _ := r.statedUnit(b); unit == "" && b.layout != "" {
		b.layouts = strings.Split(b.layout, "|")
		return nil
	}
	unit, said := r.foundUnit(b)
	if b.of == instant && unit == "" {
		if slices.Contains(meaningWords(b.header), "unix") || slices.Contains(meaningWords(b.header), "epoch") {
			unit, said = "s", "as Unix time is"
		} else if isNumber([]byte(r.sampled(b))) {
			return unitError(r.name+":1", name, b)
		} else {
			b.layouts = []string{isoLayout, namedLayout}
			if r.dated(b) {
				return nil
			}
			return r.isoAtAll(b, name)
		}
	}
	if _, number := parseDecimal([]byte(r.sampled(b))); b.of == instant && isLayout(unit) && !(unit == "us" && number) { // microseconds, not dates as in the US
		b.layouts = []string{unit}
		r.unit("%s: %s, %s", b.role, unit, said)
		return nil
	}
	m, ok := measureOf(unit, b.of)
	if unit == "" {
		if cell := []byte(r.sampled(b)); isSpan(cell, b.of) {
			r.unit("%s: hours, minutes and seconds, as each cell says", b.role)
			return nil
		} else if _, m, dressed := withUnit(cell, b.of); dressed {
			b.said = m.name
			r.unit("%s: as each cell says", b.role)
			return nil
		}
		return unitError(r.name+":1", name, b)
	}
	if !ok {
		return fmt.Errorf("--unit %s: a %s has no such unit: use one of %s", unit, b.of, unitNames(b.of))
	}
	b.scale, b.bare, b.said = m.scale, true, m.name
	if b.role == "rtt" {
		r.means = m.name
	}
	r.unit("%s: %s, %s", b.role, m.name, said)
	return nil
}

// statedUnit is the unit of a column that the reader or the format states.
func (r *reading) statedUnit(b *binding) (unit, said string) {
	unit, said = r.desc.Units[b.role], "as you said"
	if u, ok := r.desc.Units[""]; ok && unit == "" && b.main {
		unit = u
	}
	if unit == "" && b.unit != "" {
		unit, said = b.unit, "as the format says"
	}
	return unit, said
}

// foundUnit is the unit of a column that is stated, or else that of its header, of
// the row below, or of the column beside.
func (r *reading) foundUnit(b *binding) (unit, said string) {
	unit, said = r.statedUnit(b)
	if unit != "" {
		return unit, said
	}
	if _, m, ok := headerUnit(b.header, b.of); ok {
		return m.name, "as the header says"
	}
	if m, ok := bareUnit(b.header, b.of); ok {
		return m.name, "as the header says"
	}
	if m, ok := r.sample.unitBelow(b.index, b.of); ok {
		return m.name, "as the row below the header says"
	}
	if (b.role == "min" || b.role == "max") && r.means != "" {
		return r.means, "as those of the means"
	}
	return "", ""
}

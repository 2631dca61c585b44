package datasets

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rttUnit is the unit that the reader states for what states none.
func (r *reading) rttUnit(what string) (scale, error) {
	unit := r.desc.Units["rtt"]
	if unit == "" {
		unit = r.desc.Units[""]
	}
	if rows := r.sample.rows; unit == "" && len(rows) > 0 && len(rows[0]) > 0 {
		if _, m, ok := headerUnit(rows[0][0], length); ok {
			r.unit("rtt: %s, as the corner says", m.name)
			return m.scale, nil
		}
	}
	if unit == "" {
		return scale{}, fmt.Errorf("%s: %s, which states no unit: say --unit with one of %s", r.name, what, unitNames(length))
	}
	m, ok := measureOf(unit, length)
	if !ok {
		return scale{}, fmt.Errorf("--unit %s: a %s has no such unit: use one of %s", unit, length, unitNames(length))
	}
	r.unit("rtt: %s, as you said", m.name)
	return m.scale, nil
}

// edges says whether a matrix has names in its first row, and in its first
// column.
func (s *sample) edges() (top, left bool) {
	if len(s.rows) < 2 {
		return false, false
	}
	numbers := 0
	for i, c := range s.rows[0] {
		_, ok := parseDecimal([]byte(c))
		numbers += btoi(ok && i > 0)
	}
	_, first := parseDecimal([]byte(s.rows[1][0]))
	return numbers*2 < len(s.rows[0])-1, !first && s.rows[1][0] != "" && !slices.Contains(noneMarks, s.rows[1][0])
}

// detectMatrix looks for as many rows as columns, of numbers and marks for nothing.
func detectMatrix(s *sample) string {
	if half, _ := s.triangular(); half != whole {
		return "each of its rows of numbers has one cell more or less than the one before, and the diagonal is zero: half a matrix"
	}
	top, left := s.edges()
	if len(s.rows) < 3 || len(s.rows[0]) < 3 || s.starts("[") || s.starts("{") || s.starts("|") {
		return ""
	}
	body := s.rows[btoi(top):]
	width := len(body[0])
	n := width - btoi(left)
	if s.whole && len(s.rows) < sampleRows && n != len(body) || !s.whole && n < len(body) || len(body) > n {
		return ""
	}
	if !s.whole && n < 8 {
		return ""
	}
	for i, row := range body {
		if len(row) < width-1 && (i < len(body)-1 || s.whole) {
			return ""
		}
		for _, c := range row[btoi(left):] {
			_, ok := parseDecimal([]byte(c))
			if !ok && c != "" && !slices.Contains(noneMarks, c) {
				return ""
			}
		}
	}
	if !s.crosses(body, top, left) {
		return ""
	}
	return fmt.Sprintf("it has as many rows of numbers as columns, %d", n)
}

// crosses says whether rows and columns are the same places: by their names, or
// by a diagonal that is mostly zero or nothing.
func (s *sample) crosses(body [][]string, top, left bool) bool {
	same := 0
	for i, row := range body {
		if left && top {
			same += btoi(slices.Contains(s.rows[0], row[0]))
			continue
		}
		if k := i + btoi(left); k < len(row) {
			x, ok := toFloat([]byte(row[k]))
			same += btoi(!ok || x <= 0)
		}
	}
	return same*2 > len(body)
}

// triangle is how the rows of half a matrix begin: each has one cell more than the
// one before and ends on the diagonal, or one less and begins on it.
type triangle int

const (
	whole triangle = iota
	lower
	upper
)

// triangular looks for half a matrix without names, whose diagonal is zero; apart
// is what stands between its cells.
func (s *sample) triangular() (half triangle, apart byte) {
	lines := strings.Split(strings.TrimSpace(string(s.head)), "\n")
	if !s.whole || len(lines) < 4 {
		return whole, 0
	}
	apart = blanks
	for _, d := range delimiters {
		if strings.Contains(strings.TrimSpace(lines[0])+strings.TrimSpace(lines[1]), string(d)) {
			apart = d
			break
		}
	}
	n := len(lines)
	isLower, isUpper := true, true
	for i, text := range lines {
		cells := appendCells(nil, []byte(strings.TrimSpace(text)), apart)
		if apart == blanks {
			cells = appendFields(nil, []byte(text))
		}
		for _, c := range cells {
			if _, ok := parseDecimal(bytes.TrimSpace(c)); !ok && !slices.Contains(noneMarks, string(bytes.TrimSpace(c))) {
				return whole, 0
			}
		}
		isZero := func(c []byte) bool { x, ok := toFloat(bytes.TrimSpace(c)); return !ok || x == 0 }
		isLower = isLower && len(cells) == i+1 && isZero(cells[i])
		isUpper = isUpper && len(cells) == n-i && isZero(cells[0])
	}
	switch {
	case isLower:
		return lower, apart
	case isUpper:
		return upper, apart
	}
	return whole, 0
}

// readMatrix reads a dense matrix, or half of one; each cell is a row of the account. A time
// below zero is a mark for nothing, as it is in King and its like.
func readMatrix(r *reading, f *file) error {
	sc, err := r.rttUnit("a matrix")
	if err != nil {
		return err
	}
	top, left := f.edges()
	apart := f.delim
	half, between := f.triangular()
	if half != whole {
		top, left, apart = false, false, between
	}
	s := newSheet(newLines(f.in, r.journal, f.name), apart, false)
	m := r.atlas()
	m.both = m.both || half != whole
	var names []string
	var places []int32 // of the columns
	for line := 0; s.read() && r.journal.err == nil; line++ {
		if line == 0 && top {
			for _, c := range s.cells {
				names = append(names, string(bytes.TrimSpace(c)))
			}
			continue
		}
		cells := s.cells
		row := line - btoi(top)
		from := strconv.Itoa(row)
		if left && len(cells) > 0 {
			from, cells = string(bytes.TrimSpace(cells[0])), cells[1:]
		}
		if half == upper { // what is left of the diagonal is not there
			cells = append(make([][]byte, row, row+len(cells)), cells...)
		}
		if s.want == 0 || half != whole {
			s.want = len(cells)
			if len(names) == len(cells)+1 {
				names = names[1:]
			}
		}
		if len(names) > row && !left {
			from = names[row]
		}
		for i := len(places); i < len(cells); i++ {
			to := strconv.Itoa(i)
			if len(names) == s.want && i < s.want {
				to = names[i]
			}
			places = append(places, m.place(to))
		}
		kept, at := isKept, m.place(from)
		if len(cells) != s.want {
			kept = max(kept, r.journal.notes(ragged, int64(len(cells)), s.place))
		}
		for i, c := range cells {
			if half == upper && i < row {
				continue
			}
			m.cell(at, places[i], bytes.TrimSpace(c), sc, kept, func() string { return fmt.Sprintf("%s, column %d", s.place(), i+1) })
		}
	}
	return s.fault()
}

// cell takes one cell of a matrix.
func (m *atlas) cell(from, to int32, c []byte, sc scale, st state, where func() string) {
	j := m.r.journal
	j.rows++
	if m.r.desc.Comma && bytes.Count(c, []byte{','}) == 1 {
		j.note(decimalComma, where)
		c = bytes.Replace(c, []byte{','}, []byte{'.'}, 1)
	}
	d, ok := parseDecimal(c)
	if !ok {
		var u measure
		if d, u, ok = withUnit(c, length); ok {
			j.note(unitInCell, where)
			sc = u.scale
		}
	}
	ok = ok && sc.div > 0
	n, fits := d.in(sc)
	switch {
	case len(c) == 0 || slices.Contains(noneMarks, string(c)) || ok && d.neg && d.mant > 0:
		j.drop(missing, where)
	case !ok || !fits:
		j.drop(badNumber, where)
	default:
		j.settle(max(st, m.add(Pair{From: from, To: to, RTT: time.Duration(n)}, where)), 1)
	}
}

// detectMarkdown looks for a table whose first cell says in which unit it is.
func detectMarkdown(s *sample) string {
	for line := range bytes.SplitSeq(s.head, []byte{'\n'}) {
		if cells := markdownCells(line); len(cells) > 2 {
			if _, m, ok := headerUnit(cells[0], length); ok {
				return fmt.Sprintf("a table in it begins with %q: %s", cells[0], m.name)
			}
		}
	}
	if s.crossedMarkdown() {
		return "a table in it has the same places above and at the left"
	}
	return ""
}

// crossedMarkdown looks for a table whose rows are called like its columns.
func (s *sample) crossedMarkdown() bool {
	var names []string
	same, rows := 0, 0
	for line := range bytes.SplitSeq(s.head, []byte{'\n'}) {
		cells := markdownCells(line)
		switch {
		case len(cells) < 3:
			if same > 1 && same*2 > rows {
				return true
			}
			names, same, rows = nil, 0, 0
		case names == nil:
			names = cells[1:]
		case !isRule(cells):
			rows++
			same += btoi(slices.Contains(names, cells[0]))
		}
	}
	return same > 1 && same*2 > rows
}

// markdownCells takes a row of a table apart; nil for other lines.
func markdownCells(line []byte) []string {
	text := strings.TrimSpace(string(line))
	if !strings.HasPrefix(text, "|") {
		return nil
	}
	cells := strings.Split(strings.Trim(text, "|"), "|")
	for i := range cells {
		cells[i] = trimMarkup(cells[i])
	}
	return cells
}

// isRule says whether a row of a table is the line below its header.
func isRule(cells []string) bool {
	for _, c := range cells {
		if strings.Trim(c, ":-") != "" || c == "" {
			return false
		}
	}
	return true
}

// markdownUnit is the unit of tables whose first cell states none: nil where one
// does, the reader's, or that of each cell.
func (f *file) markdownUnit(r *reading) (*scale, error) {
	dressed := false
	for line := range bytes.SplitSeq(f.head, []byte{'\n'}) {
		for i, c := range markdownCells(line) {
			if _, _, ok := headerUnit(c, length); ok && i == 0 {
				return nil, nil
			}
			_, _, ok := withUnit([]byte(c), length)
			dressed = dressed || ok
		}
	}
	if dressed && r.desc.Units["rtt"] == "" && r.desc.Units[""] == "" {
		r.unit("rtt: as each cell says")
		return &scale{}, nil
	}
	sc, err := r.rttUnit("a table in Markdown")
	return &sc, err
}

// readMarkdown reads the tables of a document; each cell is a row of the account.
func readMarkdown(r *reading, f *file) error {
	l := newLines(f.in, r.journal, f.name)
	m := r.atlas()
	m.blocks = true
	var names []string
	var sc scale
	stated, err := f.markdownUnit(r)
	if err != nil {
		return err
	}
	for line, ok := l.next(); ok; line, ok = l.next() {
		cells := markdownCells(line)
		switch {
		case len(cells) < 2:
			names = nil
			continue
		case names == nil:
			if _, u, ok := headerUnit(cells[0], length); ok {
				names, sc = cells[1:], u.scale
				r.unit("rtt: %s, as the tables say", u.name)
			} else if stated != nil {
				names, sc = cells[1:], *stated
			}
			continue
		case isRule(cells):
			continue
		}
		st := isKept
		if len(cells)-1 != len(names) {
			st = r.journal.notes(ragged, int64(len(cells)-1), l.place)
		}
		for i, c := range cells[1:] {
			if i < len(names) {
				m.cell(m.place(cells[0]), m.place(names[i]), []byte(c), sc, st, l.place)
			}
		}
	}
	return l.err
}

// maxDocument bounds a file that is held as a whole.
const maxDocument = 64 << 20

// all is the whole of a file that cannot be read in parts.
func (f *file) all() ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(f.in, maxDocument+1))
	if err == nil && len(b) > maxDocument {
		err = fmt.Errorf("%s: more than %s bytes in one piece: cut it into parts", f.name, Grouped(maxDocument))
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), err
}

package datasets

import (
	"bytes"
	"errors"
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

// readMatrix reads a dense matrix; each cell is a row of the account. A time
// below zero is a mark for nothing, as it is in King and its like.
func readMatrix(r *reading, f *file) error {
	sc, err := r.rttUnit("a matrix")
	if err != nil {
		return err
	}
	top, left := f.edges()
	s := newSheet(newLines(f.in, r.journal, f.name), f.delim, false)
	m := r.atlas()
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
		if s.want == 0 {
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
		whole, at := isKept, m.place(from)
		if len(cells) != s.want {
			whole = max(whole, r.journal.notes(ragged, int64(len(cells)), s.place))
		}
		for i, c := range cells {
			m.cell(at, places[i], bytes.TrimSpace(c), sc, whole, func() string { return fmt.Sprintf("%s, column %d", s.place(), i+1) })
		}
	}
	return s.fault()
}

// cell takes one cell of a matrix.
func (m *atlas) cell(from, to int32, c []byte, sc scale, st state, where func() string) {
	j := m.r.journal
	j.rows++
	d, ok := parseDecimal(c)
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
	return ""
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

// readMarkdown reads the tables of a document; each cell is a row of the account.
func readMarkdown(r *reading, f *file) error {
	l := newLines(f.in, r.journal, f.name)
	m := r.atlas()
	m.blocks = true
	var names []string
	var sc scale
	for line, ok := l.next(); ok; line, ok = l.next() {
		cells := markdownCells(line)
		switch {
		case len(cells) < 2:
			names = nil
			continue
		case names == nil:
			if _, u, stated := headerUnit(cells[0], length); stated {
				names, sc = cells[1:], u.scale
				r.unit("rtt: %s, as the tables say", u.name)
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

// detectPairs looks for one JSON object whose values are numbers, or objects of
// numbers.
func detectPairs(s *sample) string {
	if !s.starts("{") {
		return ""
	}
	keys, numbers := 0, 0
	text := bytes.TrimSpace(bytes.TrimPrefix(s.head, []byte("\ufeff")))
	walkObject(text, func(key, value []byte) {
		keys++
		_, ok := parseDecimal(value)
		_, _, pair := splitPair(string(key))
		if len(value) > 0 && value[0] == '{' {
			ok, pair = true, true
			walkObject(value, func(_, v []byte) {
				_, number := parseDecimal(v)
				ok = ok && (number || v == nil)
			})
		}
		numbers += btoi(ok && pair)
	})
	if keys < 2 || numbers < keys {
		return ""
	}
	return "it is one JSON object of pairs and numbers"
}

// splitPair takes a key like a-b apart.
func splitPair(key string) (from, to string, ok bool) {
	for _, sep := range []string{"->", "→", "|", ":", ",", "/", "-", "_"} {
		if strings.Count(key, sep) == 1 {
			from, to, _ = strings.Cut(key, sep)
			return strings.TrimSpace(from), strings.TrimSpace(to), from != "" && to != ""
		}
	}
	return "", "", false
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

// readPairs reads a JSON object of pairs; each number is a row of the account.
func readPairs(r *reading, f *file) error {
	sc, err := r.rttUnit("a JSON object of pairs")
	if err != nil {
		return err
	}
	text, err := f.all()
	if err != nil {
		return err
	}
	m := r.atlas()
	m.both = true
	ok, _ := walkObject(bytes.TrimSpace(text), func(key, value []byte) {
		where := func() string { return f.name + ": " + string(key) }
		if len(value) > 0 && value[0] == '{' {
			m.both = false
			walkObject(value, func(to, v []byte) { m.cell(m.place(string(key)), m.place(string(to)), v, sc, isKept, where) })
			return
		}
		from, to, ok := splitPair(string(key))
		if !ok {
			r.journal.rows++
			r.journal.drop(badLine, where)
			return
		}
		m.cell(m.place(from), m.place(to), value, sc, isKept, where)
	})
	if !ok {
		r.journal.rows++
		r.journal.drop(truncated, func() string { return f.name })
	}
	return nil
}

// detectPing looks for what ping prints.
func detectPing(s *sample) string {
	if bytes.Contains(s.head, []byte("time=")) && (bytes.Contains(s.head, []byte("icmp_seq")) || bytes.Contains(s.head, []byte("bytes from")) || bytes.Contains(s.head, []byte("TTL="))) {
		return "it is what ping prints: time=..."
	}
	return ""
}

// unanswered are what ping prints for a probe without an answer.
var unanswered = []string{"no answer yet", "Request timeout", "Request timed out", "Unreachable", "unreachable", "100% packet loss for"}

// readPing reads what ping prints. Lines that are no probe are no rows; numbers
// that are left out of icmp_seq are probes that were lost.
func readPing(r *reading, f *file) error {
	l := newLines(f.in, r.journal, f.name)
	m := r.atlas()
	r.unit("probe: the unit beside each time")
	last := int64(-1)
	for line, ok := l.next(); ok; line, ok = l.next() {
		text, st := string(line), isKept
		seq := int64(-1)
		if _, rest, found := strings.Cut(text, "icmp_seq="); found {
			digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
				seq = n
			}
		}
		if slices.ContainsFunc(unanswered, func(u string) bool { return strings.Contains(text, u) }) {
			r.journal.rows++
			r.journal.settle(r.journal.note(lost, l.place), 1)
			m.Probes = append(m.Probes, Probe{Lost: true})
			last = max(last, seq)
			continue
		}
		_, rest, found := strings.Cut(text, "time=")
		if !found {
			if _, rest, found = strings.Cut(text, "time<"); !found {
				continue
			}
			st = r.journal.note(upperBound, l.place)
		}
		if seq > last+1 && last >= 0 {
			r.journal.notes(lost, seq-last-1, l.place)
		}
		again := seq >= 0 && seq <= last
		last = max(last, seq)
		r.journal.rows++
		p, err := pingTime(rest)
		switch {
		case again:
			r.journal.drop(duplicate, l.place)
		case err != nil:
			r.journal.drop(badNumber, l.place)
		default:
			m.Probes = append(m.Probes, Probe{RTT: p})
			r.journal.settle(st, 1)
		}
	}
	return l.err
}

var errNoTime = errors.New("no time")

// pingTime reads a number and its unit.
func pingTime(text string) (time.Duration, error) {
	end := strings.IndexFunc(text, func(c rune) bool { return c != '.' && (c < '0' || c > '9') })
	if end < 0 {
		return 0, errNoTime
	}
	d, ok := parseDecimal([]byte(text[:end]))
	words := strings.Fields(text[end:])
	if !ok || len(words) == 0 {
		return 0, errNoTime
	}
	m, ok := measureOf(words[0], length)
	n, fits := d.in(m.scale)
	if !ok || !fits || n <= 0 {
		return 0, errNoTime
	}
	return time.Duration(n), nil
}

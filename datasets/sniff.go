package datasets

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// placeOf names a line of a file.
func placeOf(name string, line int64) string { return fmt.Sprintf("%s:%d", name, line) }

// headSize is how much of a file detection looks at.
const headSize = 64 << 10

// A sample is the beginning of a file, as detection sees it.
type sample struct {
	name     string // the file's own name, without folders
	head     []byte
	whole    bool // head is the whole file
	delim    byte
	rows     [][]string // the first lines with something in them, taken apart
	preamble int        // lines above the header that are no part of the table
	hashed   []string   // a header that stands behind a # above the rows
	units    []string   // a row of units below the header
}

// sampleRows is how many rows detection looks at.
const sampleRows = 200

func newSample(name string, head []byte, whole bool) *sample {
	s := &sample{name: name, head: head, whole: whole}
	text := bytes.TrimPrefix(head, []byte("\ufeff"))
	if !whole { // the last line may be cut
		if i := bytes.LastIndexByte(text, lineEnd(text)); i >= 0 {
			text = text[:i]
		}
	}
	if bytes.ContainsFunc(text, func(c rune) bool { return c < 9 || c > 13 && c < 27 }) {
		return s // binary
	}
	var all [][]byte
	var above []byte // the last comment
	for line := range bytes.SplitSeq(text, []byte{lineEnd(text)}) {
		line = bytes.TrimRight(line, "\r")
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if text, ok := comment(line); ok && len(all) == 0 {
			above = text
			continue
		}
		if !utf8.Valid(line) {
			line = appendWindows(nil, line)
		}
		if all = append(all, line); len(all) == sampleRows {
			break
		}
	}
	s.delim = sniffDelimiter(all)
	for _, line := range all {
		var cells [][]byte
		if s.delim == blanks {
			cells = appendFields(nil, line)
		} else {
			cells, _ = appendQuoted(nil, bytes.Clone(line), s.delim)
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = string(bytes.TrimSpace(c))
		}
		if len(row) > 0 {
			s.rows = append(s.rows, row)
		}
	}
	for s.delim != blanks && len(s.rows) > 2 && len(s.rows[0]) == 1 && len(s.rows[1]) > 1 && s.preamble < 3 {
		s.rows = s.rows[1:]
		s.preamble++
	}
	s.uncomment(above)
	s.takeUnits()
	return s
}

// point writes numbers with a comma as those with a point, for detection.
func (s *sample) point() {
	for _, row := range s.rows {
		for i, c := range row {
			point := strings.Replace(c, ",", ".", 1)
			if _, ok := parseDecimal([]byte(point)); ok && s.delim != ',' {
				row[i] = point
			}
		}
	}
}

// takeUnits sets a row below the header aside whose cells are units or nothing.
func (s *sample) takeUnits() {
	if len(s.rows) < 3 || s.titles() == nil || s.hashed != nil || len(s.rows[1]) != len(s.rows[0]) {
		return
	}
	known := 0
	for _, c := range s.rows[1] {
		unit := false
		for _, of := range []quantity{rate, length, size, fee, share} {
			_, ok := measureOf(strings.Trim(c, "()[]"), of)
			unit = unit || ok && c != "1"
		}
		if known += btoi(unit); !unit && c != "" && c != "-" {
			return
		}
	}
	if known > 0 {
		s.units = s.rows[1]
		s.rows = append(s.rows[:1], s.rows[2:]...)
	}
}

// unitBelow is the unit that a row below the header states for a column.
func (s *sample) unitBelow(i int, of quantity) (measure, bool) {
	if i < 0 || i >= len(s.units) {
		return measure{}, false
	}
	return measureOf(strings.Trim(s.units[i], "()[]"), of)
}

// uncomment takes the comment above rows of numbers for their header, if it has
// as many cells and none of them is a number.
func (s *sample) uncomment(above []byte) {
	if len(s.rows) == 0 || len(s.rows[0]) < 2 || !s.numeric() {
		return
	}
	cells := appendCells(nil, above, s.delim)
	if s.delim == blanks {
		cells = appendFields(nil, above)
	}
	if len(cells) != len(s.rows[0]) { // it may have blanks where the rows have tabs
		cells = appendFields(nil, above)
	}
	if len(cells) != len(s.rows[0]) {
		return
	}
	var names []string
	for _, c := range cells {
		c = bytes.TrimSpace(c)
		if _, number := parseDecimal(c); number || len(c) == 0 {
			return
		}
		names = append(names, string(c))
	}
	s.hashed = names
}

// delimiters are those that are looked for, in this order where several fit.
var delimiters = []byte{'\t', ',', ';', '|'}

// delimiterNames are their names in messages.
var delimiterNames = map[byte]string{'\t': "tab", ',': "comma", ';': "semicolon", '|': "bar", blanks: "blanks"}

// sniffDelimiter takes the sign that stands in most lines as often as in the
// first, outside of quotation marks, or else blanks.
func sniffDelimiter(all [][]byte) byte {
	if len(all) > 20 {
		all = all[:20]
	}
	best, most := byte(blanks), 0
	for _, d := range delimiters {
		same, want := 0, -1
		for _, line := range all {
			cells, closed := appendQuoted(nil, bytes.Clone(line), d)
			if !closed {
				cells = appendCells(nil, line, d)
			}
			if want < 0 || want < 2 && (d == ',' || d == ';') { // a line of text may stand above the header
				want = len(cells)
			}
			same += btoi(len(cells) == want && want > 1)
		}
		if same > most && same*2 >= len(all) {
			best, most = d, same
		}
	}
	return best
}

// titles is the first row, if it looks like a header: no cell of it is a number.
func (s *sample) titles() []string {
	if len(s.rows) == 0 || s.hashed != nil {
		return s.hashed
	}
	named := 0
	if s.timedTop() {
		return nil
	}
	for _, c := range s.rows[0] {
		if _, ok := parseDecimal([]byte(c)); ok && s.numeric() {
			return nil
		}
		named += btoi(c != "")
	}
	if named == 0 {
		return nil
	}
	return s.rows[0]
}

// timedTop says whether the first row has a time where the second has one too: then
// it is no header.
func (s *sample) timedTop() bool {
	if len(s.rows) < 2 {
		return false
	}
	for i, c := range s.rows[0][:min(len(s.rows[0]), len(s.rows[1]), widest)] {
		if isTime(c) && isTime(s.rows[1][i]) {
			return true
		}
	}
	return false
}

// isTime says whether a cell is a time since 1990 in Unix seconds, or a date.
func isTime(c string) bool {
	if len(c) < 10 || !isDigit(c[0]) {
		return isUnix(c)
	}
	_, dated := readISO([]byte(c))
	return dated && (c[4] < '0' || c[4] > '9') || isUnix(c)
}

// numeric says whether most of the first row is numbers, so that it is no
// header. A header may have a number in it, as some have.
func (s *sample) numeric() bool {
	n := 0
	for _, c := range s.rows[0] {
		_, ok := parseDecimal([]byte(c))
		n += btoi(ok)
	}
	return n*2 >= len(s.rows[0])
}

// column is the numbers of one column of the rows that have so many cells, all of
// them numbers; nil if more than a tenth of the rows have not, or if there is a
// header, which says better what the columns are.
func (s *sample) column(i, width int) (xs []float64) {
	if s.titles() != nil {
		return nil
	}
	for _, row := range s.rows {
		if len(row) != width {
			continue
		}
		var x float64
		whole := true
		for k, c := range row {
			n, ok := toFloat([]byte(c))
			if whole = whole && ok; k == i {
				x = n
			}
		}
		if whole {
			xs = append(xs, x)
		}
	}
	if len(xs)*10 < len(s.rows)*9 {
		return nil
	}
	return xs
}

// starts says whether the file begins with a text, blanks left out.
func (s *sample) starts(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(string(s.head[:min(len(s.head), 4096)]), "\ufeff \t\r\n"), text)
}

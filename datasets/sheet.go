package datasets

import (
	"bytes"
)

// A rowSource gives the rows of a table one by one.
type rowSource interface {
	header() []string // nil where there is none
	next() bool       // moves to the next row
	cell(i int) []byte
	width() int
	state() state // what reading has done to the row
	place() string
	line() int64
	fault() error
}

// blanks is the delimiter of tables whose cells are set apart by any number of
// blanks and tabs.
const blanks = ' '

// A sheet is lines of cells. Quotation marks follow RFC 4180.
type sheet struct {
	lines  *lines
	delim  byte
	names  []string
	cells  [][]byte
	want   int // cells that a row should have; 0: as many as it likes
	now    state
	begun  bool     // there was a line that is no comment
	first  int64    // line that the row begins in
	joined []byte   // a row of several lines
	queue  []queued // lines to be read again, as an open quote was none
}

// A queued line is read again.
type queued struct {
	text   []byte
	n      int64
	mended bool
	plain  bool // its quotes are plain signs
	tries  int  // how often it was taken for the middle of a quote: then it stands alone
}

func newSheet(l *lines, delim byte, headed bool) *sheet {
	s := &sheet{lines: l, delim: delim}
	if headed && s.read() {
		for _, c := range s.cells {
			s.names = append(s.names, string(bytes.TrimSpace(c)))
		}
		s.want = len(s.names)
	}
	return s
}

func (s *sheet) header() []string { return s.names }
func (s *sheet) width() int       { return len(s.cells) }
func (s *sheet) state() state     { return s.now }
func (s *sheet) fault() error     { return s.lines.err }
func (s *sheet) line() int64      { return s.first }

func (s *sheet) place() string {
	return placeOf(s.lines.name, s.first)
}

// cell is the i-th cell, from 0, without blanks around it; nil where the row
// has none.
func (s *sheet) cell(i int) []byte {
	if i < 0 || i >= len(s.cells) {
		return nil
	}
	return bytes.TrimSpace(s.cells[i])
}

// next counts a row and says how it stands.
func (s *sheet) next() bool {
	for s.read() {
		j := s.lines.j
		j.rows++
		if s.want == 0 {
			s.want = len(s.cells)
		}
		last := !s.lines.ended && len(s.queue) == 0
		switch short := len(s.cells) < s.want; {
		case s.isHeader():
			j.drop(repeatedHeader, s.place)
			continue
		case short && last:
			j.drop(truncated, s.place)
			continue
		case len(s.cells) != s.want && s.want > 0:
			s.now = max(s.now, j.note(ragged, s.place))
		case last:
			j.note(noFinalNewline, s.place)
		}
		if j.err != nil {
			j.settle(isDropped, 1)
			return false
		}
		return true
	}
	return false
}

// isHeader says whether the row is the header once more, as where files were
// put together.
func (s *sheet) isHeader() bool {
	if len(s.names) == 0 || len(s.cells) != len(s.names) {
		return false
	}
	for i, n := range s.names {
		if string(s.cell(i)) != n {
			return false
		}
	}
	return true
}

// read takes the next line with something in it apart.
func (s *sheet) read() bool {
	for {
		next, ok := s.take()
		if !ok {
			return false
		}
		line := next.text
		s.now, s.first = isKept, next.n
		if next.mended || next.plain {
			s.now = isRepaired
		}
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			s.lines.j.note(blankLine, s.place)
		case !s.begun && isComment(line):
		case s.delim == blanks:
			s.begun = true
			s.cells = appendFields(s.cells[:0], line)
			return true
		case next.plain || bytes.IndexByte(line, '"') < 0:
			s.begun = true
			s.cells = appendCells(s.cells[:0], line, s.delim)
			return true
		case s.quoted(next):
			s.begun = true
			return true
		}
	}
}

// isComment says whether a line above the table is none of it.
func isComment(line []byte) bool {
	_, ok := comment(line)
	return ok
}

// take is the next line.
func (s *sheet) take() (line queued, ok bool) {
	if len(s.queue) > 0 {
		line, s.queue = s.queue[0], s.queue[1:]
		return line, true
	}
	text, ok := s.lines.next()
	return queued{text, s.lines.n, s.lines.mended, false, 0}, ok
}

// maxQuoted bounds a quoted cell over several lines: beyond it the quotation
// mark was a plain sign.
const (
	maxQuoted = 64 << 10 // bytes
	maxLines  = 100
	maxTries  = 4
)

// quoted takes a line with quotation marks apart, and the lines after it that a
// cell goes on in. It is false if a quote does not close: then the lines are
// read again, the first one as it is.
func (s *sheet) quoted(first queued) bool {
	line := first.text
	cells, closed := appendQuoted(s.cells[:0], line, s.delim)
	if closed {
		s.cells = cells
		return true
	}
	s.joined = append(s.joined[:0], line...)
	again := []queued{{bytes.Clone(line), first.n, first.mended, true, 0}}
	var whole bool
	for !whole && first.tries < maxTries && len(s.joined) < maxQuoted && len(again) < maxLines {
		more, ok := s.take()
		if !ok {
			break
		}
		more.text, more.tries = bytes.Clone(more.text), more.tries+1
		again = append(again, more)
		at := len(s.joined)
		s.joined = append(append(s.joined, '\n'), more.text...)
		if bytes.IndexByte(s.joined[at:], '"') >= 0 {
			s.cells, whole = appendQuoted(s.cells[:0], bytes.Clone(s.joined), s.delim)
		}
	}
	if whole {
		return true
	}
	s.now = max(s.now, s.lines.j.note(openQuote, s.place))
	s.queue = append(again, s.queue...)
	return false
}

// appendFields appends what stands between blanks and tabs. A date and the clock
// behind it are one.
func appendFields(cells [][]byte, line []byte) [][]byte {
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		from := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		if i-from == 10 && isDateField(line[from:i]) && i+3 < len(line) && line[i] == ' ' && isDigit(line[i+1]) && (line[i+3] == ':' || line[i+2] == ':') {
			for i++; i < len(line) && line[i] != ' ' && line[i] != '\t'; i++ {
			}
		}
		cells = append(cells, line[from:i])
	}
	return cells
}

// isDateField says whether ten signs are a date: 2024-01-31 or 31.01.2024.
func isDateField(c []byte) bool {
	digits := 0
	for _, x := range c {
		digits += btoi(isDigit(x))
	}
	year := c[4] == c[7] && !isDigit(c[4]) || c[2] == c[5] && !isDigit(c[2])
	return digits == 8 && year
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// appendCells appends what stands between delimiters.
func appendCells(cells [][]byte, line []byte, delim byte) [][]byte {
	for {
		i := bytes.IndexByte(line, delim)
		if i < 0 {
			return append(cells, line)
		}
		cells = append(cells, line[:i])
		line = line[i+1:]
	}
}

// appendQuoted appends cells that may be in quotation marks, which it takes off
// in place. closed is false if one does not close before a delimiter or the end.
func appendQuoted(cells [][]byte, line []byte, delim byte) (_ [][]byte, closed bool) {
	for i := 0; ; {
		from := i
		for from < len(line) && line[from] == ' ' && delim != ' ' {
			from++
		}
		if from >= len(line) || line[from] != '"' {
			end := bytes.IndexByte(line[i:], delim)
			if end < 0 {
				return append(cells, line[i:]), true
			}
			cells = append(cells, line[i:i+end])
			i += end + 1
			continue
		}
		end := from + 1 // of the quoted text, which keeps single quotes of doubled ones
		for end < len(line) && (line[end] != '"' || end+1 < len(line) && line[end+1] == '"') {
			end += 1 + btoi(line[end] == '"')
		}
		if end >= len(line) {
			return cells, false
		}
		text := line[from+1 : end]
		if bytes.IndexByte(text, '"') >= 0 {
			text = bytes.ReplaceAll(text, []byte(`""`), []byte(`"`))
		}
		cells = append(cells, text)
		rest := end + 1
		for rest < len(line) && line[rest] == ' ' {
			rest++
		}
		if rest == len(line) {
			return cells, true
		}
		if line[rest] != delim {
			return cells, false
		}
		i = rest + 1
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

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
	first  int64    // line that the row begins in
	joined []byte   // a row of several lines
	queue  [][]byte // lines to be read again, as an open quote was none
	isOpen bool     // the next line has such a quote
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

// read takes the next line with something in it apart.
func (s *sheet) read() bool {
	for {
		line, plain, ok := s.take()
		if !ok {
			return false
		}
		s.now, s.first = isKept, s.lines.n
		if s.lines.mended {
			s.now = isRepaired
		}
		if len(bytes.TrimSpace(line)) == 0 {
			s.lines.j.note(blankLine, s.place)
			continue
		}
		if line[0] == '#' && s.names == nil && s.want == 0 {
			continue // a comment above the table
		}
		if s.delim == blanks {
			s.cells = appendFields(s.cells[:0], line)
			return true
		}
		if plain || bytes.IndexByte(line, '"') < 0 {
			s.cells = appendCells(s.cells[:0], line, s.delim)
			return true
		}
		if s.quoted(line) {
			return true
		}
	}
}

// take is the next line, and whether its quotes are plain signs.
func (s *sheet) take() (line []byte, plain, ok bool) {
	if len(s.queue) > 0 {
		line, s.queue = s.queue[0], s.queue[1:]
		plain, s.isOpen = s.isOpen, false
		return line, plain, true
	}
	line, ok = s.lines.next()
	return line, false, ok
}

// maxQuoted bounds a quoted cell over several lines: beyond it the quotation
// mark was a plain sign.
const maxQuoted = 64 << 10

// quoted takes a line with quotation marks apart, and the lines after it that a
// cell goes on in. It is false if a quote does not close: then the lines are
// read again, the first one as it is.
func (s *sheet) quoted(line []byte) bool {
	cells, closed := appendQuoted(s.cells[:0], line, s.delim)
	if closed {
		s.cells = cells
		return true
	}
	s.joined = append(s.joined[:0], line...)
	var whole bool
	for !whole && len(s.joined) < maxQuoted {
		more, _, ok := s.take()
		if !ok {
			break
		}
		at := len(s.joined)
		s.joined = append(append(s.joined, '\n'), more...)
		if bytes.IndexByte(s.joined[at:], '"') >= 0 {
			s.cells, whole = appendQuoted(s.cells[:0], bytes.Clone(s.joined), s.delim)
		}
	}
	if whole {
		return true
	}
	s.now = max(s.now, s.lines.j.note(openQuote, s.place))
	s.queue = append(bytes.Split(bytes.Clone(s.joined), []byte{'\n'}), s.queue...)
	s.isOpen = true
	return false
}

// appendFields appends what stands between blanks and tabs.
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
		cells = append(cells, line[from:i])
	}
	return cells
}

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
// in place. closed is false if the last one does not close.
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
		rest := bytes.IndexByte(line[end+1:], delim)
		if rest < 0 {
			return cells, true
		}
		i = end + 1 + rest + 1
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

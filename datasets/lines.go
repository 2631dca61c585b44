package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxLine bounds a line: one of the widest matrix in use has 64 kB.
const maxLine = 4 << 20

// lines takes a text apart without holding it. What it repairs on the way, it
// tells the journal.
type lines struct {
	in     *bufio.Reader
	j      *journal
	name   string
	n      int64  // of the line last returned, from 1
	long   []byte // a line longer than the reader's buffer
	plain  []byte // a line turned into UTF-8
	end    byte   // of each line
	ended  bool   // the line last returned had a line end
	mended bool   // the line last returned was not UTF-8
	err    error
}

func newLines(in *bufio.Reader, j *journal, name string) *lines {
	l := &lines{in: in, j: j, name: name, end: '\n'}
	if head, _ := in.Peek(headSize); lineEnd(head) == '\r' {
		l.end = '\r'
	}
	if b, _ := in.Peek(3); bytes.Equal(b, []byte("\ufeff")) {
		_, _ = in.Discard(3)
		j.note(bom, l.place)
	}
	return l
}

// lineEnd is what ends lines: a line feed, or a carriage return where there is no
// line feed but perhaps a last one.
func lineEnd(head []byte) byte {
	if i := bytes.IndexByte(head, '\n'); (i < 0 || i == len(head)-1) && bytes.Count(head, []byte{'\r'}) > 1 {
		return '\r'
	}
	return '\n'
}

// comment is what stands behind the sign of a line above a table that is none of
// it: # and, as others write it, % or //, or the sep=; of spreadsheets.
func comment(line []byte) (text []byte, ok bool) {
	switch {
	case line[0] == '#' || line[0] == '%':
		return line[1:], true
	case bytes.HasPrefix(line, []byte("//")):
		return line[2:], true
	}
	return nil, len(line) == 5 && bytes.EqualFold(line[:4], []byte("sep="))
}

// place is where the line last returned stands.
func (l *lines) place() string { return fmt.Sprintf("%s:%d", l.name, max(l.n, 1)) }

// next is the next line without its end. It is valid until the next call.
func (l *lines) next() ([]byte, bool) {
	line, err := l.in.ReadSlice(l.end)
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = append(l.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) && len(l.long) <= maxLine {
			line, err = l.in.ReadSlice(l.end)
			l.long = append(l.long, line...)
		}
		line = l.long
	}
	if err != nil && !errors.Is(err, io.EOF) && l.err == nil {
		l.err = err
		if errors.Is(err, bufio.ErrBufferFull) {
			l.err = fmt.Errorf("%s:%d: a line is longer than %d bytes: this is no table; name a file of lines", l.name, l.n+1, maxLine)
		}
	}
	if l.err != nil || len(line) == 0 {
		return nil, false
	}
	if l.n++; l.n > MaxRows {
		l.err = fmt.Errorf("%s:%d: more than %s lines: cut it into parts", l.name, l.n, Grouped(MaxRows))
		return nil, false
	}
	l.ended = line[len(line)-1] == l.end
	if l.ended {
		line = line[:len(line)-1]
		if l.end == '\r' {
			l.j.note(bareCR, l.place)
		} else if len(line) > 0 && line[len(line)-1] == '\r' {
			line = line[:len(line)-1]
			l.j.note(crlf, l.place)
		}
	}
	if l.mended = !utf8.Valid(line); l.mended {
		l.j.note(cp1252, l.place)
		l.plain = appendWindows(l.plain[:0], line)
		line = l.plain
	}
	return line, l.j.err == nil
}

// windows is what the bytes 0x80 to 0x9f mean in Windows-1252 (WHATWG Encoding
// Standard, index-windows-1252); the others are those of ISO 8859-1.
var windows = [32]rune{'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ'}

// appendWindows appends b, read as Windows-1252, as UTF-8.
func appendWindows(to, b []byte) []byte {
	for _, c := range b {
		switch {
		case c < 0x80:
			to = append(to, c)
		case c < 0xa0:
			to = utf8.AppendRune(to, windows[c-0x80])
		default:
			to = utf8.AppendRune(to, rune(c))
		}
	}
	return to
}

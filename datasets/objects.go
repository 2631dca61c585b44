package datasets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxObject bounds one object of a JSON file.
const maxObject = 1 << 20

// objects are flat JSON objects as rows: an array of them, or one after the
// other (JSON lines). The keys of the first are the header.
type objects struct {
	in    *bufio.Reader
	j     *journal
	name  string
	text  []byte
	names []string
	cells [][]byte
	ahead bool  // the first row waits
	at    int64 // line
	err   error
	now   state
}

func newObjects(in *bufio.Reader, j *journal, name string) *objects {
	o := &objects{in: in, j: j, name: name, at: 1}
	if b, _ := in.Peek(3); bytes.Equal(b, []byte("\ufeff")) {
		_, _ = in.Discard(3)
		j.note(bom, o.place)
	}
	if head, _ := in.Peek(nestedHead); len(head) > 0 {
		_, _ = in.Discard(listBegins(head))
	}
	o.ahead = o.read()
	return o
}

// nestedHead is how far into a file a list of rows may begin that an object
// wraps, as the answers of many services do.
const nestedHead = 4096

// listBegins is where the list of rows begins in an object that wraps one, and
// 0 where there is none.
func listBegins(head []byte) int {
	i := skipBlanks(head, 0)
	if i >= len(head) || head[i] != '{' {
		return 0
	}
	for i = skipBlanks(head, i+1); i < len(head) && head[i] == '"'; {
		_, after := scanValue(head, i)
		at := skipBlanks(head, after)
		if at >= len(head) || head[at] != ':' {
			return 0
		}
		at = skipBlanks(head, at+1)
		if at < len(head) && head[at] == '[' {
			if in := skipBlanks(head, at+1); in < len(head) && head[in] == '{' {
				return at
			}
		}
		value, end := scanValue(head, at)
		if value == nil {
			return 0
		}
		if i = skipBlanks(head, end); i < len(head) && head[i] == ',' {
			i = skipBlanks(head, i+1)
		}
	}
	return 0
}

func (o *objects) header() []string { return o.names }
func (o *objects) width() int       { return len(o.cells) }
func (o *objects) state() state     { return o.now }
func (o *objects) fault() error     { return o.err }
func (o *objects) line() int64      { return o.at }
func (o *objects) place() string    { return placeOf(o.name, o.at) }

func (o *objects) cell(i int) []byte {
	if i < 0 || i >= len(o.cells) {
		return nil
	}
	return o.cells[i]
}

func (o *objects) next() bool {
	if !o.ahead && !o.read() {
		return false
	}
	o.ahead = false
	o.j.rows++
	if o.j.err != nil {
		o.j.settle(isDropped, 1)
		return false
	}
	return true
}

// read moves to the next object. What is between objects is left out.
func (o *objects) read() bool {
	for o.err == nil {
		ok, cut := o.scan()
		if cut {
			o.j.rows++
			o.j.drop(truncated, o.place)
			return false
		}
		if !ok {
			return false
		}
		o.now = isKept
		if o.flat() {
			return true
		}
		o.j.rows++
		o.j.drop(badLine, o.place)
		if o.j.err != nil {
			return false
		}
	}
	return false
}

// scan finds the next object and its end; cut says that the text ends in it.
func (o *objects) scan() (ok, cut bool) {
	o.text = o.text[:0]
	depth, quoted, escaped := 0, false, false
	for {
		c, err := o.in.ReadByte()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				o.err = err
			}
			return false, depth > 0
		}
		if c == '\n' {
			o.at++
		}
		if depth == 0 && c != '{' {
			continue
		}
		if o.text = append(o.text, c); len(o.text) > maxObject {
			o.err = fmt.Errorf("%s: an object is longer than %d bytes: this is no list of rows", o.place(), maxObject)
			return false, false
		}
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return true, false
			}
		}
	}
}

// flat takes the object apart into cells in the order of the header. It is
// false for what is no JSON object.
func (o *objects) flat() bool {
	for i := range o.cells {
		o.cells[i] = nil
	}
	ok, n := walkFlat(o.text, func(key, value []byte) {
		if at := o.column(key); at >= 0 {
			o.cells[at] = value
		}
	})
	return ok && n > 0
}

// walkFlat is walkObject with the keys of objects inside as outer.inner.
func walkFlat(text []byte, f func(key, value []byte)) (ok bool, n int) {
	return walkObject(text, func(key, value []byte) {
		if len(value) < 2 || value[0] != '{' {
			f(key, value)
			return
		}
		walkObject(value, func(inner, v []byte) { f(slices.Concat(key, []byte{'.'}, inner), v) })
	})
}

// maxKeys bounds the header that objects may grow.
const maxKeys = 10_000

// column is the column of a key. Keys that come up later are new columns.
func (o *objects) column(key []byte) int {
	for i, n := range o.names {
		if n == string(key) {
			return i
		}
	}
	if len(o.names) == maxKeys {
		return -1
	}
	o.names = append(o.names, string(key))
	o.cells = append(o.cells, nil)
	return len(o.names) - 1
}

// walkObject calls f with each key and value of one JSON object. Texts come
// without quotation marks, null comes as nothing, and lists and objects as they
// are. ok is false where the text is no object.
func walkObject(text []byte, f func(key, value []byte)) (ok bool, n int) {
	i := skipBlanks(text, 1)
	if len(text) < 2 || text[0] != '{' {
		return false, 0
	}
	for i < len(text) && text[i] != '}' {
		key, after := scanValue(text, i)
		after = skipBlanks(text, after)
		if key == nil || text[i] != '"' || after >= len(text) || text[after] != ':' {
			return false, n
		}
		value, end := scanValue(text, skipBlanks(text, after+1))
		if value == nil {
			return false, n
		}
		if string(value) == "null" {
			value = nil
		}
		f(key, value)
		n++
		i = skipBlanks(text, end)
		if i < len(text) && text[i] == ',' {
			i = skipBlanks(text, i+1)
		} else if i >= len(text) || text[i] != '}' {
			return false, n
		}
	}
	return i == len(text)-1, n
}

func skipBlanks(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}

// scanValue is the value that begins at i, and what comes after it; nil where
// there is none.
func scanValue(text []byte, i int) (value []byte, after int) {
	if i >= len(text) {
		return nil, i
	}
	switch text[i] {
	case '"':
		for end := i + 1; end < len(text); end++ {
			if text[end] == '\\' {
				end++
			} else if text[end] == '"' {
				return unescaped(text[i : end+1]), end + 1
			}
		}
		return nil, i
	case '{', '[':
		depth, quoted := 0, false
		for end := i; end < len(text); end++ {
			switch c := text[end]; {
			case quoted && c == '\\':
				end++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					return text[i : end+1], end + 1
				}
			}
		}
		return nil, i
	}
	end := i
	for end < len(text) && bytes.IndexByte([]byte(",}] \t\r\n"), text[end]) < 0 {
		end++
	}
	if end == i {
		return nil, i
	}
	return text[i:end], end
}

// unescaped is a JSON string without its marks. Most have nothing to replace.
func unescaped(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return quoted[1 : len(quoted)-1]
	}
	return []byte(s)
}

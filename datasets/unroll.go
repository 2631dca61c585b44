package datasets

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// unrolled is a JSON document that holds a table in another shape than a list of
// objects, as lines with tabs: a list of lists, which is rows; an object that
// holds one; or an object of lists of one length, which are columns. what says
// which; it is empty for other documents, which may have been read in part.
func unrolled(f *file) (text []byte, what string) {
	doc, err := f.all()
	doc = bytes.TrimSpace(doc)
	if err != nil || len(doc) == 0 {
		return nil, ""
	}
	if doc[0] == '[' {
		return listedRows(doc, nil), "a list of lists in JSON"
	}
	var names, columns []string
	var lists [][]string
	var key string
	ok, _ := walkObject(doc, func(k, v []byte) {
		if len(v) == 0 || v[0] != '[' {
			return
		}
		if inner := listedRows(v, names); inner != nil && text == nil {
			text, key = inner, string(k)
			return
		}
		if list := scalars(v); list != nil {
			columns, lists = append(columns, string(k)), append(lists, list)
			if !numeric(list) {
				names = list
			}
		}
	})
	switch {
	case !ok:
		return nil, ""
	case text != nil:
		return text, fmt.Sprintf("the list of lists %q in JSON", key)
	}
	return besideEachOther(columns, lists), "lists in JSON, which are columns"
}

// numeric says whether most cells are numbers.
func numeric(cells []string) bool {
	n := 0
	for _, c := range cells {
		_, ok := parseDecimal([]byte(c))
		n += btoi(ok)
	}
	return n*2 > len(cells)
}

// items calls f with each value of a JSON list; ok is false where it is none.
func items(list []byte, f func(value []byte)) (ok bool) {
	if len(list) < 2 || list[0] != '[' {
		return false
	}
	for i := skipBlanks(list, 1); i < len(list) && list[i] != ']'; {
		value, end := scanValue(list, i)
		if value == nil {
			return false
		}
		f(value)
		if i = skipBlanks(list, end); i < len(list) && list[i] == ',' {
			i = skipBlanks(list, i+1)
		} else if i >= len(list) || list[i] != ']' {
			return false
		}
	}
	return true
}

// scalars are the values of a list that holds neither lists nor objects; nil
// for others.
func scalars(list []byte) (all []string) {
	flat := true
	ok := items(list, func(v []byte) {
		flat = flat && (len(v) == 0 || v[0] != '[' && v[0] != '{')
		all = append(all, string(v))
	})
	if !ok || !flat {
		return nil
	}
	return all
}

// cellOf is a value as a cell of a line.
func cellOf(s string) string {
	if s == "null" {
		return ""
	}
	return strings.NewReplacer("\t", " ", "\n", " ", "\r", " ", `"`, "'").Replace(s)
}

// listedRows are the lists in a list as lines, below names where there are as
// many; nil where it holds others than two lists or more.
func listedRows(list []byte, names []string) []byte {
	var out bytes.Buffer
	n, rows := 0, true
	ok := items(list, func(v []byte) {
		cells := scalars(v)
		if rows = rows && len(cells) > 1; !rows {
			return
		}
		if n == 0 && len(names) == len(cells) {
			line(&out, names)
		}
		line(&out, cells)
		n++
	})
	if !ok || !rows || n < 2 {
		return nil
	}
	return out.Bytes()
}

func line(out *bytes.Buffer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			out.WriteByte('\t')
		}
		out.WriteString(cellOf(c))
	}
	out.WriteByte('\n')
}

// besideEachOther are columns of one length as lines; nil for less than two.
func besideEachOther(names []string, columns [][]string) []byte {
	var out bytes.Buffer
	if len(columns) < 2 {
		return nil
	}
	line(&out, names)
	row := make([]string, len(columns))
	for i := range columns[0] {
		for k, c := range columns {
			if len(c) != len(columns[0]) {
				return nil
			}
			row[k] = c[i]
		}
		line(&out, row)
	}
	return out.Bytes()
}

// lists says whether the first object of a document has a list for a value.
func (s *sample) lists() (found bool) {
	if s.starts("[") {
		i := skipBlanks(s.head, 0) + 1
		return bytes.HasPrefix(s.head[skipBlanks(s.head, i):], []byte("["))
	}
	if !s.starts("{") {
		return false
	}
	walkObject(s.head[bytes.IndexByte(s.head, '{'):], func(_, v []byte) { found = found || len(v) > 0 && v[0] == '[' })
	return found || !s.whole && listBegins(s.head) == 0
}

// unrolledFile is a file in the shape of lines, with the format that it then has;
// nil where it is none, and then f can be read from its beginning.
func (r *reading) unrolledFile(f *file) (*file, *Format, string) {
	var held bytes.Buffer
	rest := f.in
	text, what := unrolled(&file{f.name, bufio.NewReader(io.TeeReader(rest, &held)), f.sample})
	f.in = bufio.NewReaderSize(io.MultiReader(&held, rest), headSize)
	if text == nil {
		return nil, nil, ""
	}
	s := newSample(f.sample.name, text[:min(len(text), headSize)], len(text) <= headSize)
	kept := r.sample
	r.sample = s
	format, why, err := r.choose(s)
	if err != nil {
		r.sample = kept
		return nil, nil, ""
	}
	r.unit("rows: %s", what)
	return &file{f.name, bufio.NewReaderSize(bytes.NewReader(text), headSize), s}, format, why
}

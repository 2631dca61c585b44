package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kinetoscope/internal/unit"
)

// maxProblems is how many problems an Error carries; a file with more is told
// how many were left out.
const maxProblems = 20

// A Problem is one thing that is wrong with a scenario: where, and what was
// found, what is allowed, what to do.
type Problem struct {
	File    string `json:"file"`              // a path, or "--set key=value"
	Line    int    `json:"line,omitempty"`    // from 1; 0 where the place is a whole file or flag
	Column  int    `json:"column,omitempty"`  // from 1, in characters
	Key     string `json:"key,omitempty"`     // dotted path, such as network.loss
	Message string `json:"message"`           // one sentence
	Excerpt string `json:"excerpt,omitempty"` // lines of source with a caret
	layer   int    // 0 for the file, n for the n-th --set
	late    int    // orders what has no line behind what has one
}

// Place is file:line:column as far as these are known.
func (p Problem) Place() string {
	if p.Line == 0 || p.layer > 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// String is the place, the key, the message and, below, the excerpt.
func (p Problem) String() string {
	s := p.Place() + ": "
	if p.Key != "" {
		s += p.Key + ": "
	}
	s += p.Message
	if p.Excerpt != "" {
		s += "\n" + p.Excerpt
	}
	return s
}

// An Error is everything that is wrong with a scenario, in the order of the
// file. A program that gets one ends with exit code 2.
type Error struct {
	Problems []Problem
	Left     int // how many more there were
}

// Error is one problem after the other.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	if e.Left > 0 {
		lines = append(lines, fmt.Sprintf("and %d more problems", e.Left))
	}
	return strings.Join(lines, "\n")
}

// problems collects in any order and sorts at the end.
type problems []Problem

func (ps *problems) add(p Problem) { *ps = append(*ps, p) }

// err is nil if nothing is wrong. What was found twice, because a --set is laid
// over every variant, is said once.
func (ps problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.late, b.late), cmp.Compare(a.layer, b.layer),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	said := map[Problem]bool{}
	ps = slices.DeleteFunc(ps, func(p Problem) bool {
		twice := said[p]
		said[p] = true
		return twice
	})
	n := min(len(ps), maxProblems)
	return &Error{Problems: ps[:n], Left: len(ps) - n}
}

// plain is an Error without a line.
func plain(file, format string, args ...any) error {
	return &Error{Problems: []Problem{{File: file, Message: fmt.Sprintf(format, args...)}}}
}

// A source is a text that positions point into: a file or one --set.
type source struct {
	file  string
	lines []string
	layer int // 0 for the file, n for the n-th --set
}

// A site is a stretch of a source: where a key or its value was written.
type site struct {
	src               *source
	line, column, len int    // from 1, in characters
	in                string // what stands before a key here: variants.p2p, or ""
}

// problem makes a Problem that points at the site.
func (at site) problem(key, message string) Problem {
	p := Problem{File: at.src.file, Key: join(at.in, key), Message: message, layer: at.src.layer}
	p.Line = min(max(at.line, 1), max(len(at.src.lines), 1))
	p.Column = max(at.column, 1)
	p.Excerpt = at.src.excerpt(p.Line, p.Column, at.len)
	return p
}

// Excerpts show at most so many characters of a line, and so many of them
// before the place itself.
const (
	excerptWidth  = 100
	excerptBefore = 60
)

// excerpt shows the line before the place, the line, and carets below n
// characters of it.
func (s *source) excerpt(line, column, n int) string {
	var b strings.Builder
	gutter := len(fmt.Sprint(line))
	cut := max(0, column-1-excerptBefore)
	if line > 1 && line-1 <= len(s.lines) {
		if before := window(s.lines[line-2], cut); before != "" {
			fmt.Fprintf(&b, "  %*d | %s\n", gutter, line-1, before)
		}
	}
	text := ""
	if line <= len(s.lines) {
		text = window(s.lines[line-1], cut)
	}
	fmt.Fprintf(&b, "  %*d | %s\n", gutter, line, text)
	room := min(len([]rune(text)), excerptWidth) - (column - 1 - cut)
	fmt.Fprintf(&b, "  %*s | %s%s", gutter, "", strings.Repeat(" ", column-1-cut), strings.Repeat("^", max(1, min(n, room))))
	return b.String()
}

// window is the part of a line that starts after cut characters, with
// everything that would move the caret replaced by one visible character.
func window(line string, cut int) string {
	r := []rune(line)
	r = r[min(cut, len(r)):]
	r = r[:min(excerptWidth, len(r))]
	for i, c := range r {
		if c == '\t' {
			r[i] = '→'
		} else if c < ' ' || c == 0x7f {
			r[i] = '�'
		}
	}
	return strings.TrimRight(string(r), " ")
}

// keyErrors takes an error of a Validate apart: one KeyError for each thing
// that is wrong, keys below path. An error that names no key concerns path
// itself.
func keyErrors(err error, path string) []unit.KeyError {
	if err == nil {
		return nil
	}
	if key, ok := err.(*unit.KeyError); ok {
		return []unit.KeyError{{Key: join(path, dotted(key.Key)), Msg: key.Msg}}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []unit.KeyError
		for _, e := range many.Unwrap() {
			out = append(out, keyErrors(e, path)...)
		}
		return out
	}
	if inner := errors.Unwrap(err); inner != nil && errors.As(err, new(*unit.KeyError)) {
		return keyErrors(inner, path)
	}
	return []unit.KeyError{{Key: path, Msg: err.Error()}}
}

// dotted writes the index in classes[1].loss as classes.1.loss.
func dotted(key string) string {
	return strings.Trim(strings.NewReplacer("[", ".", "].", ".", "]", "").Replace(key), ".")
}

// join appends a key to a path.
func join(path, key string) string {
	if path == "" || key == "" {
		return path + key
	}
	return path + "." + key
}

// nearest is the candidate that word was most likely meant to be, or "".
func nearest(word string, candidates []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(word, c); d < least {
			best, least = c, d
		}
	}
	return best
}

// allowed lists names, after a guess if there is one.
func allowed(guess string, names []string) string {
	s := "allowed are " + strings.Join(names, ", ")
	if guess != "" {
		s = "did you mean " + guess + "? A" + s[1:]
	}
	return s
}

// distance is how many letters have to be put in, taken out, replaced or
// swapped with their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b)) // too long to be a slip
	}
	var d [65][65]int
	for i := range len(a) + 1 {
		for j := range len(b) + 1 {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// ANSI codes of the summary.
const (
	ansiBold   = "1"
	ansiDim    = "2"
	ansiRed    = "31"
	ansiGreen  = "32"
	ansiYellow = "33"
)

// A terminal writes text as Options allow; the first error sticks.
type terminal struct {
	Options
	w   io.Writer
	err error
}

// printf writes a line.
func (t *terminal) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.w, strings.TrimRight(t.plain(fmt.Sprintf(format, args...)), " "))
	}
}

// paint colours text where colours are wanted.
func (t *terminal) paint(code, text string) string {
	if !t.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// toASCII spells the characters that reports use; others become '?'.
var toASCII = strings.NewReplacer("±", "+/-", "×", "x", "÷", "/", "−", "-", "–", "-", "—", "-", "µ", "u", "Σ", "sum ", "…", "...",
	"✓", "pass", "✗", "FAIL", "“", `"`, "”", `"`, "’", "'", "≤", "<=", "≥", ">=", "•", "-", "─", "-")

// plain is text in ASCII if the terminal has nothing else.
func (t *terminal) plain(text string) string {
	if !t.ASCII {
		return text
	}
	return strings.Map(func(c rune) rune {
		if c >= utf8.RuneSelf {
			return '?'
		}
		return c
	}, toASCII.Replace(text))
}

// beside puts b into a column right of a, or below it where the two are wider
// than width.
func (t *terminal) beside(a, b string, column, width int) string {
	if twwidth.Width(a) > column || column+twwidth.Width(b) > width {
		return a + "\n      " + b
	}
	return a + strings.Repeat(" ", column-twwidth.Width(a)+2) + b
}

// mark is a tick or a cross.
func (t *terminal) mark(passed bool) string {
	if passed {
		return t.paint(ansiGreen, "✓")
	}
	return t.paint(ansiRed, "✗")
}

// fit splits a table into parts that are no wider than so many columns, each
// with the first column of all.
func fit(rows [][]string, width int) [][][]string {
	var parts [][][]string
	used := width + 1 // makes the first variant start a part
	for col := 1; col < len(rows[0]); col++ {
		need := columnWidth(rows, col)
		if used+need > width {
			parts = append(parts, make([][]string, len(rows)))
			used = columnWidth(rows, 0)
			for i := range rows {
				parts[len(parts)-1][i] = []string{rows[i][0]}
			}
		}
		used += need
		for i := range rows {
			parts[len(parts)-1][i] = append(parts[len(parts)-1][i], rows[i][col])
		}
	}
	return parts
}

// columnWidth is how wide a column of a table is, with a blank on both sides.
func columnWidth(rows [][]string, col int) int {
	width := 0
	for _, row := range rows {
		for _, line := range strings.Split(row[col], "\n") {
			width = max(width, twwidth.Width(line)+2)
		}
	}
	return width
}

// table writes one part: the first row is the header.
func (t *terminal) table(rows [][]string) {
	var text strings.Builder
	table := tablewriter.NewTable(&text,
		tablewriter.WithRenderer(renderer.NewBlueprint(rulesOnly(t.ASCII))),
		tablewriter.WithHeaderAutoFormat(tw.Off), // it would turn p99 into P 99
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithEastAsian(tw.Off)) // "±" is one column wide whatever the locale
	table.Header(rows[0])
	t.keep(table.Bulk(rows[1:]))
	t.keep(table.Render())
	for _, line := range strings.Split(strings.TrimRight(text.String(), "\n"), "\n") {
		t.printf(" %s", line)
	}
}

// keep remembers the first error.
func (t *terminal) keep(err error) {
	if t.err == nil {
		t.err = err
	}
}

// rulesOnly is a table without frame and columns: one line below the header.
func rulesOnly(ascii bool) tw.Rendition {
	style := tw.StyleLight
	if ascii {
		style = tw.StyleASCII
	}
	return tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbols(style),
		Settings: tw.Settings{
			Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off},
			Lines:      tw.Lines{ShowHeaderLine: tw.On, ShowTop: tw.Off, ShowBottom: tw.Off},
		},
	}
}

// paragraph writes text behind a lead, wrapped, the lead's width indented.
func (t *terminal) paragraph(lead, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
	line := lead
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(line)+utf8.RuneCountInString(word) > t.Width && line != indent {
			t.printf("%s", line)
			line = indent
		}
		line += word + " "
	}
	t.printf("%s", line)
}

// clean makes foreign text safe for a terminal: no control characters, one
// line.
func clean(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f || (0x80 <= c && c < 0xa0) }), " ")
}

package datasets

import (
	"bufio"
	"fmt"
	"io"
)

// A Sheet is one plain CSV file that a set can be written as.
type Sheet struct {
	Name  string   // of what it holds; as the file it came from
	Notes []string // comment lines above the header
	Write func(io.Writer) error
}

// Sheets are the CSV files of a set: one for each trace, or one for all. Each
// has a header with units, and lines that begin with # above it say where it
// came from and what was repaired.
func (s *Set) Sheets() []Sheet {
	switch s.Kind {
	case Bandwidth:
		return s.traceSheets()
	}
	return nil
}

// origin is the comment above every sheet.
func (s *Set) origin() []string {
	return []string{fmt.Sprintf("%s, read as %s", s.Name, s.Format), s.Repairs.String()}
}

// sheet writes comments, a header and rows.
func (s *Set) sheet(name, header string, rows func(w *bufio.Writer), notes ...string) Sheet {
	notes = append(s.origin(), notes...)
	return Sheet{Name: name, Notes: notes, Write: func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for _, n := range notes {
			fmt.Fprintf(b, "# %s\n", n)
		}
		fmt.Fprintln(b, header)
		rows(b)
		return b.Flush()
	}}
}

// traceSheets are the traces as a scenario's network takes them.
func (s *Set) traceSheets() (all []Sheet) {
	for i := range s.Traces {
		t := &s.Traces[i]
		var notes []string
		if !t.HasUp {
			notes = append(notes, "the way up was not measured: it is written as the way down")
		}
		all = append(all, s.sheet(t.Name, "for,down,up", func(w *bufio.Writer) {
			for _, p := range t.Steps {
				if !t.HasUp {
					p.Up = p.Down
				}
				fmt.Fprintf(w, "%v,%v,%v\n", p.For, p.Down, p.Up)
			}
		}, notes...))
	}
	return all
}

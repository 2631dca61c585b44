package reports

import (
	"io"

	"kinetoscope/sim/result"
)

// Files is the pictures of a Set with their data, and the page. The Set must be
// stamped before one of them is written.
func Files(s *result.Set) []result.File {
	figs := figures(s)
	var files []result.File
	for _, f := range figs {
		files = append(files,
			result.File{Name: "plots/" + f.name + ".svg", Write: func(w io.Writer) error { _, err := w.Write(f.svg()); return err }},
			result.File{Name: "plots/" + f.name + ".csv", Write: f.csv})
	}
	return append(files, result.File{Name: "report.html", Write: func(w io.Writer) error { return writePage(w, s, figs) }})
}

// Write puts the whole run folder into dir, or leaves dir as it was: the record
// of the Set, its plots and its page. Errors are those of result.Write.
func Write(dir string, s *result.Set) error {
	return result.Write(dir, s, Files(s)...)
}

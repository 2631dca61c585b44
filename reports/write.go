package reports

import (
	"bytes"
	"io"

	"kinetoscope/sim/result"
)

// Files draws the pictures of a Set, with their data, and the page, and stamps
// the Set, whose digest the page shows. They are ready to be handed to
// result.Write. An error means that the Set does not hold together or that the
// page's template is wrong.
func Files(s *result.Set) ([]result.File, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s.Stamp()
	figs := figures(s)
	var files []result.File
	for _, f := range figs {
		files = append(files, ready("plots/"+f.name+".svg", f.alone()), result.File{Name: "plots/" + f.name + ".csv", Write: f.csv})
	}
	var html bytes.Buffer
	if err := writePage(&html, s, figs); err != nil {
		return nil, err
	}
	return append(files, ready("report.html", html.Bytes())), nil
}

// ready is a file whose bytes are there already.
func ready(name string, content []byte) result.File {
	return result.File{Name: name, Write: func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}}
}

// Write puts the whole run folder into dir, or leaves dir as it was: the record
// of the Set, its plots and its page. Errors are those of result.Write.
func Write(dir string, s *result.Set) error {
	files, err := Files(s)
	if err != nil {
		return err
	}
	return result.Write(dir, s, files...)
}

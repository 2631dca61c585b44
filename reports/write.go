package reports

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"

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

// Formats are those that pictures are drawn in beside SVG: PNG at 192 dots an
// inch, PDF with the typeface embedded.
func Formats() []string { return []string{"png", "pdf"} }

// Also draws the pictures of a Set in some of the Formats, to be handed to
// result.Write with its Files. Equal Sets give equal bytes.
func Also(s *result.Set, formats []string) ([]result.File, error) {
	var files []result.File
	for _, f := range figures(s) {
		for _, format := range formats {
			var text bytes.Buffer
			if err := f.encode(&text, format); err != nil {
				return nil, err
			}
			files = append(files, ready("plots/"+f.name+"."+format, undated(text.Bytes())))
		}
	}
	return files, nil
}

// encode writes the picture with what it shows below it.
func (p *picture) encode(w io.Writer, format string) error {
	footnote := folded(p.caption, footStyle, footWidth)
	width, height := p.extent(footnote)
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch format {
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(192))}
	case "pdf":
		canvas = vgpdf.New(width, height)
	default:
		return fmt.Errorf("%q is no format of pictures: there are %s", format, strings.Join(Formats(), " and "))
	}
	p.paint(canvas, footnote)
	_, err := canvas.WriteTo(w)
	return err
}

// pdfDate is when a PDF says it was made.
var pdfDate = regexp.MustCompile(`/(Creation|Mod)Date \(D:[0-9]{14}`)

// undated puts the same date into every PDF, as long as the one that was there,
// since a PDF counts its own bytes.
func undated(text []byte) []byte {
	return pdfDate.ReplaceAll(text, []byte("/${1}Date (D:20000101000000"))
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

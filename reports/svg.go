package reports

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An svgCanvas writes SVG in which the pieces of a picture are groups of their
// own, so that a page can show what a piece says, and hide the pieces of a
// variant. The canvas that comes with the plots has no groups.
type svgCanvas struct {
	width, height vg.Length
	body          bytes.Buffer
	pen           pen
	saved         []pen
}

// A pen is the state that Push keeps.
type pen struct {
	color  color.Color
	width  vg.Length
	dashes []vg.Length
	at     matrix
}

// A matrix maps x, y to a·x + c·y + e, b·x + d·y + f.
type matrix struct{ a, b, c, d, e, f float64 }

// newSVG is an empty canvas; the origin is at its lower left.
func newSVG(width, height vg.Length) *svgCanvas {
	return &svgCanvas{width: width, height: height, pen: pen{color: color.Black, width: 1, at: matrix{1, 0, 0, -1, 0, float64(height)}}}
}

// times is m after o.
func (m matrix) times(o matrix) matrix {
	return matrix{
		float64(m.a*o.a) + m.c*o.b, float64(m.b*o.a) + m.d*o.b,
		float64(m.a*o.c) + m.c*o.d, float64(m.b*o.c) + m.d*o.d,
		float64(m.a*o.e) + float64(m.c*o.f) + m.e, float64(m.b*o.e) + float64(m.d*o.f) + m.f,
	}
}

// place is where a point comes to lie.
func (m matrix) place(p vg.Point) (x, y string) {
	px, py := float64(p.X), float64(p.Y)
	return pixel(float64(m.a*px) + float64(m.c*py) + m.e), pixel(float64(m.b*px) + float64(m.d*py) + m.f)
}

// pixel writes a coordinate to a hundredth.
func pixel(v float64) string {
	text := strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	if text == "-0" {
		return "0"
	}
	return text
}

// Size implements vg.CanvasSizer.
func (s *svgCanvas) Size() (x, y vg.Length) { return s.width, s.height }

// SetLineWidth implements vg.Canvas, as do the methods below.
func (s *svgCanvas) SetLineWidth(w vg.Length) { s.pen.width = w }

// SetLineDash takes no offset: no plot has one.
func (s *svgCanvas) SetLineDash(pattern []vg.Length, _ vg.Length) { s.pen.dashes = pattern }

// SetColor is for lines, areas and text.
func (s *svgCanvas) SetColor(c color.Color) { s.pen.color = c }

// Rotate turns what follows.
func (s *svgCanvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	s.pen.at = s.pen.at.times(matrix{cos, sin, -sin, cos, 0, 0})
}

// Translate moves what follows.
func (s *svgCanvas) Translate(p vg.Point) {
	s.pen.at = s.pen.at.times(matrix{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}

// Scale stretches what follows, but for the width of lines.
func (s *svgCanvas) Scale(x, y float64) { s.pen.at = s.pen.at.times(matrix{x, 0, 0, y, 0, 0}) }

// Push keeps the pen for Pop.
func (s *svgCanvas) Push() { s.saved = append(s.saved, s.pen) }

// Pop takes the pen of the last Push.
func (s *svgCanvas) Pop() {
	last := len(s.saved) - 1
	s.pen, s.saved = s.saved[last], s.saved[:last]
}

// Stroke draws a line.
func (s *svgCanvas) Stroke(p vg.Path) {
	if s.pen.width <= 0 {
		return
	}
	dashes := ""
	if len(s.pen.dashes) > 0 {
		var parts []string
		for _, d := range s.pen.dashes {
			parts = append(parts, pixel(float64(d)))
		}
		dashes = ` stroke-dasharray="` + strings.Join(parts, " ") + `"`
	}
	fmt.Fprintf(&s.body, `<path d="%s" fill="none" stroke%s stroke-width="%s"%s/>`+"\n", s.data(p), s.paint(), pixel(float64(s.pen.width)), dashes)
}

// Fill draws an area.
func (s *svgCanvas) Fill(p vg.Path) {
	fmt.Fprintf(&s.body, `<path d="%s" fill%s/>`+"\n", s.data(p), s.paint())
}

// paint is the rest of an attribute that takes the colour of the pen, and one
// for its opacity where it is not full.
func (s *svgCanvas) paint() string {
	c := color.NRGBAModel.Convert(s.pen.color).(color.NRGBA)
	text := fmt.Sprintf(`="#%02x%02x%02x"`, c.R, c.G, c.B)
	if c.A != 0xff {
		text += fmt.Sprintf(` opacity="%s"`, pixel(float64(c.A)/0xff))
	}
	return text
}

// data is a path as SVG writes it.
func (s *svgCanvas) data(p vg.Path) string {
	var b strings.Builder
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp, vg.LineComp:
			x, y := s.pen.at.place(c.Pos)
			b.WriteString(map[int]string{vg.MoveComp: "M", vg.LineComp: "L"}[c.Type] + x + " " + y)
		case vg.CurveComp:
			b.WriteString(map[int]string{1: "Q", 2: "C"}[len(c.Control)])
			for _, at := range append(c.Control[:len(c.Control):len(c.Control)], c.Pos) {
				x, y := s.pen.at.place(at)
				b.WriteString(x + " " + y + " ")
			}
		case vg.ArcComp:
			s.arc(&b, c, b.Len() == 0)
		case vg.CloseComp:
			b.WriteByte('Z')
		}
	}
	return b.String()
}

// arc writes an arc in halves, as SVG cannot write a whole circle.
func (s *svgCanvas) arc(b *strings.Builder, c vg.PathComp, first bool) {
	at := func(angle float64) (x, y string) {
		return s.pen.at.place(vg.Point{X: c.Pos.X + vg.Length(float64(c.Radius)*math.Cos(angle)), Y: c.Pos.Y + vg.Length(float64(c.Radius)*math.Sin(angle))})
	}
	x, y := at(c.Start)
	b.WriteString(map[bool]string{true: "M", false: "L"}[first] + x + " " + y)
	sweep := 0 // the page's y grows downwards
	if c.Angle < 0 {
		sweep = 1
	}
	r := pixel(float64(c.Radius))
	for i := 1; i <= 2; i++ {
		x, y := at(c.Start + c.Angle*float64(i)/2)
		fmt.Fprintf(b, "A%s %s 0 0 %d %s %s", r, r, sweep, x, y)
	}
}

// fonts are the typeface of the plots and others of the same widths.
const fonts = "Liberation Sans,Arimo,Arial,Helvetica,sans-serif"

// FillString writes text that begins at a point.
func (s *svgCanvas) FillString(f font.Face, at vg.Point, text string) {
	x, y := s.pen.at.place(at)
	turn := ""
	if m := s.pen.at; m.b != 0 || m.c != 0 {
		turn = fmt.Sprintf(` transform="rotate(%s %s %s)"`, pixel(math.Atan2(m.b, m.a)*180/math.Pi), x, y)
	}
	fmt.Fprintf(&s.body, `<text x="%s" y="%s" font-size="%s" fill%s%s>%s</text>`+"\n", x, y, pixel(float64(f.Font.Size)), s.paint(), turn, html.EscapeString(text))
}

// DrawImage puts an image into a rectangle.
func (s *svgCanvas) DrawImage(rect vg.Rectangle, img image.Image) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic("reports: an image that cannot be written: " + err.Error())
	}
	x, y := s.pen.at.place(vg.Point{X: rect.Min.X, Y: rect.Max.Y})
	fmt.Fprintf(&s.body, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" href="data:image/png;base64,%s"/>`+"\n",
		x, y, pixel(float64(rect.Max.X-rect.Min.X)), pixel(float64(rect.Max.Y-rect.Min.Y)), base64.StdEncoding.EncodeToString(b.Bytes()))
}

// document is the whole picture as a file of its own.
func (s *svgCanvas) document() []byte {
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%spt" height="%spt" viewBox="0 0 %s %s" font-family="%s">
%s</svg>
`, pixel(float64(s.width)), pixel(float64(s.height)), pixel(float64(s.width)), pixel(float64(s.height)), fonts, s.body.Bytes())
}

// A piece is part of a picture that belongs to one variant and can say what it
// shows.
type piece struct {
	variant int    // from 0; none: it belongs to all
	says    string // what it is, in a line
	band    band   // or what the points of its line are: "says, x: mid (lo to hi)"
	xUnit   string
	tops    []float64 // where the points lie, if not at mid
}

// none is the variant of a piece that belongs to all.
const none = -1

// of makes what a paint draws one piece.
func (p piece) of(draws paint) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		s := svgBelow(c)
		if s == nil {
			draws(c, x, y)
			return
		}
		s.body.WriteString("<g")
		if p.variant != none {
			fmt.Fprintf(&s.body, ` data-v="%d"`, p.variant)
		}
		if p.says != "" {
			fmt.Fprintf(&s.body, ` data-says="%s"`, html.EscapeString(p.says))
		}
		if len(p.band.xs) > 0 {
			fmt.Fprintf(&s.body, ` data-unit="%s" data-points="`, html.EscapeString(p.xUnit))
			p.points(s, x, y)
			s.body.WriteByte('"')
		}
		s.body.WriteString(">\n")
		draws(c, x, y)
		s.body.WriteString("</g>\n")
	}
}

// svgBelow is the canvas that a part of it draws on, nil if that is none of
// ours: a part holds what it is a part of.
func svgBelow(c draw.Canvas) *svgCanvas {
	for {
		switch below := c.Canvas.(type) {
		case draw.Canvas:
			c = below
		case *svgCanvas:
			return below
		default:
			return nil
		}
	}
}

// points writes where each point of the band lies on the page and its values.
func (p piece) points(s *svgCanvas, x, y func(float64) vg.Length) {
	b := p.band
	for i := range b.xs {
		if math.IsNaN(b.mid[i]) {
			continue
		}
		top := b.mid[i]
		if p.tops != nil {
			top = p.tops[i]
		}
		px, py := s.pen.at.place(vg.Point{X: x(b.xs[i]), Y: y(top)})
		fmt.Fprintf(&s.body, "%s %s %s %s", px, py, brief(b.xs[i]), brief(b.mid[i]))
		if b.lo[i] < b.hi[i] {
			fmt.Fprintf(&s.body, " %s %s", brief(b.lo[i]), brief(b.hi[i]))
		}
		s.body.WriteByte('|')
	}
}

// brief is a number to three digits.
func brief(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

package reports

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The look of every plot is decided in this file. Colours are those of Okabe
// and Ito, which people with any colour vision can tell apart; a variant has a
// dash pattern too, for print and for overlapping lines.

const (
	figureWidth = vg.Length(520)      // points; 693 pixels on a screen
	footWidth   = figureWidth * 6 / 7 // of captions: readers without our typeface have wider ones
	margin      = vg.Length(8)        // around a figure: no label is cut
	textSize    = vg.Length(9)
	tickSize    = vg.Length(8)
	lineWidth   = vg.Length(1.6)
	hairline    = vg.Length(0.5)

	maxPoints = 400 // of a curve: more is not seen, and makes a page heavy
)

// Okabe and Ito's colours.
var (
	black      = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	orange     = color.NRGBA{0xe6, 0x9f, 0x00, 0xff}
	skyBlue    = color.NRGBA{0x56, 0xb4, 0xe9, 0xff}
	green      = color.NRGBA{0x00, 0x9e, 0x73, 0xff}
	yellow     = color.NRGBA{0xf0, 0xe4, 0x42, 0xff}
	blue       = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	vermillion = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}
	purple     = color.NRGBA{0xcc, 0x79, 0xa7, 0xff}
	olive      = color.NRGBA{0x8a, 0x7d, 0x00, 0xff} // their yellow, dark enough for a line
)

// Greys, from text to shade.
var (
	ink    = color.NRGBA{0x33, 0x37, 0x3d, 0xff}
	soft   = color.NRGBA{0x6b, 0x72, 0x7b, 0xff}
	border = color.NRGBA{0x9a, 0xa1, 0xa9, 0xff}
	faint  = color.NRGBA{0xe6, 0xe8, 0xeb, 0xff}
	shade  = color.NRGBA{0xee, 0xf0, 0xf2, 0xff}
	onTint = color.NRGBA{0x1f, 0x23, 0x28, 0xff} // text on a coloured field, which a dark page leaves as it is
)

// variantColors do not occur in sourceColors, so that up to four variants are
// never mistaken for a source of bytes.
var (
	variantColors = []color.NRGBA{blue, vermillion, purple, black, green, orange, skyBlue, olive}
	sourceColors  = []color.NRGBA{green, skyBlue, orange}
	payeeColors   = []color.NRGBA{green, skyBlue, orange, purple, blue, yellow, vermillion, black, border}
	dashes        = [][]vg.Length{nil, {6, 2.5}, {2, 2}, {8, 2.5, 2, 2.5}, {4, 2}, {1, 1.5}, {10, 3}, {3, 1.5, 1, 1.5}}
)

// markers are regular polygons, by corners and angle of the first; the first
// looks like a circle.
var markers = []struct {
	corners int
	turn    float64
}{{24, 0}, {4, math.Pi / 4}, {3, math.Pi / 2}, {4, 0}, {3, -math.Pi / 2}, {5, math.Pi / 2}, {6, 0}, {8, math.Pi / 8}}

// variantLine is how the i-th variant is drawn in every plot. Once all colours are
// used they come again with the next dashes.
func variantLine(i int) draw.LineStyle {
	return draw.LineStyle{Color: variantColors[i%len(variantColors)], Width: lineWidth, Dashes: dashes[(i+i/len(variantColors))%len(dashes)]}
}

// solid is the variant's line without its dashes, for bars and crosses.
func solid(i int) draw.LineStyle {
	s := variantLine(i)
	s.Dashes = nil
	return s
}

// translucent is a colour that lets what lies below shine through.
func translucent(c color.Color, alpha uint8) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = alpha
	return n
}

// words is a text style in the one typeface of the plots.
func words(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		XAlign:  draw.XLeft,
		YAlign:  draw.YBottom,
		Handler: plot.DefaultTextHandler,
	}
}

// newPanel makes an empty plot: a light grid across, a line below, no frame,
// no title. What the axes mean is said by the heading of the panel and the
// label below.
func newPanel(xLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: border, Width: hairline}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Label.Font = words(tickSize, soft).Font
		a.Tick.Label.Color = soft
		a.Label.TextStyle.Font = words(textSize, soft).Font
		a.Label.TextStyle.Color = soft
		a.Tick.Marker = ticks{}
	}
	p.X.Label.Text = xLabel
	p.X.Label.Padding = 3
	p.X.Tick.Length = 3
	p.Y.LineStyle.Width = 0
	p.Y.Tick.Length = 0
	p.Y.Padding = 7
	p.Add(gridAcross{})
	return p
}

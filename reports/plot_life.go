package reports

import (
	"fmt"
	"image/color"
	"io"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// A row of a node's timeline: what happened at moments, or lasted.
type lifeRow struct {
	name  string
	ink   color.Color
	spans [][2]time.Duration
	says  []string
}

// LifePicture draws the life of a node between two moments as SVG: its requests
// with their transfers, and below them what it heard, said, worked, paid and
// waited for.
func LifePicture(w io.Writer, l *result.Life, world string, from, to time.Duration) error {
	_, err := w.Write(lifePlot(l, world, from, to).alone())
	return err
}

func lifePlot(l *result.Life, world string, from, to time.Duration) *picture {
	unit, perSecond := clock(to)
	at := func(d time.Duration) float64 { return d.Seconds() * perSecond }
	requests := packed(l.Requests())
	events := lifeRows(l)
	pic := &picture{height: 110 + 2*max(11*vg.Length(len(requests)), 17*vg.Length(len(events)), 40)}
	upper, lower := newPanel(""), newPanel(unit+" since the start of the stream")
	for _, p := range []*plot.Plot{upper, lower} {
		p.X.Min, p.X.Max = at(from), at(to)
		p.Add(gridDown{})
	}
	upper.Y.Min, upper.Y.Max = -float64(max(len(requests), 1))+0.5, 0.5
	upper.Y.Tick.Marker = nameTicks{}
	for k, row := range requests {
		for _, s := range row {
			says := fmt.Sprintf("%s: %v to %v", s.Name, s.From.Round(time.Millisecond), s.To.Round(time.Millisecond))
			upper.Add(piece{variant: none, says: says}.of(bar(translucent(skyBlue, 0x70), at(s.From), at(s.To), -float64(k))))
			for _, t := range s.Transfers {
				upper.Add(bar(blue, at(t[0]), at(t[1]), -float64(k)))
			}
		}
	}
	var names []string
	lower.Y.Min, lower.Y.Max = -float64(len(events))+0.5, 0.5
	for k, row := range events {
		names = append(names, row.name)
		for i, s := range row.spans {
			lower.Add(piece{variant: none, says: row.says[i]}.of(bar(row.ink, at(s[0]), at(s[1]), -float64(k))))
		}
	}
	lower.Y.Tick.Marker, lower.Y.Tick.Label.Color = nameTicks(names), ink
	keys := []key{{name: "request", fill: translucent(skyBlue, 0x70)}, {name: "transfer", fill: blue}}
	pic.draw = func(c draw.Canvas) {
		panels(legend(c, keys), [][]*plot.Plot{{upper}, {lower}}, [][]string{{"requests under way"}, {"what happened"}})
	}
	pic.caption = fmt.Sprintf("The life of %s in %s. One node of one seed (n=1, no interval): an example, and no sample. "+
		"A request lasts from the first holder that is asked to its last byte, refusal or silence; a tick is a moment.", l.Of, world)
	return pic
}

// packed lays spans into as few rows as they need without overlapping, each into
// the first that is free.
func packed(spans []result.Span) (rows [][]result.Span) {
	for _, s := range spans {
		k := 0
		for k < len(rows) && rows[k][len(rows[k])-1].To > s.From {
			k++
		}
		if k == len(rows) {
			rows = append(rows, nil)
		}
		rows[k] = append(rows[k], s)
	}
	return rows
}

// lifeRows sorts the moments of a life by what they are; rows without any are
// left out.
func lifeRows(l *result.Life) (shown []lifeRow) {
	rows := []lifeRow{{name: "heard", ink: soft}, {name: "said", ink: green}, {name: "computed", ink: orange}, {name: "paid", ink: purple}, {name: "waited", ink: vermillion}}
	for i := range l.Moments {
		m := &l.Moments[i]
		row, span := (*lifeRow)(nil), [2]time.Duration{m.At, m.At}
		switch {
		case m.Way == result.Heard && m.Peer != "":
			row = &rows[0]
		case m.Way == result.Said:
			row = &rows[1]
		case m.Way == result.Spent:
			row, span[1] = &rows[2], m.At+m.Span
		case m.Way == result.Transacted:
			row = &rows[3]
		case m.Way == result.Stated && m.Request == "" && m.Span > 0:
			row, span[0] = &rows[4], m.At-m.Span
		}
		if row != nil {
			row.spans, row.says = append(row.spans, span), append(row.says, fmt.Sprintf("%v: %s", m.At.Round(time.Millisecond), m.Text))
		}
	}
	for _, row := range rows {
		if len(row.spans) > 0 {
			shown = append(shown, row)
		}
	}
	return shown
}

// bar fills a span at height at; what lasts no time is a tick.
func bar(fill color.Color, from, to, at float64) paint {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		left, right := max(x(from), c.Min.X), min(x(to), c.Max.X)
		right = max(right, left+0.6)
		low, high := y(at-0.36), y(at+0.36)
		if left < c.Max.X {
			c.FillPolygon(fill, []vg.Point{{X: left, Y: low}, {X: right, Y: low}, {X: right, Y: high}, {X: left, Y: high}})
		}
	}
}

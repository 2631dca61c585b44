package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// A lane is one panel of the timeline.
type lane struct {
	heading string
	column  string // of the CSV file
	of      func(*result.Point) float64
	most    float64 // top of the axis; 0: as high as the data
	rare    bool    // left out where it is always zero
}

var lanes = []lane{
	{"viewers present", "present", func(p *result.Point) float64 { return float64(p.Joined) }, 0, false},
	{"playing, % of those present", "playing_percent", func(p *result.Point) float64 { return percent(p.Playing, p.Joined) }, 100, false},
	{"with nothing to show, % of those present", "gapped_percent", func(p *result.Point) float64 { return percent(p.Gapped, p.Joined) }, 0, true},
	{"stalled, % of those present", "stalled_percent", func(p *result.Point) float64 { return percent(p.Stalled, p.Joined) }, 0, false},
}

// percent is NaN where nobody is present.
func percent(part, whole int) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return 100 * float64(part) / float64(whole)
}

// usualLanes is how many lanes a timeline has; each further one is laneHeight
// higher.
const (
	usualLanes = 3
	laneHeight = vg.Length(105)
)

// lanesOf leaves out what is rare and did not happen.
func lanesOf(s *result.Set) (shown []lane) {
	for _, l := range lanes {
		seen := !l.rare
		for _, r := range s.Runs {
			for i := range r.Series {
				seen = seen || l.of(&r.Series[i]) > 0
			}
		}
		if seen {
			shown = append(shown, l)
		}
	}
	return shown
}

// timelinePlot shows the audience over the length of the stream: present,
// playing and stalled, one below the other.
func timelinePlot(s *result.Set) *picture {
	if len(s.Runs) == 0 || len(s.Runs[0].Series) == 0 {
		return nil
	}
	unit, perSecond := clock(s.Duration)
	pic := &picture{height: 350, header: []string{"quantity", "variant", unit, "median", "lo", "hi", "n"}}
	var grid [][]*plot.Plot
	var headings [][]string
	shown := lanesOf(s)
	pic.height += laneHeight * vg.Length(len(shown)-usualLanes)
	for i, l := range shown {
		label := ""
		if i == len(shown)-1 {
			label = unit + " since the start of the stream"
		}
		grid = append(grid, []*plot.Plot{lanePanel(s, l, pic, label, unit, perSecond)})
		headings = append(headings, []string{l.heading})
	}
	room := labelRoom(s)
	pic.height += room
	pic.draw = func(c draw.Canvas) { panels(draw.Crop(legend(c, variantKeys(s)), 0, 0, 0, -room), grid, headings) }
	pic.caption = overSeeds(s) + faultsShaded(s) + " Viewers who neither play nor stall wait for their first frame."
	return pic
}

// lanePanel draws one quantity of all variants and adds its rows to pic.
func lanePanel(s *result.Set, l lane, pic *picture, label, unit string, perSecond float64) *plot.Plot {
	panel := newPanel(label)
	panel.Y.Tick.Marker = ticks{want: 3}
	panel.Add(shaded(s.Marks, perSecond, l.column == "present"))
	panel.X.Min, panel.X.Max = 0, s.Duration.Seconds()*perSecond
	top := l.most
	var lines []paint
	for i, v := range s.Variants {
		b := overTime(s, v.Name, perSecond, l.of)
		for j, x := range b.xs {
			pic.rows = append(pic.rows, []string{l.column, v.Name, num(x), num(b.mid[j]), num(b.lo[j]), num(b.hi[j]), fmt.Sprint(len(s.Seeds))})
		}
		panel.Add(piece{variant: i}.of(ribbon(translucent(variantLine(i).Color, 0x26), b.xs, b.lo, b.hi)))
		lines = append(lines, piece{variant: i, says: v.Name, band: b, xUnit: unit}.of(curve(variantLine(i), b.xs, b.mid)))
		if l.most == 0 {
			top = max(top, b.top())
		}
	}
	for _, line := range lines {
		panel.Add(line)
	}
	fitZero(&panel.Y, top)
	return panel
}

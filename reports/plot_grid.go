package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kinetoscope/sim/result"
)

// crossing is the metrics of a grid of variants of which the scenario asks none.
var crossing = []result.MetricID{result.StalledViewers, result.PlayingLow, result.SegmentsLost}

// across stands in the names of variants that two things tell apart: rs-10-4-at-25.
const across = "-at-"

// gridPlot is a map of the variants whose names are A-at-B, with a row for each A and a
// column for each B, and a panel for each metric that the scenario asks of them; nil if they are not a complete grid of two by two or more.
func gridPlot(s *result.Set) *picture {
	var rows, columns []string
	note := func(list []string, name string) []string {
		if slices.Contains(list, name) {
			return list
		}
		return append(list, name)
	}
	crossed := 0
	for _, v := range s.Variants {
		if a, b, ok := strings.Cut(v.Name, across); ok {
			rows, columns = note(rows, a), note(columns, b)
			crossed++
		}
	}
	if len(rows) < 2 || len(columns) < 2 || crossed != len(rows)*len(columns) {
		return nil
	}
	pic := &picture{header: []string{"metric", "unit", "row", "column", "mean", "lo95", "hi95", "n"}}
	var grid [][]*plot.Plot
	var headings [][]string
	for _, id := range asked(s) {
		if panel := gridPanel(s, id, rows, columns, pic); panel != nil {
			m := &result.Metrics[id]
			unit := m.Unit
			if _, short := m.Axis(1); short != "" {
				unit = short
			}
			grid, headings = append(grid, []*plot.Plot{panel}), append(headings, []string{m.Name + ", " + unit})
		}
	}
	if len(grid) == 0 {
		return nil
	}
	pic.height = vg.Length(len(grid)) * (58 + 26*vg.Length(len(rows)))
	pic.draw = func(c draw.Canvas) { panels(c, grid, headings) }
	pic.caption = fmt.Sprintf("Variants whose names are ROW%sCOLUMN. Mean over %s with half its 95 %% interval (Student's t); the darker the larger, by metric.", across, seeds(s))
	if s.Rows != "" {
		pic.caption += " Downwards: " + s.Rows + "."
	}
	return pic
}

// asked is the metrics that thresholds and claim ask of crossed variants, in their order.
func asked(s *result.Set) []result.MetricID {
	var ids []result.MetricID
	for _, a := range slices.Concat(s.Thresholds, s.RefutedIf) {
		if strings.Contains(a.Left.Variant, across) {
			ids = append(ids, a.Left.Metric)
		}
	}
	if len(ids) == 0 {
		return crossing
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// gridPanel is one metric and adds its rows to pic; nil if it is the same everywhere.
func gridPanel(s *result.Set, id result.MetricID, rows, columns []string, pic *picture) *plot.Plot {
	m := &result.Metrics[id]
	name := func(r, c int) string { return rows[r] + across + columns[c] }
	lo, hi := math.Inf(1), math.Inf(-1)
	for r := range rows {
		for c := range columns {
			if mean := s.Summary(id, name(r, c)).Mean; !math.IsNaN(mean) {
				lo, hi = min(lo, mean), max(hi, mean)
			}
		}
	}
	if !(lo < hi) {
		return nil
	}
	panel := newPanel(s.Columns)
	panel.X.Tick.Marker, panel.Y.Tick.Marker = nameRow(columns), nameTicks(rows)
	panel.X.Min, panel.X.Max = -0.5, float64(len(columns))-0.5
	panel.Y.Min, panel.Y.Max = -float64(len(rows))+0.5, 0.5
	for r := range rows {
		for c := range columns {
			st := s.Summary(id, name(r, c))
			pic.rows = append(pic.rows, []string{m.Name, m.Unit, rows[r], columns[c], num(st.Mean), num(st.Lo), num(st.Hi), fmt.Sprint(st.N)})
			at := slices.IndexFunc(s.Variants, func(v result.Variant) bool { return v.Name == name(r, c) })
			panel.Add(cell(st, m, c, r, (st.Mean-lo)/(hi-lo), fmt.Sprintf("%s, %s: %s", name(r, c), m.Name, m.StatText(st)), at))
		}
	}
	return panel
}

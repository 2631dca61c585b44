package reports

import (
	"bytes"
	_ "embed" // the template of the page
	"fmt"
	"html/template"
	"io"
	"strings"

	"kinetoscope/sim/result"
)

//go:embed sweep.html
var sweepSource string

// sweepTemplate escapes whatever a scenario may have named.
var sweepTemplate = parsePage("sweep", sweepSource)

// The sweep's template reads these.
type (
	sweepPage struct {
		Name, Title, Claim, Extent, Outcome string
		Class, Mark, Sample, Over           string
		Variants                            []pageVariant
		Heads                               []sweepCell
		Rows                                []sweepPageRow
		Ranks                               *rankTable
		Pairs                               *rankTable
		Figures                             []pageFigure
		Command, Seeds, Version             string
		Script                              template.JS
		ScriptHash                          template.HTMLAttr
	}
	sweepPageRow struct {
		Point string
		Sets  string
		Holds *pageVerdict
		Cells []sweepCell
	}
	sweepCell struct{ Head, Text, Value string } // Value is what the column is sorted by; empty: nothing
)

// SweepFiles is the page of a sweep, its plots with their data, and the table
// of all metrics, to be put where points/NAME holds the run folder of each
// point.
func SweepFiles(points []Point) ([]result.File, error) {
	figs := sweepFigures(points)
	files := []result.File{{Name: "sweep.csv", Write: func(w io.Writer) error { return SweepCSV(w, points) }}}
	if t := ranked(points); t != nil {
		header, rows := t.csvRows()
		files = append(files, result.File{Name: "ranks.csv", Write: (&picture{header: header, rows: rows}).csv})
	}
	for _, f := range figs {
		files = append(files, ready("plots/"+f.name+".svg", f.alone()), result.File{Name: "plots/" + f.name + ".csv", Write: f.csv})
	}
	var html bytes.Buffer
	if err := writeSweepPage(&html, points, figs); err != nil {
		return nil, err
	}
	return append(files, ready("report.html", html.Bytes())), nil
}

func writeSweepPage(w io.Writer, points []Point, figs []figure) error {
	first := points[0].Set
	p := sweepPage{Name: first.Name, Title: first.Title, Claim: first.Claim, Sample: sampling(first), Over: sampled(first),
		Extent:   fmt.Sprintf("%s × %s", count(len(points), "point"), extent(first)),
		Variants: pageVariants(first), Ranks: ranked(points), Pairs: pairedTable(points), Figures: pageFigures(figs), Command: ShellLine(first.Manifest.Command), Seeds: seedList(first.Seeds),
		Version: strings.TrimSpace(first.Manifest.Version + " " + first.Manifest.Go), Script: template.JS(pageScript), ScriptHash: template.HTMLAttr(pageScriptHash)}
	passed := 0
	for _, point := range points {
		rows, holds := sweepPageRows(points, point)
		if p.Rows = append(p.Rows, rows...); holds {
			passed++
		}
	}
	if len(first.Thresholds)+len(first.RefutedIf) > 0 {
		p.Outcome, p.Class, p.Mark = fmt.Sprintf("Thresholds and claim hold at %d of %s.", passed, count(len(points), "point")), "pass", "✓"
		if passed < len(points) {
			p.Class, p.Mark = "fail", "✗"
		}
	}
	p.Heads = p.Rows[0].Cells
	return sweepTemplate.Execute(w, p)
}

// sweepPageRows is a row for each variant of a point, and whether what the
// scenario asserts holds there.
func sweepPageRows(points []Point, point Point) (rows []sweepPageRow, holds bool) {
	verdicts := result.Check(point.Set)
	holds = result.Passed(verdicts)
	for i, v := range point.Set.VariantNames() {
		row := sweepPageRow{Point: point.Name}
		if i == 0 && len(sweepKeys(points)) == 0 {
			row.Sets = strings.Join(point.Sets, ", ")
		}
		if i == 0 && len(verdicts) > 0 {
			row.Holds = &pageVerdict{Class: "fail", Mark: "✗", Word: "fails"}
			if holds {
				row.Holds = &pageVerdict{Class: "pass", Mark: "✓", Word: "holds"}
			}
		}
		for _, key := range sweepKeys(points) {
			row.Cells = append(row.Cells, sweepCell{Head: key, Text: valueOf(point.Sets, key)})
		}
		row.Cells = append(row.Cells, sweepCell{Head: "variant", Text: v})
		for _, id := range sweepHeadlines(points) {
			m, st := &result.Metrics[id], point.Set.Summary(id, v)
			row.Cells = append(row.Cells, sweepCell{m.Name, minus(m.StatText(st)), num(st.Mean)})
		}
		rows = append(rows, row)
	}
	return rows, holds
}

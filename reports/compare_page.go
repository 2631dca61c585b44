package reports

import (
	_ "embed" // the template of the page
	"fmt"
	"html/template"
	"io"
	"strings"

	"kinetoscope/sim/result"
)

//go:embed compare.html
var compareSource string

// compareTemplate escapes whatever a scenario may have named.
var compareTemplate = parsePage("compare", compareSource)

// The comparison's template reads these.
type (
	comparePage struct {
		Name, Title, Claim, Outcome string
		Class, Mark                 string
		Records                     []compareRecord
		Variants                    []pageVariant
		Heads                       []string
		Rows                        []compareRow
		Legend                      string
		Same                        []string
		Warnings                    []string
		Figures                     []pageFigure
		Definitions                 []result.Metric
		Script                      template.JS
		ScriptHash                  template.HTMLAttr
	}
	compareRecord struct{ Role, From, Extent, Command, Version, Digest string }
	compareRow    struct {
		Metric *result.Metric
		Sense  sense
		Change string // for sorting
		Cells  []sweepCell
	}
)

// ComparisonPage writes what changed as one HTML file that needs no other and
// asks the network for nothing.
func ComparisonPage(w io.Writer, c *result.Comparison) error {
	p := comparePage{Name: c.Before.Name, Title: c.Before.Title, Claim: c.Before.Claim, Outcome: changes(c), Class: "pass", Mark: "✓",
		Records: []compareRecord{recordOf("before", c.Before)}, Variants: pageVariants(c.Before), Warnings: c.Warnings,
		Script: template.JS(pageScript), ScriptHash: template.HTMLAttr(pageScriptHash)}
	for _, s := range c.After {
		p.Records = append(p.Records, recordOf("after", s))
	}
	if c.Regressed() {
		p.Class, p.Mark = "fail", "✗"
	}
	if !c.Identical {
		p.Legend = effectLegend(c)
		p.rows(c)
		p.Figures = pageFigures(comparisonFigures(c))
		for i := range p.Figures {
			p.Figures[i].Alone = true
		}
	}
	return compareTemplate.Execute(w, p)
}

// recordOf says where one record is from.
func recordOf(role string, s *result.Set) compareRecord {
	return compareRecord{Role: role, From: s.From, Extent: fmt.Sprintf("%s × %s", count(len(s.Variants), "variant"), count(len(s.Seeds), "seed")),
		Command: ShellLine(s.Manifest.Command), Version: strings.TrimSpace(s.Manifest.Version + " " + s.Manifest.Go), Digest: s.Manifest.Digest}
}

// rows are the effects as a table, the gravest first, what is the same in every
// seed by its name alone, and what the metrics mean.
func (p *comparePage) rows(c *result.Comparison) {
	header, rows := effectRows(c)
	if len(rows) > 0 {
		p.Heads = header[1:]
	}
	i, defined := 0, map[result.MetricID]bool{}
	for _, e := range sorted(c) {
		m := &result.Metrics[e.Metric]
		if e.Outcome == result.Same {
			p.Same = append(p.Same, m.Name+"["+e.Variant+"]")
			continue
		}
		if !defined[e.Metric] {
			defined[e.Metric] = true
			p.Definitions = append(p.Definitions, *m)
		}
		row := compareRow{Metric: m, Sense: senseOf(e.Outcome)}
		if e.Ratio && e.Change.N > 0 {
			row.Change = fmt.Sprintf("%.4g", e.Change.Mean)
		}
		for k, cell := range rows[i][1:] {
			row.Cells = append(row.Cells, sweepCell{Head: p.Heads[k], Text: minus(cell)})
		}
		p.Rows = append(p.Rows, row)
		i++
	}
}

// senseOf is what it means that this became of a metric.
func senseOf(o result.Outcome) sense {
	switch o {
	case result.Improved:
		return better
	case result.Worsened, result.Vanished:
		return worse
	case result.Moved, result.Appeared:
		return neutral
	}
	return unclear
}

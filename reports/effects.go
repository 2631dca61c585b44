package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"kinetoscope/sim/result"
)

// Comparison writes for a terminal what changed: the verdict, a table of what
// was tested, and the warnings.
func Comparison(w io.Writer, c *result.Comparison, opts Options) error {
	t := &terminal{Options: opts, w: w}
	if t.Width <= 0 {
		t.Width = 100
	}
	t.printf("%s %s: %s", t.mark(!c.Regressed()), t.paint(ansiBold, clean(c.Before.Name)), changes(c))
	t.printf("")
	header, rows := effectRows(c)
	if len(rows) > 0 {
		outcome := slices.Index(header, "outcome")
		for _, row := range rows {
			for k := range row {
				row[k] = t.plain(row[k])
			}
			row[outcome] = t.paint(outcomeColour(result.Outcome(row[outcome])), row[outcome])
		}
		for i, part := range fit(slices.Concat([][]string{header}, rows), t.Width-1) {
			if i > 0 {
				t.printf("")
			}
			t.table(part)
		}
		t.paragraph("  ", effectLegend(c))
	}
	if len(c.Warnings) > 0 {
		t.printf("")
	}
	for _, text := range c.Warnings {
		t.paragraph("  • ", clean(text))
	}
	return t.err
}

// outcomeColour is the ANSI code of what became of a metric.
func outcomeColour(o result.Outcome) string {
	return map[sense]string{better: ansiGreen, worse: ansiRed, neutral: ansiYellow, unclear: ansiDim}[senseOf(o)]
}

// ComparisonMarkdown writes the same for the summary page of a CI job.
func ComparisonMarkdown(w io.Writer, c *result.Comparison) error {
	t := &terminal{w: w}
	t.printf("### %s %s: %s\n", map[bool]string{true: "❌", false: "✅"}[c.Regressed()], clean(c.Before.Name), changes(c))
	if header, rows := effectRows(c); len(rows) > 0 {
		table := tablewriter.NewTable(w, tablewriter.WithRenderer(renderer.NewMarkdown()),
			tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone), tablewriter.WithEastAsian(tw.Off))
		table.Header(header)
		t.keep(table.Bulk(rows))
		t.keep(table.Render())
		t.printf("\n%s", effectLegend(c))
	}
	for _, text := range c.Warnings {
		t.printf("\n> %s", clean(text))
	}
	return t.err
}

// changes is the verdict of a comparison in one sentence.
func changes(c *result.Comparison) string {
	if c.Identical {
		return "identical: the same digest, so the same results to the last bit"
	}
	var parts []string
	for _, o := range outcomes() {
		if n := c.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "nothing to compare: no metric that was asked for has a value"
	}
	return strings.Join(parts, ", ")
}

// outcomes is every outcome, the gravest first.
func outcomes() (list []result.Outcome) {
	for _, name := range result.Outcome("").Names() {
		list = append(list, result.Outcome(name))
	}
	return list
}

// sorted is the effects, the gravest outcomes first.
func sorted(c *result.Comparison) []result.Effect {
	order := outcomes()
	list := slices.Clone(c.Effects)
	slices.SortStableFunc(list, func(a, b result.Effect) int {
		return slices.Index(order, a.Outcome) - slices.Index(order, b.Outcome)
	})
	return list
}

// effectRows is the table of a comparison: header and one row for each effect
// but those that are the same in every seed, the gravest first.
func effectRows(c *result.Comparison) (header []string, rows [][]string) {
	var variants []string
	for _, e := range c.Effects {
		if !slices.Contains(variants, e.Variant) {
			variants = append(variants, e.Variant)
		}
	}
	columns := []struct {
		name  string
		shown bool
		cell  func(*result.Effect) string
	}{
		{"metric", true, func(e *result.Effect) string { return result.Metrics[e.Metric].Name }},
		{"variant", len(variants) > 1, func(e *result.Effect) string { return clean(e.Variant) }},
		{"in", len(c.After) > 1, func(e *result.Effect) string { return clean(c.After[e.After].From) }},
		{"outcome", true, func(e *result.Effect) string { return string(e.Outcome) }},
		{"change", true, changeText},
		{"p", true, pText},
		{"before", true, func(e *result.Effect) string { return result.Metrics[e.Metric].StatText(e.Before) }},
		{"after", true, func(e *result.Effect) string { return result.Metrics[e.Metric].StatText(e.Now) }},
	}
	effects := slices.DeleteFunc(sorted(c), func(e result.Effect) bool { return e.Outcome == result.Same })
	rows = make([][]string, len(effects))
	for _, col := range columns {
		if !col.shown {
			continue
		}
		header = append(header, col.name)
		for i := range effects {
			rows[i] = append(rows[i], col.cell(&effects[i]))
		}
	}
	return header, rows
}

// changeText words a change: relative where it is told by ratios, and then with
// the ends of its interval, which is not symmetric.
func changeText(e *result.Effect) string {
	switch {
	case e.Change.N == 0:
		return "-"
	case e.Outcome == result.Same:
		return "0"
	case !e.Ratio:
		return result.Metrics[e.Metric].DeltaText(e.Change)
	case !e.Change.HasInterval():
		return fmt.Sprintf("%+.3g%%", 100*e.Change.Mean)
	}
	digits := 2
	for wide := 100 * e.Change.Half(); wide >= 1 && digits > 0; wide /= 10 {
		digits--
	}
	return fmt.Sprintf("%+.*f%% [%+.*f, %+.*f]", digits, 100*e.Change.Mean, digits, 100*e.Change.Lo, digits, 100*e.Change.Hi)
}

// pText is the corrected p, or a dash where there is none.
func pText(e *result.Effect) string {
	switch {
	case e.Adjusted != e.Adjusted:
		return "-"
	case e.Adjusted < 0.001:
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", e.Adjusted)
}

// effectLegend says how to read the table.
func effectLegend(c *result.Comparison) string {
	n := 0
	for i := range c.Effects {
		n = max(n, c.Effects[i].Change.N)
	}
	return fmt.Sprintf("Paired over %s: mean ± half of the 95 %% interval, and the change with its own. p is corrected by Holm over %s; a finding is one below %g. Slight changes are surer than that, but less than what counts; what is the same in every seed is not listed.",
		count(n, "common seed"), count(c.Tests(), "test"), c.Level)
}

package reports

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"kinetoscope/sim/result"
)

// Options says what the terminal can show. The zero value is plain Unicode
// text, 100 columns wide.
type Options struct {
	Color bool   // write ANSI colours
	ASCII bool   // write nothing outside ASCII
	Width int    // columns; 0 means 100
	Dir   string // where the run folder lies, named at the end unless empty
}

// Summary writes the terminal summary: first the verdict, then the headline
// metrics of all variants with intervals and what they change against the
// baseline, then the notes and where the report lies.
func Summary(w io.Writer, s *result.Set, opts Options) error {
	t := &terminal{Options: opts, w: w}
	if t.Width <= 0 {
		t.Width = 100
	}
	verdicts := result.Check(s)
	t.verdict(s, verdicts)
	t.metrics(s)
	t.notes(s)
	return t.err
}

// verdict writes the outcome, the claim, and one entry for each assertion.
func (t *terminal) verdict(s *result.Set, verdicts []result.Verdict) {
	mark := t.mark(result.Passed(verdicts))
	if len(verdicts) == 0 {
		mark = "•"
	}
	t.printf("%s %s: %s", mark, t.paint(ansiBold, clean(s.Name)), outcome(verdicts))
	if s.Title != "" {
		t.printf("  %s", clean(s.Title))
	}
	if s.Claim != "" {
		t.paragraph("  Claim: ", clean(s.Claim))
	}
	t.printf("")
	t.assertions(verdicts, len(s.Seeds))
}

// assertions writes one entry for each: on one line where it fits.
func (t *terminal) assertions(verdicts []result.Verdict, seeds int) {
	const around = 8 // columns for indent, mark, gap and tilde
	whats := make([]string, len(verdicts))
	left, undecided := 0, false
	for i, v := range verdicts {
		whats[i] = claimPrefix(v) + clean(v.Assertion.Text)
		if width := twwidth.Width(whats[i]); width+twwidth.Width(v.Observed)+around <= t.Width {
			left = max(left, width)
		}
	}
	for i, v := range verdicts {
		observed := t.paint(ansiDim, t.plain(v.Observed))
		if !v.Decided && v.Stat.N > 0 {
			observed += t.paint(ansiYellow, " ~")
			undecided = true
		}
		t.printf("  %s %s", t.mark(v.Passed), t.beside(whats[i], observed, left, t.Width-around))
	}
	switch {
	case undecided && seeds == 1:
		t.paragraph("  ", "~ one seed has no interval: other seeds may turn the verdict.")
	case undecided:
		t.paragraph("  ", "~ the interval reaches across the limit: other seeds may turn the verdict.")
	}
	if len(verdicts) > 0 {
		t.printf("")
	}
}

// claimPrefix says what became of a claim; thresholds need no word.
func claimPrefix(v result.Verdict) string {
	switch {
	case v.Kind == result.Threshold:
		return ""
	case v.Stat.N == 0:
		return "untested: "
	case v.Passed:
		return "not refuted: "
	}
	return "refuted: "
}

// metrics writes the table of headline metrics, in several parts where the
// variants do not fit side by side.
func (t *terminal) metrics(s *result.Set) {
	ids := shown(s, true)
	if len(ids) == 0 {
		t.printf("  No headline metric applies.")
		return
	}
	rows := make([][]string, 0, len(ids)+1)
	rows = append(rows, t.header(s))
	for _, id := range ids {
		row := []string{result.Metrics[id].Name}
		for _, v := range s.Variants {
			row = append(row, t.cell(compare(s, id, v.Name)))
		}
		rows = append(rows, row)
	}
	for i, part := range fit(rows, t.Width-1) {
		if i > 0 {
			t.printf("")
		}
		t.table(part)
	}
	t.paragraph("  ", legendOf(s))
	t.printf("")
}

// header names the columns of the table.
func (t *terminal) header(s *result.Set) []string {
	header := []string{"metric"}
	for _, v := range s.Variants {
		name := clean(v.Name)
		if v.Name == s.Baseline {
			name += " (baseline)"
		}
		header = append(header, t.plain(name))
	}
	return header
}

// cell is a mean, with the difference to the baseline on a second line.
func (t *terminal) cell(c comparison) string {
	text := t.plain(c.Text)
	if c.Change == "" {
		return text
	}
	code := map[sense]string{better: ansiGreen, worse: ansiRed}[c.Sense]
	if code == "" {
		code = ansiDim
	}
	return text + "\n" + t.paint(code, t.plain(c.Change))
}

// notes writes what a reader must know, and where to read on.
func (t *terminal) notes(s *result.Set) {
	if notes := s.AllNotes(); len(notes) > 0 {
		t.printf("  Notes")
		for _, n := range notes {
			t.paragraph("  • ", clean(n))
		}
		t.printf("")
	}
	if t.Dir != "" {
		t.printf("  Report: %s", strings.TrimRight(t.Dir, `/\`)+"/report.html")
	}
}

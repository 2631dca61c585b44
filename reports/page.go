package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the template of the page
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"io"
	"strings"

	"kinetoscope/sim/result"
)

//go:embed page.html
var pageSource string

//go:embed parts.html
var partsSource string

// parsePage is the template of a page, with the parts that all pages share.
func parsePage(name, source string) *template.Template {
	return template.Must(template.Must(template.New(name).Parse(partsSource)).Parse(source))
}

//go:embed page.js
var pageSteps string

// pageScript is what the page can do beyond being read. The comments let the
// page be read as XML too.
var pageScript = "//<![CDATA[\n" + pageSteps + "//]]>\n"

// pageScriptHash lets the page's policy allow this script and no other.
var pageScriptHash = func() string {
	sum := sha256.Sum256([]byte(pageScript))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}()

// pageTemplate escapes whatever a scenario may have named.
var pageTemplate = parsePage("page", pageSource)

// The page's template reads these.
type (
	page struct {
		Name, Title, Claim, Extent, Baseline string
		Class, Mark, Word, Outcome           string
		Verdicts                             []pageVerdict
		Variants                             []pageVariant
		Sample                               string
		Headlines, Others                    pageTable
		Figures                              []pageFigure
		Notes                                []string
		Definitions                          []result.Metric
		Command, Seeds, Version              string
		Inputs                               []result.Input
		Digest, Scenario                     string
		Script                               template.JS
		ScriptHash                           template.HTMLAttr
	}
	pageVerdict struct {
		Class, Mark, Word, Text, Observed string
		Undecided                         bool
	}
	pageVariant struct {
		Name, Doc string
		Chip      template.HTML // a piece of the variant's line, as in the plots
		Baseline  bool
		Alone     bool // there is no other
	}
	pageTable struct {
		Caption  string
		Variants []pageVariant
		Rows     []pageRow
	}
	pageRow struct {
		Metric *result.Metric
		Cells  []comparison
	}
	pageFigure struct {
		Name, Title, Caption string
		SVG                  template.HTML
		Alone                bool // no files lie beside the page
	}
)

// writePage writes report.html of a Set that is stamped: one file that needs no
// other and asks the network for nothing.
func writePage(w io.Writer, s *result.Set, figs []figure) error {
	verdicts := result.Check(s)
	p := page{
		Name: s.Name, Title: s.Title, Claim: s.Claim, Extent: extent(s), Baseline: s.Baseline,
		Outcome: outcome(verdicts), Class: "fail", Mark: "✗", Word: "Failed: ",
		Variants: pageVariants(s), Sample: sampling(s), Notes: s.AllNotes(),
		Command: ShellLine(s.Manifest.Command), Seeds: seedList(s.Seeds), Version: strings.TrimSpace(s.Manifest.Version + " " + s.Manifest.Go),
		Inputs: s.Manifest.Inputs, Digest: s.Manifest.Digest, Scenario: string(s.Scenario),
		Script: template.JS(pageScript), ScriptHash: template.HTMLAttr(pageScriptHash),
	}
	if result.Passed(verdicts) {
		p.Class, p.Mark, p.Word = "pass", "✓", "Passed: "
	}
	if len(verdicts) == 0 {
		p.Class, p.Mark, p.Word = "", "", ""
	}
	for _, v := range verdicts {
		p.Verdicts = append(p.Verdicts, verdictForPage(v))
	}
	p.Headlines, p.Others = pageTables(s, p.Variants)
	p.Figures = pageFigures(figs)
	for _, id := range shown(s, false) {
		p.Definitions = append(p.Definitions, result.Metrics[id])
	}
	return pageTemplate.Execute(w, p)
}

// pageFigures makes figures part of a page.
func pageFigures(figs []figure) (list []pageFigure) {
	for _, f := range figs {
		list = append(list, pageFigure{Name: f.name, Title: f.title, Caption: f.caption, SVG: inline(f)})
	}
	return list
}

// verdictForPage words one verdict.
func verdictForPage(v result.Verdict) pageVerdict {
	p := pageVerdict{Class: "fail", Mark: "✗", Text: v.Assertion.Text, Observed: minus(v.Observed), Undecided: !v.Decided && v.Stat.HasInterval()}
	words := map[result.Kind][2]string{result.Threshold: {"missed", "met"}, result.Claim: {"refuted by", "not refuted by"}}
	p.Word = words[v.Kind][0]
	if v.Passed {
		p.Class, p.Mark, p.Word = "pass", "✓", words[v.Kind][1]
	}
	if v.Stat.N == 0 {
		p.Word = "untested"
	}
	return p
}

// pageVariants is the variants with the look they have in the plots.
func pageVariants(s *result.Set) []pageVariant {
	var list []pageVariant
	for i, v := range s.Variants {
		list = append(list, pageVariant{v.Name, v.Doc, chip(i), v.Name == s.Baseline, len(s.Variants) == 1})
	}
	return list
}

// chip is a short piece of the i-th variant's line.
func chip(i int) template.HTML {
	style := variantLine(i)
	r, g, b, _ := style.Color.RGBA()
	var dashed []string
	for _, d := range style.Dashes {
		dashed = append(dashed, fmt.Sprint(float64(d)))
	}
	return template.HTML(fmt.Sprintf(`<svg class="chip" viewBox="0 0 30 8" aria-hidden="true"><path d="M1 4H29" stroke="#%02x%02x%02x" stroke-width="2.2" stroke-dasharray="%s"/></svg>`,
		r>>8, g>>8, b>>8, strings.Join(dashed, " ")))
}

// pageTables is the headline metrics and all others that apply.
func pageTables(s *result.Set, variants []pageVariant) (headlines, others pageTable) {
	compared := 0
	for _, id := range shown(s, false) {
		row := pageRow{Metric: &result.Metrics[id]}
		for _, v := range s.Variants {
			c := compare(s, id, v.Name)
			c.Text, c.Change, c.Relative = minus(c.Text), minus(c.Change), minus(c.Relative)
			row.Cells = append(row.Cells, c)
			if c.Change != "" {
				compared++
			}
		}
		if headline(s, id) {
			headlines.Rows = append(headlines.Rows, row)
		} else {
			others.Rows = append(others.Rows, row)
		}
	}
	caption := legendOf(s)
	if compared > 0 && len(s.Seeds) > 1 {
		caption += fmt.Sprintf(" The intervals of the %d differences on this page are not adjusted for their number: "+
			"where nothing changed, one in twenty still looks like a change.", compared)
	}
	headlines.Caption, others.Caption = caption, caption
	headlines.Variants, others.Variants = variants, variants
	return headlines, others
}

// sampling says what the sample is.
func sampling(s *result.Set) string {
	if len(s.Seeds) == 1 {
		return "One seed was run, so no number on this page has an interval (n=1). Run more seeds before believing a difference."
	}
	return fmt.Sprintf("Each variant was run on the same %d seeds. A seed fixes who arrives, from where, and what the network does, "+
		"so variants are compared seed by seed. The sample is the seeds, not the viewers of a run.", len(s.Seeds))
}

// inline makes the picture part of a page: no prolog, no name spaces, no fixed
// size, but a name for those who hear the page.
func inline(f figure) template.HTML {
	_, rest, _ := bytes.Cut(f.render(nil), []byte("<svg "))
	_, body, _ := bytes.Cut(rest, []byte(">"))
	label := html.EscapeString(f.title + ". " + f.caption)
	width, height := f.size()
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %g %g" font-family="%s" role="img" aria-label="%s">`, float64(width), float64(height), fonts, label) + string(body))
}

// minus sets the minus signs of numbers as such, and keeps together what is one
// number.
func minus(text string) string { return minusSigns.Replace(text) }

var minusSigns = strings.NewReplacer("-$", "−\u2060$", "-", "−", " ± ", "\u00a0±\u00a0")

// seedList is the seeds with commas.
func seedList(seeds []uint64) string {
	var list []string
	for _, seed := range seeds {
		list = append(list, fmt.Sprint(seed))
	}
	return strings.Join(list, ", ")
}

// ShellLine is a command as a POSIX shell takes it: words with a special
// character are put in quotes.
func ShellLine(args []string) string {
	var words []string
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \t\n\"'`$&|;<>()[]{}*?!#~\\") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

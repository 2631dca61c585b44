package result

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the generated pages in docs/reference")

// metricsPage is the generated reference page of the metrics.
const metricsPage = "../../docs/reference/metrics.md"

func TestMetricsPage(t *testing.T) {
	want := reference()
	if *update {
		if err := os.WriteFile(metricsPage, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(metricsPage)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the table says; run go test ./sim/result -update (%v)", metricsPage, err)
	}
}

// reference words the table of metrics.
func reference() []byte {
	var b bytes.Buffer
	b.WriteString(`<!-- Generated from sim/result/metrics.go by: go test ./sim/result -update -->
# Metrics

Every number that a run reports is one of these. The same names stand in
thresholds, in ` + "`results.txt`" + `, in the summary and in the plots.

A metric has one value for each run, that is for each variant and seed. Reports
print its mean over seeds with a 95 % interval (Student's t); viewers of one run
are never treated as independent samples. Variants are compared seed by seed.

- **Unit** is how an assertion writes a limit: ` + "`startup-p95[swarm] < 2s`" + `.
- **Better** says which way the metric improves; a dash means neither.
- Metrics marked † are taken within the measured window, where the scenario has a warm-up or a cool-down (` + "`measure`" + `):
  what happened in it, and how those started who came in it. All others are of the whole run.
- Names in bold are always shown in the terminal summary, others where a threshold or a refutation speaks of them; all are in ` + "`report.html`" + `.

| metric | unit | better | definition |
|---|---|---|---|
`)
	for i := range Metrics {
		m := &Metrics[i]
		name, better := "`"+m.Name+"`", m.Better.String()
		if m.Headline {
			name = "**" + name + "**"
		}
		if MetricID(i).Windowed() {
			name += " †"
		}
		if better == "" {
			better = "–"
		}
		fmt.Fprintf(&b, "| %s | %s, as in `%s` | %s | %s |\n", name, m.Unit, m.quantity().sample, better, m.Doc)
	}
	b.WriteString(assertionHelp)
	return b.Bytes()
}

const assertionHelp = `
## Assertions

A scenario judges its results by assertions of the form

` + "```" + `
metric[variant] op limit
metric[variant] op metric[variant]
metric[variant] op factor * metric[variant]
` + "```" + `

where op is one of ` + "`" + `< <= > >= ==` + "`" + ` and a limit carries its unit. Each entry under
` + "`thresholds`" + ` must hold for the run to pass; each entry under ` + "`refuted_if`" + ` refutes
the claim of the scenario where it holds. The mean over seeds decides. A verdict
is marked ` + "`~`" + ` where the interval reaches across the limit, so that other seeds
could turn it; with one seed every verdict is. Two metrics are compared by their
difference seed by seed.

` + "```" + `
rebuffer-ratio[swarm] <= 1%
startup-p95[swarm] < 2s
rebuffer-ratio[swarm] >= rebuffer-ratio[central]
bitrate[swarm] < 0.5 * bitrate[central]
` + "```" + `
`

// The assertions that the page shows must be ones that parse.
func TestAssertionsOfThePageParse(t *testing.T) {
	blocks := strings.Split(assertionHelp, "```")
	for _, line := range strings.Split(strings.TrimSpace(blocks[3]), "\n") {
		if _, err := ParseAssertion(line, []string{"swarm", "central"}); err != nil {
			t.Error(err)
		}
	}
	for i := range Metrics {
		q := Metrics[i].quantity()
		for _, sample := range strings.Split(q.sample, " or ") {
			if _, err := ParseAssertion(Metrics[i].Name+"[swarm] < "+sample, []string{"swarm"}); err != nil {
				t.Error(err)
			}
		}
	}
}

// The page about the run folder must name every file and every column.
func TestRunFolderPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/run-folder.md")
	if err != nil {
		t.Fatal(err)
	}
	missing := func(name string) {
		if !bytes.Contains(page, []byte("`"+name+"`")) {
			t.Errorf("docs/reference/run-folder.md does not explain %s", name)
		}
	}
	for _, f := range Files(&Set{}) {
		missing(f.Name)
	}
	for _, c := range rowColumns {
		missing(c.name)
	}
	for _, c := range timelineColumns {
		missing(c.name)
	}
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/sim/result"
)

// A compareCommand is what `kscope compare` and `kscope baseline check` share.
type compareCommand struct {
	rule           result.Rule
	junit, html    string
	plots          string
	json, markdown bool
	quiet          bool
}

func newCompare() *cobra.Command {
	var r compareCommand
	c := &cobra.Command{
		Use:   "compare BEFORE AFTER...",
		Short: "Say what changed between runs of the same scenario",
		Long: `Compare puts runs beside earlier ones, variant by variant and seed by seed. Where
the digests are equal, so are the results, and that is the end of it. Else it
says for every headline metric how much it changed, with a 95 % interval and a p
that is corrected for the number of tests, and ends with 1 if a metric became
worse by more than --min-effect.

BEFORE and AFTER are run folders, files in the format of results.txt, names of
stored baselines, or REVISION:FOLDER for what git keeps of a folder.`,
		Example: `  kscope compare before after
  kscope compare flash-crowd kscope-out/latest        against a stored baseline
  kscope compare main:baselines/gate gate             against what git has
  kscope compare before after --html changes.html     a page to read and to send
  kscope compare before after --metrics all --min-effect 2% --min-effect startup-p95=50ms`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return fmt.Errorf("compare takes two records or more, as in: kscope compare before after")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return r.run(c, args[0], args[1:]) },
	}
	r.flags(c)
	return c
}

// flags are those of every command that compares.
func (r *compareCommand) flags(c *cobra.Command) {
	r.rule = result.Rule{Level: 0.05, Least: 0.01}
	f := c.Flags()
	f.Func("min-effect", "the least `change` that counts: 2% for all metrics, METRIC=5% or METRIC=50ms for one (repeatable; default 1%)", r.rule.Set)
	f.Func("metrics", "test these `metrics`, with commas between, or all (default: the headlines)", r.setMetrics)
	f.Float64Var(&r.rule.Level, "level", 0.05, "how `probable` one false finding among all tests may be")
	f.BoolVar(&r.json, "json", false, "print the comparison as JSON")
	f.BoolVar(&r.markdown, "markdown", false, "print it as Markdown, for the summary of a CI job")
	f.StringVar(&r.junit, "junit", "", "write a test report to `file`, as JUnit XML")
	f.StringVar(&r.html, "html", "", "write a page with figures to `file`, which needs no other")
	f.StringVar(&r.plots, "plots", "", "write the figures of that page, with their numbers, into `folder`")
	f.BoolVarP(&r.quiet, "quiet", "q", false, "print nothing but errors")
	c.MarkFlagsMutuallyExclusive("json", "markdown", "quiet")
}

// setMetrics reads --metrics.
func (r *compareCommand) setMetrics(text string) error {
	if text == "all" {
		for i := range result.Metrics {
			r.rule.Metrics = append(r.rule.Metrics, result.MetricID(i))
		}
		return nil
	}
	for _, name := range strings.Split(text, ",") {
		id, err := result.FindMetric(strings.TrimSpace(name))
		if err != nil {
			return err
		}
		r.rule.Metrics = append(r.rule.Metrics, id)
	}
	return nil
}

// run is the path from records to a verdict.
func (r *compareCommand) run(c *cobra.Command, before string, after []string) error {
	if !(0 < r.rule.Level && r.rule.Level < 1) {
		return fmt.Errorf("--level: %v is no probability of a false finding: it lies between 0 and 1, as in 0.05", r.rule.Level)
	}
	first, err := open(before)
	if err != nil {
		return err
	}
	var rest []*result.Set
	for _, name := range after {
		s, err := open(name)
		if err != nil {
			return err
		}
		rest = append(rest, s)
	}
	found, err := result.Compare(first, rest, r.rule)
	if err != nil {
		return err
	}
	if err := r.tell(c.OutOrStdout(), found); err != nil {
		return err
	}
	if found.Regressed() {
		return errVerdict
	}
	return nil
}

// file writes what was found into the file that a flag names, if it does.
func (r *compareCommand) file(flag, name string, found *result.Comparison, write func(io.Writer, *result.Comparison) error) error {
	if name == "" {
		return nil
	}
	var text bytes.Buffer
	if err := write(&text, found); err != nil {
		return oursError{err}
	}
	if err := os.WriteFile(name, text.Bytes(), 0o666); err != nil {
		return fmt.Errorf("%s: %w: name a file where you may write", flag, err)
	}
	return nil
}

// drawInto writes figures into the folder of --plots.
func drawInto(folder string, files []result.File) error {
	if err := errors.Join(os.MkdirAll(folder, 0o777), result.Place(folder, files)); err != nil {
		return fmt.Errorf("--plots: %w: name a folder where you may write", err)
	}
	return nil
}

// tell writes what was found where it is wanted.
func (r *compareCommand) tell(out io.Writer, found *result.Comparison) error {
	err := errors.Join(r.file("--junit", r.junit, found, reports.ComparisonJUnit), r.file("--html", r.html, found, reports.ComparisonPage))
	if err == nil && r.plots != "" {
		err = drawInto(r.plots, reports.ComparisonPlots(found))
	}
	if err != nil {
		return err
	}
	switch {
	case r.json:
		err = reports.ComparisonJSON(out, found)
	case r.markdown:
		err = reports.ComparisonMarkdown(out, found)
	case !r.quiet:
		color, width := terminal(out)
		err = reports.Comparison(out, found, reports.Options{Color: color, Width: width})
	}
	if err != nil {
		return oursError{err}
	}
	return nil
}

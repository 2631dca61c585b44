package reports

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"kinetoscope/sim/result"
)

type jsonEffect struct {
	Metric     string         `json:"metric"`
	Unit       string         `json:"unit"`
	Better     string         `json:"better,omitempty"`
	Variant    string         `json:"variant"`
	In         string         `json:"in"` // the changed record
	Before     jsonStat       `json:"before"`
	After      jsonStat       `json:"after"`
	Change     jsonStat       `json:"change"`
	Relative   bool           `json:"relative"` // the change is a ratio less 1, not in the unit
	P          jsonNumber     `json:"p"`
	Adjusted   jsonNumber     `json:"p_holm"`
	Detectable jsonNumber     `json:"detectable"`
	Outcome    result.Outcome `json:"outcome"`
}

type jsonComparison struct {
	Scenario  string       `json:"scenario"`
	Before    string       `json:"before"`
	After     []string     `json:"after"`
	Passed    bool         `json:"passed"`
	Identical bool         `json:"identical"`
	Outcome   string       `json:"outcome"`
	Tests     int          `json:"tests"`
	Level     float64      `json:"level"`
	Effects   []jsonEffect `json:"effects"`
	Warnings  []string     `json:"warnings"`
}

// ComparisonJSON writes the comparison for machines, in base units. What is no
// number is null.
func ComparisonJSON(w io.Writer, c *result.Comparison) error {
	out := jsonComparison{Scenario: c.Before.Name, Before: c.Before.From, Passed: !c.Regressed(), Identical: c.Identical, Outcome: changes(c),
		Tests: c.Tests(), Level: c.Level, Effects: []jsonEffect{}, Warnings: append([]string{}, c.Warnings...)}
	for _, s := range c.After {
		out.After = append(out.After, s.From)
	}
	for _, e := range c.Effects {
		m := &result.Metrics[e.Metric]
		out.Effects = append(out.Effects, jsonEffect{Metric: m.Name, Unit: m.Unit, Better: m.Better.String(), Variant: e.Variant, In: c.After[e.After].From,
			Before: forJSON(e.Before), After: forJSON(e.Now), Change: forJSON(e.Change), Relative: e.Ratio, P: jsonNumber(e.P),
			Adjusted: jsonNumber(e.Adjusted), Detectable: jsonNumber(e.Detectable), Outcome: e.Outcome})
	}
	return indented(w, out)
}

// indented writes JSON for machines that people read too.
func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// ComparisonJUnit writes the comparison as a test report that CI systems show:
// a suite for each changed record, a case for each metric of each variant,
// failed where it became worse.
func ComparisonJUnit(w io.Writer, c *result.Comparison) error {
	var all junit.Testsuites
	all.Name = c.Before.Name
	for i, s := range c.After {
		suite := junit.Testsuite{Name: s.From}
		suite.AddProperty("before", c.Before.From)
		suite.AddProperty("outcome", changes(c))
		for _, e := range c.Effects {
			if e.After == i {
				suite.AddTestcase(junitCase(c, &e))
			}
		}
		if c.Identical {
			suite.AddTestcase(junit.Testcase{Classname: c.Before.Name, Name: "digest"})
		}
		all.AddSuite(suite)
	}
	return all.WriteXML(w)
}

// junitCase is one effect as a test.
func junitCase(c *result.Comparison, e *result.Effect) junit.Testcase {
	m := &result.Metrics[e.Metric]
	test := junit.Testcase{Classname: c.Before.Name + "." + e.Variant, Name: m.Name}
	text := fmt.Sprintf("%s, from %s to %s, p %s", changeText(e), m.StatText(e.Before), m.StatText(e.Now), pText(e))
	if e.Outcome == result.Worsened || e.Outcome == result.Vanished {
		test.Failure = &junit.Result{Message: string(e.Outcome) + ": " + text, Type: string(e.Outcome)}
		return test
	}
	test.SystemOut = &junit.Output{Data: string(e.Outcome) + ": " + text}
	return test
}

package reports

import (
	"encoding/json"
	"io"
	"math"

	"kinetoscope/sim/result"
)

// A jsonNumber is a float that JSON can hold: NaN becomes null.
type jsonNumber float64

// MarshalJSON writes null for what is no number.
func (n jsonNumber) MarshalJSON() ([]byte, error) {
	if f := float64(n); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return json.Marshal(f)
	}
	return []byte("null"), nil
}

type jsonStat struct {
	N    int        `json:"n"`
	Mean jsonNumber `json:"mean"`
	Lo   jsonNumber `json:"lo95"`
	Hi   jsonNumber `json:"hi95"`
}

type jsonVerdict struct {
	Kind      result.Kind `json:"kind"`
	Assertion string      `json:"assertion"`
	Passed    bool        `json:"passed"`
	Decided   bool        `json:"decided"`
	Observed  string      `json:"observed"`
	Stat      jsonStat    `json:"compared"`
}

type jsonValue struct {
	Variant string       `json:"variant"`
	Stat    jsonStat     `json:"stat"`
	Seeds   []jsonNumber `json:"seeds"`
	Delta   *jsonStat    `json:"delta,omitempty"` // to the baseline, paired by seed
	Ratio   *jsonNumber  `json:"ratio,omitempty"` // of the means
}

type jsonMetric struct {
	Name   string      `json:"name"`
	Unit   string      `json:"unit"`
	Better string      `json:"better,omitempty"`
	Values []jsonValue `json:"values"`
}

type jsonSummary struct {
	Scenario string        `json:"scenario"`
	Title    string        `json:"title"`
	Claim    string        `json:"claim,omitempty"`
	Passed   bool          `json:"passed"`
	Outcome  string        `json:"outcome"`
	Verdicts []jsonVerdict `json:"verdicts"`
	Baseline string        `json:"baseline,omitempty"`
	Variants []string      `json:"variants"`
	Seeds    []uint64      `json:"seeds"`
	Seconds  float64       `json:"stream_seconds"`
	Metrics  []jsonMetric  `json:"metrics"`
	Notes    []string      `json:"notes"`
	Version  string        `json:"version"`
	Digest   string        `json:"digest"`
}

// JSON writes the summary for machines: verdicts, then every metric that
// applies with its intervals, seeds and differences in base units. What is no
// number is null.
func JSON(w io.Writer, s *result.Set) error {
	s.Stamp()
	verdicts := result.Check(s)
	out := jsonSummary{Scenario: s.Name, Title: s.Title, Claim: s.Claim, Passed: result.Passed(verdicts), Outcome: outcome(verdicts),
		Verdicts: []jsonVerdict{}, Baseline: s.Baseline, Variants: s.VariantNames(), Seeds: s.Seeds, Seconds: s.Duration.Seconds(),
		Metrics: []jsonMetric{}, Notes: append([]string{}, s.AllNotes()...), Version: s.Manifest.Version, Digest: s.Manifest.Digest}
	for _, v := range verdicts {
		out.Verdicts = append(out.Verdicts, jsonVerdict{v.Kind, v.Assertion.Text, v.Passed, v.Decided, v.Observed, forJSON(v.Stat)})
	}
	for _, id := range shown(s, false) {
		out.Metrics = append(out.Metrics, metricForJSON(s, id))
	}
	return indented(w, out)
}

// metricForJSON is one metric of all variants.
func metricForJSON(s *result.Set, id result.MetricID) jsonMetric {
	m := &result.Metrics[id]
	out := jsonMetric{Name: m.Name, Unit: m.Unit, Better: m.Better.String()}
	for _, v := range s.Variants {
		c := compare(s, id, v.Name)
		value := jsonValue{Variant: v.Name, Stat: forJSON(c.Stat)}
		for _, x := range s.Values(id, v.Name) {
			value.Seeds = append(value.Seeds, jsonNumber(x))
		}
		if c.Change != "" {
			delta, ratio := forJSON(c.Delta.Stat), jsonNumber(c.Delta.Ratio)
			value.Delta, value.Ratio = &delta, &ratio
		}
		out.Values = append(out.Values, value)
	}
	return out
}

// forJSON is a Stat that JSON can hold.
func forJSON(s result.Stat) jsonStat {
	return jsonStat{s.N, jsonNumber(s.Mean), jsonNumber(s.Lo), jsonNumber(s.Hi)}
}

package main

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"kinetoscope/datasets/catalogue"
	"kinetoscope/datasets/generate"
	"kinetoscope/reports"
)

// modelSeries are forty series or more of a generator, as numbers.
func modelSeries(m *generate.Model) (all [][]float64) {
	seeds := map[string]uint64{"fees": 120}[m.Kind] // these forget so slowly that it takes many
	for seed := range max(seeds, 40) {
		var xs []float64
		switch m.Kind {
		case "rates":
			for _, s := range m.Rates(seed, generate.Length) {
				xs = append(xs, float64(s.Down))
			}
		case "times":
			for _, d := range m.Times(seed, generate.Length) {
				xs = append(xs, d.Seconds())
			}
		case "arrivals":
			for _, at := range m.Arrivals(seed, generate.Length) {
				xs = append(xs, float64(at)/1e9)
			}
		case "fees":
			for _, wei := range m.Fees(seed, generate.Length) {
				x, _ := new(big.Float).SetInt(wei).Float64()
				xs = append(xs, x)
			}
		}
		all = append(all, xs)
	}
	return all
}

// modelMatch puts the distribution and the correlation of rates beside those of
// the real set.
func modelMatch(m *generate.Model, series [][]float64) []reports.Match {
	rates, shares := m.Quantiles()
	var total, below []float64
	n := 0
	for i, r := range rates {
		count := 0
		for _, s := range series {
			n += len(s) * (1 - min(i, 1))
			for _, x := range s {
				if x <= r {
					count++
				}
			}
		}
		below = append(below, float64(count)/float64(n))
		total = append(total, math.Log10(r/1e6))
	}
	made := generate.Sum(series)
	lags := []float64{1, 10, 60, 300}
	return []reports.Match{
		{Real: reports.Panel{X: "log10 of Mbit/s", Y: m.Name + ": share of seconds with less", Xs: total, Ys: shares}, Made: reports.Panel{Xs: total, Ys: below}},
		{Real: reports.Panel{X: "seconds apart", Y: m.Name + ": autocorrelation", Xs: lags, Ys: []float64{m.Moments.Lag1, m.Moments.Lag10, m.Moments.Lag60, m.Moments.Lag300}}, Made: reports.Panel{Xs: lags, Ys: []float64{made.Lag1, made.Lag10, made.Lag60, made.Lag300}}, Marks: true},
	}
}

// modelRow is the line of a table: real beside generated.
func modelRow(m *generate.Model, made generate.Moments) string {
	scale, unit := 1e6, "Mbit/s"
	switch m.Kind {
	case "times", "arrivals":
		scale, unit = 1, "s"
	case "fees":
		scale, unit = 1e9, "gwei"
	}
	both := func(real, made float64) string { return fmt.Sprintf("%.3g / %.3g", real/scale, made/scale) }
	r := m.Moments
	lags := "-"
	if m.Kind == "rates" || m.Kind == "fees" {
		lags = fmt.Sprintf("%.2f / %.2f, %.2f / %.2f, %.2f / %.2f, %.2f / %.2f", r.Lag1, made.Lag1, r.Lag10, made.Lag10, r.Lag60, made.Lag60, r.Lag300, made.Lag300)
	}
	cite := m.Source
	if s, err := catalogue.Find(m.Source); err == nil {
		cite = fmt.Sprintf("`%s`: %s", m.Source, s.Cite)
	}
	return fmt.Sprintf("| `generated/%s` | %s | %s | %s | %s | %s | %s | %s | %s |\n", m.Name, unit, both(r.Mean, made.Mean), both(r.SD, made.SD), both(r.P10, made.P10), both(r.P50, made.P50), both(r.P90, made.P90), lags, cellOf(cite))
}

// tableRows are the lines of tables without chance.
func tableRows() string {
	var b strings.Builder
	for _, m := range generate.Models() {
		what := ""
		switch m.Kind {
		case "matrix":
			what = fmt.Sprintf("round-trip times between %s; for `network.latency`", strings.Join(m.Matrix().Places, ", "))
		case "ladder":
			each, names, sizes := m.Ladder()
			what = fmt.Sprintf("%d renditions of %d segments of %v; for `video.dataset`", len(names), len(sizes[0]), each)
		default:
			continue
		}
		s, err := catalogue.Find(m.Source)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "| `generated/%s` | %s | `%s`: %s |\n", m.Name, what, m.Source, cellOf(s.Cite))
	}
	return b.String()
}

// lawRows are the lines of laws that were transcribed.
func lawRows() string {
	var b strings.Builder
	for _, m := range generate.Models() {
		if m.Transcribed {
			l := m.Law()
			fmt.Fprintf(&b, "| `generated/%s` | %s | %v | %g | %.3g | %.3g | %.3g | %s |\n", m.Name, l.Law, l.Scale, l.Shape, m.Moments.P10, m.Moments.P50, m.Moments.P90, cellOf(m.Source))
		}
	}
	return b.String()
}

// exponentRows are the lines of how unequal things are watched.
func exponentRows() string {
	var b strings.Builder
	for _, e := range generate.Exponents() {
		fmt.Fprintf(&b, "| %s | %g | %g to %g | `%s` |\n", e.What, e.Value, e.Low, e.High, e.Source)
	}
	return b.String()
}

// TestModelsPage keeps docs/explanation/datasets.md and its picture what the
// generators give.
func TestModelsPage(t *testing.T) {
	var table strings.Builder
	var rows [][]reports.Match
	for _, m := range generate.Models() {
		if m.Transcribed || m.Kind == "matrix" || m.Kind == "ladder" {
			continue
		}
		series := modelSeries(&m)
		sum := generate.Sum(series)
		if m.Kind == "fees" { // those of a fee are of its logarithm
			for _, s := range series {
				for i := range s {
					s[i] = math.Log(s[i])
				}
			}
			logs := generate.Sum(series)
			sum.Lag1, sum.Lag10, sum.Lag60, sum.Lag300 = logs.Lag1, logs.Lag10, logs.Lag60, logs.Lag300
		}
		table.WriteString(modelRow(&m, sum))
		if m.Kind == "rates" {
			rows = append(rows, modelMatch(&m, series))
		}
	}
	var picture bytes.Buffer
	if err := reports.Matches("datasets.svg", "Rates of a second: shares of all seconds up to the rate, and correlation of seconds so far apart, with forty series of an hour each. Real: at the bounds of the levels, and at 1, 10, 60 and 300 s.", rows).Write(&picture); err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf(modelsPage, table.String(), tableRows(), lawRows(), exponentRows())
	for name, want := range map[string]string{"docs/explanation/datasets.md": page, "docs/explanation/datasets.svg": picture.String()} {
		if *update {
			if err := os.WriteFile(abs(t, name), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(abs(t, name))
		if err != nil || string(got) != want {
			t.Errorf("%s is not what the generators give: run go test ./cmd/kscope -update (%v)", name, err)
		}
	}
}

const modelsPage = "<!-- Generated from the program by: go test ./cmd/kscope -update -->\n" + `# Real data and generated data

A scenario takes recorded data wherever a series or a law is due, by ` + "`dataset: NAME`" + `:
the trace of an access class, ` + "`network.latency`, `population.session`, `off` and `gaps`, `population.dataset`" + ` (arrivals),
` + "`ledger.fees`, and `video.dataset`" + ` (sizes of segments). NAME is one of

- a set of the catalogue, or a file of one, such as ` + "`bw-oboe`" + `: ` + "`kscope datasets list`" + ` names them, ` + "`pull`" + ` gets them with proof;
- a path, of any file that ` + "`kscope datasets inspect`" + ` reads;
- ` + "`generated/NAME`" + `, made up by a model that was fitted to a real set: nothing has to be there.

What the data cannot say stands behind a question mark: ` + "`rates.csv?unit=Mbit/s&step=1s`" + `. ` + "`scale=0.5`" + ` multiplies,
` + "`up=0.1`" + ` makes the way up of the way down where it was not measured, ` + "`part=2`" + ` takes one trace of several,
` + "`every=12s`" + ` gives each value a length, ` + "`seed=7`" + ` makes another series. A trace repeats as ` + "`loop`" + ` says, and with
` + "`offset: true`" + ` each endpoint begins at a time of its own, from its own random stream.
The report names each set with format, SHA-256, licence and repairs; what was made of it is in the scenario that is
kept beside the results, so that the run can be repeated without the file.

## How near the generated is

Rates are a Markov chain, a step a second: an outage, and fourteen levels between quantiles of the real rates; two slower
chains, of regimes of twenty seconds and of stages of two minutes, say what lasts longer; for 3G, whose rides differ as wholes, the
stages follow each other as in one of the recorded rides. Times are tables of eighteen quantiles, log-linear between them.
Arrivals have the weights of the hours of a day. Fees have the quantiles of the real ones, a step a day; what moves them is
a slow and a fast part, each of which goes back to its mean by itself.
Each cell is real / generated; a test holds them together.

![Distributions and correlations, real and generated](datasets.svg)

| generator | unit | mean | standard deviation | p10 | median | p90 | correlation at 1, 10, 60, 300 s (days, of the logarithm) | fitted to |
|---|---|---|---|---|---|---|---|---|
%s
What does not agree: correlation at five minutes is too small for 5G and Wi-Fi, whose recordings are mostly shorter than that;
the fastest tenth of 3G begins a quarter above the recorded one, as rides are played from end to end and back;
uptimes are those of nine years of records, which end every uptime;
the fees of ten years are one law here, though they came in epochs. ` + "`wifi`" + ` and ` + "`5g`" + ` were recorded by players and
downloads: they are rates that were reached, not capacity. Who studies what hangs on any of these takes the
recorded set itself.

## Tables

Figures without chance, transcribed from public sets, so that they are there without a file; a test holds them to the sets.

| name | what | from |
|---|---|---|
%s
## Laws and exponents that others have published

Laws of times, by name wherever a law takes a ` + "`dataset`" + `; quantiles in s.

| name | law | scale | shape | p10 | median | p90 | source |
|---|---|---|---|---|---|---|---|
%s
Exponents for ` + "`catalogue.exponent`" + ` and ` + "`economy.popularity`" + `, by least squares on the logarithms of rank and viewers of a set.

| what is watched | exponent | range | set |
|---|---|---|---|
%s`

package result

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"
)

// WriteBench writes results.txt: the Go benchmark format, one line for each
// run, so that benchstat reads it. A metric that does not apply is left out of
// the line, and a run without any metric has no line.
func WriteBench(w io.Writer, s *Set) error {
	if _, err := io.WriteString(w, benchHint); err != nil {
		return err
	}
	bw := benchfmt.NewWriter(w)
	for id := range Metrics {
		m := &Metrics[id]
		if m.Better == Neutral || !s.Applies(MetricID(id)) {
			continue
		}
		unit := &benchfmt.UnitMetadata{OrigUnit: m.BenchUnit(), Value: m.Better.String()}
		unit.Key = "better"
		if err := bw.Write(unit); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	config := benchConfig(s)
	for _, r := range s.Runs {
		res := &benchfmt.Result{Config: config, Name: benchName(s.Name, r), Iters: 1, Values: benchValues(r)}
		if len(res.Values) == 0 {
			continue
		}
		if err := bw.Write(res); err != nil {
			return err
		}
	}
	return nil
}

const benchHint = `# One line for each variant and seed. Compare variants with
#   benchstat -col /variant -ignore /seed results.txt
# and two records with
#   benchstat -ignore /seed,digest,version before/results.txt after/results.txt
`

// benchConfig is what holds for all runs of the Set.
func benchConfig(s *Set) []benchfmt.Config {
	config := []benchfmt.Config{
		{Key: "scenario", Value: []byte(oneLine(s.Name)), File: true},
		{Key: "digest", Value: []byte(s.digest()), File: true},
	}
	if v := oneLine(s.Manifest.Version); v != "" {
		config = append(config, benchfmt.Config{Key: "version", Value: []byte(v), File: true})
	}
	return config
}

// benchValues is what applies to a run, in the order of Metrics.
func benchValues(r *Run) []benchfmt.Value {
	var values []benchfmt.Value
	for id, v := range r.Values {
		if !math.IsNaN(v) {
			values = append(values, benchfmt.Value{Value: v, Unit: Metrics[id].BenchUnit()})
		}
	}
	return values
}

// benchName is FlashCrowd/variant=swarm/seed=3 for the scenario flash-crowd.
func benchName(scenario string, r *Run) benchfmt.Name {
	var name strings.Builder
	up := true
	for _, c := range benchWord(scenario) {
		if c == '-' {
			up = true
			continue
		}
		if up {
			c = unicode.ToUpper(c)
		}
		up = false
		name.WriteRune(c)
	}
	return fmt.Appendf(nil, "%s/variant=%s/seed=%d", name.String(), benchWord(r.Variant), r.Seed)
}

// benchWord replaces what would end a part of a benchmark name.
func benchWord(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.IsControl(c) || c == '/' {
			return '_'
		}
		return c
	}, s)
}

// oneLine keeps a configuration value on its line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ReadBench reads what WriteBench wrote into a Set without viewers, timelines
// and scenario: variants and seeds in the order of the file, each run with the
// values that its line has, and of the Manifest version and digest. Units it
// does not know are skipped, as a newer version may have added them. An error
// says where the text, from a file of this name, is no such record.
func ReadBench(r io.Reader, from string) (*Set, error) {
	s := &Set{From: from}
	ids := map[string]MetricID{}
	for i := range Metrics {
		ids[Metrics[i].BenchUnit()] = MetricID(i)
	}
	var runs []*Run
	br := benchfmt.NewReader(r, from)
	for br.Scan() {
		switch rec := br.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, rec
		case *benchfmt.Result:
			run, err := benchRun(rec, ids)
			if err != nil {
				return nil, err
			}
			if err := s.describe(rec, len(runs) == 0); err != nil {
				return nil, err
			}
			runs = append(runs, run)
		}
	}
	if err := br.Err(); err != nil {
		return nil, err
	}
	if err := gather(s, runs); err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return s, s.Validate()
}

// describe takes what a line says of all runs, which must be the same in every
// line.
func (s *Set) describe(rec *benchfmt.Result, first bool) error {
	name, digest := rec.GetConfig("scenario"), rec.GetConfig("digest")
	if first {
		s.Name, s.Manifest.Digest, s.Manifest.Version = name, digest, rec.GetConfig("version")
	}
	if name != s.Name || digest != s.Manifest.Digest {
		file, line := rec.Pos()
		return fmt.Errorf("%s:%d: a run of %s, digest %q, among runs of %s, digest %q: compare one record at a time", file, line, name, digest, s.Name, s.Manifest.Digest)
	}
	return nil
}

// benchRun takes one line apart.
func benchRun(rec *benchfmt.Result, ids map[string]MetricID) (*Run, error) {
	run := &Run{Values: NewValues()}
	_, parts := rec.Name.Parts()
	for _, part := range parts {
		key, value, _ := bytes.Cut(part, []byte("="))
		switch string(key) {
		case "/variant":
			run.Variant = string(value)
		case "/seed":
			seed, err := strconv.ParseUint(string(value), 10, 64)
			if err != nil {
				file, line := rec.Pos()
				return nil, fmt.Errorf("%s:%d: seed %q is no whole number", file, line, value)
			}
			run.Seed = seed
		}
	}
	for _, v := range rec.Values {
		if id, ok := ids[v.Unit]; ok {
			run.Values[id] = v.Value
		}
	}
	return run, nil
}

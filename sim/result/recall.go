package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// Recall reads all of a run folder: every run with its viewers, timeline, money
// and notes, each checked against the digest that the manifest has of it. What
// the scenario says (title, claim, marks, assertions) is for the caller to fill
// in. From is the name as it is shown; errors name the file.
func Recall(folder fs.FS, from string) (*Set, error) {
	s := &Set{From: from}
	fail := func(name string, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w: name a run folder, with all its files", path.Join(from, name), reason(err))
		}
		return fmt.Errorf("%s: %w", path.Join(from, name), reason(err))
	}
	text, err := fs.ReadFile(folder, manifestName)
	if err == nil {
		err = json.Unmarshal(text, &s.Manifest)
	}
	if err != nil {
		return nil, fail(manifestName, err)
	}
	if s.Scenario, err = fs.ReadFile(folder, scenarioName); err != nil {
		return nil, fail(scenarioName, err)
	}
	m := &s.Manifest
	s.Name, s.Baseline, s.Seeds, s.Notes = m.Scenario, m.Baseline, m.Seeds, m.Notes
	for _, name := range m.Variants {
		s.Variants = append(s.Variants, Variant{Name: name})
	}
	for _, r := range m.Runs {
		s.Runs = append(s.Runs, &Run{Variant: r.Variant, Seed: r.Seed, Values: NewValues()})
	}
	for _, t := range tables() {
		name := tablePath(t.name)
		text, err := fs.ReadFile(folder, name)
		if err == nil {
			err = t.read(bytes.NewReader(text), int64(len(text)), &roll{runs: s.Runs})
		}
		if err != nil {
			return nil, fail(name, err)
		}
	}
	for i, r := range s.Runs {
		if r.Seal(); r.Digest != m.Runs[i].Digest {
			return nil, fmt.Errorf("%s: variant %s, seed %d is not what the manifest has: digest %.12s instead of %.12s: a file was changed, or this version of kscope counts other things; kscope verify tells which",
				from, r.Variant, r.Seed, r.Digest, m.Runs[i].Digest)
		}
	}
	return s, s.Validate()
}

// WriteMetrics writes metrics.json: for each variant each metric that applies,
// its mean over seeds, the interval of that, and how many seeds there were. It
// is laid out as tools that keep track of experiments read it.
func WriteMetrics(w io.Writer, s *Set) error {
	type entry struct {
		Unit string   `json:"unit"`
		Mean float64  `json:"mean"`
		Low  *float64 `json:"low,omitempty"`
		High *float64 `json:"high,omitempty"`
		N    int      `json:"n"`
	}
	all := map[string]map[string]entry{} // written in the order of their names
	for _, v := range s.Variants {
		all[v.Name] = map[string]entry{}
		for id := range Metrics {
			st := s.Summary(MetricID(id), v.Name)
			if st.N == 0 {
				continue
			}
			e := entry{Unit: Metrics[id].Unit, Mean: st.Mean, N: st.N}
			if st.HasInterval() {
				e.Low, e.High = &st.Lo, &st.Hi
			}
			all[v.Name][Metrics[id].Name] = e
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

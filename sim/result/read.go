package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// Read takes what comparisons need from a run folder: the values of every run,
// the manifest and the scenario. Viewers, timelines and notes stay in the
// folder. A name that ends in results.txt, or is any other file in its format,
// is read alone. From is the name as it is shown; errors name the file.
func Read(files fs.FS, name, from string) (*Set, error) {
	file, folder := name, ""
	if info, err := fs.Stat(files, name); err != nil {
		return nil, fmt.Errorf("%s: %w: name a run folder or a results.txt", from, reason(err))
	} else if info.IsDir() {
		file, folder = path.Join(name, resultsName), name
	}
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, fmt.Errorf("%s: it has no %s: %w: name a run folder or a results.txt", from, resultsName, reason(err))
	}
	s, err := ReadBench(bytes.NewReader(text), from)
	if err != nil || folder == "" {
		return s, err
	}
	if s.Scenario, err = fs.ReadFile(files, path.Join(folder, scenarioName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	manifest, err := fs.ReadFile(files, path.Join(folder, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	digest := s.Manifest.Digest
	if err == nil {
		err = json.Unmarshal(manifest, &s.Manifest)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", from, manifestName, err)
	}
	if s.Manifest.Digest != digest {
		return nil, fmt.Errorf("%s: %s and %s are not of the same runs: one of them was changed", from, resultsName, manifestName)
	}
	return s, nil
}

// Kept is the files of a run folder that Read reads: the first is needed, the
// others make more of it.
func Kept() []string { return []string{resultsName, manifestName, scenarioName} }

// reason is an error of the file system without the path, which was said.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// gather makes a Set of runs in the order of a file: every variant must have
// run on every seed, once.
func gather(s *Set, runs []*Run) error {
	for _, r := range runs {
		if s.variant(r.Variant) < 0 {
			s.Variants = append(s.Variants, Variant{Name: r.Variant})
		}
		if !slices.Contains(s.Seeds, r.Seed) {
			s.Seeds = append(s.Seeds, r.Seed)
		}
	}
	if len(runs) == 0 {
		return errors.New("there is no run in it")
	}
	if want := len(s.Variants) * len(s.Seeds); want != len(runs) {
		return fmt.Errorf("%d runs for %d variants on %d seeds: every variant must have run on every seed, once", len(runs), len(s.Variants), len(s.Seeds))
	}
	s.Runs = make([]*Run, len(runs))
	for _, r := range runs {
		at := &s.Runs[s.variant(r.Variant)*len(s.Seeds)+slices.Index(s.Seeds, r.Seed)]
		if *at != nil {
			return fmt.Errorf("variant %s, seed %d stands in it twice", r.Variant, r.Seed)
		}
		*at = r
	}
	return nil
}

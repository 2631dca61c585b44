package result

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// A File is one file of a run folder and how to write it.
type File struct {
	Name  string // slash-separated path below the folder
	Write func(io.Writer) error
}

// Files of the record that are read again. By its manifest a run folder is
// known.
const (
	manifestName = "manifest.json"
	resultsName  = "results.txt"
	scenarioName = "scenario.yaml"
)

// ErrOccupied says that the folder to write to holds something other than a
// run, which nobody asked to lose.
var ErrOccupied = errors.New("exists and is no run folder")

// Files is the record of a Set: everything but pictures and pages.
func Files(s *Set) []File {
	files := []File{
		{resultsName, func(w io.Writer) error { return WriteBench(w, s) }},
		{"rows.csv", func(w io.Writer) error { return WriteRows(w, s) }},
		{"timeline.csv", func(w io.Writer) error { return WriteTimeline(w, s) }},
		{scenarioName, func(w io.Writer) error { _, err := w.Write(s.Scenario); return err }},
		{manifestName, func(w io.Writer) error { return WriteManifest(w, s) }},
		{"metrics.json", func(w io.Writer) error { return WriteMetrics(w, s) }},
	}
	for _, t := range tables() {
		files = append(files, File{tablePath(t.name), func(w io.Writer) error { return t.write(w, s) }})
	}
	return append(files, File{"classes.csv", func(w io.Writer) error { return WriteClasses(w, s) }})
}

// tablePath is where a run folder keeps a table.
func tablePath(name string) string { return dataName + "/" + name + ".parquet" }

// Write stamps the Set and puts its Files, and more, into the folder dir. It
// writes beside dir and renames at the end, so that dir never holds half a
// run: on an error what was there stays. An older run in dir is replaced;
// anything else in it is ErrOccupied.
func Write(dir string, s *Set, more ...File) error {
	if err := s.Validate(); err != nil {
		return err
	}
	s.Stamp()
	if err := Replaceable(dir); err != nil {
		return err
	}
	return replace(dir, Crated(s, append(Files(s), more...)))
}

// replace writes files beside dir and then takes its place.
func replace(dir string, files []File) error {
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, ".kscope-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	fresh := filepath.Join(temp, "new")
	for _, f := range files {
		if err := writeFile(filepath.Join(fresh, filepath.FromSlash(f.Name)), f.Write); err != nil {
			return err
		}
	}
	old := filepath.Join(temp, "old")
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return nil
}

// Place puts files into the folder dir beside what else is there. Each is
// written beside its name and renamed, so that the name never has half a file.
func Place(dir string, files []File) error {
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		temp := filepath.Join(filepath.Dir(name), ".tmp-"+filepath.Base(name))
		if err := writeFile(temp, f.Write); err != nil {
			return errors.Join(err, os.Remove(temp))
		}
		if err := os.Rename(temp, name); err != nil {
			return errors.Join(err, os.Remove(temp))
		}
	}
	return nil
}

// Replaceable says why a run must not be written over dir: nil if dir is absent,
// empty or the folder of an older run and nothing else, an error that is
// ErrOccupied if it holds what no run writes.
func Replaceable(dir string) error {
	const advice = "name a new folder, an empty one or an older run"
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is no folder: %s", dir, advice)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return err
	}
	why := isManifest(filepath.Join(dir, manifestName))
	if why == "" {
		if why, err = foreign(dir); err != nil {
			return err
		}
	}
	if why == "" {
		return nil
	}
	return fmt.Errorf("%s %w (%s): %s", dir, ErrOccupied, why, advice)
}

// Keep copies what Read reads of a run folder into the folder dir, which holds
// nothing else afterwards. It refuses a dir with anything else in it.
func Keep(dir string, folder fs.FS) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", dir, reason(err))
	}
	for _, e := range entries {
		if !slices.Contains(Kept(), e.Name()) {
			return fmt.Errorf("%s %w (%s is no file of a record): name another", dir, ErrOccupied, e.Name())
		}
	}
	var files []File
	for _, name := range Kept() {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		files = append(files, File{name, func(w io.Writer) error { _, err := w.Write(text); return err }})
	}
	return replace(dir, files)
}

// isManifest says why a file is not the manifest of a run, or nothing.
func isManifest(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "it has no " + manifestName
	}
	var m Manifest
	if json.Unmarshal(text, &m) != nil || len(m.Digest) != 2*sha256.Size || len(m.Runs) == 0 {
		return "its " + manifestName + " is not of a run"
	}
	return ""
}

// Folders of a run folder, and the page that package reports adds to it.
const (
	dataName  = "data"
	plotsName = "plots"
	pageName  = "report.html"
)

// foreign says what in a run folder no run writes, or nothing.
func foreign(dir string) (why string, err error) {
	known := map[string]bool{".": true, dataName: true, plotsName: true, pageName: true, crateName: true}
	for _, f := range Files(&Set{}) {
		known[f.Name] = true
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		folder := name == "." || name == dataName || name == plotsName
		switch {
		case err != nil:
			return err
		case e.IsDir() == folder && (folder || e.Type().IsRegular()) && (known[name] || isPlot(name)):
			return nil
		}
		why = "no run writes its " + name
		return fs.SkipAll
	})
	return why, err
}

// isPlot says whether a run folder may hold a picture or its data by this name.
func isPlot(name string) bool {
	return path.Dir(name) == plotsName && slices.Contains([]string{".svg", ".csv", ".png", ".pdf"}, path.Ext(name))
}

// writeFile creates one file and the folders above it.
func writeFile(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

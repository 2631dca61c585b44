package sweep

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"kinetoscope/sim/result"
)

// A Store is a folder of runs, each in a file named by its ID.
type Store struct{ Dir string }

func (s Store) path(id string) string { return filepath.Join(s.Dir, id+".run") }

// Has reports whether the run is there.
func (s Store) Has(id string) bool {
	_, err := os.Stat(s.path(id))
	return err == nil
}

// Missing is the tasks whose runs are not there.
func (s Store) Missing(tasks []Task) (missing []Task) {
	for _, t := range tasks {
		if !s.Has(t.ID) {
			missing = append(missing, t)
		}
	}
	return missing
}

// Put keeps a run that is sealed. It writes beside the name, flushes and
// renames, so that the name never has half a run; a run that is there already
// is replaced by the same.
func (s Store) Put(id string, r *result.Run) error {
	var text bytes.Buffer
	zip, err := gzip.NewWriterLevel(&text, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := errors.Join(gob.NewEncoder(zip).Encode(r), zip.Close()); err != nil {
		return err
	}
	if err := os.MkdirAll(s.Dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.Dir, ".tmp-"+id+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing, once it has its name
	_, err = f.Write(text.Bytes())
	// Temporary files are for their owner alone; others read the results.
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path(id))
}

// Get reads a run and checks its digest. An error is fs.ErrNotExist where there
// is none, and says which file was damaged where there is.
func (s Store) Get(id string) (*result.Run, error) {
	text, err := os.ReadFile(s.path(id))
	if err != nil {
		return nil, err
	}
	r := &result.Run{}
	zip, err := gzip.NewReader(bytes.NewReader(text))
	if err == nil {
		err = gob.NewDecoder(zip).Decode(r)
	}
	if err == nil {
		digest := r.Digest
		if r.Seal(); r.Digest != digest {
			err = errors.New("its digest is another")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: it was damaged (%w): delete it, and run what is missing", s.path(id), err)
	}
	return r, nil
}

// Collect reads the runs of all tasks, in their order. It is an *Incomplete if
// some are missing.
func (s Store) Collect(tasks []Task) ([]*result.Run, error) {
	if missing := s.Missing(tasks); len(missing) > 0 {
		return nil, &Incomplete{Missing: missing, All: len(tasks)}
	}
	runs := make([]*result.Run, len(tasks))
	for i, t := range tasks {
		var err error
		if runs[i], err = s.Get(t.ID); errors.Is(err, fs.ErrNotExist) {
			return nil, &Incomplete{Missing: []Task{t}, All: len(tasks)}
		} else if err != nil {
			return nil, err
		}
		if r := runs[i]; r.Variant != t.Variant || r.Seed != t.Seed {
			return nil, fmt.Errorf("%s is of variant %s, seed %d, not of %s, seed %d: delete it, and run what is missing", s.path(t.ID), r.Variant, r.Seed, t.Variant, t.Seed)
		}
	}
	return runs, nil
}

// An Incomplete says which runs of a sweep are not there.
type Incomplete struct {
	Missing []Task
	All     int
}

// Error names the tasks as Slurm's --array takes them.
func (e *Incomplete) Error() string {
	numbers := make([]int, len(e.Missing))
	for i, t := range e.Missing {
		numbers[i] = t.Index
	}
	slices.Sort(numbers)
	return fmt.Sprintf("%d of %d runs are missing: %s", len(e.Missing), e.All, Ranges(numbers))
}

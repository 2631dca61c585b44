package result

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// full is a Set of which every table has rows.
func full() *Set {
	s := pair()
	s.Scenario, s.Notes = []byte("name: tiny\n"), []string{"the clip is repeated"}
	for _, r := range s.Runs {
		like := rich()
		r.Viewers, r.Series, r.Flows, r.Notes = like.Viewers, like.Series, like.Flows, append(like.Notes, "two\nlines")
		r.Viewers[0].Paid, r.Viewers[0].Join = math.MaxUint64, 40*24*time.Hour+1
		r.Downloads.Add(time.Duration(r.Seed) * 123456789)
		r.Downloads.Add(time.Hour)
	}
	return s
}

// What a folder holds comes back to the last bit: the digests say so.
func TestRecall(t *testing.T) {
	dir, s := filepath.Join(t.TempDir(), "run"), full()
	if err := Write(dir, s); err != nil {
		t.Fatal(err)
	}
	got, err := Recall(os.DirFS(dir), "run")
	if err != nil {
		t.Fatal(err)
	}
	got.Stamp()
	if got.Manifest.Digest != s.Manifest.Digest || got.Notes[0] != s.Notes[0] {
		t.Errorf("digest %s, notes %q", got.Manifest.Digest, got.Notes)
	}
	var old, fresh bytes.Buffer
	for _, f := range Files(s) {
		for _, g := range Files(got) {
			if f.Name == g.Name {
				old.Reset()
				fresh.Reset()
				if err := f.Write(&old); err != nil {
					t.Fatal(err)
				}
				if err := g.Write(&fresh); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(old.Bytes(), fresh.Bytes()) {
					t.Errorf("%s: written again it differs", f.Name)
				}
			}
		}
	}
}

func TestRecallRefuses(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good")
	if err := Write(good, full()); err != nil {
		t.Fatal(err)
	}
	other := full()
	other.Runs[2].Viewers[0].Stalls++
	strange := full()
	strange.Runs[0].Seed, strange.Seeds[0], strange.Runs[3].Seed = 9, 9, 9
	swap := func(name string, s *Set) func(string) error {
		return func(dir string) error {
			return writeFile(filepath.Join(dir, tablePath(name)), Files(s)[map[string]int{"runs": 6, "rows": 7}[name]].Write)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(dir string) error
		want  string
	}{
		{"no table", func(dir string) error { return os.Remove(filepath.Join(dir, "data/money.parquet")) }, "f/data/money.parquet: no such file or directory"},
		{"no Parquet", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "data/notes.parquet"), []byte("PAR1PAR1"), 0o644)
		}, "f/data/notes.parquet: "},
		{"other columns", func(dir string) error {
			return os.Rename(filepath.Join(dir, "data/money.parquet"), filepath.Join(dir, "data/notes.parquet"))
		}, "f/data/money.parquet: no such file or directory"},
		{"another table", func(dir string) error {
			text, err := os.ReadFile(filepath.Join(dir, "data/money.parquet"))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "data/rows.parquet"), text, 0o644)
			}
			return err
		}, "f/data/rows.parquet: no column viewer of INT(64,true): another version of kscope wrote it, so play the scenario again"},
		{"changed rows", swap("rows", other), "f: variant central, seed 3 is not what the manifest has: digest "},
		{"runs of others", swap("runs", strange), "f/data/runs.parquet: a row of variant central, seed 9, which the manifest does not have"},
		{"no manifest", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }, "f/manifest.json: no such file or directory: name a run folder, with all its files"},
		{"no JSON", func(dir string) error { return os.WriteFile(filepath.Join(dir, manifestName), []byte("{"), 0o644) }, "f/manifest.json: unexpected end of JSON input"},
	} {
		dir := filepath.Join(t.TempDir(), "f")
		if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := Recall(os.DirFS(dir), "f"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Whatever stands in a table, reading it ends with rows or an error.
func FuzzReadTable(f *testing.F) {
	s := full()
	s.Stamp()
	for i, t := range tables() {
		var file bytes.Buffer
		if err := t.write(&file, s); err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), file.Bytes())
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		all := tables()
		_ = all[int(which)%len(all)].read(bytes.NewReader(text), int64(len(text)), &roll{runs: full().Runs})
	})
}

func TestWriteMetrics(t *testing.T) {
	s := pair()
	s.Variants, s.Runs = s.Variants[1:], s.Runs[3:]
	for _, r := range s.Runs {
		for id := range r.Values {
			if MetricID(id) != Bitrate {
				r.Values[id] = math.NaN()
			}
		}
	}
	var got bytes.Buffer
	if err := WriteMetrics(&got, s); err != nil {
		t.Fatal(err)
	}
	want := `{
  "swarm": {
    "bitrate": {
      "unit": "bit/s",
      "mean": 2000000,
      "low": -484137.71175032994,
      "high": 4484137.71175033,
      "n": 3
    }
  }
}
`
	if got.String() != want {
		t.Errorf("got %s", got.String())
	}
}

package sweep

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kinetoscope/sim/result"
)

// run is a made-up run with something in every field.
func run(variant string, seed uint64) *result.Run {
	r := &result.Run{Variant: variant, Seed: seed, Values: result.NewValues(), Notes: []string{"a note"},
		Viewers: []result.Viewer{{ID: 1, Region: "europe", Join: time.Second, Bitrate: 2.5e6, Paid: math.MaxUint64}},
		Series:  []result.Point{{At: time.Second, Joined: 3, PeerRate: 0.1}}, Flows: []result.Flow{{Payee: "label", USD: 1.25}}}
	r.Values[result.StartupP50] = 1.0 / 3
	r.Downloads.Add(300 * time.Millisecond)
	r.Downloads.Add(7 * time.Second)
	r.Seal()
	return r
}

// plan is a made-up plan of so many tasks.
func plan(n int) *Plan {
	p := &Plan{Head: Head{Program: "test", Name: "x", File: "x.yaml", Scenario: "seeds: 1\n", Sets: []string{"a=b"}}}
	for i := range n {
		p.Tasks = append(p.Tasks, Task{Index: i, Point: "001", Sets: []string{"live.delay=4s"}, Variant: "base", Seed: uint64(i), ID: ID("x", fmt.Sprint(i))})
	}
	return p
}

func TestStoreGivesBack(t *testing.T) {
	s := Store{filepath.Join(t.TempDir(), "runs")}
	want := run("swarm", 7)
	for range 2 { // at least once, one result
		if err := s.Put("ab", want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Get("ab")
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != want.Digest || !reflect.DeepEqual(got.Viewers, want.Viewers) || got.Downloads.Quantile(0.5) != want.Downloads.Quantile(0.5) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir, ".tmp-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if _, err := s.Get("cd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

func TestStoreSeesDamage(t *testing.T) {
	s := Store{t.TempDir()}
	if err := s.Put("ab", run("swarm", 7)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(s.path("ab"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(whole); i += 3 {
		for name, bad := range map[string][]byte{"cut": whole[:i], "flipped": append(append(bytes.Clone(whole[:i]), whole[i]^0x10), whole[i+1:]...)} {
			if i >= 4 && i < 10 {
				continue // gzip's time, flags and system say nothing about the run
			}
			if err := os.WriteFile(s.path("ab"), bad, 0o666); err != nil {
				t.Fatal(err)
			}
			if r, err := s.Get("ab"); err == nil && r.Digest != run("swarm", 7).Digest {
				t.Fatalf("%s at byte %d of %d: not seen", name, i, len(whole))
			} else if err != nil && !strings.Contains(err.Error(), "delete it, and run what is missing") {
				t.Fatalf("%s at byte %d: %v", name, i, err)
			}
		}
	}
}

func TestCollect(t *testing.T) {
	s, p := Store{t.TempDir()}, plan(12)
	for _, i := range []int{0, 1, 2, 5, 6, 10} {
		if err := s.Put(p.Tasks[i].ID, run("base", uint64(i))); err != nil {
			t.Fatal(err)
		}
	}
	var missing *Incomplete
	if _, err := s.Collect(p.Tasks); !errors.As(err, &missing) || err.Error() != "6 of 12 runs are missing: 3-4,7-9,11" {
		t.Errorf("%v", err)
	}
	if got := Ranges(Shards(missing.Missing, 4)); got != "0-1,3" {
		t.Errorf("shards %s", got)
	}
	runs, err := s.Collect(p.Tasks[:3])
	if err != nil || len(runs) != 3 || runs[2].Seed != 2 {
		t.Errorf("%v, %v", runs, err)
	}
	if err := s.Put(p.Tasks[1].ID, run("base", 99)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Collect(p.Tasks[:3]); err == nil || !strings.Contains(err.Error(), "is of variant base, seed 99, not of base, seed 1") {
		t.Errorf("%v", err)
	}
}

func TestShardsPartition(t *testing.T) {
	p := plan(23)
	for of := 1; of < 30; of++ {
		seen := map[int]int{}
		for i := range of {
			tasks := Shard{i, of}.Tasks(p)
			if max := (len(p.Tasks) + of - 1) / of; len(tasks) > max {
				t.Errorf("shard %d/%d has %d tasks", i, of, len(tasks))
			}
			for _, task := range tasks {
				seen[task.Index]++
			}
		}
		for i := range p.Tasks {
			if seen[i] != 1 {
				t.Errorf("of %d shards %d have task %d", of, seen[i], i)
			}
		}
	}
}

func TestParseShard(t *testing.T) {
	if s, err := ParseShard("2/10"); err != nil || s != (Shard{2, 10}) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{"", "2", "10/10", "-1/2", "a/2", "1/0", "1/2/3"} {
		if _, err := ParseShard(bad); err == nil || !strings.Contains(err.Error(), "as in 2/10") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestPlanReadsBack(t *testing.T) {
	var text bytes.Buffer
	want := plan(3)
	if err := want.Write(&text); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: got %+v, want %+v", err, got, want)
	}
}

func TestReadRefuses(t *testing.T) {
	var text bytes.Buffer
	if err := plan(2).Write(&text); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(text.String(), "\n")
	for bad, want := range map[string]string{
		"":                                      "it is empty",
		"{}\n":                                  "line 1: no plan of a sweep of format 1",
		"title: x\n":                            "line 1: no plan",
		lines[1]:                                "line 1: no plan",
		lines[0] + lines[2]:                     "line 2: task 1 with the ID",
		lines[0] + lines[1] + "{\"indx\": 1}\n": "line 3: no task: json: unknown field",
		lines[0] + strings.Replace(lines[1], `"id":"`, `"id":"../../x`, 1): "where task 0 is due",
	} {
		if _, err := Read(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", bad, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	var text bytes.Buffer
	if err := plan(2).Write(&text); err != nil {
		f.Fatal(err)
	}
	f.Add(text.String())
	f.Add("{\"plan\":1}\n{}\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := p.Write(&again); err != nil {
			t.Fatal(err)
		}
		if q, err := Read(&again); err != nil || len(q.Tasks) != len(p.Tasks) {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
	})
}

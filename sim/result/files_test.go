package result

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"
)

func TestBenchReadsBack(t *testing.T) {
	s := pair()
	s.Variants[1].Name = "edge/4 2" // would end the name if it were not replaced
	for _, r := range s.RunsOf("edge/4 2") {
		r.Variant = "edge/4 2"
	}
	s.Runs[0].Values[StartupP50] = 1.0 / 3
	s.Stamp()
	var file bytes.Buffer
	if err := WriteBench(&file, s); err != nil {
		t.Fatal(err)
	}
	back, err := ReadBench(bytes.NewReader(file.Bytes()), "results.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Runs) != len(s.Runs) || back.Name != s.Name || back.Manifest.Digest != s.Manifest.Digest {
		t.Fatalf("%d runs of %s read, of %d:\n%s", len(back.Runs), back.Name, len(s.Runs), file.String())
	}
	for i, r := range back.Runs {
		if r.Variant != benchWord(s.Runs[i].Variant) || r.Seed != s.Runs[i].Seed || !slices.EqualFunc(r.Values, s.Runs[i].Values, sameFloat) {
			t.Errorf("run %d: wrote %+v, read %+v", i, s.Runs[i], r)
		}
	}
	br := benchfmt.NewReader(&file, "results.txt")
	for br.Scan() {
		if e, ok := br.Result().(*benchfmt.SyntaxError); ok {
			t.Error(e)
		}
	}
	if got := br.Units()[benchfmt.UnitMetadataKey{Unit: "rebuffer-ratio", Key: "better"}]; got == nil || got.Value != "lower" {
		t.Errorf("direction of rebuffer-ratio: %+v", got)
	}
}

func sameFloat(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestReadBenchRefusesABadSeed(t *testing.T) {
	_, err := ReadBench(strings.NewReader("BenchmarkX/variant=a/seed=x 1 2 bitrate-bit/s\n"), "f")
	if err == nil || err.Error() != `f:1: seed "x" is no whole number` {
		t.Errorf("%v", err)
	}
}

func FuzzReadBench(f *testing.F) {
	var good bytes.Buffer
	if err := WriteBench(&good, pair()); err != nil {
		f.Fatal(err)
	}
	f.Add(good.String())
	f.Add("BenchmarkX/variant=/seed=18446744073709551615 1 NaN bitrate-bit/s\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadBench(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		if _, err := Compare(s, []*Set{s}, Rule{}); err != nil {
			t.Fatalf("what can be read cannot be compared with itself: %v", err)
		}
	})
}

func TestRows(t *testing.T) {
	s := &Set{Seeds: []uint64{7}, Variants: []Variant{{Name: "swarm"}}, Runs: []*Run{rich()}}
	var file bytes.Buffer
	if err := WriteRows(&file, s); err != nil {
		t.Fatal(err)
	}
	want := `variant,seed,viewer,region,class,join_sec,leave_sec,startup_sec,watched_sec,stalled_sec,stalls,switches,bitrate_bps,latency_sec,from_peers_bytes,from_edges_bytes,from_providers_bytes,uploaded_bytes,paid_wei,unpaid_bytes,abandoned,gave_up,seeks,zaps,climb_bps,qoe_lin,qoe_log,qoe_hd,sabre_score,lolp
swarm,7,1,eu,"fiber, new",1,60,0.34,50,0.001234567,2,3,2500000,4,10,20,30,5,1000000000000000000,4,6,2,13,14,7,8,9,10,11,12
swarm,7,2,us,mobile,0,0,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
`
	if file.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", file.String(), want)
	}
	file.Reset()
	if err := WriteTimeline(&file, s); err != nil {
		t.Fatal(err)
	}
	want = `variant,seed,at_sec,joined,playing,stalled,gapped,peer_bps,edge_bps,provider_bps,source_bps,bitrate_bps,base_fee_gwei
swarm,7,1,2,1,1,0,1,2,3,4,5,6
`
	if file.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", file.String(), want)
	}
}

// The writer of CSV fields must agree with the reader of the standard library.
func TestQuotedAgainstCSVReader(t *testing.T) {
	fields := []string{"plain", "", `a "quote"`, "a,comma", "two\nlines", "µ", `"`, ","}
	var line []byte
	for i, f := range fields {
		if i > 0 {
			line = append(line, ',')
		}
		line = quoted(line, f)
	}
	got, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil || !slices.Equal(got, fields) {
		t.Errorf("%q, %v", got, err)
	}
}

// seconds must agree with float arithmetic where that is exact enough.
func TestSecondsAgainstFloat(t *testing.T) {
	for _, d := range []time.Duration{0, 1, 10, 999999999, time.Second, 1500 * time.Millisecond, time.Hour + 1} {
		text := string(seconds(nil, d))
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || time.Duration(math.Round(v*1e9)) != d {
			t.Errorf("%d ns became %q", d, text)
		}
	}
}

func TestManifest(t *testing.T) {
	s := pair()
	s.Manifest.Version, s.Manifest.Command = "v1 <dev>", []string{"kscope", "run", "flash-crowd"}
	s.Stamp()
	var file bytes.Buffer
	if err := WriteManifest(&file, s); err != nil {
		t.Fatal(err)
	}
	var back Manifest
	if err := json.Unmarshal(file.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Digest != s.Manifest.Digest || len(back.Runs) != 6 || back.Version != "v1 <dev>" || back.Baseline != "central" {
		t.Errorf("%s", file.String())
	}
}

// names lists what a folder holds.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestWrite(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "deep", "run")
	extra := File{"plots/x.csv", func(w io.Writer) error { _, err := io.WriteString(w, "x\n"); return err }}
	if err := Write(dir, pair(), extra); err != nil {
		t.Fatal(err)
	}
	want := []string{"classes.csv", "data", "manifest.json", "metrics.json", "plots", "results.txt", "ro-crate-metadata.json", "rows.csv", "scenario.yaml", "timeline.csv"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := Write(dir, pair()); err != nil {
		t.Fatalf("a run must be replaceable: %v", err)
	}
	if got := names(t, dir); slices.Contains(got, "plots") {
		t.Errorf("files of the older run must be gone: %q", got)
	}
	if got := names(t, filepath.Dir(dir)); !slices.Equal(got, []string{"run"}) {
		t.Errorf("nothing may be left beside the run: %q", got)
	}
}

// A writer that fails must leave the older run whole and nothing else.
func TestWriteIsWhole(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	if err := Write(dir, pair()); err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	broken := File{"report.html", func(w io.Writer) error { io.WriteString(w, "<ht"); return io.ErrShortWrite }}
	if err := Write(dir, pair(), broken); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v", err)
	}
	if after := names(t, dir); !slices.Equal(before, after) {
		t.Errorf("before %q, after %q", before, after)
	}
	if got := names(t, parent); !slices.Equal(got, []string{"run"}) {
		t.Errorf("left beside the run: %q", got)
	}
}

// Whatever is not a run and nothing else stays as it was.
func TestWriteSparesWhatIsNotARun(t *testing.T) {
	for name, c := range map[string]struct {
		run  bool // whether there is an older run below the file
		file string
		text string
		why  string
	}{
		"a thesis":              {false, "thesis.tex", "x", "it has no manifest.json"},
		"a web extension":       {false, "manifest.json", `{"manifest_version": 3, "version": "1.0"}`, "its manifest.json is not of a run"},
		"no JSON":               {false, "manifest.json", "x", "its manifest.json is not of a run"},
		"notes on a run":        {true, "notes.txt", "x", "no run writes its notes.txt"},
		"notes on the plots":    {true, "plots/notes.txt", "x", "no run writes its plots/notes.txt"},
		"a folder in the plots": {true, "plots/old.svg/x.svg", "x", "no run writes its plots/old.svg"},
		"a folder of a name":    {true, "report.html/x", "x", "no run writes its report.html"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		if c.run {
			if err := Write(dir, pair()); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, c.file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(c.text), 0o644)); err != nil {
			t.Fatal(err)
		}
		before := names(t, dir)
		err := Write(dir, pair())
		want := dir + " exists and is no run folder (" + c.why + "): name a new folder, an empty one or an older run"
		if !errors.Is(err, ErrOccupied) || err.Error() != want {
			t.Errorf("%s: error %v\nwant %s", name, err, want)
		}
		if got, err := os.ReadFile(path); string(got) != c.text || !slices.Equal(names(t, dir), before) {
			t.Errorf("%s: %q, %v; before %q, after %q", name, got, err, before, names(t, dir))
		}
	}
}

// A file is no folder, and an older run may hold all that runs write.
func TestReplaceable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	text := func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }
	if err := Write(dir, pair(), File{"report.html", text}, File{"plots/a.svg", text}, File{"plots/a.csv", text}); err != nil {
		t.Fatal(err)
	}
	if err := Replaceable(dir); err != nil {
		t.Error(err)
	}
	if err := Replaceable(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
	if err := Replaceable(filepath.Join(dir, "report.html")); err == nil || !strings.Contains(err.Error(), "report.html is no folder: name a new folder") {
		t.Error(err)
	}
}

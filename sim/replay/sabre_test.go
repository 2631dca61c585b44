package replay

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/netem"
	"kinetoscope/protocol/abr"
)

// A shelf finds traces and videos by the names of the golden figures.
type shelf struct {
	root   string
	videos map[string]*datasets.Ladder
	traces map[string][]netem.Step
}

func (s *shelf) open(t *testing.T, name string) *datasets.Set {
	t.Helper()
	set, err := datasets.Open(filepath.Join(s.root, filepath.FromSlash(name)), datasets.Descriptor{})
	if err != nil {
		t.Fatalf("%v: KSCOPE_DATASETS names a folder that has it, or is unset", err)
	}
	return set
}

func (s *shelf) video(t *testing.T, name string) *datasets.Ladder {
	if v := s.videos[name]; v != nil {
		return v
	}
	s.videos[name] = &s.open(t, name).Videos[0]
	return s.videos[name]
}

func (s *shelf) trace(t *testing.T, name string) []netem.Step {
	if tr := s.traces[name]; tr != nil {
		return tr
	}
	s.traces[name] = s.open(t, name).Traces[0].Steps
	return s.traces[name]
}

// madeUp is the shelf without real data.
func madeUp() *shelf {
	bbb := madeUpVideo(7, 230, 331, 477, 688, 991, 1427, 2056, 2962, 5027, 6000)
	bbb4k := madeUpVideo(8, 1000, 2500, 5000, 8000, 16000, 35000)
	s := &shelf{root: os.Getenv("KSCOPE_DATASETS"), traces: map[string][]netem.Step{},
		videos: map[string]*datasets.Ladder{"made-up-bbb": &bbb, "made-up-bbb4k": &bbb4k}}
	for k := range draws(3) {
		s.traces[fmt.Sprintf("made-up-3g-%d", k)] = MadeUpTrace(uint32(100+k), 100, 2500)
		s.traces[fmt.Sprintf("made-up-4g-%d", k)] = MadeUpTrace(uint32(200+k), 8000, 50000)
	}
	return s
}

// golden reads testdata: lines of video, trace, rule and figures.
func golden(t *testing.T, name string, line func(words []string, figures []float64)) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		words := strings.Fields(l)
		var figures []float64
		for _, w := range words[3:] {
			x, err := strconv.ParseFloat(w, 64)
			if err != nil {
				t.Fatal(err)
			}
			figures = append(figures, x)
		}
		line(words[:3], figures)
	}
}

// Every figure of every session is that of Sabre, to the digits that it prints.
// Real traces are those of KSCOPE_DATASETS; without it, made-up ones alone.
func TestLikeSabre(t *testing.T) {
	files := madeUp()
	sessions := 0
	golden(t, "sabre.tsv", func(words []string, want []float64) {
		if files.root == "" && !strings.HasPrefix(words[0], "made-up") {
			return
		}
		sessions++
		near := 1e-6
		if words[1]+" "+words[2] == "bw-ghent-4g-sabre/report_tram_0005.json bola-e" {
			near = 0.02 // two rungs gain alike once, and a sum of Sabre's is a bit too small for the upper one
		}
		for i, got := range likeSabre(t, files, words) {
			if math.Abs(got-want[i]) > 2e-6+near*math.Abs(want[i]) {
				t.Errorf("%v: figure %d is %.6f, Sabre's %.6f", words, i+1, got, want[i])
			}
		}
	})
	if sessions < 60 {
		t.Errorf("%d sessions: testdata/sabre.tsv has more", sessions)
	}
}

// The mean of every figure of every rule over the recorded links of a kind is within
// half a per cent of Sabre's.
func TestMeansOfSabre(t *testing.T) {
	files := madeUp()
	if files.root == "" {
		return // as TestLikeSabre
	}
	type set struct{ video, rule string }
	ours, theirs := map[set][7]float64{}, map[set][7]float64{}
	golden(t, "sabre.tsv", func(words []string, want []float64) {
		if strings.HasPrefix(words[0], "made-up") || strings.Contains(words[2], "+") {
			return
		}
		k := set{words[0], words[2]}
		sum, of := ours[k], theirs[k]
		for i, got := range likeSabre(t, files, words) {
			sum[i] += got
			of[i] += want[i]
		}
		ours[k], theirs[k] = sum, of
	})
	if len(ours) != 10 {
		t.Errorf("%d cells of video and rule, want 10", len(ours))
	}
	for k, sum := range ours {
		for i, want := range theirs[k] {
			if math.Abs(sum[i]-want) > 0.005*math.Abs(want) {
				t.Errorf("%v: figure %d sums up to %.6f, Sabre's to %.6f", k, i+1, sum[i], want)
			}
		}
	}
}

// likeSabre plays a session of the golden figures.
func likeSabre(t *testing.T, files *shelf, words []string) []float64 {
	t.Helper()
	latency := 100 * time.Millisecond
	if strings.Contains(words[1], "4g") {
		latency = 20 * time.Millisecond
	}
	world := Sabre(latency)
	rule, replace, _ := strings.Cut(words[2], "+")
	if replace != "" {
		world.Replace = abr.Replace(replace)
	}
	c := abr.Default()
	c.Algorithm, c.Buffer, c.Start, c.Resume = abr.Algorithm(rule), 25*time.Second, 3*time.Second, 3*time.Second
	p, err := New(c, files.video(t, words[0]), world)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := p.Play(words[1], files.trace(t, words[1]))
	if err != nil {
		t.Fatal(err)
	}
	q := seen.Sabre()
	return []float64{q.Bitrate, q.Utility, q.Rebuffer, q.Events, q.Change, q.Score, float64(seen.Abandoned)}
}

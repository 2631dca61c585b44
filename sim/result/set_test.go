package result

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// tiny is a Set of variants x seeds whose rebuffer ratio and bitrate are given
// by variant, one value for each seed.
func tiny(rebuffer, bitrate map[string][]float64, variants ...string) *Set {
	s := &Set{Name: "flash-crowd", Title: "A crowd", Baseline: variants[0], Scenario: []byte("name: flash-crowd\n"), Duration: time.Minute}
	for i := range rebuffer[variants[0]] {
		s.Seeds = append(s.Seeds, uint64(i+1))
	}
	for _, v := range variants {
		s.Variants = append(s.Variants, Variant{v, "how " + v + " does it"})
		for i, seed := range s.Seeds {
			r := &Run{Variant: v, Seed: seed, Values: NewValues()}
			r.Values[RebufferRatio] = rebuffer[v][i]
			r.Values[Bitrate] = bitrate[v][i]
			s.Runs = append(s.Runs, r)
		}
	}
	return s
}

// pair is a tiny Set in which swarm stalls less than central in every seed,
// though the seeds differ more than the variants do.
func pair() *Set {
	return tiny(
		map[string][]float64{"central": {0.03, 0.05, 0.04}, "swarm": {0.01, 0.03, 0.021}},
		map[string][]float64{"central": {4e6, 4e6, 4e6}, "swarm": {2e6, 3e6, 1e6}},
		"central", "swarm")
}

func TestValidate(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*Set)
		want  string
	}{
		{"good", func(*Set) {}, ""},
		{"a run too few", func(s *Set) { s.Runs = s.Runs[1:] }, "5 runs for 2 variants x 3 seeds"},
		{"wrong order", func(s *Set) { s.Runs[0], s.Runs[1] = s.Runs[1], s.Runs[0] }, "run 0 is not variant central, seed 1"},
		{"a run missing", func(s *Set) { s.Runs[4] = nil }, "run 4 is not variant swarm, seed 2"},
		{"values of an older table", func(s *Set) { s.Runs[2].Values = s.Runs[2].Values[1:] }, "values for"},
		{"infinite", func(s *Set) { s.Runs[1].Values[Bitrate] = math.Inf(1) }, "variant central, seed 2: bitrate is infinite"},
		{"baseline", func(s *Set) { s.Baseline = "cdn" }, `baseline "cdn" is no variant`},
	}
	for _, c := range cases {
		s := pair()
		c.spoil(s)
		err := s.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestSetLooksUpBySeed(t *testing.T) {
	s := pair()
	if got := s.Values(RebufferRatio, "swarm"); !slices.Equal(got, []float64{0.01, 0.03, 0.021}) {
		t.Errorf("values of swarm: %v", got)
	}
	d := s.Paired(RebufferRatio, "swarm", "central")
	if math.Abs(d.Mean+0.059/3) > 1e-12 || d.N != 3 || math.Abs(d.Ratio-0.061/0.12) > 1e-12 {
		t.Errorf("paired: %+v", d)
	}
	alone := s.Summary(RebufferRatio, "swarm")
	if d.Half() >= alone.Half() {
		t.Errorf("pairing must narrow the interval here: %g paired, %g alone", d.Half(), alone.Half())
	}
	if s.Applies(OpenConfirmP50) || !s.Applies(Bitrate) {
		t.Error("Applies must follow the values")
	}
}

// Runs of one variant that differ in figures alone say one note, each figure as
// its range; a run that says it of two things goes on to say both.
func TestNotesThatDifferInFigures(t *testing.T) {
	s := pair()
	for i, r := range s.Runs {
		if r.Variant == "swarm" {
			r.Notes = []string{
				fmt.Sprintf("trace a1: %d of 90 rows repaired", 3-i%3),
				fmt.Sprintf("trace a2: %d of 90 rows repaired", 7),
				fmt.Sprintf("locked: $%d.5 (%d rows)", 9+i%3, 4),
				fmt.Sprintf("locked: $%d.5 (%d rows)", 70+i%3, 4),
			}
		}
	}
	want := []string{"trace a1: 1 to 3 of 90 rows repaired (swarm)", "trace a2: 7 of 90 rows repaired (swarm)",
		"locked: $9.5 to 11.5 (4 rows) (swarm)", "locked: $70.5 to 72.5 (4 rows) (swarm)"}
	if got := s.AllNotes()[1:]; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAllNotes(t *testing.T) {
	s := pair()
	s.Notes = []string{"video is built in"}
	for _, r := range s.Runs {
		r.Notes = append(r.Notes, "signatures are modelled")
		if r.Variant == "swarm" {
			r.Notes = append(r.Notes, "2 providers guessed")
		}
	}
	want := []string{"video is built in", "3 seeds are few: an interval rests on a guess of their spread that is itself uncertain; play 5 or more before believing a small difference", "signatures are modelled", "2 providers guessed (swarm)"}
	if got := s.AllNotes(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

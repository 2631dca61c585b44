package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kinetoscope/internal/unit"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
)

func TestExitCode(t *testing.T) {
	p := &plan{}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errVerdict, 1},
		{errors.New("anything"), 2},
		{errInvalid, 2},
		{&scenarios.Error{}, 2},
		{unit.Bad("video.file", "is missing"), 2},
		{p.fault(errors.New("of the input")), 2},
		{oursError{errors.New("disk full")}, 3},
		{fmt.Errorf("while writing: %w", oursError{errors.New("disk full")}), 3},
		{p.fault(&sim.Broken{Invariant: "money in is money out"}), 3},
		{p.fault(fmt.Errorf("run: %w", &sim.Broken{})), 3},
		{context.Canceled, 130},
		{fmt.Errorf("run: %w", context.Canceled), 130},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v ends with %d, not %d", c.err, got, c.want)
		}
	}
}

// tiny is the scenario that the scripts use.
func tiny(t *testing.T) []scenarios.Scenario {
	t.Helper()
	text, err := os.ReadFile("testdata/tiny.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, err := scenarios.Load("tiny.yaml", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A panic in one run ends the command with the line that shows it again.
func TestPanicIsOurFault(t *testing.T) {
	p := &plan{} // without a video: the engine cannot go on
	_, err := p.run(t.Context(), job{tiny(t)[1], 7})
	if exitCode(err) != exitOurs || !strings.Contains(fmt.Sprint(err), "kscope run tiny --variant central --seed 7") {
		t.Errorf("a panic gives: %v", err)
	}
}

func TestPlan(t *testing.T) {
	all := tiny(t)
	r := &runCommand{}
	p, err := r.plan(all)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range p.jobs {
		got = append(got, fmt.Sprint(j.scenario.Variant, j.seed))
	}
	if want := []string{"swarm1", "swarm2", "central1", "central2"}; !slices.Equal(got, want) {
		t.Errorf("jobs %v, want %v", got, want)
	}
	if len(p.set.Thresholds) != 1 || len(p.set.RefutedIf) != 1 || len(p.ladders) != 1 || len(p.set.Manifest.Inputs) != 4 {
		t.Errorf("%d thresholds, %d refutations, %d videos of %d files", len(p.set.Thresholds), len(p.set.RefutedIf), len(p.ladders), len(p.set.Manifest.Inputs))
	}
}

// Without the baseline the first chosen variant takes its place.
func TestPlanOfSomeVariants(t *testing.T) {
	r := &runCommand{variants: []string{"central"}}
	if err := r.addSeeds("9, 4"); err != nil {
		t.Fatal(err)
	}
	if err := r.addSeeds("4"); err != nil {
		t.Fatal(err)
	}
	p, err := r.plan(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	if p.set.Baseline != "central" || !slices.Equal(p.set.Seeds, []uint64{9, 4}) || len(p.set.Thresholds) != 0 || len(p.jobs) != 2 {
		t.Errorf("baseline %s, seeds %d, %d thresholds, %d jobs", p.set.Baseline, p.set.Seeds, len(p.set.Thresholds), len(p.jobs))
	}
}

func TestPlayStopsAtOnce(t *testing.T) {
	r := &runCommand{}
	p, err := r.plan(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.play(ctx, 2, &progress{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

func TestUnused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run")
	for _, want := range []string{"run", "run-2", "run-3"} {
		got := unused(path)
		if filepath.Base(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if err := os.Mkdir(got, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

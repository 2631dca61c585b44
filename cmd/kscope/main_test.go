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
	"kinetoscope/protocol/storage"
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
	p := &plan{typed: []string{"my tiny.yaml", "--set", "population={viewers: 3}"}} // without a video: the engine cannot go on
	const again = "\n  kscope run 'my tiny.yaml' --set 'population={viewers: 3}' --variant central --seed 7"
	_, err := p.run(t.Context(), job{tiny(t)[1], 7, false})
	if exitCode(err) != exitOurs || !strings.HasSuffix(fmt.Sprint(err), again) {
		t.Errorf("a panic gives: %v", err)
	}
	err = p.fault(&sim.Broken{Scenario: "tiny", Variant: "central", Seed: 7})
	if !strings.HasSuffix(err.Error(), again) {
		t.Errorf("a broken invariant gives: %v", err)
	}
}

// The command that shows a failure again has all that was typed.
func TestPlanKnowsWhatWasTyped(t *testing.T) {
	r := &runCommand{scenario: "dir/tiny.yaml", sets: []string{"seeds=1", "title=It's"}}
	p, err := r.plan(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.again("swarm", 3), `kscope run dir/tiny.yaml --set seeds=1 --set 'title=It'\''s' --variant swarm --seed 3`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A mark names the variants that it concerns, unless these are all.
func TestMarks(t *testing.T) {
	one := scenarios.Fault{Kind: scenarios.Blackout, Of: scenarios.OfProviders, Sites: 1, At: 5, For: 3}
	two := scenarios.Fault{Kind: scenarios.Blackout, Of: scenarios.OfEdges, Sites: 2, At: 5, For: 3}
	s := func(name string, faults ...scenarios.Fault) scenarios.Scenario {
		return scenarios.Scenario{Variant: name, Faults: faults}
	}
	for _, c := range []struct {
		chosen []scenarios.Scenario
		want   string
	}{
		{[]scenarios.Scenario{s("a"), s("b")}, "[]"},
		{[]scenarios.Scenario{s("a", one), s("b", one)}, "[{5ns 8ns blackout of 1 provider site []}]"},
		{[]scenarios.Scenario{s("a", one, one), s("b")}, "[{5ns 8ns blackout of 1 provider site [a]}]"},
		{[]scenarios.Scenario{s("a"), s("b", two, one), s("c", two)},
			"[{5ns 8ns blackout of 2 edge sites [b c]} {5ns 8ns blackout of 1 provider site [b]}]"},
	} {
		if got := fmt.Sprint(marks(c.chosen)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestOutline(t *testing.T) {
	s := tiny(t)[0]
	for scheme, want := range map[storage.Scheme]string{
		storage.None:        "one edge of 50Mbit/s, 6 providers on 6 sites, single copies, ",
		storage.ReedSolomon: "one edge of 50Mbit/s, 6 providers on 6 sites, reed-solomon 4 of 6, ",
	} {
		s.Storage.Scheme = scheme
		if got := outline(&s); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s...", scheme, got, want)
		}
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

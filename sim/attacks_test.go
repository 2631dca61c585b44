package sim

import (
	"context"
	"slices"
	"testing"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// attacked are the scenarios of attacks: their thresholds say that the broken
// twin falls, their claims that ours stands.
var attacked = []string{"deposit-grief", "front-run", "ownership-pressure", "replay-double-spend", "stale-close", "unlock-grief"}

// In each of them the twin falls and ours stands.
func TestScenariosOfAttacks(t *testing.T) {
	for _, name := range attacked {
		text, ok := scenarios.Builtin(name)
		if !ok {
			t.Fatalf("there is no scenario %s", name)
		}
		all, err := scenarios.Load(name+".yaml", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		ladder, err := media.Load(all[0].Video)
		if err != nil {
			t.Fatal(err)
		}
		set := &result.Set{Name: name, Seeds: []uint64{1}}
		var names []string
		for _, s := range all {
			r, err := Run(context.Background(), s, ladder, 1)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, s.Variant, err)
			}
			set.Variants, set.Runs, names = append(set.Variants, result.Variant{Name: s.Variant}), append(set.Runs, r), append(names, s.Variant)
		}
		if set.Thresholds, set.RefutedIf, err = all[0].Assertions(names); err != nil {
			t.Fatal(err)
		}
		verdicts := result.Check(set)
		for _, v := range verdicts {
			if !v.Passed {
				t.Errorf("%s: %s: %s", name, v.Assertion.Text, v.Observed)
			}
		}
		if falls := func(v result.Verdict) bool { return v.Kind == result.Threshold }; !slices.ContainsFunc(verdicts, falls) {
			t.Errorf("%s does not say that a twin falls", name)
		}
	}
}

// Viewers meet the same stream whoever attacks beside them.
func TestAttacksLeaveTheStreamAlone(t *testing.T) {
	const attack = "attacks=[{kind: stale-close, count: 3, window: 60s}, {kind: titles, for: 60s}]"
	calm, beside := run(t, load(t, small), 1), run(t, load(t, small, attack), 1)
	for _, m := range []result.MetricID{result.StartupP50, result.RebufferRatio, result.Bitrate, result.BytesPerViewer, result.Paid} {
		if calm.Values[m] != beside.Values[m] {
			t.Errorf("%s is %v, and %v beside attacks", result.Metrics[m].Name, calm.Values[m], beside.Values[m])
		}
	}
	if n := beside.Values[result.AttacksTried]; n != 4 {
		t.Errorf("%v attacks, not 4", n)
	}
}

// A run that breaks ends its actors where they stand.
func TestBrokenRunEndsItsActors(t *testing.T) {
	w, err := newWorld(Flows, load(t, small, "attacks=[{kind: stale-close, count: 3}]"), clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.sabotage = func(w *world) { w.broken("a test", "after %v", w.now) }
	if _, err := w.run(context.Background()); err == nil || !w.crew.Done() {
		t.Errorf("broken: %v", err)
	}
}

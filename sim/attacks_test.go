package sim

import (
	"context"
	"slices"
	"strings"
	"testing"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// attacked are the scenarios of attacks: their thresholds say that the broken
// twin falls, their claims that ours stands. Each says what turns its assertions:
// by the variant that they are about, or all others, the twin on which ours
// would fail. A variant that is a twin is turned by ours; and where not the
// contract decides but the circumstances, = and the variant in which they differ.
var attacked = map[string]map[string]string{
	"deposit-grief": {"": "TicketsDust"},
	"front-run":     {"": "TicketsNoLimit", "deposit-unseen": "=deposit-seen", "deposit-half": "=deposit-unseen", "deposit-seen": "=deposit-unseen"},
	"ownership-pressure": {"": "RegistryOpen", "seen": "=calm", "register-p95[outage]": "=outage-waits", "register-p95[outage-12h]": "=outage-waits",
		"register-p95[censored]": "=outage-waits"},
	"replay-double-spend": {"": "ReservePoolCrowd", "ours": "ChannelsNoId"},
	"stale-close":         {"": "ChannelsNoWindow", "away": "=in-time", "mass-100": "=mass-outbid"},
	"unlock-grief":        {"": "TicketsStranger"},
	"lost-bonds": {"": "StorageDealsHashes", "honest": "=dark-long", "dark": "=dark-long", "deals-challenged[dark]": "=honest", "dark-long": "=dark",
		"bonds-taken-honest[ours]": "=dark-long"},
}

// An ordeal is the runs of a scenario of attacks, and those in which something
// has to turn.
type ordeal struct {
	t      *testing.T
	ladder *media.Ladder
	all    []scenarios.Scenario
	set    result.Set
	turned map[string]*result.Run // by variant and what turns it
}

func (o *ordeal) run(s scenarios.Scenario) *result.Run {
	r, err := Run(context.Background(), s, o.ladder, 1)
	if err != nil {
		o.t.Fatalf("%s, %s: %v", o.set.Name, s.Variant, err)
	}
	return r
}

// contrary is the run that has to turn an assertion.
func (o *ordeal) contrary(left result.Ref) *result.Run {
	at := slices.IndexFunc(o.all, func(s scenarios.Scenario) bool { return s.Variant == left.Variant })
	by := attacked[o.set.Name]
	how, set := by[left.String()]
	if !set {
		if how, set = by[left.Variant]; !set {
			how = by[""]
		}
	}
	s := o.all[at]
	if other, circumstances := strings.CutPrefix(how, "="); circumstances {
		return o.set.Runs[slices.IndexFunc(o.all, func(s scenarios.Scenario) bool { return s.Variant == other })]
	} else if s.Ledger.Contracts == ledger.Ours {
		s.Ledger.Contracts = ledger.Contracts(how)
	} else {
		s.Ledger.Contracts = ledger.Ours
	}
	key := s.Variant + string(s.Ledger.Contracts)
	if o.turned[key] == nil {
		o.turned[key] = o.run(s)
	}
	return o.turned[key]
}

// In each of them the twin falls and ours stands, and no assertion is empty: on
// the twin what is said of ours fails, and on ours what is said of the twin.
func TestScenariosOfAttacks(t *testing.T) {
	for name := range attacked {
		text, ok := scenarios.Builtin(name)
		if !ok {
			t.Fatalf("there is no scenario %s", name)
		}
		o := &ordeal{t: t, set: result.Set{Name: name, Seeds: []uint64{1}}, turned: map[string]*result.Run{}}
		var err error
		if o.all, err = scenarios.Load(name+".yaml", text, nil); err != nil {
			t.Fatal(err)
		}
		if o.ladder, err = media.Load(o.all[0].Video); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range o.all {
			o.set.Variants, o.set.Runs, names = append(o.set.Variants, result.Variant{Name: s.Variant}), append(o.set.Runs, o.run(s)), append(names, s.Variant)
		}
		if o.set.Thresholds, o.set.RefutedIf, err = o.all[0].Assertions(names); err != nil {
			t.Fatal(err)
		}
		for i, v := range result.Check(&o.set) {
			if !v.Passed {
				t.Errorf("%s: %s: %s", name, v.Assertion.Text, v.Observed)
			}
			left := v.Assertion.Left
			other := o.set
			other.Runs = slices.Clone(o.set.Runs)
			other.Runs[slices.Index(names, left.Variant)] = o.contrary(left)
			if turned := result.Check(&other)[i]; turned.Passed {
				t.Errorf("%s: %s cannot fail: where it has to, %s", name, v.Assertion.Text, turned.Observed)
			}
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

// Attacks that read keys of their own, for the test of knobs.
const (
	griefed   = "attacks=[{kind: unlock-grief, at: 2s, window: 10s, for: 60s}]"
	stale     = "attacks=[{kind: stale-close, at: 2s, window: 60s, offline: 2m}]"
	towered   = "attacks=[{kind: stale-close, at: 2s, window: 60s, offline: 2m, towers: 100%}]"
	stuffed   = "attacks=[{kind: stale-close, at: 2s, window: 60s, offline: 2m, towers: 100%, tower_delay: 5s, fee_cap: 1gwei, stuffing: 1.2gwei}]"
	fronted   = "attacks=[{kind: front-run, at: 2s}]"
	dusted    = "attacks=[{kind: deposit-grief, at: 2s, deposit: 0.5}]"
	overspent = "attacks=[{kind: overspend, at: 2s, window: 60s}]"
	titled    = "attacks=[{kind: titles, at: 2s, for: 40s}]"
	censored  = "attacks=[{kind: titles, at: 2s, for: 40s}, {kind: censorship, at: 2s, for: 40s, share: 10%}]; ledger.rollup={on: true, force_after: 10s}"
)

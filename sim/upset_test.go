package sim

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// calm is small without anything else that goes wrong.
var calm = []string{"population.initial=100%", "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%"}

func upsetBy(faults string) []string { return append([]string{"faults=[" + faults + "]"}, calm...) }

// Every kind of fault of the network changes a run, is over some time after its
// end, and keeps the invariants, which every run checks.
func TestFaultsOfTheNetwork(t *testing.T) {
	quiet := run(t, load(t, small, upsetBy("")...), 1)
	for _, fault := range []string{
		"kind: partition, of: all, regions: [europe]",
		"kind: partition, of: viewers, share: 50%, way: out",
		"kind: partition, of: edges, sites: 2, way: in",
		"kind: partition, of: publisher",
		"kind: degrade, of: edges, rate: 2%",
		"kind: degrade, of: viewers, classes: [cable, fibre], loss: 30%, latency: 300ms",
		"kind: crash, of: edges",
		"kind: crash, of: viewers, share: 50%",
		"kind: crash, of: providers, sites: 2",
		"kind: freeze, of: edges",
		"kind: freeze, of: viewers, share: 50%",
		"kind: freeze, of: providers",
		"kind: move, of: viewers, to: 4g, gap: 2s",
		"kind: move, of: publisher, to: 4g, gap: 1s",
	} {
		t.Run(fault, func(t *testing.T) {
			r := run(t, load(t, small, upsetBy("{"+fault+", at: 10s, for: 5s}")...), 1)
			if r.Digest == quiet.Digest {
				t.Error("the fault changes nothing")
			}
			again := run(t, load(t, small, upsetBy("{"+fault+", at: 10s, for: 5s}")...), 1)
			if r.Digest != again.Digest {
				t.Error("the second run is another one")
			}
			if got := r.Values[result.NeverStarted]; got > 0.1 {
				t.Errorf("%.0f%% never started, though all came before the fault", 100*got)
			}
			last := r.Series[len(r.Series)-1]
			if last.Playing < 12 {
				t.Errorf("8 s after the fault %d of 24 play: %+v", last.Playing, last)
			}
		})
	}
}

// Long faults, and many at the same time, are survived too.
func TestFaultsOverlap(t *testing.T) {
	for _, faults := range []string{
		"{kind: partition, of: all, regions: [europe], at: 8s, for: 40s}",
		"{kind: freeze, of: edges, at: 10s, for: 40s}",
		"{kind: freeze, of: viewers, at: 10s, for: 10m}",
		"{kind: crash, of: viewers, share: 50%, at: 8s, for: 6s}, {kind: freeze, of: viewers, share: 50%, at: 9s, for: 3s}, {kind: crash, of: viewers, share: 50%, at: 10s, for: 2s}",
		"{kind: move, of: viewers, to: 4g, gap: 3s, at: 8s, for: 6s}, {kind: move, of: viewers, share: 50%, to: dsl, gap: 1s, at: 10s, for: 8s}",
		"{kind: move, of: viewers, to: 4g, gap: 4s, at: 8s, for: 6s}, {kind: crash, of: viewers, share: 50%, at: 7s, for: 3s}, {kind: partition, of: viewers, share: 50%, at: 7s, for: 9s}, {kind: degrade, of: all, loss: 20%, at: 9s, for: 3s}",
	} {
		run(t, load(t, small, "faults=["+faults+"]"), 1)
	}
}

// A frozen process hears nothing, and all of it in order when it goes on.
func TestFrozenProcessHearsLater(t *testing.T) {
	w, err := newWorld(Flows, load(t, small, upsetBy("{kind: freeze, of: viewers, at: 10s, for: 4s}")...), clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	var heard []time.Duration
	w.watch = func(id protocol.NodeID, f *protocol.Fact) { heard = append(heard, w.now) }
	if err := w.play(context.Background(), 14*time.Second-1); err != nil {
		t.Fatal(err)
	}
	before := len(heard)
	if heard[before-1] > 10*time.Second || w.held[w.viewerID(0)] == nil {
		t.Errorf("a viewer did something at %v, and %d inputs wait for the first", heard[before-1], len(w.held[w.viewerID(0)]))
	}
	if err := w.play(context.Background(), 14*time.Second); err != nil {
		t.Fatal(err)
	}
	if len(heard) == before || len(w.held) != 0 || len(w.halted) != 0 {
		t.Errorf("%d facts at the end of the freeze, %d wait still", len(heard)-before, len(w.held))
	}
}

// Who has moved twice goes back in the end, and in between to where the move
// leads that is still on.
func TestMovesOverlap(t *testing.T) {
	w, err := newWorld(Flows, load(t, small, upsetBy("{kind: move, of: edges, to: 4g, at: 8s, for: 4s}, {kind: move, of: edges, to: dsl, at: 10s, for: 4s}")...), clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	edge := int32(w.stream.Edges[0])
	home := fmt.Sprint(w.topology.Endpoint(edge))
	for _, c := range []struct {
		at    time.Duration
		class string
	}{{8 * time.Second, "4g"}, {10 * time.Second, "dsl"}, {12 * time.Second, "dsl"}, {14 * time.Second, scenarios.Datacenter}} {
		if err := w.play(context.Background(), c.at); err != nil {
			t.Fatal(err)
		}
		if class, _ := w.scenario.Network.Class(c.class); w.topology.Endpoint(edge).Class != class {
			t.Errorf("at %v the edge has class %d, not %s", c.at, w.topology.Endpoint(edge).Class, c.class)
		}
	}
	if got := fmt.Sprint(w.topology.Endpoint(edge)); got != home {
		t.Errorf("back home with %s, not %s", got, home)
	}
}

// A blackout takes whole domains of its level, the chosen ones or as many by
// chance; a crash of the directory takes the directory.
func TestFaultsTakeDomains(t *testing.T) {
	const tree = "providers={count: 12, sites: 6, operators: 3, racks: 2}"
	for _, c := range []struct {
		fault string
		n     int
		first protocol.NodeID
	}{
		{"{kind: blackout, of: providers, operators: 1, chosen: [1], at: 9s, for: 1s}", 4, firstProvider + 1},
		{"{kind: blackout, of: providers, sites: 2, at: 9s, for: 1s}", 4, 0},
		{"{kind: blackout, of: providers, racks: 3, at: 9s, for: 1s}", 3, 0},
		{"{kind: blackout, of: providers, racks: 1, chosen: [7], at: 9s, for: 1s}", 1, firstProvider + 7},
		{"{kind: freeze, of: providers, operators: 2, at: 9s, for: 1s}", 8, 0},
		{"{kind: crash, of: directory, at: 9s, for: 1s}", 1, directoryID},
	} {
		w, err := newWorld(Flows, load(t, small, tree, "faults=["+c.fault+"]"), clip(t), 3)
		if err != nil {
			t.Fatal(err)
		}
		got := w.darkness[0]
		if len(got) != c.n || c.first != 0 && got[0] != c.first {
			t.Errorf("%s takes %v", c.fault, got)
		}
	}
}

// Machines that come back with nothing have lost what they stored: nobody can
// read it after the fault. Those that come back with what they had can.
func TestWipedMachinesComeBackEmpty(t *testing.T) {
	left := func(wiped string) (n int) {
		s := load(t, small, append(calm, "faults=[{kind: blackout, of: providers, sites: 6, at: 14s, for: 2s"+wiped+"}]")...)
		w, err := newWorld(Flows, s, clip(t), 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.play(context.Background(), 16500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		for _, p := range w.homesOf(3) {
			n += len(w.holders(p))
		}
		return n
	}
	if stale, wiped := left(""), left(", wiped: true"); stale == 0 || wiped != 0 {
		t.Errorf("%d shards of what was stored before are there afterwards, %d of those wiped", stale, wiped)
	}
}

// homesOf lists the tokens of one slot.
func (w *world) homesOf(seq uint32) (all []placed) {
	for r := range w.stream.Rates {
		all = append(all, placed{seq, uint8(r)})
	}
	return all
}

// While the directory is down nobody new gets in, and who is there goes on.
func TestDirectoryIsAHiddenSinglePoint(t *testing.T) {
	values := func(faults string) []float64 {
		return run(t, load(t, small, "population={initial: 50%, at: 10s, over: 2s, pollutes: 0%, defaults: 0%, session: {law: endless, scale: 0s}}", "faults="+faults), 2).Values
	}
	up, down := values("[]"), values("[{kind: crash, of: directory, at: 9s, for: 10m}]")
	if up[result.NeverStarted] != 0 || down[result.NeverStarted] < 0.4 || down[result.StalledViewers] > up[result.StalledViewers] {
		t.Errorf("never started: %v, without a directory %v; stalled: %v and %v", up[result.NeverStarted], down[result.NeverStarted], up[result.StalledViewers], down[result.StalledViewers])
	}
	if !(down[result.PlayingLow] < 0.7) || !(down[result.RecoveryTime] > 10) {
		t.Errorf("at worst %v play, recovered after %vs", down[result.PlayingLow], down[result.RecoveryTime])
	}
}

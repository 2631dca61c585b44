package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// small is a world that runs in a few hundredths of a second and still has
// everything in it: churn, a blackout, liars and free riders, a real chain.
const small = `
duration: 24s
live: {delay: 6s}
population:
  {viewers: 24, initial: 40%, at: 6s, over: 8s, session: {law: exponential, scale: 30s}, abrupt: 40%, pollutes: 10%, defaults: 10%}
edges: {count: 3, sites: 3, up: 20Mbit/s, regions: [europe, na_east, east_asia]}
ledger: {block_time: 2s, base_fee: 0.01gwei, tip: 0.001gwei}
faults: [{kind: blackout, of: providers, sites: 1, at: 14s, for: 6s}]
`

func load(t testing.TB, text string, sets ...string) scenarios.Scenario {
	t.Helper()
	all, err := scenarios.Load("small.yaml", []byte(text), sets)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func clip(t testing.TB) *media.Ladder {
	t.Helper()
	l, err := media.Load(media.Default())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func run(t testing.TB, s scenarios.Scenario, seed uint64) *result.Run {
	t.Helper()
	l, err := media.Load(s.Video)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), s, l, seed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// played is a world of the clip that has run to its end, and what came of it.
func played(t testing.TB, s scenarios.Scenario, seed uint64) (*world, *result.Run) {
	t.Helper()
	w, err := newWorld(Flows, s, clip(t), seed)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return w, r
}

// The same scenario and seed give the same bytes, on one core and on two.
func TestSameBytesOnAnyNumberOfCores(t *testing.T) {
	s := load(t, small)
	want := run(t, s, 1).Digest
	if other := run(t, s, 2).Digest; other == want {
		t.Error("two seeds give the same world")
	}
	for _, cores := range []int{1, 2} {
		before := runtime.GOMAXPROCS(cores)
		got := run(t, s, 1).Digest
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Errorf("on %d cores the digest is %s, not %s", cores, got, want)
		}
	}
}

// Changing how viewers pay leaves arrivals, departures, places, links and the
// network's draws as they were.
func TestPaymentLeavesTheWorldAlone(t *testing.T) {
	worlds := make([]*world, 0, 2)
	for _, m := range []string{"central", "channel"} {
		w, err := newWorld(Flows, load(t, small, "payment.method="+m), clip(t), 3)
		if err != nil {
			t.Fatal(err)
		}
		worlds = append(worlds, w)
	}
	a, b := worlds[0], worlds[1]
	for i := range a.viewers {
		if a.viewers[i].visit != b.viewers[i].visit {
			t.Errorf("viewer %d: %+v, and %+v with the other method", i, a.viewers[i].visit, b.viewers[i].visit)
		}
	}
	if fmt.Sprint(a.darkness) != fmt.Sprint(b.darkness) {
		t.Errorf("the blackout takes %v, and %v with the other method", a.darkness, b.darkness)
	}
	viewer, edge := int32(a.viewerID(0)), int32(a.stream.Edges[0])
	for i := range 50 {
		now := time.Duration(i) * time.Second
		for k, w := range worlds {
			w.net.Place(now, viewer, Here, nil)
			for range i % (3 * (k + 1)) { // payments of one world and not of the other
				w.net.Control(now, now, &Letter{From: viewer, To: edge, Size: 150, Traffic: classPayment})
			}
		}
		x, _ := a.net.Control(now, now, &Letter{From: viewer, To: edge, Size: 100, Traffic: classControl})
		y, _ := b.net.Control(now, now, &Letter{From: viewer, To: edge, Size: 100, Traffic: classControl})
		if x != y {
			t.Fatalf("request %d arrives at %v, and at %v with the other method", i, x, y)
		}
	}
}

// A machine that nobody uses changes nothing for viewers.
func TestAnUnusedProviderChangesNothing(t *testing.T) {
	const direct = "publisher.to=edges"
	a := run(t, load(t, small, direct, "faults=[]", "providers.count=12"), 1)
	b := run(t, load(t, small, direct, "faults=[]", "providers.count=13"), 1)
	if a.Digest != b.Digest {
		t.Error("a provider that no token goes to changes the run")
	}
}

// Everybody who stays gets pictures, and the numbers of the run fit each other.
func TestRunHangsTogether(t *testing.T) {
	r := run(t, load(t, small), 1)
	v := func(id result.MetricID) float64 { return r.Values[id] }
	if v(result.NeverStarted) > 0.2 || v(result.Goodput) <= 0 || v(result.PeerShare) <= 0 {
		t.Errorf("never started %v, goodput %v, peer share %v", v(result.NeverStarted), v(result.Goodput), v(result.PeerShare))
	}
	if v(result.CorruptCaught)+run(t, load(t, small), 2).Values[result.CorruptCaught] == 0 { // with one seed nobody may ask them
		t.Error("a tenth of the viewers pollute, and nobody noticed")
	}
	if v(result.UnpaidBytes) == 0 {
		t.Error("a tenth of the viewers never pay, and nothing is unpaid")
	}
	if sum := v(result.PeerShare) + v(result.EdgeShare) + v(result.ProviderShare); sum < 0.999 || sum > 1.001 {
		t.Errorf("the shares of the sources make %v", sum)
	}
	if len(r.Viewers) != 24 || len(r.Series) == 0 {
		t.Errorf("%d viewers, %d buckets", len(r.Viewers), len(r.Series))
	}
	for _, x := range r.Viewers {
		if x.Startup >= 0 && x.Watched+x.Stalled+x.Startup > x.Leave-x.Join+time.Millisecond {
			t.Errorf("viewer %d: %v of waiting, watching and stalling in a visit of %v", x.ID, x.Watched+x.Stalled+x.Startup, x.Leave-x.Join)
		}
	}
}

// Every invariant, broken on purpose, stops the run with its name, the seed and
// the command.
func TestBrokenInvariantsAreCaught(t *testing.T) {
	for _, tc := range []struct {
		invariant string
		break_    func(w *world)
	}{
		{"bytes are conserved", func(w *world) {
			w.net.Arrive(int32(w.stream.Edges[0]), int32(w.viewerID(0)), 1, classControl)
		}},
		{"no payment without bytes", func(w *world) { w.viewers[0].due = 0 }},
		{"free rides are bounded", func(w *world) {
			w.scenario.Payment.Credit, w.scenario.Payment.Optimistic = 0, 0 // the edges keep to a wider limit than the check
		}},
		{"money in is money out", func(w *world) {
			w.scenario.Payment.Split[0].Share, w.scenario.Payment.Split[1].Share = 0.60, 0.25
		}},
		{"no voucher paid twice", func(w *world) {
			for i := range w.viewers {
				w.closed[payment.Account(w.viewerID(i))] = 1
			}
		}},
		{"acknowledged tokens are recoverable", func(w *world) {
			for i := range w.providers {
				w.providers[i] = protocol.NewProvider(w.stream, w.stream.Providers[i])
			}
		}},
		{"nothing undecodable is billed", func(w *world) {
			for seq := uint32(0); w.stream.End(seq) <= w.now; seq++ {
				for r := range w.stream.Rates {
					w.publisher.Replace(seq, uint8(r), protocol.Piece{Flags: token.Undecodable})
				}
			}
		}},
		{"no silent change of content", func(w *world) {
			w.publisher = protocol.NewPublisher(w.stream, publisherKey(1), pieces(clip(t), w.scenario.Video.Fallback), 0, nil)
		}},
		{"fluid bound", func(w *world) { w.most = 1 << 50 }},
		{"fluid bound", func(w *world) { w.got[protocol.FromEdge] = 1 << 50 }},
		{"the first copy is a server's", func(w *world) { w.got = [3]int64{protocol.FromPeer: 1 << 20, protocol.FromEdge: 1} }},
		{"queue", func(w *world) { w.limit = 1 }},
		{"no panic", func(w *world) { panic("on purpose") }},
	} {
		t.Run(tc.invariant, func(t *testing.T) {
			w, err := newWorld(Flows, load(t, small), clip(t), 5)
			if err != nil {
				t.Fatal(err)
			}
			w.scenario.Payment.Split = append([]payment.Share(nil), w.scenario.Payment.Split...)
			w.sabotage = func(w *world) {
				if w.now > 10*time.Second {
					tc.break_(w)
				}
			}
			_, err = w.run(context.Background())
			var b *Broken
			if !errors.As(err, &b) || b.Invariant != tc.invariant {
				t.Fatalf("got %v", err)
			}
			if want := "kscope run small --variant base --seed 5"; !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say how to see it again", err)
			}
		})
	}
}

func TestRunStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, load(t, small), clip(t), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Under a blackout of more sites than the code can lose tokens are lost, and
// under one that it can lose, none.
func TestRedundancyHoldsWhatItPromises(t *testing.T) {
	quiet := []string{"population.pollutes=0%", "population.defaults=0%", "population.session={law: endless, scale: 0s}",
		"duration=40s", "faults.0.for=15s", "faults.0.sites=2"}
	coded := run(t, load(t, small, quiet...), 1)
	if coded.Values[result.SegmentsLost] != 0 {
		t.Errorf("4 of 6 over 6 sites loses %v tokens to 2 dark sites", coded.Values[result.SegmentsLost])
	}
	single := run(t, load(t, small, append(quiet, "storage.scheme=none")...), 1)
	if single.Values[result.SegmentsLost] == 0 {
		t.Error("single copies survive the loss of 2 of 6 sites")
	}
}

// Signing every voucher, one in so many, or none is the same protocol: what
// viewers see, what everybody is paid and what processors are charged does not
// differ; only how many signatures were executed does.
func TestModelledSignaturesAgreeWithReal(t *testing.T) {
	for _, method := range []string{"channel", "interval", "credit", "l1-batch", "pool", "hub"} {
		of := func(how string) *result.Run {
			return run(t, load(t, small, "payment.method="+method, "payment.signatures="+how, "payment.sample=3"), 1)
		}
		a, b := of("real"), of("modelled")
		for i, m := range result.Metrics {
			x, y := a.Values[i], b.Values[i]
			switch id := result.MetricID(i); {
			case id == result.SignaturesExecuted && y < x/4, id == result.SignaturesExecuted && y > x/2, id == result.SignaturesCharged && y < x:
				t.Errorf("%s, %s: %v real, %v modelled", method, m.Name, x, y)
			case id == result.SignaturesExecuted || id == result.SignaturesCharged:
			case x != y && !(x != x && y != y):
				t.Errorf("%s, %s: %v real, %v modelled", method, m.Name, x, y)
			}
		}
		for _, r := range []*result.Run{a, b} { // but for the counts and the note of them, the records are the same bytes
			r.Values[result.SignaturesExecuted], r.Values[result.SignaturesCharged], r.Notes = 0, 0, nil
			r.Seal()
		}
		if a.Digest != b.Digest {
			t.Errorf("%s: the records differ", method)
		}
	}
}

// With every edge dark viewers turn to providers, and back when edges return.
func TestViewersOutliveTheirEdges(t *testing.T) {
	r := run(t, load(t, small, "duration=50s", "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%",
		"faults=[{kind: blackout, of: edges, sites: 3, at: 16s, for: 20s}]"), 1)
	if r.Values[result.ProviderShare] < 0.05 {
		t.Errorf("providers carried %v while all edges were dark", r.Values[result.ProviderShare])
	}
	if r.Values[result.RebufferRatio] > 0.4 {
		t.Errorf("rebuffer ratio %v with providers up", r.Values[result.RebufferRatio])
	}
}

// Honest viewers on a link too slow for anything are not taken for free riders:
// when the link recovers they watch.
func TestSlowViewersAreNotLockedOut(t *testing.T) {
	r := run(t, load(t, small, "duration=60s", "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%",
		"swarm.neighbours=0", "edges.count=1", "edges.sites=1", "edges.up=800kbit/s"), 1)
	if r.Values[result.NeverStarted] > 0.2 {
		t.Errorf("%v of the viewers on a crowded edge never started", r.Values[result.NeverStarted])
	}
}

// Two faults that overlap keep their victims dark until both are over.
func TestOverlappingFaults(t *testing.T) {
	w, err := newWorld(Flows, load(t, small, "faults=[{kind: blackout, of: edges, sites: 3, at: 10s, for: 5s}, {kind: blackout, of: edges, sites: 3, at: 12s, for: 8s}]"), clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		at time.Duration
		up bool
	}{{9 * time.Second, true}, {16 * time.Second, false}, {21 * time.Second, true}} {
		if err := w.play(context.Background(), tc.at); err != nil {
			t.Fatal(err)
		}
		if up := w.net.Up(int32(w.stream.Edges[0])); up != tc.up {
			t.Errorf("at %v the edge is up: %v", tc.at, up)
		}
	}
}

// A title whose later segments need earlier ones is joined only where it can be.
func TestViewersJoinWhereTheyCanDecode(t *testing.T) {
	s, l := load(t, small, "population.session={law: endless, scale: 0s}", "swarm.neighbours=0"), clip(t)
	entry := []bool{true, false, false, false, false}
	for r := range l.Renditions {
		l.Renditions[r].Segments = append([]media.Segment(nil), l.Renditions[r].Segments...)
		for i := range l.Renditions[r].Segments {
			if !entry[i] {
				l.Renditions[r].Segments[i].Flags &^= token.Independent
			}
		}
	}
	w, err := newWorld(Flows, s, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	first, last := map[protocol.NodeID]bool{}, map[protocol.NodeID]uint8{}
	w.watch = func(id protocol.NodeID, f *protocol.Fact) {
		if f.Kind != protocol.Played {
			return
		}
		start := entry[f.Seq%5]
		if !first[id] && !start {
			t.Errorf("viewer %d joins at slot %d, which does not decode alone", id, f.Seq)
		}
		if first[id] && f.Rendition != last[id] && !start {
			t.Errorf("viewer %d switches at slot %d, which does not decode alone", id, f.Seq)
		}
		first[id], last[id] = true, f.Rendition
	}
	if _, err := w.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(first) < 20 {
		t.Errorf("only %d viewers watched", len(first))
	}
}

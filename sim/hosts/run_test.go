package hosts_test

import (
	"context"
	"math"
	"runtime/pprof"
	"strings"
	"testing"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

// load reads a scenario: the name of a built-in one, or YAML.
func load(t testing.TB, text string, sets ...string) (scenarios.Scenario, *media.Ladder) {
	t.Helper()
	file, b := "test.yaml", []byte(text)
	if !strings.Contains(text, "\n") {
		var err error
		if file, b, err = scenarios.Open(text); err != nil {
			t.Fatal(err)
		}
	}
	all, err := scenarios.Load(file, b, sets)
	if err != nil {
		t.Fatal(err)
	}
	l, err := media.Load(all[0].Video)
	if err != nil {
		t.Fatal(err)
	}
	return all[0], l
}

func play(t testing.TB, s scenarios.Scenario, l *media.Ladder) *result.Run {
	t.Helper()
	r, err := hosts.Run(context.Background(), s, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{"go-libp2p/", "quic-go/", "kinetoscope/netem/"} {
		if strings.Contains(all.String(), of) {
			t.Errorf("a goroutine of %s is left after the run:\n%s", of, &all)
		}
	}
	return r
}

// The same scenario gives the same experience on both engines. That every
// message takes what the flow engine accounts is looked at on every send.
//
// Startup and latency differ less than between seeds: by at most two standard
// deviations of what eight seeds give with flows. So does who serves, which
// follows from who was first by milliseconds, but for three: it moves a little
// from run to run too. What is paid may differ by one voucher of each viewer.
// Which rendition they choose follows from estimates near a threshold: two
// segments of each may be of the next rung, and one more may have come by the
// end.
func TestHelloOnBothEngines(t *testing.T) {
	s, l := load(t, "hello")
	flow, sd := seeds(t, s, l, 8)
	slot := l.Renditions[0].Segments[0].Duration
	viewers := float64(s.Population.Viewers)
	voucher := float64(s.Payment.PricePerHour) / 1e9 * slot.Hours()
	rung := float64(l.Renditions[len(l.Renditions)-1].Bitrate-l.Renditions[0].Bitrate) / float64(len(l.Renditions)-1)
	choice := 2 * rung * slot.Seconds() / s.Duration.Seconds()
	paid := viewers * voucher
	segment := flow.Values[result.Bitrate] * slot.Seconds() / s.Duration.Seconds()
	real := play(t, s, l)
	for _, tc := range []struct {
		id     result.MetricID
		margin float64
	}{
		{result.StartupP50, 2 * sd(result.StartupP50)},
		{result.StartupP95, 2 * sd(result.StartupP95)},
		{result.LatencyP50, 2 * sd(result.LatencyP50)},
		{result.NeverStarted, 0},
		{result.RebufferRatio, 0.01},
		{result.Bitrate, 2 * choice}, // they watch for half of the time
		{result.Goodput, viewers * (choice + segment)},
		{result.SourceRate, 0.1 * flow.Values[result.SourceRate]},
		{result.PeerShare, 3 * sd(result.PeerShare)},
		{result.SegmentsLost, 0},
		{result.Paid, paid},
		{result.RightsShare, paid / flow.Values[result.Paid] * flow.Values[result.RightsShare]},
	} {
		a, b := flow.Values[tc.id], real.Values[tc.id]
		t.Logf("%s: %.4g with flows, %.4g with hosts, may differ by %.3g", result.Metrics[tc.id].Name, a, b, tc.margin)
		if !(math.Abs(a-b) <= tc.margin) {
			t.Errorf("%s is %v with flows and %v with hosts, and may differ by %v", result.Metrics[tc.id].Name, a, b, tc.margin)
		}
	}
	if !strings.Contains(strings.Join(real.Notes, "\n"), "real libp2p hosts (QUIC") {
		t.Errorf("the notes do not say what carried the run: %q", real.Notes)
	}
}

// seeds plays a scenario with flows, and returns the run of the first seed and
// the standard deviation of a metric over all of them.
func seeds(t testing.TB, s scenarios.Scenario, l *media.Ladder, count int) (first *result.Run, sd func(result.MetricID) float64) {
	t.Helper()
	var runs []*result.Run
	for seed := range count {
		r, err := sim.Run(context.Background(), s, l, uint64(seed+1))
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	return runs[0], func(id result.MetricID) float64 {
		var sum, squares float64
		for _, r := range runs {
			sum += r.Values[id]
		}
		for _, r := range runs {
			d := r.Values[id] - sum/float64(count)
			squares += d * d
		}
		return math.Sqrt(squares / float64(count-1))
	}
}

// Viewers who come and go without a word, edges that crash and come back, a
// partition, a freeze and a change of address: whoever stays gets pictures
// again, the books balance, and no goroutine is left.
func TestChurn(t *testing.T) {
	s, l := load(t, `
duration: 60s
live: {delay: 8s}
population: {viewers: 12, initial: 50%, at: 8s, over: 20s, session: {law: exponential, scale: 30s}, abrupt: 50%}
edges: {count: 2, sites: 2}
ledger: {block_time: 2s, base_fee: 0.01gwei, tip: 0.001gwei}
faults:
  - {kind: crash, of: edges, sites: 1, at: 15s, for: 5s}
  - {kind: partition, of: providers, sites: 1, at: 20s, for: 5s}
  - {kind: freeze, of: edges, sites: 1, at: 30s, for: 5s}
  - {kind: move, of: viewers, share: 50%, to: 4g, at: 40s, for: 10s, gap: 1s}
`)
	r := play(t, s, l)
	if notes := strings.Join(r.Notes, "\n"); strings.Contains(notes, "libp2p has reported") {
		t.Errorf("libp2p takes a fault of the scenario for one of its own: %s", notes)
	}
	v := func(id result.MetricID) float64 { return r.Values[id] }
	if v(result.NeverStarted) > 0.2 || v(result.Survival) < 0.8 || v(result.Goodput) <= 0 {
		t.Errorf("never started %v, survival %v, goodput %v", v(result.NeverStarted), v(result.Survival), v(result.Goodput))
	}
}

// What cannot be played is refused, with what to do.
func TestRefusals(t *testing.T) {
	for _, tc := range []struct{ set, want string }{
		{"population.viewers=5000", "up to 3000 nodes"},
		{"token.encoding=json", "token section"},
		{"network.backbone=[{from: europe, to: na_east, rate: 1Gbit/s}]", "network.backbone"},
	} {
		s, l := load(t, "hello", tc.set)
		_, err := hosts.Run(context.Background(), s, l, 1)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "--engine flow") {
			t.Errorf("%s: %v", tc.set, err)
		}
	}
}

// A knob that means nothing to real connections is named in the notes.
func TestUnheededKnobs(t *testing.T) {
	s, l := load(t, "duration: 20s\nlive: {delay: 8s}\npopulation: {viewers: 3, at: 8s, over: 2s}\nnetwork: {startup: false}\n")
	if notes := strings.Join(play(t, s, l).Notes, "\n"); !strings.Contains(notes, "network.startup") {
		t.Errorf("nothing about network.startup in %q", notes)
	}
}

// A run whose context is done ends with its error.
func TestInterrupt(t *testing.T) {
	s, l := load(t, "hello")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := hosts.Run(ctx, s, l, 1); err != context.Canceled {
		t.Errorf("the run ended with %v", err)
	}
}

// Two runs of a seed differ by the order of goroutines alone: what viewers feel
// is the same within 5 %, here, where tests run beside each other.
func TestRunsOfASeedLieClose(t *testing.T) {
	s, l := load(t, "duration: 16s\nlive: {delay: 6s}\npopulation: {viewers: 4, initial: 100%}\n")
	a, b := play(t, s, l), play(t, s, l)
	for _, id := range []result.MetricID{result.StartupP50, result.StartupP95, result.LatencyP50, result.Survival, result.SourceRate} {
		if x, y := a.Values[id], b.Values[id]; !(math.Abs(x-y) <= 0.05*x) {
			t.Errorf("%s is %v, then %v", result.Metrics[id].Name, x, y)
		}
	}
}

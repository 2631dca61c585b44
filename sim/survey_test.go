package sim

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/storage"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// bare is a world with storage and next to nothing else.
const bare = `
duration: 40s
population: {viewers: 1, initial: 100%}
swarm: {neighbours: 0}
payment: {method: central}
providers: {count: 90, sites: 9, up: 100Mbit/s, regions: [europe, na_east, east_asia]}
edges: {count: 1, sites: 1, up: 20Mbit/s, regions: [europe]}
storage: {placement: random}
`

// worldOf plays a scenario until a time.
func worldOf(t testing.TB, seed uint64, until time.Duration, text string, sets ...string) *world {
	t.Helper()
	w, err := newWorld(Flows, load(t, text, sets...), clip(t), seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.play(context.Background(), until); err != nil {
		t.Fatal(err)
	}
	return w
}

// chance is the probability of x successes in n trials.
func chance(n, x int, p float64) float64 {
	lg := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	return math.Exp(lg(n) - lg(x) - lg(n-x) + float64(x)*math.Log(p) + float64(n-x)*math.Log1p(-p))
}

// unlike is the two-sided exact test: the probability of what is at most as
// probable as x.
func unlike(law []float64, x int) (sum float64) {
	for _, p := range law {
		if p <= law[x]*(1+1e-9) {
			sum += p
		}
	}
	return sum
}

// plus is the law of the sum of two independent numbers.
func plus(a, b []float64) []float64 {
	sum := make([]float64, len(a)+len(b)-1)
	for i, x := range a {
		for k, y := range b {
			sum[i+k] += x * y
		}
	}
	return sum
}

// nodeErrors are the shares of the documentation; each strikes for a second.
var nodeErrors = []float64{0.01, 0.05, 0.10, 0.50}

// V8. In whole runs, with real shards at emulated providers that go dark each
// by itself, tokens are lost as often as the exact law says: pooled over seeds,
// no code and share of errors lies outside the band that all of them together
// would leave once in twenty times, and no more lie outside their own 95 % bands
// than chance explains. The law of a run is a mixture of binomials, since its
// tokens share providers; its mean is the exact binomial, which the test of
// storage.LossAmong holds.
func TestLossInRunsIsBinomial(t *testing.T) {
	faults := "faults=["
	for i, p := range nodeErrors {
		faults += fmt.Sprintf("{kind: errors, of: providers, share: %v%%, at: %ds, for: 1s},", 100*p, 36+i)
	}
	faults += "]"
	const providers, seeds = 90, 12
	outside, tests := 0, 0
	for _, code := range []string{
		"{scheme: replication, n: 1}", "{scheme: replication, n: 2}", "{scheme: replication, n: 3}",
		"{scheme: replication, n: 4}", "{scheme: replication, n: 5}",
		"{k: 4, n: 6}", "{k: 6, n: 9}", "{k: 10, n: 14}", "{k: 10, n: 20}", "{k: 17, n: 20}", "{k: 29, n: 80}"} {
		laws, lost := make([][]float64, len(nodeErrors)), make([]int, len(nodeErrors))
		tokens := 0
		var c storage.Config
		for seed := range uint64(seeds) {
			w := worldOf(t, seed+1, 35*time.Second, bare, "storage="+code, faults)
			c = w.scenario.Storage
			for i, p := range nodeErrors {
				if err := w.play(context.Background(), time.Duration(36+i)*time.Second+time.Millisecond); err != nil {
					t.Fatal(err)
				}
				for _, token := range w.homes {
					if len(w.holders(token)) < c.Needed() {
						lost[i]++
					}
				}
				if seed == 0 {
					laws[i] = []float64{1}
				}
				laws[i] = plus(laws[i], mixture(c, p, providers, len(w.homes)))
			}
			tokens += len(w.homes)
		}
		for i, p := range nodeErrors {
			u := unlike(laws[i], lost[i])
			t.Logf("%-28s %3.0f %% of nodes dark: %3d of %d tokens lost, binomial mean %6.2f, chance of less likely %.3f",
				code, 100*p, lost[i], tokens, float64(tokens)*c.Loss(unit.Ratio(p)), u)
			tests++
			if u < 0.05 {
				outside++
			}
			if u < 0.05/44 {
				t.Errorf("%s, %v of nodes dark: %d of %d tokens lost; a number as unlikely has probability %v", code, p, lost[i], tokens, u)
			}
		}
	}
	if tests != 44 || outside > 6 { // P(more than 6 of 44 at 5 %) = 0.5 %
		t.Errorf("%d of %d lie outside their 95 %% bands", outside, tests)
	}
}

// mixture is the law of the tokens that one run loses.
func mixture(c storage.Config, gone float64, providers, tokens int) []float64 {
	law := make([]float64, tokens+1)
	for dark := range providers + 1 {
		p := c.LossAmong(dark, providers)
		for x := range law {
			switch {
			case p > 0 && p < 1:
				law[x] += chance(providers, dark, gone) * chance(tokens, x, p)
			case x == int(p)*tokens:
				law[x] += chance(providers, dark, gone)
			}
		}
	}
	return law
}

// A simulator that takes more than it says is noticed by the metric that the
// built-in scenario refutes with.
func TestLossSurpriseNoticesWrongErrors(t *testing.T) {
	const fault = "faults=[{kind: errors, of: providers, share: 10%, at: 36s, for: 1s}]"
	sum := map[bool]float64{}
	for seed := range uint64(4) {
		for _, wrong := range []bool{false, true} {
			w := worldOf(t, seed+1, 35*time.Second, bare, fault)
			if wrong {
				w.darkness[0] = append(w.darkness[0], w.stream.Providers[seed*20:seed*20+22]...)
			}
			if err := w.play(context.Background(), 37*time.Second); err != nil {
				t.Fatal(err)
			}
			sum[wrong] += w.surprise / 4
		}
	}
	if sum[true] > 0.025 || sum[false] < 0.025 {
		t.Errorf("mean surprise %v, and %v when too many go dark", sum[false], sum[true])
	}
}

// Errors take each machine with the probability they say, and as many seeds
// as machines remove each in turn.
func TestWhomFaultsTake(t *testing.T) {
	dark, all := 0, 0
	removed := map[protocol.NodeID]int{}
	pairs := map[string]int{}
	for seed := range uint64(90) {
		s := load(t, bare, "faults=[{kind: errors, of: providers, share: 10%, at: 9s, for: 1s}, {kind: removal, of: providers, nodes: 1, at: 9s, for: 1s}]")
		w, err := newWorld(Flows, s, clip(t), seed+1)
		if err != nil {
			t.Fatal(err)
		}
		dark, all = dark+len(w.darkness[0]), all+90
		removed[w.darkness[1][0]]++
	}
	law := make([]float64, all+1)
	for x := range law {
		law[x] = chance(all, x, 0.1)
	}
	if p := unlike(law, dark); p < 0.01 {
		t.Errorf("%d of %d machines have errors of 10 %%: probability %v", dark, all, p)
	}
	if len(removed) != 90 {
		t.Errorf("90 seeds remove %d of 90 machines", len(removed))
	}
	for turn := range uint64(7 * 6) {
		two := inTurn(turn+1, 2, 7)
		slices.Sort(two)
		pairs[fmt.Sprint(two)]++
	}
	if len(pairs) != 21 {
		t.Errorf("42 turns remove %d of 21 pairs of 7", len(pairs))
	}
	if whole := inTurn(3, 9, 7); len(slices.Compact(slices.Sorted(slices.Values(whole)))) != 7 {
		t.Errorf("all of 7 are %v", whole)
	}
}

const repairing = "storage={k: 4, n: 6, placement: domains, repair: eager, audit: 1s, detect: 2s}"

// stale counts shards at providers that are not their keepers, and tokens that
// lack some.
func (w *world) strays() (stray, short int) {
	w.kept(func(p placed) {
		nodes, _ := w.publisher.Keepers(p.seq, p.rendition)
		for i, n := range nodes {
			for k, provider := range w.providers {
				if w.stream.Providers[k] != n && provider.Shard(p.seq, p.rendition, uint8(i)) != nil {
					stray++
				}
			}
		}
		if len(w.holders(p)) < len(nodes) {
			short++
		}
	})
	return stray, short
}

// Shards of providers that go dark are made anew, byte for byte, and who comes
// back gives up what others keep by now.
func TestRepair(t *testing.T) {
	const fault = "faults=[{kind: removal, of: providers, nodes: 2, at: 20s, for: 10s}]"
	small := []string{"providers.count=12", "providers.sites=6", fault}
	broken := worldOf(t, 1, 29*time.Second, bare, append(small, "storage.placement=domains")...)
	if _, short := broken.strays(); short == 0 {
		t.Error("two providers are dark and no token lacks a shard")
	}
	w := worldOf(t, 1, 29*time.Second, bare, append(small, repairing)...)
	if stray, short := w.strays(); short != 0 || stray == 0 {
		t.Errorf("9 s after two providers went dark %d tokens lack shards; %d shards are there twice", short, stray)
	}
	if w.repair == 0 || w.failed == 0 {
		t.Errorf("%d bytes of repair after %d failed challenges", w.repair, w.failed)
	}
	w.kept(func(p placed) {
		want := w.stream.Coder.Encode(w.publisher.Piece(p.seq, p.rendition).Payload.Bytes())
		nodes, _ := w.publisher.Keepers(p.seq, p.rendition)
		for i, n := range nodes {
			if got := w.providers[n-firstProvider].Shard(p.seq, p.rendition, uint8(i)); !bytes.Equal(got, want[i]) {
				t.Fatalf("shard %d of %v has %d other bytes", i, p, len(got))
			}
		}
	})
	if err := w.play(context.Background(), 34*time.Second); err != nil {
		t.Fatal(err)
	}
	if stray, short := w.strays(); stray != 0 || short != 0 {
		t.Errorf("4 s after they came back %d shards are there twice and %d tokens lack some", stray, short)
	}
}

// Lazy repair moves fewer bytes than eager, and none none.
func TestLazyRepairWaits(t *testing.T) {
	bytes := map[string]float64{}
	for _, policy := range []string{"none", "lazy", "eager"} {
		r := run(t, load(t, bare, "providers.count=12", "providers.sites=6", repairing, "storage.repair="+policy, "storage.threshold=0",
			"faults=[{kind: removal, of: providers, nodes: 1, at: 15s, for: 1m}, {kind: removal, of: providers, nodes: 1, at: 25s, for: 1m}]"), 2)
		bytes[policy] = r.Values[result.RepairBytes]
	}
	if bytes["none"] != 0 || bytes["lazy"] == 0 || bytes["lazy"] >= bytes["eager"] {
		t.Errorf("bytes of repair: %v", bytes)
	}
}

// Honest providers that answer never fail an audit, and the audits cost what
// they say: a challenge and a proof, not shards.
func TestHonestProvidersPass(t *testing.T) {
	r := run(t, load(t, bare, "providers.count=12", "providers.sites=6", repairing), 1)
	if r.Values[result.AuditFailures] != 0 || r.Values[result.RepairBytes] != 0 {
		t.Errorf("%v challenges failed, %v bytes of repair", r.Values[result.AuditFailures], r.Values[result.RepairBytes])
	}
	without := run(t, load(t, bare, "providers.count=12", "providers.sites=6"), 1)
	if r.Values[result.ControlShare] > 2*without.Values[result.ControlShare]+0.02 {
		t.Errorf("control messages are %v of all bytes, %v without audits", r.Values[result.ControlShare], without.Values[result.ControlShare])
	}
}

// Providers that drop what they have and pretend look well without audits, lose
// tokens when others fail too, and are found by audits: their shards are with
// others before that.
func TestLiarsAreFound(t *testing.T) {
	sets := []string{"providers.count=24", "providers.sites=6", "faults=[{kind: lies, of: providers, share: 15%, at: 12s, for: 1m}]"}
	blind := worldOf(t, 3, 38*time.Second, bare, append(sets, "storage.placement=domains")...)
	_, without := blind.strays()
	seen := worldOf(t, 3, 38*time.Second, bare, append(sets, repairing)...)
	_, with := seen.strays()
	if without == 0 || with != 0 {
		t.Errorf("%d tokens lack shards, with audits %d", without, with)
	}
	if seen.failed < int64(len(seen.darkness[0])) {
		t.Errorf("%d providers lie, %d challenges failed", len(seen.darkness[0]), seen.failed)
	}
	if r := run(t, load(t, bare, append(sets, repairing)...), 3); r.Values[result.SegmentsLost] != 0 {
		t.Errorf("%v tokens could not be read", r.Values[result.SegmentsLost])
	}
}

// Who asks for more than k shards at once waits less and reads more.
func TestHedgedReads(t *testing.T) {
	sets := []string{"storage={k: 10, n: 14, placement: random}", "edges.count=4", "edges.sites=4", "population.viewers=8"}
	plain, hedged := run(t, load(t, bare, sets...), 1), run(t, load(t, bare, append(sets, "storage.extra=4")...), 1)
	if a, b := plain.Values[result.ReadP95], hedged.Values[result.ReadP95]; b >= a {
		t.Errorf("p95 %v, hedged %v", a, b)
	}
	if a, b := plain.Values[result.ReadAmplification], hedged.Values[result.ReadAmplification]; b <= a {
		t.Errorf("read amplification %v, hedged %v", a, b)
	}
}

// verdict runs variants of a built-in scenario and says whether it passes.
func verdict(t *testing.T, name string, seeds int, keep []string, sets ...string) bool {
	t.Helper()
	text, ok := scenarios.Builtin(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	all, err := scenarios.Load(name+".yaml", text, sets)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	set := &result.Set{}
	for i := range seeds {
		set.Seeds = append(set.Seeds, uint64(i+1))
	}
	for _, s := range all {
		names = append(names, s.Variant)
	}
	thresholds, refuted, err := all[0].Assertions(names)
	if err != nil {
		t.Fatal(err)
	}
	about := func(a result.Assertion) bool {
		return slices.Contains(keep, a.Left.Variant) && (a.Right == nil || slices.Contains(keep, a.Right.Variant))
	}
	for _, a := range thresholds {
		if about(a) {
			set.Thresholds = append(set.Thresholds, a)
		}
	}
	for _, a := range refuted {
		if about(a) {
			set.RefutedIf = append(set.RefutedIf, a)
		}
	}
	if len(set.RefutedIf) == 0 {
		t.Fatalf("nothing refutes %v", keep)
	}
	for _, s := range all {
		if slices.Contains(keep, s.Variant) {
			set.Variants = append(set.Variants, result.Variant{Name: s.Variant})
			for _, seed := range set.Seeds {
				set.Runs = append(set.Runs, run(t, s, seed))
			}
		}
	}
	return result.Passed(result.Check(set))
}

// The claims of the scenarios can fail: as they stand they do not, and each of
// these changes refutes them.
func TestClaimsOfRedundancyCanFail(t *testing.T) {
	for _, c := range []struct {
		scenario, variant string
		sabotage          []string
	}{
		{"one-dark", "coded", []string{"variants.coded.storage={scheme: none}"}},
		{"one-dark", "coded-pair", []string{"variants.coded-pair.storage={scheme: replication, n: 2}"}},
		{"one-dark", "in-a-row-repaired", []string{"variants.in-a-row-repaired.storage.repair=none"}},
		{"redundancy-frontier", "site-rs-17-3", []string{"variants.site-rs-17-3.storage.placement=random"}},
		{"redundancy-frontier", "site-rs-4-2", []string{"variants.site-rs-4-2.providers={sites: 2}"}},
	} {
		const seeds = 3
		if !verdict(t, c.scenario, seeds, []string{c.variant}) {
			t.Errorf("%s, %s: does not pass", c.scenario, c.variant)
		}
		if verdict(t, c.scenario, seeds, []string{c.variant}, c.sabotage...) {
			t.Errorf("%s with %s: nothing is refuted", c.scenario, c.sabotage)
		}
	}
}

package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/sim/result"
)

// swarming is a world in which neighbours carry most of the load and nothing
// else goes wrong.
var swarming = []string{"population={viewers: 40, initial: 100%, pollutes: 0%, defaults: 0%, session: {law: endless, scale: 0s}}", "duration=60s", "faults=[]", "payment.method=central"}

func values(t *testing.T, sets ...string) []float64 {
	t.Helper()
	return run(t, load(t, small, append(swarming[:len(swarming):len(swarming)], sets...)...), 3).Values
}

// Each kind of malice does what it is there for, and the protection against it
// takes most of that away.
func TestMaliceAndProtection(t *testing.T) {
	honest := values(t)
	for _, c := range []struct {
		malice, protection string
		metric             result.MetricID
		harm               func(honest, with, protected float64) bool
	}{
		{"population.pollutes=20%", "protection.check=hash", result.CorruptShown, func(_, none, hash float64) bool { return none > 0.05 && hash == 0 }},
		{"population.forges=20%", "protection.check=signature", result.CorruptShown, func(_, none, signed float64) bool { return none > 0.05 && signed == 0 }},
		{"population.withholds=30%; duration=2m", "protection.reputation=true", result.Abandoned, func(h, w, p float64) bool { return w > h+20 && p < 0.7*w }},
		{"population.freeloads=50%", "protection.reputation=true", result.PeerShare, func(h, w, p float64) bool { return w < 0.9*h }},
		{"population={sybils: 100%, eclipse: true}", "protection.reputation=true", result.PeerShare, func(h, w, p float64) bool { return w < 0.8*h && p > w+0.05 }},
		{"population={sybils: 100%, eclipse: true}; swarm.delivery=push", "protection.reputation=true", result.PeerShare, func(h, w, p float64) bool { return w < 0.8*h && p > w+0.05 }},
	} {
		with := values(t, append(strings.Split(c.malice, "; "), "protection={check: none}")...)[c.metric]
		protected := values(t, append(strings.Split(c.malice, "; "), c.protection)...)[c.metric]
		if !c.harm(honest[c.metric], with, protected) {
			t.Errorf("%s: %s is %v, with honest viewers %v, with %s %v", c.malice, result.Metrics[c.metric].Name, with, honest[c.metric], c.protection, protected)
		}
	}
}

// Nobody parts from an honest neighbour, be it the last that everything reaches or
// one that has just come.
func TestReputationSparesTheHonest(t *testing.T) {
	for _, delivery := range []string{"pull", "push"} {
		s := load(t, small, append(swarming[:len(swarming):len(swarming)], "population={initial: 30%, over: 30s}", "protection.reputation=true", "swarm.delivery="+delivery)...)
		for n := range 8 {
			life, err := Life(context.Background(), s, clip(t), 3, Subject{Viewer: 5 * n, Edge: -1, Provider: -1}, 0, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range life.Moments {
				if m.Way == result.Said && m.Text == "gone" {
					t.Errorf("%s: viewer %d complains of a neighbour after %v", delivery, 5*n, m.At)
				}
			}
		}
	}
}

// A forger passes the check of hashes and not that of signatures.
func TestOnlySignaturesTellForgeries(t *testing.T) {
	hash, signed := values(t, "population.forges=20%", "protection.check=hash"), values(t, "population.forges=20%")
	if !(hash[result.CorruptShown] > 0.05) || signed[result.CorruptShown] != 0 || !(signed[result.CorruptCaught] > 0) {
		t.Errorf("shown: %v by hash alone, %v with signatures", hash[result.CorruptShown], signed[result.CorruptShown])
	}
	if cheap := values(t, "protection.check=none"); !(cheap[result.ViewerCPU] < 0.5*signed[result.ViewerCPU]) {
		t.Errorf("CPU: %v without checks, %v with all", cheap[result.ViewerCPU], signed[result.ViewerCPU])
	}
}

// Identities that nobody is behind are no viewers.
func TestSybilsAreNotCounted(t *testing.T) {
	r := run(t, load(t, small, "population.sybils=100%"), 1)
	if n := len(r.Viewers); n > 24 {
		t.Errorf("%d viewers of 24", n)
	}
	for _, p := range r.Series {
		if p.Joined > 24 {
			t.Fatalf("%d are there at %v", p.Joined, p.At)
		}
	}
}

// A censor refuses those of the regions that it names, and nobody else; while
// any k shards can be had elsewhere it keeps nobody from the stream.
func TestCensorship(t *testing.T) {
	censored := func(fault string) (stalled map[string]float64) {
		s := load(t, small, append(swarming[:len(swarming):len(swarming)], "swarm.neighbours=0", "faults="+fault)...)
		stalled = map[string]float64{}
		for _, v := range run(t, s, 3).Viewers {
			stalled[v.Region] += v.Stalled.Seconds()
		}
		return stalled
	}
	one := censored("[{kind: censorship, of: edges, share: 100%, regions: [europe], at: 10s, for: 50s}, {kind: censorship, of: providers, share: 100%, regions: [europe], at: 10s, for: 50s}]")
	if one["europe"] < 500 || one["na_east"]+one["na_west"]+one["east_asia"] > 10 { // who is served by an edge in Europe may feel it
		t.Errorf("seconds stalled when Europe is censored: %v", one)
	}
	if two := censored("[{kind: censorship, of: providers, sites: 2, at: 10s, for: 50s}]"); two["europe"]+two["na_east"] > 1 {
		t.Errorf("two of six sites censor 4 of 6 shards: %v", two)
	}
}

// A censor of titles keeps those from their picture who want one of them, and
// nobody else.
func TestCensorshipOfTitles(t *testing.T) {
	s := load(t, small, append(strings.Split(onDemand, "; "), "population={pollutes: 0%, defaults: 0%, session: {law: endless, scale: 0s}}", "duration=40s",
		"faults=[{kind: censorship, of: edges, share: 100%, titles: [0, 2], at: 0s, for: 1h}, {kind: censorship, of: providers, share: 100%, titles: [0, 2], at: 0s, for: 1h}]")...)
	var refused, served int
	titles := newZipf(s.Catalogue.Titles, s.Catalogue.Exponent)
	for i, v := range run(t, s, 3).Viewers {
		title := titles.draw(stream(3, "title", uint64(i)).Float64())
		censored := title == 0 || title == 2
		if censored == (v.Watched > 0) {
			t.Errorf("viewer %d of title %d watched %v", i, title, v.Watched)
		}
		if censored {
			refused++
		} else {
			served++
		}
	}
	if refused < 5 || served < 5 {
		t.Errorf("%d refused, %d served: too few to tell", refused, served)
	}
}

// A wile that nobody can do in a scenario is said to be not heeded, and is not; one that can be done is not said so.
func TestWilesThatNobodyCanDo(t *testing.T) {
	played := func(sets ...string) *result.Run {
		return run(t, load(t, small, append(swarming[:len(swarming):len(swarming)], sets...)...), 3)
	}
	for _, c := range []struct{ wile, where, why string }{
		{"population.pollutes=50%", "swarm.neighbours=0", "viewers have no neighbours"},
		{"population.forges=50%", "swarm.neighbours=0", "viewers have no neighbours"},
		{"population.withholds=50%", "swarm.neighbours=0", "viewers have no neighbours"},
		{"population.freeloads=50%", "swarm.neighbours=0", "viewers have no neighbours"},
		{"population.liars=50%", "swarm.neighbours=0", "viewers have no neighbours"},
		{"population.liars=50%", "swarm.selection=throughput", "nobody goes by what others report"},
		{"edges.liars=50%", "swarm.selection=throughput", "nobody goes by what others report"},
		{"population.griefs=50%", "payment.method=central", "nothing is locked"},
		{"population.griefs=50%", "payment={method: channel, preopened: true}", "deposits that are preopened are honest"},
	} {
		key, _, _ := strings.Cut(c.wile, "=")
		honest, with := played(c.where), played(c.where, c.wile)
		told := slices.ContainsFunc(with.Notes, func(n string) bool {
			return strings.HasPrefix(n, "not heeded: "+key+", since ") && strings.Contains(n, c.why)
		})
		if !told || fmt.Sprint(with.Values) != fmt.Sprint(honest.Values) {
			t.Errorf("%s with %s: told %v, the same figures %v", c.wile, c.where, told, fmt.Sprint(with.Values) == fmt.Sprint(honest.Values))
		}
	}
	for _, c := range []struct{ wile, where string }{{"population.pollutes=50%", "faults=[]"}, {"population.forges=50%", "faults=[]"}, {"population.withholds=50%", "faults=[]"},
		{"population.freeloads=50%", "faults=[]"}, {"population.liars=50%", "swarm.selection=least-load"}, {"edges.liars=50%", reported}, {"population.griefs=50%", "payment.method=channel"}} {
		where := strings.Split(c.where, "; ")
		honest, with := played(where...), played(append(where, c.wile)...)
		if fmt.Sprint(with.Values) == fmt.Sprint(honest.Values) || slices.ContainsFunc(with.Notes, func(n string) bool { return strings.HasPrefix(n, "not heeded") }) {
			t.Errorf("%s does nothing, or is said to: %v", c.wile, with.Notes)
		}
	}
}

// Where the publisher sends to edges, no provider lies: a variant of a scenario with such lies says so, its viewers
// fare as without, and what is measured while the fault lasts is measured there too.
func TestLiesWithoutStorage(t *testing.T) {
	const lies = "faults=[{kind: lies, of: providers, share: 100%, at: 20s, for: 20s}]"
	noted := func(r *result.Run) bool {
		return slices.Contains(r.Notes, "not heeded: faults.0, since the publisher sends to edges, so that providers store nothing")
	}
	played := func(sets ...string) *result.Run {
		return run(t, load(t, small, append(swarming[:len(swarming):len(swarming)], sets...)...), 3)
	}
	honest, with, stored := played("publisher.to=edges"), played("publisher.to=edges", lies), played(lies)
	if !noted(with) || noted(stored) || noted(honest) {
		t.Errorf("told %v, with storage %v, without lies %v", noted(with), noted(stored), noted(honest))
	}
	if fmt.Sprint(with.Viewers) != fmt.Sprint(honest.Viewers) {
		t.Error("viewers fare otherwise")
	}
	if with.Values[result.PlayingLow] != 1 {
		t.Errorf("%v play while nobody lies", with.Values[result.PlayingLow])
	}
}

package archive

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// small is some months of some assets.
const small = `
duration: 2160h
seeds: 1
providers: {count: 30, sites: 10}
storage: {k: 4, n: 8, repair: eager, audit: 24h, detect: 1h}
archive: {on: true, assets: 500, cheats: 10%, keeps: 50%}
`

// calm is an archive to which nothing happens by itself.
var calm = []string{"archive.life={law: endless, scale: 0s, shape: 0}", "archive.up={law: endless, scale: 0s, shape: 0}", "archive.away={law: endless, scale: 0s, shape: 0}", "archive.rot=0%", "archive.cheats=0%"}

func load(t *testing.T, sets ...string) scenarios.Scenario {
	t.Helper()
	all, err := scenarios.Load("small.yaml", []byte(small), sets)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func play(t *testing.T, sets ...string) *result.Run {
	t.Helper()
	r, err := Run(context.Background(), load(t, sets...), 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The same archive gives the same bytes.
func TestArchiveIsRepeatable(t *testing.T) {
	if a, b := play(t).Digest, play(t).Digest; a != b {
		t.Errorf("%s, then %s", a, b)
	}
}

func TestArchiveStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, load(t), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Nothing is lost, moved or found where nothing happens.
func TestCalmArchive(t *testing.T) {
	v := play(t, calm...).Values
	if v[result.Ghosts] != 0 || v[result.RepairBytes] != 0 || v[result.AuditFailures] != 0 || v[result.Unavailability] != 0 || v[result.Expansion] != 2 {
		t.Errorf("ghosts %v, repair %v, failures %v, unavailable %v, expansion %v", v[result.Ghosts], v[result.RepairBytes], v[result.AuditFailures], v[result.Unavailability], v[result.Expansion])
	}
}

// Who repairs keeps what others lose; what is repaired late, or is not known to be
// gone, costs less and loses more.
func TestPolicies(t *testing.T) {
	of := map[string][]float64{}
	for name, sets := range map[string][]string{"none": {"storage.repair=none", "storage.audit=0s"}, "lazy": {"storage.repair=lazy", "storage.threshold=1"},
		"eager": nil, "late": {"storage.audit=720h"}} {
		of[name] = play(t, sets...).Values
	}
	ghosts, moved := result.Ghosts, result.RepairBytes
	if !(of["none"][ghosts] > of["late"][ghosts] && of["late"][ghosts] > of["eager"][ghosts] && of["lazy"][ghosts] >= of["eager"][ghosts]) {
		t.Errorf("ghosts: none %v, late %v, lazy %v, eager %v", of["none"][ghosts], of["late"][ghosts], of["lazy"][ghosts], of["eager"][ghosts])
	}
	if !(of["none"][moved] == 0 && of["lazy"][moved] > 0 && of["lazy"][moved] < of["eager"][moved]) {
		t.Errorf("repair: none %v, lazy %v, eager %v", of["none"][moved], of["lazy"][moved], of["eager"][moved])
	}
	if a, b := of["eager"][result.UndetectedP50], of["late"][result.UndetectedP50]; !(a < b && a > 3600 && a < 25*3600) {
		t.Errorf("a loss is unknown for %v s with daily audits, for %v s with monthly ones", a, b)
	}
}

// worldOf is an archive at its start, whose assets are stored and providers leave
// when the caller says so.
func worldOf(t *testing.T, seed uint64, birth func(int) time.Duration, leaves map[int]time.Duration, sets ...string) *world {
	t.Helper()
	w := &world{scenario: load(t, append(calm, sets...)...), seed: seed, birth: birth}
	if err := w.found(); err != nil {
		t.Fatal(err)
	}
	for at, when := range leaves {
		w.queue.push(event{at: when, what: exit, place: at})
	}
	return w
}

func (w *world) played(t *testing.T) *world {
	t.Helper()
	if err := w.play(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.check()
	return w
}

func atOnce(int) time.Duration { return 0 }

// Where shards stand at random and nobody repairs, as many assets are lost as the
// hypergeometric law says.
func TestLossesFollowTheLaw(t *testing.T) {
	leaves := map[int]time.Duration{}
	for at := range 12 {
		leaves[at*2] = time.Hour
	}
	w := worldOf(t, 3, atOnce, leaves, "storage={repair: none, audit: 0s, placement: random}", "archive.assets=20000", "archive.vacancy=1000000h", "duration=48h").played(t)
	want := w.scenario.Storage.LossAmong(12, 30)
	got := float64(w.ghost) / 20000
	if sd := math.Sqrt(want * (1 - want) / 20000); math.Abs(got-want) > 4*sd || want < 0.01 {
		t.Errorf("%v are ghosts, by the law %v (sigma %v)", got, want, sd)
	}
}

// The same departures lose as much in an archive as in a stream, whose publisher,
// providers and network are real: without repair, and with repair that is too slow
// for them.
func TestArchiveAgreesWithStream(t *testing.T) {
	const seeds, leaving, end, settling = 4, 14, 80 * time.Second, 5 * time.Second
	var faults []string
	when := map[int]time.Duration{}
	for i := range leaving {
		when[i] = 20*time.Second + time.Duration(i)*3*time.Second
		faults = append(faults, fmt.Sprintf("{kind: removal, of: providers, nodes: 1, at: %v, for: 10m}", when[i]))
	}
	for name, set := range map[string]string{"none": "storage={k: 4, n: 6, placement: domains, repair: none, audit: 0s}",
		"eager": "storage={k: 4, n: 6, placement: domains, repair: eager, audit: 8s, detect: 3s}"} {
		both := []string{"providers={count: 24, sites: 6}", set, "duration=" + end.String()}
		var stream, archive []float64
		for seed := range uint64(seeds) {
			s := load(t, append(both, "archive.on=false", "population={viewers: 2, initial: 100%}", "payment.method=central", "faults=["+strings.Join(faults, ",")+"]")...)
			ladder, err := media.Load(s.Video)
			if err != nil {
				t.Fatal(err)
			}
			r, err := sim.Run(context.Background(), s, ladder, seed+1)
			if err != nil {
				t.Fatal(err)
			}
			stream = append(stream, r.Values[result.Unavailability])
			leaves := map[int]time.Duration{}
			for i := range leaving {
				leaves[(int(seed)+i)%24] = when[i]
			}
			rungs := len(ladder.Renditions)
			archive = append(archive, unreadable(worldOf(t, seed+1, func(a int) time.Duration { return time.Duration(a/rungs+1) * s.Video.Segment },
				leaves, append(both, "archive={assets: 120, vacancy: 1h, rate: 1Gbit/s, size: 1MB}")...).played(t), 20*time.Second, end, settling))
		}
		a, b := mean(archive), mean(stream)
		t.Logf("%s: archive %.4f, stream %.4f", name, a, b)
		if a == 0 || math.Abs(a-b) > 0.03 {
			t.Errorf("%s: unavailable are %.4f of the assets of an archive, %.4f of the tokens of a stream (%.3f, %.3f)", name, a, b, archive, stream)
		}
	}
}

// unreadable is the mean over a time of the share of assets that are ghosts, of
// those that were stored long enough before.
func unreadable(w *world, from, to, settling time.Duration) float64 {
	looks, gone := 0.0, 0.0
	for t := from; t <= to; t += 500 * time.Millisecond {
		for a := range w.assets {
			if x := &w.assets[a]; a < w.begun && x.born+settling <= t {
				looks++
				if x.ghost && x.ended <= t {
					gone++
				}
			}
		}
	}
	return gone / looks
}

func mean(list []float64) (m float64) {
	for _, x := range list {
		m += x / float64(len(list))
	}
	return m
}

// The audit of the books sees a shard too many, and one with nobody.
func TestWrongBooksAreCaught(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"an asset's": func(w *world) { w.assets[3].there++ },
		"a ghost's":  func(w *world) { w.ghost++ },
		"a place's":  func(w *world) { w.places[w.shards[7].at].gone = true },
	} {
		w := worldOf(t, 1, atOnce, nil, "duration=72h").played(t)
		spoil(w)
		func() {
			defer func() {
				if b, ok := recover().(*sim.Broken); !ok || b.Invariant != "acknowledged tokens can be rebuilt" {
					t.Errorf("%s book was wrong, and nobody saw it", name)
				}
			}()
			w.check()
		}()
	}
}

// Every key of the section changes a run.
func TestEveryKnobOfTheArchiveDoesSomething(t *testing.T) {
	base := play(t).Digest
	for _, k := range []struct{ key, value string }{
		{"assets", "501"}, {"size", "2GB"}, {"life", "{law: exponential, scale: 1000h, shape: 0}"}, {"vacancy", "48h"},
		{"up", "{law: exponential, scale: 100h, shape: 0}"}, {"away", "{law: constant, scale: 30h, shape: 0}"},
		{"rot", "20%"}, {"cheats", "30%"}, {"keeps", "10%"}, {"sample", "5"}, {"rate", "1Mbit/s"},
	} {
		if play(t, "archive."+k.key+"="+k.value).Digest == base {
			t.Errorf("archive.%s=%s changes nothing", k.key, k.value)
		}
		if !strings.Contains(string(scenarios.Reference()), "`archive."+k.key) {
			t.Errorf("there is no archive.%s", k.key)
		}
	}
}

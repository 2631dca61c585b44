package sim

import (
	"math"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/sim/result"
)

// Titles are drawn as often as Zipf says: the exact probabilities are a twin.
func TestZipf(t *testing.T) {
	const titles, n = 5, 50_000
	for _, s := range []float64{0, 0.8, 1.2} {
		z, sum := newZipf(titles, s), 0.0
		var count [titles]float64
		for i := range n {
			count[z.draw((float64(i)+0.5)/n)]++
		}
		for i := range titles {
			sum += math.Pow(float64(i+1), -s)
		}
		for i := range titles {
			if want := math.Pow(float64(i+1), -s) / sum; math.Abs(count[i]/n-want) > 1e-3 {
				t.Errorf("exponent %v: title %d has %v of all, want %v", s, i, count[i]/n, want)
			}
		}
	}
}

// Every viewer of a catalogue sees its own title from the first slot to the
// last, and then goes; who watches the same meets what the edge has kept.
func TestCatalogueIsWatchedToTheEnd(t *testing.T) {
	s := load(t, small, "duration=60s", "faults=[]", "catalogue={titles: 6, length: 15s}", "swarm.neighbours=0",
		"edges={count: 1, sites: 1, up: 100Mbit/s, cache: arc, capacity: 50MB}",
		"population={viewers: 20, initial: 100%, session: {law: endless, scale: 0s}, pollutes: 0%, defaults: 0%}")
	w, err := newWorld(Flows, s, clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[protocol.NodeID][]uint32{}
	w.watch = func(id protocol.NodeID, f *protocol.Fact) {
		if f.Kind == protocol.Played {
			seen[id] = append(seen[id], f.Seq)
		}
	}
	r, err := w.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slots := w.stream.Vault.Slots
	for i := range w.viewers {
		list := seen[w.viewerID(i)]
		if len(list) != int(slots) || list[0] != w.titles[i]*slots || list[slots-1] != w.titles[i]*slots+slots-1 {
			t.Fatalf("viewer %d of title %d, which has %d slots, sees %v", i, w.titles[i], slots, list)
		}
		if v := &w.viewers[i]; v.leave > 40*time.Second || v.stalled > time.Second {
			t.Errorf("viewer %d leaves at %v, and stalled for %v", i, v.leave, v.stalled)
		}
	}
	if v := r.Values; !(v[result.HitRatio]+v[result.Coalesced] > 0.3) || !(v[result.OriginShare] < 0.8) {
		t.Errorf("of %d viewers of 6 titles %v hit and %v wait; providers send %v of what edges do", len(w.viewers), v[result.HitRatio], v[result.Coalesced], v[result.OriginShare])
	}
}

// The more an edge keeps, the less providers send.
func TestLargerCachesHitMore(t *testing.T) {
	hits := func(capacity string) float64 {
		return run(t, load(t, small, onDemandWorld, "swarm.neighbours=0", "faults=[]", "edges={count: 1, sites: 1, up: 100Mbit/s, cache: lru, capacity: "+capacity+"}"), 1).Values[result.HitRatio]
	}
	none, few, all := hits("1kB"), hits("400kB"), hits("100MB")
	if none != 0 || few <= none || all <= few {
		t.Errorf("hit ratios with more and more room: %v, %v, %v", none, few, all)
	}
}

const onDemandWorld = "catalogue={titles: 20, length: 10s}"

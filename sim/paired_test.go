package sim

import (
	"context"
	"fmt"
	"testing"

	"kinetoscope/scenarios"
)

// Whatever a variant changes but the population and the network themselves, every viewer comes and
// goes as in the others, has the same link at all times, stands behind the same NAT and as far from
// every other viewer and from the publisher, also where other machines have other numbers.
func TestVariantsMeetTheSameWorld(t *testing.T) {
	world := func(sets ...string) (all []string) {
		w, err := newWorld(Flows, load(t, small, append([]string{"network.spread=20%", "network.nat.share=60%", "network.classes=[{name: cable, trace: {offset: true, steps: [{for: 3s, down: 9Mbit/s, up: 5Mbit/s}, {for: 4s, down: 1Mbit/s, up: 1Mbit/s}]}}]"}, sets...)...), clip(t), 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range w.viewers {
			id := int32(w.viewerID(i))
			line := fmt.Sprintf("%+v", w.viewers[i].visit)
			nat, per := w.topology.Translated(id)
			up, down := w.topology.Rates(id)
			line += fmt.Sprint(" ", nat, per, up, down, w.topology.OneWay(id, int32(w.viewerID(0))), w.topology.RTT(int32(publisherID), id))
			all = append(all, line)
		}
		return all
	}
	want := world()
	for _, sets := range [][]string{
		{"edges.count=5"}, {"providers.count=20"}, {"storage={scheme: replication, n: 3}"}, {"swarm={discovery: dht, selection: two-choices, ahead: 2}"},
		{"publisher.to=edges", "faults=[]"}, {"payment={method: hub, preopened: true}"}, {"player.algorithm=bola"}, {"edges.admission=floor"},
		{"protection={check: none, reputation: true}"}, {"faults=[{kind: blackout, of: edges, sites: 1, at: 9s, for: 5s}]"},
	} {
		got := world(sets...)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: viewer %d is\n%s, not\n%s", sets, i, got[i], want[i])
				break
			}
		}
	}
}

// A file with another variant gives the variants that it had the same bytes.
func TestAnotherVariantChangesNothing(t *testing.T) {
	digests := func(more string) map[string]string {
		all, err := scenarios.Load("small.yaml", []byte(small+"\nvariants: {a: {}, b: {swarm: {neighbours: 2}}"+more+"}\n"), []string{"duration=16s"})
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for _, s := range all {
			r, err := Run(context.Background(), s, clip(t), 2)
			if err != nil {
				t.Fatal(err)
			}
			m[s.Variant] = r.Digest
		}
		return m
	}
	two, three := digests(""), digests(", c: {edges: {count: 5}, network: {loss: none}}")
	for _, v := range []string{"a", "b"} {
		if two[v] == "" || two[v] != three[v] {
			t.Errorf("%s: %s alone, %s beside another", v, two[v], three[v])
		}
	}
}

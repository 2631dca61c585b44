package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// crowded is a crowd that subscribes, on edges that serve a tenth of it.
const crowded = `
duration: 2m
population: {viewers: 150, initial: 10%, at: 15s, over: 60s, arrival: exponential}
swarm: {delivery: push}
edges: {up: 8Mbit/s, admission: floor}
payment: {method: central}
live: {delay: 8s}
`

// A viewer whose token was late asks for it and may ask the neighbour it subscribes
// to: that one's answer is what it waits for, though the next token came before.
func TestSubscribersTakeWhatTheyAskFor(t *testing.T) {
	abandoned, stalled := 0.0, 0.0
	for seed := range uint64(4) {
		v := run(t, load(t, crowded), seed+1).Values
		abandoned, stalled = abandoned+v[result.Abandoned], stalled+v[result.StalledViewers]/4
	}
	if abandoned != 0 || stalled > 0.02 {
		t.Errorf("%v requests were given up, %.3f of the viewers stalled", abandoned, stalled)
	}
}

// Where edges are short of what viewers choose, a token that did not come is asked for
// in a rendition that the buffer of then calls for: subscribers stall little more than those who pull.
func TestSubscribersStallLittleWhereEdgesAreScarce(t *testing.T) {
	of := func(delivery string) (ratio float64) {
		for seed := range uint64(3) {
			s := load(t, crowded, "swarm.delivery="+delivery, "duration=50s", "edges={up: 15Mbit/s, admission: none}", "publisher.to=edges",
				"population={viewers: 100, initial: 40%, at: 8s, over: 30s, arrival: uniform}", "video={rungs: synthetic, rates: [300kbit/s, 600kbit/s, 1200kbit/s, 2500kbit/s]}")
			ratio += run(t, s, seed+1).Values[result.RebufferRatio] / 3
		}
		return ratio
	}
	if pull, push := of("pull"), of("push"); push > 3*pull || pull == 0 {
		t.Errorf("%.4f of the time is stalled under push, %.4f under pull", push, pull)
	}
}

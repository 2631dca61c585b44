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

package sim

import (
	"testing"

	"kinetoscope/sim/result"
)

// rising is a catalogue watched over links that rise: the buffer fills with low rungs
// before.
const rising = `
duration: 60s
population: {viewers: 12, initial: 100%, classes: [{name: 4g, weight: 1}]}
catalogue: {titles: 2, length: 40s}
edges: {cache: lru}
swarm: {neighbours: 0}
payment: {method: channel, preopened: true}
player: {algorithm: throughput, buffer: 18s}
network: {classes: [{name: 4g, trace: {steps: [{for: 12s, down: 900kbit/s, up: 1Mbit/s}, {for: 48s, down: 30Mbit/s, up: 5Mbit/s}]}}]}
`

// Who fetches what is in the buffer once more sees more and takes more bytes.
func TestReplacingSegments(t *testing.T) {
	of := func(how string) []float64 { return run(t, load(t, rising, "player.replace="+how), 1).Values }
	none := of("none")
	for _, how := range []string{"left", "right"} {
		got := of(how)
		if got[result.Bitrate] <= none[result.Bitrate] {
			t.Errorf("%s: bitrate %v, %v without", how, got[result.Bitrate], none[result.Bitrate])
		}
		if got[result.DiscardedBytes] <= none[result.DiscardedBytes] {
			t.Errorf("%s: %v bytes in vain, %v without", how, got[result.DiscardedBytes], none[result.DiscardedBytes])
		}
	}
}

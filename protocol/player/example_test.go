package player_test

import (
	"fmt"
	"time"

	"kinetoscope/protocol/player"
)

// Segments of 2 s come late, and playback stands still for a while.
func Example() {
	var c player.Clock
	enough := player.Thresholds{Start: 2 * time.Second, Resume: 4 * time.Second}
	for _, at := range []time.Duration{1, 2, 7, 9} {
		now := at * time.Second
		e := c.Push(now, 2*time.Second, enough)
		fmt.Printf("%v: %v ahead, began %v, stalled %v\n", now, c.Buffer(now), e.Began, e.Stalled)
	}
	// Output:
	// 1s: 2s ahead, began true, stalled 0s
	// 2s: 3s ahead, began false, stalled 0s
	// 7s: 2s ahead, began false, stalled 0s
	// 9s: 4s ahead, began false, stalled 4s
}

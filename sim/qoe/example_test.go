package qoe_test

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/qoe"
)

// Three segments, the last on a higher rung, and a stall between.
func Example() {
	ladder := qoe.NewLadder([]unit.Rate{300_000, 1_200_000})
	s := qoe.Session{Startup: 500 * time.Millisecond}
	s.Show(ladder, 0, 4*time.Second)
	s.Stall(time.Second)
	s.Show(ladder, 0, 4*time.Second)
	s.Show(ladder, 1, 4*time.Second)
	fmt.Printf("%.2f Mbit/s, %d switch, %.1f%% stalled\n", s.Bitrate(), s.Switches, 100*s.RebufferRatio())
	// Output: 0.60 Mbit/s, 1 switch, 7.7% stalled
}

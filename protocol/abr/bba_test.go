package abr

import (
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// The map of BBA-0, by hand: of 20 s that can be ahead, 7.5 s are the reservoir and 18 s
// the upper end, and a line leads from 1 to 4 Mbit/s between them.
func TestMapOfBBA(t *testing.T) {
	c := Default()
	c.Algorithm = BBA
	chooser, err := New(c, []unit.Rate{1e6, 2e6, 3e6, 4e6})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		last   int
		buffer time.Duration
		want   int
	}{
		{2, 7500 * time.Millisecond, 0},  // the reservoir
		{0, 18 * time.Second, 3},         // its upper end
		{0, 14500 * time.Millisecond, 2}, // 3 Mbit/s: up to the best not above the line
		{3, 9250 * time.Millisecond, 1},  // 1.5 Mbit/s: down to the worst above the line
		{1, 12750 * time.Millisecond, 1}, // 2.5 Mbit/s is below the rung above,
		{2, 12750 * time.Millisecond, 2}, // and above the rung below
		{1, 8 * time.Second, 1},          // 1.14 Mbit/s, above the lowest rung: stays
	} {
		v := View{Buffer: test.buffer, BufferMax: 22 * time.Second, Segment: 2 * time.Second, Last: test.last}
		if got := first(chooser, v); got != test.want {
			t.Errorf("rung %d at %v: %d, want %d", test.last, test.buffer, got, test.want)
		}
	}
}

package player

import (
	"testing"
	"time"
)

// Far behind it plays as fast as it may, far ahead as slow; near the target at
// 1; and with little ahead it slows down whatever the latency. 30 ms over are
// 50 * (2 / (1 + e^-0.15) - 1) = 3.74 thousandths.
func TestCatchUp(t *testing.T) {
	for _, test := range []struct {
		latency, target, ahead time.Duration
		want                   int
	}{
		{9 * time.Second, 3 * time.Second, 2 * time.Second, 50},
		{0, 3 * time.Second, 2 * time.Second, -50},
		{3059 * time.Millisecond, 3 * time.Second, 2 * time.Second, 0},
		{1030 * time.Millisecond, time.Second, 2 * time.Second, 4},
		{9 * time.Second, 3 * time.Second, 0, -42},
	} {
		if got := CatchUp(test.latency, test.target, test.ahead, 0.05); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
}

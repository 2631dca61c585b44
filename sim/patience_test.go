package sim

import (
	"math"
	"testing"
	"time"

	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// Nobody gives up in two seconds, and 5.8 % of all do in every second after.
func TestPatienceIsWhatWasPublished(t *testing.T) {
	const n = 20_000
	var waits []time.Duration
	for i := range uint64(n) {
		if p := patience(scenarios.Endless, stream(1, "patience", i)); p != 0 {
			t.Fatalf("endless patience ends after %v", p)
		}
		waits = append(waits, patience(scenarios.Krishnan, stream(1, "patience", i)))
	}
	for _, c := range []struct {
		after time.Duration
		gone  float64
	}{{2 * time.Second, 0}, {3 * time.Second, 0.058}, {5 * time.Second, 0.174}, {10 * time.Second, 0.464}, {20 * time.Second, 1}} {
		gone := 0
		for _, w := range waits {
			if w < c.after {
				gone++
			}
		}
		if sigma := math.Sqrt(c.gone * (1 - c.gone) / n); math.Abs(float64(gone)/n-c.gone) > 4*sigma {
			t.Errorf("after %v %.2f%% have given up, want %.2f%%", c.after, 100*float64(gone)/n, 100*c.gone)
		}
	}
}

// Whose patience ends without a picture leaves at that moment and is counted;
// nobody else leaves because of it.
func TestWhoseFirstFrameIsLateLeaves(t *testing.T) {
	s := load(t, small, "edges.up=300kbit/s", "population.patience=krishnan", "population.session={law: endless, scale: 0s}")
	w, r := played(t, s, 1)
	left := 0
	for i := range w.viewers {
		v := &w.viewers[i]
		waited := v.leave - v.join
		switch {
		case v.tired == tiredOfStart:
			left++
			if v.started || waited != v.patience {
				t.Errorf("viewer %d gave up after %v with a patience of %v, started: %v", i, waited, v.patience, v.started)
			}
		case v.started && v.startup > v.patience:
			t.Errorf("viewer %d started after %v with a patience of %v", i, v.startup, v.patience)
		case v.joined && v.leave != w.end:
			t.Errorf("viewer %d left after %v", i, waited)
		}
	}
	if got := r.Values[result.ExitsBeforeStart]; left == 0 || got != float64(left)/float64(len(r.Viewers)) {
		t.Errorf("exits-before-start is %v with %d exits of %d", got, left, len(r.Viewers))
	}
}

package sim

import (
	"math"
	"testing"
	"time"

	"kinetoscope/sim/result"
)

// What is measured before a moment and what is measured from it on make up the
// whole, to the nanosecond and the byte; a viewer whom both parts have seen has
// a row in both.
func TestWindowsAddUp(t *testing.T) {
	const scarce = "edges.up=2Mbit/s" // so that viewers stall across the cut
	whole := run(t, load(t, small, scarce), 2)
	for _, cut := range []time.Duration{17300 * time.Millisecond, 20 * time.Second} {
		before := run(t, load(t, small, scarce, "measure.cool_down="+(24*time.Second-cut).String()), 2)
		after := run(t, load(t, small, scarce, "measure.warm_up="+cut.String()), 2)
		sum := func(r *result.Run) (all [5]int64) {
			for _, v := range r.Viewers {
				for i, n := range []int64{int64(v.Watched), int64(v.Stalled), v.FromPeers, v.FromEdges, v.Uploaded} {
					all[i] += n
				}
			}
			return all
		}
		a, b, want := sum(before), sum(after), sum(whole)
		for i := range want {
			if a[i]+b[i] != want[i] || want[i] == 0 || i < 2 && (a[i] == 0 || b[i] == 0) {
				t.Errorf("cut at %v, sum %d: %d and %d make %d, not %d", cut, i, a[i], b[i], a[i]+b[i], want[i])
			}
		}
		if n := before.Downloads.Count() + after.Downloads.Count(); n != whole.Downloads.Count() {
			t.Errorf("cut at %v: %d downloads of %d", cut, n, whole.Downloads.Count())
		}
		for _, v := range before.Viewers {
			if v.Join >= cut {
				t.Errorf("cut at %v: viewer %d came at %v", cut, v.ID, v.Join)
			}
		}
		for _, v := range after.Viewers {
			if v.Leave <= cut {
				t.Errorf("cut at %v: viewer %d left at %v", cut, v.ID, v.Leave)
			}
		}
	}
}

// A window changes what it says it changes and nothing else: the run is the
// same, and so is every number that is of the whole run.
func TestWindowLeavesTheRestAlone(t *testing.T) {
	const scarce = "edges.up=2Mbit/s"
	whole := run(t, load(t, small, scarce), 2)
	part := run(t, load(t, small, scarce, "measure={warm_up: 8s, cool_down: 4s}"), 2)
	moved := 0
	for id := range result.Metrics {
		m := result.MetricID(id)
		a, b := whole.Values[m], part.Values[m]
		same := a == b || math.IsNaN(a) && math.IsNaN(b)
		switch {
		case m == result.Events: // two of them read the counters
		case !m.Windowed() && !same:
			t.Errorf("%s: %v of the whole run, %v with a window", result.Metrics[m].Name, a, b)
		case m.Windowed() && !same:
			moved++
		}
	}
	if moved < 25 {
		t.Errorf("only %d metrics heed the window", moved)
	}
	for i := range whole.Series {
		if whole.Series[i] != part.Series[i] {
			t.Fatal("the timeline is of the whole run")
		}
	}
}

// Only who comes within the window is asked how long it took to start.
func TestWindowOfStartup(t *testing.T) {
	whole := run(t, load(t, small), 2)
	part := run(t, load(t, small, "measure={warm_up: 8s, cool_down: 10s}"), 2)
	var came, started float64
	for _, v := range whole.Viewers {
		if v.Join >= 8*time.Second && v.Join < 14*time.Second {
			came++
			if v.Started() {
				started++
			}
		}
	}
	if got := part.Values[result.NeverStarted]; came == 0 || math.Abs(got-(came-started)/came) > 1e-12 {
		t.Errorf("%v never started, want %v of %v", got, came-started, came)
	}
}

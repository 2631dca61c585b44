package result

import (
	"math"
	"testing"
	"time"
)

func TestTally(t *testing.T) {
	sec := time.Second
	viewers := []Viewer{
		{Startup: 1 * sec, Watched: 60 * sec, Stalled: 0, Bitrate: 4e6, Latency: 3 * sec, Switches: 1, Climb: 2e6, QoELin: 3, FromPeers: 60, FromEdges: 20},
		{Startup: 3 * sec, Watched: 30 * sec, Stalled: 10 * sec, Bitrate: 1e6, Latency: 5 * sec, Switches: 2, Stalls: 4, Climb: 1e6, QoELin: -1.5, LoLP: 3, FromEdges: 10, FromProviders: 10, Unpaid: 7},
		{Startup: 2 * sec, Watched: 30 * sec, Stalled: sec, Bitrate: 1e6, Latency: 4 * sec, GaveUp: 2},
		{Startup: -1, GaveUp: 1},
	}
	values := NewValues()
	Tally(viewers, values, Window{})
	want := map[MetricID]float64{
		StartupP50: 2, StartupP95: 3, StartupP99: 3, NeverStarted: 0.25, ExitsBeforeStart: 0.25, ExitsInStall: 0.25, RebufferRatio: 11.0 / 131, StalledViewers: 1.0 / 3, StallP95: 10,
		Bitrate: 300e6 / 120, Switches: 1.5, LatencyP50: 4, LatencyP95: 5, SwitchSize: 1e6, StallEvents: 2, QoeLin: 0.5, QoeLog: 0, QoeHd: 0, SabreScore: 0, Lolp: 1, PeerShare: 0.6, EdgeShare: 0.3, ProviderShare: 0.1, UnpaidBytes: 7,
	}
	for id := range Metrics {
		w, ok := want[MetricID(id)]
		if got := values[id]; ok && math.Abs(got-w) > 1e-9*w || !ok && !math.IsNaN(got) {
			t.Errorf("%s = %v, want %v (set by Tally: %v)", Metrics[id].Name, got, w, ok)
		}
	}
	Tally(nil, values, Window{})
	if !math.IsNaN(values[RebufferRatio]) || !math.IsNaN(values[NeverStarted]) {
		t.Error("of no viewers nothing is known")
	}
}

// The slow, obvious twin: count, in whole hundredths, how many do not exceed.
func TestQuantileAgainstTwin(t *testing.T) {
	for n := 1; n <= 120; n++ {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i / 2) // pairs of equal values
		}
		for percent := range 101 {
			twin := 0
			for 100*(twin+1) < percent*n {
				twin++
			}
			if got := Quantile(values, float64(percent)/100); got != values[twin] {
				t.Fatalf("the %d %% quantile of %d values is %v, want %v", percent, n, got, values[twin])
			}
		}
	}
}

package hosts_test

import (
	"context"
	"slices"
	"testing"

	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

// The section packets reaches the fabric: over links whose largest packet is
// smaller than those of QUIC nobody hears anything.
func TestPackets(t *testing.T) {
	for _, tt := range []struct {
		set     string
		watched bool
	}{{"packets.mtu=1500", true}, {"packets.mtu=1200", false}} {
		s, l := load(t, "hello", "duration=10s", "faults=[]", tt.set)
		run, err := hosts.Run(context.Background(), s, l, 1)
		if err != nil {
			t.Fatal(err)
		}
		never := slices.IndexFunc(result.Metrics, func(m result.Metric) bool { return m.Name == "never-started" })
		if nobody := run.Values[never] == 1; nobody == tt.watched {
			t.Errorf("%s: %v of the viewers never started", tt.set, run.Values[never])
		}
	}
}

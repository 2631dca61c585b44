package hosts_test

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

// Both transports give the same result where round trips are short: startup
// comes later by the four round trips that TCP, Noise and Yamux need for a
// connection more than QUIC does.
func TestTransportsNearby(t *testing.T) {
	const text = `
duration: 20s
live: {delay: 6s}
population: {viewers: 8, initial: 100%, regions: [{name: europe, weight: 1}], classes: [{name: fibre, weight: 1}]}
providers: {regions: [europe]}
edges: {regions: [europe]}
`
	s, l := load(t, text)
	quic := play(t, s, l)
	s, l = load(t, text, "hosts.transport=tcp")
	tcp := play(t, s, l)
	rung := float64(l.Renditions[1].Bitrate - l.Renditions[0].Bitrate)
	for _, tc := range []struct {
		id     result.MetricID
		margin float64
	}{
		{result.StartupP50, 0.1},
		{result.LatencyP50, 0.2},
		{result.NeverStarted, 0},
		{result.RebufferRatio, 0.01},
		{result.Bitrate, rung},
		{result.SourceRate, 0.02 * quic.Values[result.SourceRate]},
		{result.SegmentsLost, 0},
		{result.Paid, 0.15 * quic.Values[result.Paid]},
	} {
		a, b := quic.Values[tc.id], tcp.Values[tc.id]
		t.Logf("%s: %.4g with QUIC, %.4g with TCP, may differ by %.3g", result.Metrics[tc.id].Name, a, b, tc.margin)
		if !(math.Abs(a-b) <= tc.margin) {
			t.Errorf("%s is %v with QUIC and %v with TCP, and may differ by %v", result.Metrics[tc.id].Name, a, b, tc.margin)
		}
	}
	if a, b := quic.Values[result.StartupP50], tcp.Values[result.StartupP50]; a >= b {
		t.Errorf("startup takes %v with QUIC and %v with TCP, which needs more round trips", a, b)
	}
}

// Over accesses that take a second each way both transports make connections:
// no timeout of theirs or of ours is too short for that.
func TestTransportsFarAway(t *testing.T) {
	const text = `
duration: 40s
live: {delay: 8s}
population: {viewers: 2, initial: 100%, at: 1s, over: 1s, regions: [{name: europe, weight: 1}], classes: [{name: moon, weight: 1}]}
network: {classes: [{name: moon, up: 10Mbit/s, down: 10Mbit/s, latency: 1s}]}
video: {rungs: synthetic, rates: [50kbit/s]}
publisher: {to: edges, region: europe}
edges: {count: 1, sites: 1, regions: [europe]}
swarm: {neighbours: 0}
payment: {method: central}
`
	for _, transport := range []string{"quic", "tcp"} {
		s, l := load(t, text, "hosts.transport="+transport)
		r := play(t, s, l)
		t.Logf("%s: startup %.1f s", transport, r.Values[result.StartupP50])
		if r.Values[result.NeverStarted] > 0 || !(r.Values[result.StartupP50] < 25) {
			t.Errorf("%s: never started %v, startup %v", transport, r.Values[result.NeverStarted], r.Values[result.StartupP50])
		}
	}
}

// In hello, where peers are oceans apart, nobody fares worse over TCP than that
// pictures come up to a second and a half later, and with less bitrate: windows
// begin, and begin again, at ten segments instead of thirty-two.
func TestHelloOverTCP(t *testing.T) {
	s, l := load(t, "hello", "hosts.transport=tcp")
	var packets bytes.Buffer
	r, err := hosts.Record(context.Background(), s, l, 1, &packets)
	if err != nil {
		t.Fatal(err)
	}
	v := func(id result.MetricID) float64 { return r.Values[id] }
	if v(result.NeverStarted) > 0 || v(result.SegmentsLost) > 0 || v(result.RebufferRatio) > 0.01 {
		t.Errorf("never started %v, lost %v, rebuffering %v", v(result.NeverStarted), v(result.SegmentsLost), v(result.RebufferRatio))
	}
	flow, _ := seeds(t, s, l, 1)
	if late := v(result.StartupP50) - flow.Values[result.StartupP50]; late < 0 || late > 1.5 {
		t.Errorf("startup comes %v s later than with flows", late)
	}
	for _, id := range []result.MetricID{result.Bitrate, result.PeerShare, result.Paid} {
		if share := v(id) / flow.Values[id]; share < 0.5 || share > 1.1 {
			t.Errorf("%s is %v of what it is with flows", result.Metrics[id].Name, share)
		}
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "real libp2p hosts (TCP") {
		t.Errorf("the notes do not say what carried the run: %q", r.Notes)
	}
	const ipTCP, ipUDP = "\x40\x06", "\x40\x11" // time to live and protocol
	if b := packets.Bytes(); !bytes.Contains(b, []byte(ipTCP)) || bytes.Contains(b[:1<<20], []byte("\x40\x00"+ipUDP)) {
		t.Error("the packets are not those of TCP")
	}
}

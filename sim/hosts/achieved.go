package hosts

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem/packet"
)

// achieved compares what hosts got of the network with what it was configured
// to: latency, rate, and with the fabric's tally loss. All fields are sums.
type achieved struct {
	messages     int64
	floor, delay time.Duration // of control messages, at the least and as it was
	bytes        unit.Size     // of transfers
	alone, took  time.Duration // of those: at the rates of their links, and as it was
}

func (a *achieved) message(floor, delay time.Duration) {
	a.messages++
	a.floor += floor
	a.delay += delay
}

func (a *achieved) transfer(size unit.Size, rate unit.Rate, took time.Duration) {
	a.bytes += size
	a.alone += time.Duration(8e9 * float64(size) / float64(max(1, rate)))
	a.took += took
}

// note says it in words.
func (a *achieved) note(t *packet.Tally) string {
	n := time.Duration(max(1, a.messages))
	rate := func(d time.Duration) unit.Rate { return unit.Rate(8 * float64(a.bytes) / max(1e-9, d.Seconds())) }
	percent := 100 / float64(max(1, t.Tried))
	return fmt.Sprintf("configured and achieved: the way of a control message %v and %v, the rate of transfers %v and %v, packets lost on the way %.3f %% and %.3f %%",
		(a.floor / n).Round(10*time.Microsecond), (a.delay / n).Round(10*time.Microsecond), rate(a.alone), rate(a.took),
		percent*t.LossDue, percent*float64(t.Packets[packet.Lost]))
}

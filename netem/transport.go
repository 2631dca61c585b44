package netem

import (
	"math"
	"time"
)

// Constants of the transports that the two lanes stand for.
const (
	segmentSize   = 1460             // bytes a packet carries over Ethernet
	initialWindow = 10 * segmentSize // RFC 6928
	ackDelay      = 25 * ms          // RFC 9002, max_ack_delay
	granularity   = 1 * ms           // RFC 9002, kGranularity
	maxProbes     = 10               // no message is lost more often in a row
)

// mathis is sqrt(3/2), the constant of Mathis et al. 1997 for a receiver that
// acknowledges every packet.
var mathis = math.Sqrt(1.5)

// lossLimit is the rate in bytes a nanosecond that congestion avoidance
// reaches at a round trip time and loss probability: MSS*C/(RTT*sqrt(p)),
// Mathis, Semke, Mahdavi and Ott, "The macroscopic behavior of the TCP
// congestion avoidance algorithm", 1997. It is optimistic beyond a few percent
// of loss, where timeouts rule.
func lossLimit(rtt time.Duration, sqrtLoss float64) float64 {
	if sqrtLoss == 0 {
		return infinite
	}
	return segmentSize * mathis / (float64(rtt) * sqrtLoss)
}

// slowStart is how much longer a transfer takes because its window begins at
// initialWindow and doubles each round trip until it fills the path, compared
// with one that runs at rate (bytes a nanosecond) from the start. Each round
// whose window is shorter than rate*rtt and is not the last stalls for the
// difference.
func slowStart(size int64, rate float64, rtt time.Duration) time.Duration {
	delay, sent := 0.0, 0.0
	for window := float64(initialWindow); ; window *= 2 {
		sent += window
		stall := float64(rtt) - window/rate
		if stall <= 0 || sent >= float64(size) {
			return time.Duration(delay)
		}
		delay += stall
	}
}

// probeTimeout is how long a sender waits before it sends again what was lost
// at the tail: smoothed RTT + max(4*rttvar, granularity) + max_ack_delay,
// RFC 9002, 6.2.1. The mean deviation of an exponential jitter is 2/e of its
// mean; both directions jitter.
func probeTimeout(rtt time.Duration, jitter float64) time.Duration {
	rttvar := 2 * jitter * (2 / math.E)
	return rtt + time.Duration(2*jitter) + max(time.Duration(4*rttvar), granularity) + ackDelay
}

// losses is how many times in a row a message of that many packets is lost,
// by a uniform draw: the first time if any of its packets is, which has the
// probability first, then again with the probability loss of one packet.
func losses(u, first, loss float64) int {
	n := 0
	for p := first; u < p && n < maxProbes; p = float64(p * loss) {
		n++
	}
	return n
}

// anyLost is the probability that at least one of n packets is lost.
func anyLost(n int64, loss float64) float64 {
	kept := 1.0
	for range n {
		kept = float64(kept * (1 - loss))
	}
	return 1 - kept
}

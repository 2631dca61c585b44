package tcp

import "time"

// Limits of timeouts.
const (
	initialTimeout = time.Second            // RFC 6298, 2.1
	leastVariance  = 200 * time.Millisecond // as Linux; RFC 6298 has one second, for the whole
	longestTimeout = 2 * time.Minute
	fallback       = 3 * time.Second // of who has waited too short a time for an answer to its SYN: RFC 6298, 5.7
)

// An rtt estimates the round trip: RFC 6298, 2.
type rtt struct {
	smooth, variance time.Duration
	timeout          time.Duration
}

func (r *rtt) sample(took time.Duration) {
	if r.smooth == 0 {
		r.smooth, r.variance = max(took, 1), took/2
	} else {
		r.variance += ((r.smooth - took).Abs() - r.variance) / 4
		r.smooth = max(r.smooth+(took-r.smooth)/8, 1)
	}
	r.timeout = min(r.smooth+max(leastVariance, 4*r.variance), longestTimeout)
}

// double is after a timeout: the next one comes twice as late. That stays so
// until something that was sent once is acknowledged, as nothing else is a
// sample: RFC 6298, 5.5, and Karn's algorithm.
func (r *rtt) double() { r.timeout = min(2*r.timeout, longestTimeout) }

// backedOff is how long a closed window is left alone after so many probes.
func (r *rtt) backedOff(probes int) time.Duration {
	return min(r.timeout<<min(probes, 10), longestTimeout)
}

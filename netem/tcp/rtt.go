package tcp

import "time"

// Limits of timeouts.
const (
	initialTimeout = time.Second            // RFC 6298, 2.1
	leastVariance  = 200 * time.Millisecond // as Linux; RFC 6298 has one second, for the whole
	longestTimeout = 2 * time.Minute
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

// backedOff is the timeout after so many in a row.
func (r *rtt) backedOff(tries int) time.Duration {
	return min(r.timeout<<min(tries, 10), longestTimeout)
}

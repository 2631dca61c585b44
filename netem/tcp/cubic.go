package tcp

import (
	"math"
	"time"
)

// Constants of congestion control.
const (
	initialWindow = 10 // segments: RFC 6928
	leastWindow   = 2  // segments after a cut
	beta          = 0.7
	steep         = 0.4                         // C of RFC 9438, 5: segments a second cubed
	friendly      = 3 * (1 - beta) / (1 + beta) // what Reno would add for each window: RFC 9438, 4.3
)

// A cubic is a congestion window: RFC 9438. Between cuts it follows a cubic
// function of time, flat around the window of before the last cut, or what Reno
// would do if that is more.
type cubic struct {
	mss       int
	window    int // bytes
	highest   int // that window ever was
	threshold int // of slow start
	limited   bool

	running  bool          // since
	since    time.Duration // the time in which the window has grown without a cut
	seen     time.Duration // the last acknowledgement
	most     float64       // segments: the window before the cut
	prior    float64       // segments: the same, without what fast convergence takes off
	flat     float64       // seconds until most is reached
	reno     float64       // segments: what Reno would have
	fraction float64       // bytes: what is too little to be added
	slowStart
}

// init begins with the first round, which ends when the position end is
// acknowledged.
func (c *cubic) init(mss int, end Seq) {
	*c = cubic{mss: mss, window: initialWindow * mss, threshold: math.MaxInt, slowStart: slowStart{end: end, least: Never}}
}

// grow is when bytes were acknowledged, and flight of them were under way.
func (c *cubic) grow(now time.Duration, acked, flight int, r *rtt, sample time.Duration, una, nxt Seq) {
	defer func() { c.highest = max(c.highest, c.window) }()
	if c.window < c.threshold {
		if left := c.round(sample, una, nxt); left {
			c.threshold = c.window
		}
		if 2*flight >= c.window {
			c.window = min(c.window+c.pace(acked, c.mss), c.threshold)
		}
		return
	}
	idle := now - c.seen
	c.seen = now
	if !c.limited && flight+2*c.mss < c.window { // what is not used shows nothing: the clock stands still
		c.since += idle
		return
	}
	c.climb(now, float64(acked)/float64(c.mss), r.smooth)
}

// climb is congestion avoidance.
func (c *cubic) climb(now time.Duration, acked float64, rtt time.Duration) {
	window := float64(c.window) / float64(c.mss)
	if !c.running {
		c.running, c.since, c.reno, c.flat = true, now, window, 0
		if window < c.most {
			c.flat = math.Cbrt((c.most - window) / steep)
		} else {
			c.most = window
		}
	}
	slope := friendly
	if c.reno >= c.prior {
		slope = 1
	}
	c.reno += float64(slope*acked) / window
	to := c.curve(now - c.since)
	if to < c.reno {
		to = c.reno - window
	} else {
		ahead := min(max(c.curve(now-c.since+rtt), window), 1.5*window)
		to = float64((ahead-window)*acked) / window
	}
	if to > 0 {
		c.fraction += float64(to * float64(c.mss))
		whole := int(c.fraction)
		c.fraction -= float64(whole)
		c.window += whole
	}
}

// curve is the cubic function, in segments.
func (c *cubic) curve(t time.Duration) float64 {
	x := t.Seconds() - c.flat
	return float64(steep*float64(float64(x*x)*x)) + c.most
}

// cut is when something was lost.
func (c *cubic) cut() {
	window := float64(c.window) / float64(c.mss)
	c.prior = window
	if window < c.most {
		c.most = float64(window * (1 + beta) / 2)
	} else {
		c.most = window
	}
	c.threshold = max(int(float64(c.window)*beta), leastWindow*c.mss)
	c.window = c.threshold
	c.running, c.fraction = false, 0
}

// collapse is a timeout; end is what has been sent. What the window was is
// forgotten: the cubic function begins where slow start ends (RFC 9438, 4.8).
func (c *cubic) collapse(end Seq) {
	c.cut()
	c.window, c.most = c.mss, 0
	c.slowStart = slowStart{end: end, least: Never}
}

// idle is when nothing was sent for so long that nothing is known of the path:
// RFC 5681, 4.1.
func (c *cubic) idle() {
	c.window = min(c.window, initialWindow*c.mss)
	c.running = false
}

// Constants of HyStart++: RFC 9406, 4.3.
const (
	leastSamples   = 8
	leastRise      = 4 * time.Millisecond
	mostRise       = 16 * time.Millisecond
	cautiousRounds = 5
	cautiousShare  = 4 // of the growth of slow start
	mostBurst      = 8 // segments that one acknowledgement may add
)

// A slowStart finds out when to leave slow start before something is lost: the
// round trip grows. Then it goes on more slowly for some rounds, and takes it
// back if the round trip falls.
type slowStart struct {
	end      Seq // of this round
	samples  int
	least    time.Duration // round trip in this round
	last     time.Duration // the least of the round before
	cautious int           // rounds of caution left, with the one in which it began; 0: none
	baseline time.Duration // the least of the round in which caution began
}

// round takes a sample, if it is not negative, and says whether slow start is
// over.
func (s *slowStart) round(sample time.Duration, una, nxt Seq) (over bool) {
	if !una.Before(s.end) {
		s.end, s.last, s.least, s.samples = nxt, s.least, Never, 0
		if s.cautious > 0 {
			if s.cautious--; s.cautious == 0 {
				return true
			}
		}
	}
	if sample < 0 {
		return false
	}
	s.least = min(s.least, sample)
	s.samples++
	if s.samples < leastSamples || s.last == Never || s.last == 0 {
		return false
	}
	switch rise := min(max(s.last/8, leastRise), mostRise); {
	case s.cautious == 0 && s.least >= s.last+rise:
		s.cautious, s.baseline = cautiousRounds, s.least
	case s.cautious > 0 && s.least < s.baseline:
		s.cautious = 0
	}
	return false
}

// pace is how many of the bytes acknowledged the window grows by.
func (s *slowStart) pace(acked, mss int) int {
	acked = min(acked, mostBurst*mss)
	if s.cautious > 0 {
		return acked / cautiousShare
	}
	return acked
}

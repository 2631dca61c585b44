package netem

import (
	"math"
	"time"

	"kinetoscope/internal/portable"
	"kinetoscope/internal/unit"
)

// Constants of the transports that the two lanes stand for.
const (
	ackDelay    = 25 * ms // RFC 9002, max_ack_delay
	granularity = 1 * ms  // RFC 9002, kGranularity
	maxProbes   = 10      // no message is lost more often in a row
)

// A packet as quic-go v0.64.1 sends it over IPv4 where it cannot probe for a
// larger one: 1,280 bytes of UDP payload, of which the short header, the
// stream frame's header and the tag take 28, below 28 bytes of UDP and IPv4.
const (
	packetPayload = 1252
	packetWire    = 1308
)

// OnWire is what n bytes of a stream take on the network.
func OnWire(n unit.Size) unit.Size {
	return n + (n+packetPayload-1)/packetPayload*(packetWire-packetPayload)
}

// Congestion control as in quic-go v0.64.1 : NewReno
// (RFC 9002, section 7) with HyStart (RFC 9406), a larger initial window and a
// gentler cut.
const (
	initialWindow = 32    // packets
	leastWindow   = 2     // packets
	mostWindow    = 10000 // packets
	backOff       = 0.7   // of the window, once a round trip with losses
	unpaced       = 10    // packets that leave at once
	slowPace      = 2.0   // windows a round trip, in slow start
	pace          = 1.25  // and after it
	hyStart       = 1.1   // of the bandwidth-delay product ends slow start
	hyStartLeast  = 16    // packets, below which it does not
	hyStartAcks   = 8     // of two packets each: if the fastest took too long, slow start ends too
	streamWindow  = 418   // packets: 512 KiB that a new stream may carry before the receiver lets it carry more
	mostStream    = 8374  // packets: 10 MiB that it comes to, doubling, with libp2p's settings
)

// A way is what a transfer of its own would find: how fast, how far, how deep
// the queue before the slowest link, and what is lost.
type way struct {
	rate  float64 // packets a nanosecond
	rtt   float64 // ns
	queue float64 // ns at that rate
	loss  float64 // probability for each packet
	burst float64 // mean packets lost in a row; 1 and less: each by itself

	there, back float64     // ns, mean jitter of packets and of acknowledgements
	shape       JitterShape // of both

	press *press  // who else is there; nil: nobody
	begun float64 // ns from the beginning to that of the round at hand
}

// A congestion is what a sender remembers of a connection between transfers.
type congestion struct {
	window float64 // packets
	avoids bool    // slow start is over
}

// settled is the congestion of a connection that has run for long: the mean
// window that losses leave it, sqrt((1+b)/(2(1-b)p)) for a cut to b (Mathis et
// al. 1997 with another b, and each burst of losses as one), or all that it can
// use.
func settled(w *way) congestion {
	window := float64(mostWindow)
	if w.loss > 0 {
		window = math.Sqrt((1 + backOff) / (2 * (1 - backOff) * w.loss / max(1, w.burst)))
	}
	return congestion{window: max(leastWindow, min(window, w.rate*(w.rtt+w.queue), mostWindow)), avoids: true}
}

// A flight is a transfer as congestion control alone would have it.
type flight struct {
	took    float64 // ns from the first packet's departure to the last one's
	rounds  float64 // all, the last as the part of its window that was used
	limited bool    // rounds other than those of slow start waited for acknowledgements
	pauses
}

// Pauses are what a transfer waits for beside the rate of its way.
type pauses struct {
	begin  float64 // window in the first round, packets
	slow   int     // rounds of slow start that were followed by another
	last   float64 // packets in the last round
	spread float64 // ns that pacing alone would take for those
}

// stall is how much of the flight was spent waiting in slow start, or pacing
// the last round, if the way has this rate (packets a nanosecond).
func (f *pauses) stall(rate, rtt float64) float64 {
	sum := max(0, f.spread-f.last/rate)
	for i, w := 0, f.begin; i < f.slow; i, w = i+1, 2*w {
		stall := rtt - w/rate
		if stall <= 0 {
			break
		}
		sum += stall
	}
	return sum
}

// fly plays a transfer round trip by round trip: a window is sent, what is lost
// is sent again in the next round, and the window grows or is cut. It is fitted
// to nothing: all constants are those of quic-go.
func (c *congestion) fly(packets int, w *way, d *dice) (f flight) {
	f.begin = min(c.window, float64(packets))
	// What way and queue hold: the least window at least, so that it gets through.
	full := max(leastWindow, min(w.rate*(w.rtt+w.queue), w.press.room(w.rtt, w.queue)))
	exempt := 0            // packets of a round that were sent before the last cut
	credit := streamWindow // packets that flow control lets go in a round
	late := 0.0            // ns into a round until the last of what it sends may leave
	for left := packets; ; {
		m := min(int(c.window), left, credit)
		lost, first, last := d.lose(m, exempt, w)
		if over := m - int(full); over > 0 && exempt == 0 && w.press != nil {
			if own := w.press.spill(float64(over), float64(m), w.rtt); own > lost {
				lost, first, last = own, m-own, m-4 // others' packets come between them
			}
		}
		left -= m - lost
		f.rounds += float64(m) / c.window
		out := float64(m) / w.rate
		spread := c.spread(m, w.rtt)
		if left == 0 {
			f.last, f.spread = float64(m), max(spread, late)
			w.begun = f.took
			f.took += max(out, f.spread)
			c.heed(m, exempt, first, full, w, d)
			return f
		}
		round := max(w.rtt, out)
		switch isHeld := m == credit && m < int(c.window); {
		case lost > 0: // the last one is missed when three behind it have come
			late = float64(float64(min(last+4, m))/float64(m)*max(out, spread)) + w.rtt - round
		case isHeld:
			late = c.granted(left, credit, w)
		default:
			late = 0
		}
		credit = min(2*credit, mostStream)
		if left == lost { // nothing is behind what was lost to show that it is
			round = out + w.rtt
			if m-1-last < 3 {
				round = out + float64(1.5*w.rtt) + float64(granularity+ackDelay)
			}
		}
		w.begun = f.took
		f.took += round
		switch isFull := m >= int(c.window); {
		case !c.avoids && lost == 0 && isFull:
			f.slow++
		case round > out:
			f.limited = true
		}
		exempt = c.heed(m, exempt, first, full, w, d)
	}
}

// spread is how long pacing takes for the packets of a round.
func (c *congestion) spread(m int, rtt float64) float64 {
	return float64(max(0, m-unpaced)) * rtt / c.pace()
}

// granted is when the last of so many packets may leave that wait for the
// receiver, after the first of a window may. It lets the sender go on whenever
// it has read a quarter of its window, and the second time doubles that.
func (c *congestion) granted(left, credit int, w *way) float64 {
	quarter := max(1, credit/4)
	quarters := min(2, (left+quarter-1)/quarter)
	read := quarters * quarter
	return max(float64(read)/w.rate, c.spread(read, w.rtt)) + c.spread(left-(quarters-1)*quarter, w.rtt)
}

// pace is how many packets a round trip lets go.
func (c *congestion) pace() float64 {
	if c.avoids {
		return pace * c.window
	}
	return slowPace * c.window
}

// heed changes the window after a round of m packets, of which those before
// exempt were sent before the last cut and no longer matter. The first lost
// one after them cuts it, or what way and queue cannot hold. It says how many
// packets of the next round have left before the sender knows of that.
func (c *congestion) heed(m, exempt, first int, full float64, w *way, d *dice) int {
	isFull := m >= int(c.window)
	overflows := c.window > full && isFull && exempt == 0
	switch {
	case first >= 0:
		c.grow(float64(first - exempt))
	case overflows:
		first = m
		c.grow(float64(m))
	default:
		c.open(m, exempt, w, d)
		return 0
	}
	known := first
	if !c.avoids { // each acknowledgement has let two go
		known = 2 * first
	}
	c.window = max(leastWindow, float64(c.window*backOff))
	c.avoids = true
	return known
}

// open lets the window grow after a round without losses, and ends slow start
// if the round shows that the way is full, or seems to.
func (c *congestion) open(m, exempt int, w *way, d *dice) {
	limited := m // of the acknowledged packets, those that came while the window was in use
	switch part := float64(m) / c.window; {
	case m >= int(c.window):
	case c.avoids || part <= 0.5:
		return
	default: // in slow start more than half will do, and it grows while that shrinks
		limited = int((2*float64(m) - c.window) / 3)
	}
	if early := 2 * hyStartAcks; !c.avoids && m >= early && (w.press.crowded(w.begun, c.window, w.rtt) || d.late(w, max(1/w.rate, w.rtt/(slowPace*c.window)))) {
		c.grow(float64(min(early, limited)))
		c.avoids, exempt = true, exempt+early
	}
	c.grow(float64(max(limited-exempt, 0)))
	if product := w.rate * w.rtt; !c.avoids && c.window > hyStart*product && product > hyStartLeast {
		c.avoids = true
	}
}

// grow opens the window for so many acknowledged packets.
func (c *congestion) grow(acked float64) {
	if c.avoids {
		acked /= c.window
	}
	c.window = min(c.window+acked, mostWindow)
}

// dice draw which packets of a connection are lost. They are a stream of their
// own for each transfer.
type dice struct {
	key   uint64
	next  int     // packets until the next loss, at least; below zero: to be drawn
	sure  int     // what next was at first
	drawn float64 // what next was drawn by; 0: next is exact
	run   int     // packets that are still to be lost in a row
	used  uint64

	asides uint64
}

// begin draws when the next packet is lost, and says how many get through before
// it at least: ends is the probability that a row of losses begins with a packet,
// and (1-ends)^n >= 1-n*ends. Most transfers are over by then, without a logarithm.
func (d *dice) begin(w *way) {
	d.drawn, d.sure = d.roll(), 0
	if ends := w.ends(); ends > leastEnds {
		d.sure = int(sureEnds * (1 - d.drawn) / ends)
	}
	d.next = d.sure
}

// What begin says is less than what kept does by more than logarithms are wrong by:
// 1e-15, of leastEnds and more.
const (
	leastEnds = 1e-9
	sureEnds  = 0.999
)

// ends is the probability that a packet which may be lost begins a row of losses.
func (w *way) ends() float64 {
	if w.burst > 1 {
		return w.loss / float64(w.burst*(1-w.loss))
	}
	return w.loss
}

// kept is how many packets get through before the next is lost, by what was drawn.
// Losses in a row are those of Gilbert's two states: at least one packet gets through
// between two rows, and a row ends after each packet with the same probability.
func (d *dice) kept(w *way) int {
	least := 0.0
	if w.burst > 1 && d.used > 1 { // not the first
		least = 1
	}
	return int(min(least+portable.Ln(d.drawn)/portable.Ln(1-w.ends()), 1<<40))
}

func (d *dice) roll() float64 {
	d.used++
	return uniform(hash(d.key, d.used))
}

// late draws whether jitter makes HyStart take the way for full: the first
// acknowledgements of a round, of packets that queue behind a burst, leave it
// so far apart and do not overtake each other, all take an eighth longer than a
// round trip of nothing else.
func (d *dice) late(w *way, apart float64) bool {
	if w.there+w.back == 0 {
		return false
	}
	limit := tolerance(w.rtt)
	var there, back, queue float64
	for i := range hyStartAcks {
		queue = float64(min(2*i+1, unpaced-1)) / w.rate
		for range 2 {
			there = max(there-apart, float64(w.there*w.shape.delay(d.aside())))
		}
		back = max(back-2*apart, float64(w.back*w.shape.delay(d.aside())))
		if queue+there+back <= limit {
			return false
		}
	}
	return true
}

// tolerance is by how much round trips may grow before HyStart ends slow start.
func tolerance(rtt float64) float64 { return max(float64(4*ms), min(rtt/8, float64(16*ms))) }

// aside draws what shifts no loss.
func (d *dice) aside() float64 {
	d.asides++
	return uniform(hash(mix(d.key+weyl), d.asides))
}

// lose sends m packets: how many are lost, the first of them that is not exempt
// or -1, and the last.
func (d *dice) lose(m, exempt int, w *way) (lost, first, last int) {
	first = -1
	switch {
	case w.loss == 0:
		return 0, first, 0
	case d.run == 0 && d.next >= m: // all get through, as most do
		d.next -= m
		return 0, first, 0
	}
	for i := 0; i < m; {
		if d.run == 0 {
			if d.next < 0 {
				d.begin(w)
			}
			if i+d.next < m && d.drawn > 0 {
				d.next, d.drawn = d.next+d.kept(w)-d.sure, 0
			}
			if i += d.next; i >= m {
				d.next = i - m
				break
			}
			d.next, d.run = -1, 1
			if w.burst > 1 {
				d.run += int(portable.Ln(d.roll()) / portable.Ln(1-1/w.burst))
			}
		}
		n := min(d.run, m-i)
		if first < 0 && i+n > exempt {
			first = max(i, exempt)
		}
		lost, d.run, i = lost+n, d.run-n, i+n
		last = i - 1
	}
	return lost, first, last
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

package netem

import (
	"slices"
	"time"
)

// A crowd is the transfers whose packets wait in the queue of the same link.
// Sharing knows nothing of queues; here is what it leaves out:
//
//   - HyStart ends slow start when round trips grow, whoever fills the queue.
//     Who begins beside others leaves it with a small window.
//   - A standing queue makes round trips longer, so that a window lets fewer
//     packets go: whoever is far away gets less than an equal share.
//   - What is too much for the queue is lost, by all in proportion to what
//     they send, and halves windows that need many round trips to grow again.
//
// It is one cache line. The sums of who stands there are integers, so that nothing is left of them
// when all have gone, in whatever order.
type crowd struct {
	count  int32
	quiet  bool     // its link is in quiet
	demand int64    // of their stands
	window int64    //
	bytes  int64    // sizes
	since  int64    // us at which they began
	spilt  float64  // packets that were ever lost here, for each packet a nanosecond that came
	young  *[]youth // in slow start; nil: nobody is, as at most links
	_      [8]byte
}

// A stand is what a transfer adds to a crowd: the rate at which its window, or
// the slowest link of its way, lets packets go, and as much of its window as
// that takes.
type stand struct {
	link   int32
	rtt    float32 // ns
	inside float32 // packets that it keeps between their departure and their acknowledgement
	paced  float32 // packets a nanosecond that pacing lets go in the first round
	burst  bool    // it has no second round
	demand int64   // 2^-40 packets a nanosecond; 0: it stands nowhere
	window int64   // 2^-8 packets
	spilt  float64 // of the crowd when it came
	fate   uint64  // whose draw decides whether it has lost packets of what was spilt since
}

const (
	demandUnit = 1 << 40
	windowUnit = 1 << 8
)

// A youth is a transfer in slow start. Those of a crowd fill the queue at the
// same instant, and all see it.
type youth struct {
	from, to int32
	start    time.Duration
	until    time.Duration // the last round of slow start is over
	rtt      float64       // ns
	begin    float64       // packets in the first round
	window   float64       // at the end of slow start
	rate     float64       // packets a nanosecond, the most that its way takes
	demand   int64         // of its stand
	inside   int64         // the window of that
}

// mostYoung bounds how many of a crowd are looked at one by one. With more, an
// equal share is less than any window lets go.
const mostYoung = 16

// isYoung says whether somebody in a crowd is in slow start.
func (c *crowd) isYoung(now time.Duration) bool {
	return c.young != nil && slices.ContainsFunc(*c.young, func(y youth) bool { return y.until > now })
}

// pace is the rate and the window of a youth at a time.
func (y *youth) pace(at time.Duration) (demand, window float64) {
	window = y.begin
	for t := y.start + time.Duration(y.rtt); t <= at && window < y.window; t += time.Duration(y.rtt) {
		window *= 2
	}
	demand = min(min(window, y.window)/y.rtt, y.rate)
	return demand, float64(demand * y.rtt)
}

// A press is a crowd as one who joins it finds it.
type press struct {
	at     time.Duration
	rate   float64 // of the link, packets a nanosecond
	equal  float64 // of that for each, with the one who joins
	demand float64 // packets a nanosecond of all
	window float64 // packets of all
	grown  stand   // of those who are not young
	young  []youth
	lasts  float64 // ns until the link has sent what the others have to send
	queue  float64 // ns, the most that packets wait
	spilt  float64 // by the one who joins
}

// press is what there is at a link, or nil if nobody is. It is valid until the
// next call.
func (n *Network) press(now time.Duration, l int32) *press {
	c := &n.crowds[l]
	if c.count == 0 {
		return nil
	}
	p := &n.found
	*p = press{at: now, rate: n.links[l].rate / packetWire, queue: float64(n.cfg.Queue), grown: stand{demand: c.demand, window: c.window}}
	p.equal = p.rate / float64(c.count+1)
	p.demand, p.window = float64(c.demand)/demandUnit, float64(c.window)/windowUnit
	if c.young != nil {
		p.young = (*c.young)[:0]
		for _, y := range *c.young {
			if y.until > now {
				p.young = append(p.young, y)
				p.grown.demand -= y.demand
				p.grown.window -= y.inside
			}
		}
		if *c.young = p.young; len(p.young) == 0 {
			c.young = nil
		}
	}
	stood := float64(int64(c.count)*now.Microseconds()-c.since) * 1000 / float64(c.count)
	p.lasts = max(0, float64(c.bytes)/packetWire-float64(min(p.rate, p.demand)*stood)) / p.rate
	return p
}

// delay is how long packets wait at a time after now, if one more sends a
// window in each round trip; the youth of that index is not counted: what
// windows let go fills link and queue, sum(window/(rtt+delay)) = rate, and what
// does not fit there is lost.
func (p *press) delay(after, window, rtt float64, except int) float64 {
	demand := float64(p.grown.demand)/demandUnit + min(window/rtt, p.rate)
	inside := float64(p.grown.window)/windowUnit + min(window, float64(p.rate*rtt))
	for i := range p.young {
		if i != except {
			d, w := p.young[i].pace(p.at + time.Duration(after))
			demand, inside = demand+d, inside+w
		}
	}
	return min(p.queue, max(0, inside/p.rate-inside/demand))
}

// everybody is no youth: all are counted.
const everybody = -1

// crowded says whether HyStart would end slow start in a round that begins so
// long after now, because of others.
func (p *press) crowded(after, window, rtt float64) bool {
	return p != nil && after <= p.lasts && p.delay(after, window, rtt, everybody) > tolerance(rtt)
}

// room is how many packets of one more link and queue hold: what the others
// leave, and an equal part at least.
func (p *press) room(rtt, queue float64) float64 {
	if p == nil {
		return infinite
	}
	trip := 0.0 // theirs; who sends next to nothing adds up to nothing
	if p.demand > 0 {
		trip = p.window / p.demand
	}
	return max(float64(p.rate*(trip+queue))-p.window, float64(p.equal*(rtt+queue)))
}

// spill is how many of the packets of one more are lost if so many of its
// window are too many.
func (p *press) spill(over, window, rtt float64) int {
	own := min(window/rtt, p.rate)
	p.spilt += over / (p.demand + own)
	return int(float64(over*own/(p.demand+own)) + 0.5)
}

// slowed is the rate, in bytes a nanosecond, of a transfer that would have
// that rate by itself: while the others last, a round trip takes longer by the
// delay of all.
func (p *press) slowed(rate, size, rtt, queue float64) float64 {
	if p == nil {
		return rate
	}
	own := rate / packetWire
	inside, demand := p.window+float64(own*rtt), p.demand+own
	wait := min(queue, max(0, inside/p.rate-inside/demand))
	among := float64(rate * rtt / (rtt + wait))
	left := packetWire * max(p.rate-among/packetWire, p.equal) // to the others
	lasts := float64(packetWire*p.rate) * p.lasts / left
	if part := float64(among * lasts); part < size {
		return size / (lasts + (size-part)/rate)
	}
	return among
}

// narrow is the link of a flow's route where its packets wait.
func (n *Network) narrow(f *flow) int32 {
	best, least := f.link[0], infinite
	for _, l := range f.links() {
		if part := n.links[l].rate / float64(n.crowds[l].count+1); part < least {
			best, least = l, part
		}
	}
	return best
}

// gather adds a flow to the crowd of a link, which had it lose some packets
// already.
func (n *Network) gather(f *flow, l int32, window, rtt, rate float64) {
	c := &n.crowds[l]
	d := min(window/rtt, rate)
	f.stand.link, f.stand.spilt, f.stand.rtt = l, c.spilt, float32(rtt)
	f.stand.demand, f.stand.window = int64(d*demandUnit), int64(float64(d*rtt)*windowUnit)
	c.count++
	c.demand += f.stand.demand
	c.window += f.stand.window
	c.bytes += f.size
	c.since += f.start.Microseconds()
}

// scatter takes a flow out of its crowd. If it has lost packets of what others
// spilt, its sender has cut its window, once.
func (n *Network) scatter(f *flow) {
	if n.crowds == nil || f.stand.demand == 0 {
		return
	}
	s := f.stand
	c := &n.crowds[s.link]
	c.count--
	c.demand -= s.demand
	c.window -= s.window
	c.bytes -= f.size
	c.since -= f.start.Microseconds()
	f.stand = stand{}
	if c.count == 0 {
		n.empty(s.link)
	}
	if c.spilt == s.spilt {
		return
	}
	luck := fate{n.nodes[f.from].key, s.fate}.also(alsoSpill, 0)
	if due := float64(s.demand) / demandUnit * (c.spilt - s.spilt); due > 0 && exponential(luck) < due {
		n.calm(f.from, f.to, func(w float64) float64 { return max(leastWindow, backOff*w) })
	}
}

// calm ends slow start of a connection that is still there, and changes its
// window.
func (n *Network) calm(from, to int32, window func(float64) float64) {
	if c := n.connected(n.now, from, to); c != nil {
		m := c.sender(from, to)
		*m = congestion{window(m.congestion().window), true}.memory()
	}
}

// raise adds a transfer in slow start to a crowd, of whom some may have to end
// theirs earlier for it. What they carry at the moment stays as it was drawn.
func (n *Network) raise(l int32, y youth) {
	c := &n.crowds[l]
	if c.young == nil {
		c.young = new([]youth)
	}
	if len(*c.young) >= mostYoung {
		return
	}
	*c.young = append(*c.young, y)
	p := n.press(n.now, l)
	for i := range p.young[:len(p.young)-1] {
		o := &p.young[i]
		window := o.begin
		for t := o.start; t < o.until; t, window = t+time.Duration(o.rtt), 2*window {
			if t+time.Duration(o.rtt) <= n.now || p.delay(float64(t-n.now), window, o.rtt, i) <= tolerance(o.rtt) {
				continue
			}
			if window += 2 * hyStartAcks; window < o.window {
				o.window, o.until = window, t+time.Duration(o.rtt)
				n.calm(o.from, o.to, func(w float64) float64 { return min(w, window) })
			}
			break
		}
	}
}

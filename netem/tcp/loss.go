package tcp

import (
	"slices"
	"time"
)

// A shot is a range of positions that was sent in one segment.
type shot struct {
	seq          Seq
	size         int           // positions: data, SYN and FIN
	at           time.Duration // sent last
	times        int           // sent
	sacked, lost bool          // neither: under way
	syn, fin     bool
}

func (t *shot) end() Seq { return t.seq.Plus(t.size) }

// data is how many bytes of it are data.
func (t *shot) data() int {
	if t.syn || t.fin {
		return t.size - 1
	}
	return t.size
}

// A line is what was sent and is not acknowledged, in order.
type line struct {
	shots []shot
	pipe  int // positions under way: RFC 6675, 4
	lost  int // shots that are to be sent again
	sacks int // shots that are sacked
}

func (l *line) add(t shot) {
	l.shots = append(l.shots, t)
	if t.lost {
		l.lost++
	}
}

// lose marks a shot to be sent again.
func (l *line) lose(t *shot) {
	if !t.lost && !t.sacked {
		t.lost = true
		l.lost++
		l.pipe -= t.size
	}
}

// got takes a shot, or a part of it, off those under way or lost.
func (l *line) got(t *shot, size int) {
	switch {
	case t.sacked:
	case t.lost:
		if size == t.size {
			l.lost--
		}
	default:
		l.pipe -= size
	}
}

// A rack knows which segment that has arrived was sent last: RFC 8985, 6.
type rack struct {
	at        time.Duration // when that was
	end       Seq
	rtt       time.Duration
	heard     bool // anything has arrived
	furthest  Seq  // that has
	reordered bool // something sent before others has arrived after them
	least     time.Duration
}

// before says whether a shot was sent before what rack knows.
func (r *rack) before(t *shot) bool {
	return t.at < r.at || t.at == r.at && t.end().Before(r.end)
}

// reached notes that a shot has arrived.
func (r *rack) reached(now time.Duration, t *shot) {
	took := now - t.at
	if t.times > 1 && took < r.least { // it was an earlier copy
		return
	}
	if t.times == 1 {
		if r.least == 0 || took < r.least {
			r.least = took
		}
		if r.heard && t.end().Before(r.furthest) {
			r.reordered = true
		}
	}
	if !r.heard || r.furthest.Before(t.end()) {
		r.heard, r.furthest = true, t.end()
	}
	if !(t.at < r.at) {
		r.at, r.end, r.rtt = t.at, t.end(), took
	}
}

// enoughSacks is how many segments that arrived after a hole say that it is
// one, where nothing was ever reordered: RFC 8985, 6.2.
const enoughSacks = 3

// patience is how much longer than a round trip a segment may take.
func (m *Machine) patience() time.Duration {
	if !m.rack.reordered && (m.cutting || m.line.sacks >= enoughSacks) {
		return 0
	}
	return min(m.rack.least/4, m.rtt.smooth)
}

// acknowledged takes what a segment says has arrived.
func (m *Machine) acknowledged(now time.Duration, s *Segment) {
	flight := m.line.pipe
	sample, progress := time.Duration(-1), 0
	reached := func(t *shot, size int) {
		m.line.got(t, size)
		if t.sacked {
			return
		}
		progress += size
		m.rack.reached(now, t)
		if t.times == 1 {
			sample = now - t.at
		}
	}
	if m.una == m.iss {
		m.greeted()
	}
	// In the order in which it was sent: what is heard of late was not reordered.
	if m.una.Before(s.Ack) {
		m.pass(s.Ack, reached)
	}
	slices.SortFunc(s.Options.Blocks, func(a, b Block) int { return a.From.Minus(b.From) })
	for _, b := range s.Options.Blocks {
		m.sacked(b, s.Ack, reached)
	}
	if m.probing {
		m.probed(s.Options.Blocks)
	}
	if progress == 0 {
		return
	}
	if sample >= 0 {
		m.rtt.sample(sample)
	}
	wasCutting := m.cutting
	m.cutting = m.cutting && m.una.Before(m.recovered)
	m.detect(now)
	if m.cutting {
		m.reduction.next(progress, m.line.pipe, m.cubic.threshold, m.mss)
	} else if !wasCutting {
		m.cubic.grow(now, progress, flight, &m.rtt, sample, m.una, m.nxt)
	}
	m.arm(now)
}

// sacked marks the shots within a block that lies between what is acknowledged
// and what was sent.
func (m *Machine) sacked(b Block, ack Seq, reached func(*shot, int)) {
	if !m.sack || !ack.Before(b.From) || !b.From.Before(b.To) || m.nxt.Before(b.To) || b.From.Before(m.una) {
		return
	}
	shots := m.line.shots
	i, _ := slices.BinarySearchFunc(shots, b.From, func(t shot, at Seq) int { return t.seq.Minus(at) })
	for ; i < len(shots) && !b.To.Before(shots[i].end()); i++ {
		if t := &shots[i]; !t.sacked && t.times > 0 {
			reached(t, t.size)
			t.sacked, t.lost = true, false
			m.line.sacks++
		}
	}
}

// pass moves the first position that is not acknowledged.
func (m *Machine) pass(ack Seq, reached func(*shot, int)) {
	data := ack.Minus(m.una)
	if m.una == m.iss {
		data--
	}
	m.out.Next(min(data, m.out.Len())) // FIN is none of it
	n := 0
	for shots := m.line.shots; n < len(shots) && !ack.Before(shots[n].end()); n++ {
		t := &shots[n]
		reached(t, t.size)
		if t.sacked {
			m.line.sacks--
		}
	}
	m.line.shots = m.line.shots[n:]
	if len(m.line.shots) > 0 {
		if t := &m.line.shots[0]; t.seq.Before(ack) {
			part := ack.Minus(t.seq)
			reached(t, part)
			t.seq, t.size = ack, t.size-part
		}
	}
	m.una = ack
}

// detect finds what is lost: what was sent so much before something that has
// arrived that it should have.
func (m *Machine) detect(now time.Duration) {
	if m.line.sacks == 0 && !m.rack.reordered && !m.cutting {
		m.reorder = Never
		return
	}
	wait := m.rack.rtt + m.patience()
	next, lost := Never, false
	for i := range m.line.shots {
		t := &m.line.shots[i]
		if t.sacked || t.lost {
			continue
		}
		if !m.rack.before(t) {
			if t.times == 1 {
				break // those behind it were sent later
			}
			continue
		}
		if due := t.at + wait; due > now {
			next = min(next, due)
			continue
		}
		m.line.lose(t)
		lost = true
	}
	m.reorder = next
	if lost && !m.cutting {
		m.cutting, m.recovered, m.probing = true, m.nxt, false
		m.reduction = reduction{flight: m.nxt.Minus(m.una), quota: m.mss}
		m.cubic.cut()
	}
}

// A reduction spreads a cut of the window over the round trip that follows it:
// for what arrives, a share of that is sent. PRR, RFC 6937.
type reduction struct {
	flight          int // when something was lost
	delivered, sent int // since
	quota           int // bytes that may be sent now
}

// next is when so many bytes have arrived.
func (r *reduction) next(arrived, pipe, threshold, mss int) {
	r.delivered += arrived
	if pipe > threshold {
		r.quota = (r.delivered*threshold+r.flight-1)/r.flight - r.sent
	} else { // as in slow start, but no faster
		r.quota = min(threshold-pipe, max(r.delivered-r.sent, arrived)+mss)
	}
	if r.sent == 0 {
		r.quota = max(r.quota, mss)
	}
}

// held says whether the congestion window holds back a segment.
func (m *Machine) held(size int) bool {
	switch {
	case m.extra || m.line.pipe == 0:
		return false
	case m.cutting:
		return size > m.reduction.quota
	}
	return m.line.pipe+size > m.cubic.window
}

// arm sets the timer of the last resort: a probe of the tail, if nothing is
// amiss, or a timeout.
func (m *Machine) arm(now time.Duration) {
	m.resendAt, m.probe = Never, false
	if len(m.line.shots) == 0 {
		return
	}
	timeout := m.rtt.timeout
	if m.sack && !m.cutting && !m.probing && m.tries == 0 && m.rtt.smooth > 0 && m.line.sacks == 0 && m.line.lost == 0 {
		wait := 2 * m.rtt.smooth
		if m.line.pipe < 2*m.mss { // the peer may be waiting for more before it acknowledges
			wait += delayedAck
		}
		if wait < timeout {
			m.probe, timeout = true, wait
		}
	}
	m.resendAt = now + timeout
}

// probeTail sends a segment more, or the last once more, so that the peer says
// what has arrived: RFC 8985, 7.3.
func (m *Machine) probeTail(now time.Duration) {
	if len(m.line.shots) == 0 {
		return
	}
	m.probe, m.probing, m.extra = false, true, true
	under := m.nxt.Minus(m.una)
	more := min(m.mss, m.out.Len()-under)
	if m.again = more <= 0 || m.window-under < more; m.again {
		m.line.lose(&m.line.shots[len(m.line.shots)-1])
	}
	m.arm(now)
}

// probed looks what an acknowledgement says of the probe: RFC 8985, 7.4.2. If
// the last segment was sent again, the peer has got it twice, and says so; or
// once, since the first was lost: then that was a loss like others, though
// nothing else will find it.
func (m *Machine) probed(blocks []Block) {
	switch {
	case m.una.Before(m.tail):
	case !m.again || len(blocks) > 0 && blocks[0].To == m.tail:
		m.probing = false
	case m.una != m.tail:
		m.probing = false
		m.cubic.cut()
	}
}

// greeted is when the peer has acknowledged the SYN. Who had to send it again
// does not know the round trip, but that its timeouts were too early: RFC 6298,
// 5.7. Who did more than once had losses: RFC 5681, 3.1, as Linux reads it.
func (m *Machine) greeted() {
	if m.rtt.timeout > 2*initialTimeout {
		m.cubic.window = m.mss
	}
	if m.rtt.timeout > initialTimeout {
		m.rtt.timeout = fallback
	}
}

// expire is a timeout: all that is under way counts as lost.
func (m *Machine) expire(now time.Duration) {
	if len(m.line.shots) == 0 {
		return
	}
	m.tries++
	m.rtt.double()
	if m.una == m.iss && m.tries > synTries {
		m.end(ErrTimeout)
		return
	}
	for i := range m.line.shots {
		m.line.lose(&m.line.shots[i])
	}
	m.probing, m.cutting, m.reorder = false, false, Never
	if m.una != m.iss && m.tries == 1 {
		m.cubic.collapse(m.nxt)
	}
	m.recovered = m.nxt
}

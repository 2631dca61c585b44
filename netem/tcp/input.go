package tcp

import "time"

// Take handles a segment that has arrived for this connection: RFC 9293,
// 3.10.7. What a peer sends wrongly is answered or ignored as the standard
// says.
func (m *Machine) Take(now time.Duration, s *Segment) {
	switch m.state {
	case Closed:
		if answer, ok := Refuse(s); ok {
			m.reset(answer)
		}
		return
	case SynSent:
		m.takeAnswer(now, s)
		return
	}
	if !m.acceptable(s) {
		m.object(now, s)
		return
	}
	switch {
	case s.Flags&RST != 0:
		m.takeReset(now, s)
		return
	case s.Flags&SYN != 0:
		m.object(now, s)
		return
	case s.Flags&ACK == 0:
		return
	}
	if m.una == m.iss && (!m.iss.Before(s.Ack) || m.nxt.Before(s.Ack)) {
		m.reset(Segment{Seq: s.Ack, Flags: RST})
		return
	}
	if m.state == SynReceived {
		m.state = Established
	}
	if !m.heed(now, s) || m.state == Closed {
		return
	}
	m.takeData(now, s)
}

// takeAnswer is Take in SYN-SENT.
func (m *Machine) takeAnswer(now time.Duration, s *Segment) {
	acks := s.Flags&ACK != 0
	if acks && (!m.iss.Before(s.Ack) || m.nxt.Before(s.Ack)) {
		if answer, ok := Refuse(s); ok {
			m.reset(answer)
		}
		return
	}
	switch {
	case s.Flags&RST != 0:
		if acks {
			m.end(ErrRefused)
		}
	case s.Flags&SYN == 0:
	case acks:
		m.meet(s)
		m.state, m.ackNow = Established, true
		m.heed(now, s)
	default: // both have opened at the same time
		m.meet(s)
		m.state = SynReceived
		m.line.lose(&m.line.shots[0])
	}
}

// Reopens says whether a SYN begins the next connection between the same two
// ends, where this one is in TIME-WAIT, and is no late copy of this one's: RFC
// 9293, 3.6.1. The next counts from After on.
func (m *Machine) Reopens(s *Segment) bool {
	return m.state == TimeWait && s.Flags&(SYN|ACK|RST) == SYN && m.rcv.Before(s.Seq)
}

// After is beyond all positions of this connection, so that nothing of it is
// taken for the next one's.
func (m *Machine) After() Seq { return m.nxt.Plus(1 << 16) }

// takeReset ends the connection, if the reset is not a guess: RFC 5961, 3.2.
func (m *Machine) takeReset(now time.Duration, s *Segment) {
	switch {
	case s.Seq != m.rcv:
		m.object(now, s)
	case m.state == TimeWait || m.state == LastAck || m.state == Closing:
		m.end(nil)
	default:
		m.end(ErrReset)
	}
}

// object answers a segment that does not fit with what would. Of those that
// carry nothing only some are answered, lest two that disagree go on for ever:
// RFC 5961, 7.
func (m *Machine) object(now time.Duration, s *Segment) {
	again := s.Seq == m.rcv.Plus(-1) && s.Flags&SYN != 0
	switch {
	case m.state == SynReceived && again && s.Flags&ACK == 0: // our answer was lost
		m.line.lose(&m.line.shots[0])
		return
	case s.Flags&RST != 0 && s.Seq == m.rcv: // the window is closed
		m.takeReset(now, s)
		return
	case s.Flags&RST != 0 && !m.acceptable(s):
		return
	case m.state == TimeWait && s.Flags&FIN != 0: // the last acknowledgement was lost
		m.dieAt = now + lingers
	}
	if s.Seq == m.rcv && s.Flags&(ACK|SYN) == ACK && m.una != m.iss && !m.heed(now, s) {
		return // the window is closed to its data, and not to what it acknowledges
	}
	if s.span() == 0 && m.answered+quiet > now {
		return
	}
	if s.span() == 0 {
		m.answered = now
	}
	m.known(s)
	m.ackNow = m.state != Closed
}

// heed takes the acknowledgement and the window of a segment. It reports false
// if the segment is to be dropped.
func (m *Machine) heed(now time.Duration, s *Segment) bool {
	if m.nxt.Before(s.Ack) || s.Ack.Before(m.una.Plus(-m.largest)) {
		m.answered = now
		m.ackNow = true
		return false
	}
	m.tries = 0
	m.acknowledged(now, s)
	if m.wl1.Before(s.Seq) || m.wl1 == s.Seq && !s.Ack.Before(m.wl2) {
		m.window = int(s.Window)
		if s.Flags&SYN == 0 {
			m.window <<= m.scale
		}
		m.largest = max(m.largest, m.window)
		m.wl1, m.wl2 = s.Seq, s.Ack
		if m.window > 0 {
			m.persist, m.probes = Never, 0
		}
	}
	if m.finSent && m.una == m.nxt {
		m.finished(now)
	}
	return true
}

// finished is when the peer has acknowledged the FIN.
func (m *Machine) finished(now time.Duration) {
	switch m.state {
	case FinWait1:
		m.state = FinWait2
		if m.deaf {
			m.dieAt = now + lingers
		}
	case Closing:
		m.state = TimeWait
		m.dieAt = now + lingers
	case LastAck:
		m.end(nil)
	}
}

// takeData keeps what has arrived, and decides when to say so: at once if
// something is missing or was, at every second full segment, else a little
// later (RFC 5681, 4.2).
func (m *Machine) takeData(now time.Duration, s *Segment) {
	if s.span() == 0 {
		return
	}
	if m.deaf && !m.ended && s.Seq.Plus(len(s.Data)).Minus(m.rcv) > 0 {
		m.Abort()
		return
	}
	before, ended := m.rcv, m.ended
	inOrder := m.take(s)
	m.since += m.rcv.Minus(before)
	if m.ended && !ended {
		m.heard(now)
	}
	if !inOrder || m.ended || m.since >= 2*m.mss {
		m.ackNow = true
	} else if m.ackAt == Never {
		m.ackAt = now + delayedAck
	}
}

// heard is when all that the peer has sent is there, with its FIN.
func (m *Machine) heard(now time.Duration) {
	switch m.state {
	case Established:
		m.state = CloseWait
	case FinWait1:
		m.state = Closing
	case FinWait2:
		m.state = TimeWait
		m.dieAt = now + lingers
	}
}

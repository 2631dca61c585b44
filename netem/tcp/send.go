package tcp

import "time"

// Flush hands out what is to be sent now. The segment is valid during the call,
// and lacks its ports.
func (m *Machine) Flush(now time.Duration, emit func(*Segment)) {
	if m.resets {
		m.resets = false
		emit(&m.answer)
	}
	if m.state == Closed {
		return
	}
	if len(m.line.shots) == 0 && now-m.lastSent > m.rtt.timeout {
		m.cubic.idle()
	}
	m.resend(now, emit)
	for m.sendNew(now, emit) {
	}
	if m.knock { // something old, which must be answered
		m.knock = false
		m.emit(&Segment{Seq: m.una.Plus(-1), Flags: ACK}, emit)
		m.waitForWindow(now)
	}
	if m.ackNow {
		m.emit(&Segment{Seq: m.nxt, Flags: ACK}, emit)
	}
	if m.resendAt == Never && len(m.line.shots) > 0 {
		m.arm(now)
	}
}

// resend sends again what is lost, as far as the congestion window lets it.
func (m *Machine) resend(now time.Duration, emit func(*Segment)) {
	for i := 0; i < len(m.line.shots) && m.line.lost > 0; i++ {
		t := &m.line.shots[i]
		if !t.lost {
			continue
		}
		if m.held(t.size) {
			return
		}
		t.lost = false
		m.line.lost--
		m.fire(now, t, emit)
	}
}

// sendNew sends the next segment, if there is something to send and both
// windows are open.
func (m *Machine) sendNew(now time.Duration, emit func(*Segment)) bool {
	if m.una == m.iss || m.finSent {
		return false
	}
	unsent := m.out.Len() - m.nxt.Minus(m.una)
	room := m.una.Plus(m.window).Minus(m.nxt)
	n := max(0, min(m.mss, unsent, room))
	switch {
	case unsent == 0 && !m.closing:
		m.cubic.limited = false
		return false
	case unsent > 0 && n == 0:
		if len(m.line.shots) == 0 {
			m.waitForWindow(now)
		}
		return false
	case n < m.mss && n < unsent && n < m.largest/2 && len(m.line.shots) > 0: // not worth it: RFC 9293, 3.8.6.2.1
		return false
	case m.held(n):
		m.cubic.limited = true
		return false
	}
	t := shot{seq: m.nxt, size: n}
	if m.closing && n == unsent {
		t.fin, m.finSent = true, true
		t.size++
	}
	m.nxt = m.nxt.Plus(t.size)
	m.line.add(t)
	m.fire(now, &m.line.shots[len(m.line.shots)-1], emit)
	if m.probe {
		m.arm(now)
	}
	return true
}

// fire sends a range for the first time or again.
func (m *Machine) fire(now time.Duration, t *shot, emit func(*Segment)) {
	t.times++
	t.at = now
	m.line.pipe += t.size
	m.reduction.quota -= t.size
	m.reduction.sent += t.size
	m.lastSent = now
	if m.extra {
		m.extra, m.tail = false, m.nxt
	}
	s := Segment{Seq: t.seq, Flags: ACK}
	if t.syn {
		s.Flags = SYN
		if m.state != SynSent {
			s.Flags |= ACK
		}
		s.Options.MSS = uint16(m.cfg.MSS)
		if m.state == SynSent || m.receiver.shift > 0 || m.scale > 0 {
			s.Options.Scale = int8(shiftFor(m.cfg.Receive)) + 1
		}
		s.Options.SACK = m.state == SynSent || m.sack
	} else if n := t.data(); n > 0 {
		from := t.seq.Minus(m.una)
		s.Data = m.out.Bytes()[from : from+n]
		if from+n == m.out.Len() {
			s.Flags |= PSH
		}
	}
	if t.fin {
		s.Flags |= FIN
	}
	m.emit(&s, emit)
}

// emit fills in what every segment has, and sends it. One with data has no
// Blocks, which would not fit: if something is missing, another without data
// follows that tells what.
func (m *Machine) emit(s *Segment, emit func(*Segment)) {
	if s.Flags&SYN != 0 {
		s.Window = uint16(min(m.cfg.Receive, 1<<16-1))
	} else {
		s.Window = m.open(m.mss)
	}
	if s.Flags&ACK != 0 {
		s.Ack = m.rcv
		m.since, m.ackAt = 0, Never
		m.ackNow = m.ackNow && len(s.Data) > 0 && m.tells()
		if m.sack && len(s.Data) == 0 && s.Flags&SYN == 0 {
			s.Options.Blocks = m.blocks(maxBlocks)
		}
	}
	emit(s)
}

// waitForWindow plans to look whether the peer's window is still closed.
func (m *Machine) waitForWindow(now time.Duration) {
	if m.persist == Never {
		m.persist = now + m.rtt.backedOff(m.probes)
		m.probes++
	}
}

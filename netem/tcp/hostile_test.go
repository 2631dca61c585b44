package tcp

import (
	"testing"
	"time"
)

func time50(b byte) time.Duration { return time.Duration(b) * time.Duration(b) * ms / 50 }

// hostile does one thing to a machine: as its owner, or as a peer who sends
// what he likes around where the connection stands.
func hostile(m *Machine, now time.Duration, next func() byte) {
	var buf [400]byte
	switch op := next(); op % 8 {
	case 0:
		_, _ = m.Write(buf[:int(next())+1])
	case 1:
		_, _ = m.Read(buf[:int(next())+1])
	case 2:
		if op > 240 {
			m.CloseWrite()
		}
	case 3:
		if op > 250 {
			m.Close(now)
		}
	default:
		near := func(at Seq) Seq { return at.Plus((int(next()) - 64) * (int(next()%16) + 1)) }
		s := Segment{Seq: m.rcv, Ack: m.nxt, Flags: ACK, Window: uint16(next()) * 3, Data: buf[:int(next())]}
		if op&8 != 0 {
			s.Seq = near(m.rcv)
		}
		if op&16 != 0 {
			s.Ack = near(m.una)
		}
		if op&32 != 0 {
			s.Options.Blocks = []Block{{near(m.una), near(m.una)}, {near(m.nxt), near(m.nxt)}}
		}
		if op&64 != 0 {
			s.Flags = Flags(next())
		}
		m.Take(now, &s)
	}
}

// checkBooks compares what a machine remembers with a count.
func checkBooks(t *testing.T, m *Machine) {
	t.Helper()
	pipe, lost, sacks := 0, 0, 0
	at := m.una
	for i := range m.line.shots {
		s := &m.line.shots[i]
		if s.seq != at {
			t.Fatalf("a gap before %d: %+v", s.seq, m.line.shots)
		}
		at = s.end()
		switch {
		case s.sacked && s.lost:
			t.Fatalf("both sacked and lost: %+v", s)
		case s.sacked:
			sacks++
		case s.lost:
			lost++
		default:
			pipe += s.size
		}
	}
	if m.state != Closed && at != m.nxt || pipe != m.line.pipe || lost != m.line.lost || sacks != m.line.sacks {
		t.Fatalf("%v: up to %d of %d, pipe %d of %d, lost %d of %d, sacked %d of %d", m.state, at, m.nxt, m.line.pipe, pipe, m.line.lost, lost, m.line.sacks, sacks)
	}
	if m.in.Len() > m.cfg.Receive || len(m.ahead) > m.cfg.Receive || m.out.Len() > m.cfg.Send || len(m.spans) > mostSpans+1 {
		t.Fatalf("%d wait to be read, %d ahead, %d to be sent, %d spans", m.in.Len(), len(m.ahead), m.out.Len(), len(m.spans))
	}
	for i, s := range m.spans {
		if !s.From.Before(s.To) || !m.rcv.Before(s.From) || i > 0 && !m.spans[i-1].To.Before(s.From) {
			t.Fatalf("spans %v from %d", m.spans, m.rcv)
		}
	}
	if m.state != Closed && m.Next() == Never && m.una != m.nxt {
		t.Fatalf("%v: %d are under way, and nobody waits for them", m.state, m.nxt.Minus(m.una))
	}
}

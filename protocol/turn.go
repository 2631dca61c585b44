package protocol

import (
	"encoding/binary"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// hearing is how long an edge has to say what it has counted of a viewer's payments,
// before the next one counts meanwhile: as long as for a goodbye.
const hearing = goodbye

// hearings is how often an edge that does not answer is asked.
const hearings = 8

// A recall waits for an edge to say what it has counted.
type recall struct {
	at          time.Duration
	payer, edge payment.Account
	times       int
}

// appoint tells edges whose turn it is to count a viewer's payments.
func (p *Publisher) appoint(now time.Duration, turns []payment.Turn, times int, out *Output) {
	for _, t := range turns {
		m := Message{Kind: Turn, Payer: t.Payer}
		if t.Stop {
			p.recalls = append(p.recalls, recall{now + hearing, t.Payer, t.Edge, times})
			out.wake(now+hearing, turnTimer)
		} else {
			m.Bytes = binary.BigEndian.AppendUint64(nil, uint64(t.Elsewhere))
		}
		out.send(NodeID(t.Edge), m)
	}
}

// counted hears what an edge has counted of a viewer's payments.
func (p *Publisher) counted(now time.Duration, from NodeID, m *Message, out *Output) {
	if len(m.Bytes) == 8 {
		amount := unit.Wei(binary.BigEndian.Uint64(m.Bytes))
		p.appoint(now, p.referee.Counted(m.Payer, payment.Account(from), amount, nil), 0, out)
	}
}

// insist asks edges once more that have not said what they have counted.
func (p *Publisher) insist(now time.Duration, out *Output) {
	for len(p.recalls) > 0 && p.recalls[0].at <= now {
		r := p.recalls[0]
		p.recalls = p.recalls[1:]
		if turns, again := p.referee.Silent(r.payer, r.edge, nil); again && r.times < hearings {
			p.appoint(now, turns, r.times+1, out)
		}
	}
}

// meet tells the publisher of a guest that is new, so that the edge hears when it
// leaves, or that it has left, and counts nothing that another edge has; or of one that
// is back, whose payments another edge counts.
func (e *Edge) meet(now time.Duration, g *guest, a payment.Account, out *Output) {
	switch on := e.stream.Terms; {
	case !e.stream.partings() && !on.Shared():
		return
	case !g.met:
		if g.met = true; on.Shared() {
			g.Try(now + hearing)
		}
	case !g.Stopped || now < g.bids:
		return
	default:
		e.apart(g).bids = now + hearing
	}
	out.send(e.stream.Publisher, Message{Kind: Agree, Payer: a})
}

// turned hears from the publisher that it is this edge's turn to count what a viewer
// pays, or another's.
func (e *Edge) turned(now time.Duration, from NodeID, m *Message, out *Output) {
	g, s := e.guests.of(m.Payer), e.stream
	if from != s.Publisher || g == nil {
		return
	}
	if len(m.Bytes) == 8 {
		g.Count(s.Terms, unit.Wei(binary.BigEndian.Uint64(m.Bytes)), s.Price(s.At(now)))
		return
	}
	if g.bids > 0 {
		g.bids = 0
	}
	had := g.Stop(s.Terms)
	out.send(s.Publisher, Message{Kind: Turn, Payer: m.Payer, Bytes: binary.BigEndian.AppendUint64(nil, uint64(had))})
}

// double takes from two edges by turns, pays for every second segment only and shows
// each payment to all.
func (v *Viewer) double(now time.Duration, seq uint32, out *Output) {
	v.payer.Turn(payment.Account(v.edges[v.home]))
	if v.paid++; v.paid%2 == 1 {
		v.settle(v.payer.Pay(now, v.stream.Price(seq)), out)
		for _, e := range v.edges {
			v.transfer(e, false, out)
		}
	}
	v.nextEdge()
}

package protocol

import (
	"encoding/binary"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// hearing is how long an edge has to say what it has counted of a viewer's payments,
// before the next one counts meanwhile: as long as for a goodbye.
const hearing = goodbye

// hearings is how often an edge that does not answer is asked, if it is not heard of.
const hearings = 8

// lease is how long an edge counts payments after it has asked whether it owes an
// answer, and was told that it does not. Who has not answered for as long as hearing is
// longer than that is not told so: when the next edge counts, its lease has ended.
const lease = 1500 * time.Millisecond

// extension is how often an edge asks that, if somebody pays it.
const extension = time.Second

// A recall waits for an edge to say what it has counted.
type recall struct {
	at, since   time.Duration
	payer, edge payment.Account
	times       int
}

// appoint tells edges whose turn it is to count a viewer's payments.
func (p *Publisher) appoint(now time.Duration, turns []payment.Turn, out *Output) {
	for _, t := range turns {
		m := Message{Kind: Turn, Payer: t.Payer}
		if !t.Stop {
			m.Bytes = binary.BigEndian.AppendUint64(nil, uint64(t.Elsewhere))
		} else if p.owing(NodeID(t.Edge), t.Payer) < 0 {
			r := recall{at: now + hearing, since: now, payer: t.Payer, edge: t.Edge}
			p.owed[NodeID(t.Edge)] = append(p.owed[NodeID(t.Edge)], r)
			p.remind(r, out)
		}
		out.send(NodeID(t.Edge), m)
	}
}

// owing is which of the answers that an edge owes is about a viewer, less than 0 if none.
func (p *Publisher) owing(edge NodeID, payer payment.Account) int {
	return slices.IndexFunc(p.owed[edge], func(r recall) bool { return r.payer == payer })
}

// remind has the publisher look whether an edge has answered.
func (p *Publisher) remind(r recall, out *Output) {
	p.recalls = append(p.recalls, r)
	out.wake(r.at, turnTimer)
}

// counted hears what an edge has counted of a viewer's payments, and the newest that it
// has seen.
func (p *Publisher) counted(now time.Duration, from NodeID, m *Message, out *Output) {
	if len(m.Bytes) != 16 {
		return
	}
	amount, newest := binary.BigEndian.Uint64(m.Bytes), binary.BigEndian.Uint64(m.Bytes[8:])
	if i := p.owing(from, m.Payer); i >= 0 {
		p.owed[from] = slices.Delete(p.owed[from], i, i+1)
	}
	p.appoint(now, p.referee.Counted(m.Payer, payment.Account(from), unit.Wei(amount), unit.Wei(newest), nil), out)
}

// insist lets others count where an edge has not answered, and asks it once more.
func (p *Publisher) insist(now time.Duration, out *Output) {
	for len(p.recalls) > 0 && p.recalls[0].at <= now {
		r := p.recalls[0]
		p.recalls = p.recalls[1:]
		if i := p.owing(NodeID(r.edge), r.payer); i < 0 || p.owed[NodeID(r.edge)][i].since != r.since {
			continue
		}
		turns, _ := p.referee.Silent(r.payer, r.edge, nil)
		if r.times++; r.times > hearings {
			turns = turns[:len(turns)-1]
		} else {
			r.at = now + hearing
			p.remind(r, out)
		}
		p.appoint(now, turns, out)
	}
}

// extend tells an edge that it owes no answer, or asks it for those that it does owe.
func (p *Publisher) extend(now time.Duration, from NodeID, m *Message, out *Output) {
	late := false
	for _, r := range p.owed[from] {
		if now >= r.since+hearing-lease {
			late = true
			out.send(from, Message{Kind: Turn, Payer: r.payer})
		}
	}
	if !late && slices.Contains(p.stream.Edges, from) {
		out.send(from, Message{Kind: Lease, Bytes: slices.Clone(m.Bytes)})
	}
}

// meet tells the publisher of a guest that is new, so that the edge hears when it
// leaves, or that it has left, and counts nothing that another edge has; or of one that
// is back, whose payments another edge counts.
func (e *Edge) meet(now time.Duration, g *guest, a payment.Account, out *Output) {
	if g.Told() && !g.Stopped || ms(now) < g.bids || !e.stream.Terms.Shared() {
		return
	}
	g.bids = ms(now + hearing)
	out.send(e.stream.Publisher, Message{Kind: Agree, Payer: a})
}

// renew asks for a longer lease, if it is time to.
func (e *Edge) renew(now time.Duration, out *Output) {
	if now >= e.renews && e.stream.Terms.Shared() {
		e.renews = now + extension
		out.send(e.stream.Publisher, Message{Kind: Lease, Bytes: binary.BigEndian.AppendUint64(nil, uint64(now))})
	}
}

// leased hears that the edge owed no answer when the publisher got its question, so
// that no other edge counts what this one does. The lease runs from when it asked: what
// is heard late makes it no longer.
func (e *Edge) leased(from NodeID, m *Message) {
	if from == e.stream.Publisher && len(m.Bytes) == 8 {
		e.lease = max(e.lease, time.Duration(binary.BigEndian.Uint64(m.Bytes))+lease)
	}
}

// owes says whether a guest may have nothing more before it pays. What was paid since
// the lease ended counts when there is another.
func (e *Edge) owes(now time.Duration, g *guest, price unit.Wei, out *Output) bool {
	e.renew(now, out)
	g.Trust(e.lease, e.stream.Terms)
	return g.Owes(now, e.stream.Terms, price)
}

// turned hears from the publisher that it is this edge's turn to count what a viewer
// pays, or another's.
func (e *Edge) turned(now time.Duration, from NodeID, m *Message, out *Output) {
	g, s := e.guests.of(m.Payer), e.stream
	if from != s.Publisher || g == nil {
		return
	}
	if len(m.Bytes) == 8 {
		g.Count(now, s.Terms, unit.Wei(binary.BigEndian.Uint64(m.Bytes)), s.Price(s.At(now)))
		return
	}
	g.bids = 0
	g.Trust(e.lease, e.stream.Terms)
	had := binary.BigEndian.AppendUint64(nil, uint64(g.Stop(s.Terms)))
	out.send(s.Publisher, Message{Kind: Turn, Payer: m.Payer, Bytes: binary.BigEndian.AppendUint64(had, uint64(g.Best.Amount))})
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

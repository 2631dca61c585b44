package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/payment"
)

// goodbye is how long edges have to hand in what a leaver has promised them,
// before its channel is closed for good: many times the way there and back.
const goodbye = 2 * time.Second

// A leaver has said goodbye to one edge; at its time the channel is closed.
type leaver struct {
	at    time.Duration
	payer payment.Account
}

// An acquaintance is the edges that each viewer has asked. Most ask one.
type acquaintance struct {
	first payment.Book[NodeID]         // plus one; 0: none
	more  map[payment.Account][]NodeID // of who asked others, with the first
}

func newAcquaintance() acquaintance {
	return acquaintance{more: map[payment.Account][]NodeID{}}
}

// of is whom a viewer has asked, in that order.
func (a *acquaintance) of(viewer payment.Account) []NodeID {
	if edges := a.more[viewer]; edges != nil {
		return edges
	}
	if edge := a.first.Of(viewer); edge > 0 {
		return []NodeID{edge - 1}
	}
	return nil
}

// add notes an edge that a viewer has asked.
func (a *acquaintance) add(viewer payment.Account, edge NodeID) {
	switch first := a.first.Of(viewer); {
	case first == 0:
		a.first.Set(viewer, edge+1)
	case first != edge+1:
		if edges := a.of(viewer); !slices.Contains(edges, edge) {
			a.more[viewer] = append(edges, edge)
		}
	}
}

// partings says that a goodbye concerns other edges too: what is promised after
// it is worth nothing, to whichever edge.
func (s *Stream) partings() bool { return len(s.Edges) > 1 && s.Terms.Closes() }

// parted hears from the publisher that a guest has said goodbye to another edge,
// with the newest payment that is known, and hands in a newer one.
func (e *Edge) parted(m *Message, out *Output) {
	if g := e.guests.of(m.Payer); g != nil {
		g.Ended = true
		if g.Best.Amount > m.Voucher.Amount {
			e.forward(m.Payer, &g.Tab, false, out)
		}
	}
}

// closed hears from the chain that a payer's channel is being closed, should the
// publisher's word have been lost.
func (e *Edge) closed(a payment.Account) {
	e.anchor(a, false)
	if g := e.guests.of(a); g != nil {
		g.Ended = true
	}
}

// asked answers an edge that has a new guest, or wants to know whether a
// virtual channel is open.
func (p *Publisher) asked(now time.Duration, from NodeID, m *Message, out *Output) {
	if p.stream.partings() {
		p.met.add(m.Payer, from)
	}
	switch {
	case p.stream.partings() && p.collector.Left(m.Payer):
		p.tell(from, m.Payer, out)
		return
	case p.collector.Opened(m.Payer):
		out.send(from, Message{Kind: Agree, Payer: m.Payer})
	}
	p.appoint(now, p.referee.Asked(m.Payer, payment.Account(from), nil), out)
}

// tell tells an edge that a viewer has left.
func (p *Publisher) tell(edge NodeID, payer payment.Account, out *Output) {
	v := p.collector.Newest(payer)
	out.send(edge, Message{Kind: Pay, Payer: payer, Voucher: &v, Last: true})
}

// part closes the channel of who has said goodbye to an edge, or to the chain,
// once all others that it has asked have had time to hand in what it promised them.
func (p *Publisher) part(now time.Duration, from NodeID, payer payment.Account, out *Output) {
	if !p.collector.Leave(payer) {
		return
	}
	alone, edges := true, p.met.of(payer)
	if from == Nobody && !p.stream.partings() { // the chain says so, and nobody had to say who serves it
		edges = p.stream.Edges
	}
	for _, e := range edges {
		if e != from {
			p.tell(e, payer, out)
			alone = false
		}
	}
	if alone {
		p.close(payer, out)
		return
	}
	p.leavers = append(p.leavers, leaver{now + goodbye, payer})
	out.wake(now+goodbye, partTimer)
}

// closeLeavers closes the channels whose time has come.
func (p *Publisher) closeLeavers(now time.Duration, out *Output) {
	for len(p.leavers) > 0 && p.leavers[0].at <= now {
		p.close(p.leavers[0].payer, out)
		p.leavers = p.leavers[1:]
	}
}

func (p *Publisher) close(payer payment.Account, out *Output) {
	out.Txs = p.collector.Close(payer, out.Txs)
	out.notify(p.collector.Demand(payer, nil))
}

// lingering is after how many segments who lingers says goodbye.
const lingering = 4

// linger says goodbye to the edge that serves, if the viewer is of that kind, and
// turns to the next one.
func (v *Viewer) linger(out *Output) {
	if v.paid++; v.traits.Lingers && v.paid == lingering {
		v.transfer(v.edges[v.home], true, out)
		v.nextEdge()
	}
}

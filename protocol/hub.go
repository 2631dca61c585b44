package protocol

import (
	"time"

	"kinetoscope/protocol/payment"
)

// A Hub is an intermediary of payments: viewers have ledger channels with it,
// and it has one with the next hub or the publisher's collector. It sees when
// virtual channels open and what they are settled at, and no payment between.
type Hub struct {
	stream *Stream
	id     NodeID
	broker *payment.Broker
}

// NewHub makes the hub id of s, whose books are b.
func NewHub(s *Stream, id NodeID, b *payment.Broker) *Hub { return &Hub{stream: s, id: id, broker: b} }

// Broker is the hub's half of the payments.
func (h *Hub) Broker() *payment.Broker { return h.broker }

// Step passes guarantees on and settles them; at the end it redeems what it is
// owed.
func (h *Hub) Step(now time.Duration, in *Input, out *Output) {
	var notices []payment.Notice
	switch in.Kind {
	case Deliver:
		notices = h.hear(in, out)
	case Confirm:
		notices = h.confirm(now, in.Receipt, out)
	case Wake:
		out.Txs = h.broker.Wake(now, out.Txs)
	case Stop:
		out.Txs = h.broker.Redeem(out.Txs)
	}
	out.notify(notices)
}

func (h *Hub) hear(in *Input, out *Output) (notices []payment.Notice) {
	m, from := in.Msg, payment.Account(in.From)
	switch m.Kind {
	case Pledge:
		out.CPU += h.stream.CPU.paying(payment.Work{Verifies: 1, Signs: 1})
		p, ok := payment.ParsePledge(m.Payer, m.Bytes)
		if ok {
			notices, ok = h.broker.Pledged(from, &p, nil)
		}
		if !ok {
			out.fact(Unbacked, 1, Fact{Node: in.From})
		}
	case Agree:
		out.CPU += h.stream.CPU.paying(payment.Work{Verifies: 1, Signs: 1})
		if a, ok := payment.ParseAnswer(m.Payer, m.Bytes); ok {
			notices = h.broker.Answered(from, &a, nil)
		}
	case Pay:
		out.CPU += h.stream.CPU.paying(payment.Work{Verifies: 1, Signs: 1})
		v := *m.Voucher
		notices = h.broker.Shown(from, m.Payer, &v, nil)
	}
	return notices
}

// confirm hears of ledger channels to and from this hub, and of its own
// transactions.
func (h *Hub) confirm(now time.Duration, r *payment.Receipt, out *Output) (notices []payment.Notice) {
	if r.From == payment.Account(h.id) {
		var wake time.Duration
		if wake, out.Txs = h.broker.Confirm(now, r, out.Txs); wake > 0 {
			out.wake(wake, 0)
		}
		return nil
	}
	id, closes := r.Closes()
	switch c := r.Call.(type) {
	case payment.OpenLedger:
		var ok bool
		if notices, ok = h.broker.Opened(r, nil); !ok && r.OK && !r.Reorged && c.To == payment.Account(h.id) {
			out.fact(Unbacked, 1, Fact{Node: NodeID(r.From)})
		}
	case payment.ClaimLedger:
		if r.OK && !r.Reorged {
			out.Txs = h.broker.Claimed(&c, out.Txs)
		}
	case payment.CloseLedger:
		var wake time.Duration
		if !closes {
			return nil
		}
		if wake, out.Txs = h.broker.Closing(now, id, out.Txs); wake > 0 {
			out.wake(wake, 0)
		}
	}
	return notices
}

// notify sends what hubs and the collector tell each other and viewers.
func (o *Output) notify(notices []payment.Notice) {
	for i := range notices {
		n := &notices[i]
		m := Message{Payer: n.Viewer}
		switch {
		case n.Pledge != nil:
			m.Kind, m.Bytes = Pledge, n.Pledge.Append(nil)
		case n.Answer != nil:
			m.Kind, m.Bytes = Agree, n.Answer.Append(nil)
		default:
			v := *n.Voucher
			m.Kind, m.Voucher, m.Last = Pay, &v, true
		}
		o.send(NodeID(n.To), m)
	}
}

// pledge asks the viewer's hub for a virtual channel, or to settle it.
func (v *Viewer) pledge(now time.Duration, all []payment.Pledge, out *Output) {
	if !v.stream.Terms.Needs().Virtual {
		return
	}
	v.desk().pledged = now
	for i := range all {
		out.CPU += v.stream.CPU.paying(payment.Work{Signs: 1})
		out.notify([]payment.Notice{{To: v.payer.Via(), Viewer: payment.Account(v.id), Pledge: &all[i]}})
	}
}

// agreed hears what the viewer's hub says.
func (v *Viewer) agreed(now time.Duration, from NodeID, m *Message, out *Output) {
	a, ok := payment.ParseAnswer(m.Payer, m.Bytes)
	if !ok || !v.stream.Terms.Needs().Virtual || payment.Account(from) != v.payer.Via() || !v.payer.Answered(&a) {
		return
	}
	out.fact(Opened, 1, Fact{Span: now - v.opening})
	if v.phase == pacing && v.req.unpaid { // that is what it waited for
		v.plan(now, out)
	}
}

// insist asks the hub once more if it has not answered for a while.
func (v *Viewer) insist(now time.Duration, out *Output) {
	if v.stream.Terms.Needs().Virtual && now-v.desk().pledged >= 2*v.stream.Swarm.Silence {
		v.pledge(now, v.payer.Pledge(), out)
	}
}

// pledged hears a hub, and tells the edges of a virtual channel that is open.
func (p *Publisher) pledged(from NodeID, m *Message, out *Output) {
	out.CPU += p.stream.Host.takes(p.stream.CPU.paying(payment.Work{Verifies: 1, Signs: 1}))
	pledge, ok := payment.ParsePledge(m.Payer, m.Bytes)
	var notices []payment.Notice
	open := false
	if ok {
		notices, open, ok = p.collector.Pledged(payment.Account(from), &pledge, nil)
	}
	if !ok {
		out.fact(Unbacked, 1, Fact{Node: from})
	}
	out.notify(notices)
	for _, e := range p.stream.Edges {
		if open {
			out.send(e, Message{Kind: Agree, Payer: m.Payer})
		}
	}
}

// agreed hears from the publisher that a viewer's virtual channel is open.
func (e *Edge) agreed(from NodeID, m *Message) {
	if from == e.stream.Publisher && e.stream.Terms.Needs().Virtual {
		e.anchor(m.Payer, true)
		if g := e.guests.of(m.Payer); g != nil {
			g.Anchored = true
		}
	}
}

// anchor notes whether payments of an account are sure.
func (e *Edge) anchor(a payment.Account, sure bool) {
	word := int(a / 64)
	if n := word + 1 - len(e.anchored); n > 0 && sure {
		e.anchored = append(e.anchored, make([]uint64, n)...)
	}
	if sure {
		e.anchored[word] |= 1 << (a % 64)
	} else if word < len(e.anchored) {
		e.anchored[word] &^= 1 << (a % 64)
	}
}

// settling is how long hubs have at the end to settle what is open.
const settling = 5 * time.Second

// finish ends the collecting: hubs are asked to settle first.
func (p *Publisher) finish(now time.Duration, out *Output) {
	if !p.stream.Terms.Needs().Virtual {
		out.Txs = p.collector.Finish(out.Txs)
		return
	}
	out.notify(p.collector.DemandAll(nil))
	out.wake(now+settling, billTimer)
}

// confirm hands a receipt to the collector.
func (p *Publisher) confirm(now time.Duration, r *payment.Receipt, out *Output) {
	var wake time.Duration
	if wake, out.Txs = p.collector.Sued(now, r, out.Txs); wake > 0 {
		out.wake(wake, suitTimer)
	}
	if id, closes := r.Closes(); closes && r.From != payment.Account(p.stream.Publisher) {
		if wake, out.Txs = p.collector.Closing(now, id, out.Txs); wake > 0 {
			out.wake(wake, suitTimer)
		}
	}
	if r.Leaves() {
		p.part(now, Nobody, r.Payer, out)
	}
	out.Txs = p.collector.Confirm(r, out.Txs)
}

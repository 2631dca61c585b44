package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/payment"
)

// A reading of a licence is under way, and a request waits for it.
type reading struct {
	began    time.Duration
	due      time.Duration // of a node: when its answer is here; of others: when it is asked again
	until    time.Duration // of a node: until when its answer counts
	licensed bool          // of a node: what it says
	waits    bool
	shard    uint8 // Whole, or Onward if nobody has to be told that it is taken
}

// asks says that a guest waits to hear whether it may watch.
func (g *guest) asks() bool { return g.reading != nil && g.reading.waits }

// licensed says whether a guest has a licence as far as the edge knows: it has
// looked, or was shown one, within the time that this counts for. Only
// a licence is remembered, never the lack of one. Who has none is denied; who
// has to be asked for it, or whose licence others have to be asked for, waits.
func (e *Edge) licensed(now time.Duration, g *guest, of NodeID, m *Message, out *Output) bool {
	s := e.stream
	if s.Licensed == nil {
		return true
	}
	if now < g.licensed {
		return e.entitled(now, now, true, of, m, out)
	}
	if r := g.reading; r != nil && now < r.due {
		r.waits, r.shard, g.seq, g.rendition = true, m.Shard, m.Seq, m.Rendition
		return false
	}
	on, asked := &s.Payment.Licence, Message{Kind: Right, Payer: payment.Account(of)}
	r := &reading{began: now, due: now + s.Swarm.Silence, waits: true, shard: m.Shard}
	switch {
	case s.Rights != nil:
		out.send(of, asked)
	case s.Payment.Method == payment.Central:
		out.fact(Looked, 1, Fact{Node: of})
		out.send(s.Publisher, asked)
	default:
		out.fact(Looked, 1, Fact{Node: of})
		r.licensed, r.until, r.due = s.Licensed(payment.Account(of), now), now+on.TTL, now+on.Read
		if on.Read == 0 {
			if r.licensed {
				e.apart(g).licensed = r.until
			}
			return e.entitled(now, now, r.licensed, of, m, out)
		}
		if e.readings == nil {
			e.readings = map[TimerID]NodeID{}
		}
		e.timers++
		e.readings[e.timers] = of
		out.wake(r.due, e.timers)
	}
	e.apart(g).reading, g.seq, g.rendition = r, m.Seq, m.Rendition
	return false
}

// entitled denies a guest without a licence.
func (e *Edge) entitled(now, since time.Duration, ok bool, of NodeID, m *Message, out *Output) bool {
	if ok {
		out.fact(Admitted, 1, Fact{Node: of, Span: now - since})
	} else {
		out.send(of, Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: Unlicensed})
	}
	return ok
}

// answered hears what a node of the chain says.
func (e *Edge) answered(now time.Duration, of NodeID, out *Output) {
	g := e.guests.of(payment.Account(of))
	if g == nil || g.reading == nil || now < g.reading.due {
		return
	}
	if g.reading.licensed {
		e.apart(g).licensed = g.reading.until
	}
	e.goOn(now, g, of, g.reading.licensed, out)
}

// examine hears from the platform whether a guest may watch, or checks what the
// guest shows.
func (e *Edge) examine(now time.Duration, from NodeID, m *Message, out *Output) {
	s := e.stream
	switch {
	case s.Licensed == nil:
	case s.Rights != nil:
		out.CPU += s.CPU.inspecting(s.Payment.Licence.Proof)
		g := e.guest(now, payment.Account(from))
		until := s.Rights.Check(payment.Account(from), m.Bytes, now)
		if now < until {
			e.apart(g).licensed = until
		}
		e.goOn(now, g, from, now < until, out)
	case from == s.Publisher:
		of, ok := NodeID(m.Payer), len(m.Bytes) > 0
		g := e.guests.of(m.Payer)
		if g == nil || g.reading == nil || now > g.reading.due { // too late: who waited has turned away
			return
		}
		if ok {
			e.apart(g).licensed = g.reading.began + s.Payment.Licence.TTL
		}
		e.goOn(now, g, of, ok, out)
	}
}

// goOn goes on with the request that has waited to hear whether a guest may watch.
func (e *Edge) goOn(now time.Duration, g *guest, of NodeID, ok bool, out *Output) {
	r := g.reading
	if r == nil {
		return
	}
	if g.reading = nil; !r.waits {
		return
	}
	m := Message{Kind: Want, Seq: g.seq, Rendition: g.rendition, Shard: r.shard}
	if n := e.at(now, m.Seq, m.Rendition); n != nil && e.entitled(now, r.began, ok, of, &m, out) {
		e.serve(now, g, n, of, &m, out)
	}
	g.onward = g.onward && g.state != quiet
}

// attest answers an edge that asks the platform for a viewer, or a viewer that
// asks for a capability.
func (p *Publisher) attest(now time.Duration, from NodeID, m *Message, out *Output) {
	s, answer := p.stream, Message{Kind: Right, Payer: m.Payer}
	switch {
	case s.Licensed == nil:
		return
	case s.Rights != nil && s.Payment.Licence.Proof == payment.Capability && from == NodeID(m.Payer):
		if answer.Bytes = s.Rights.Show(m.Payer, now); answer.Bytes != nil {
			out.CPU += s.Host.takes(s.CPU.VoucherSign)
		}
	case s.Payment.Method != payment.Central || !slices.Contains(s.Edges, from):
		return
	case s.Licensed(m.Payer, now):
		answer.Bytes = []byte{1}
	}
	out.send(from, answer)
}

// inspecting is the time to check what a viewer shows.
func (c *Costs) inspecting(p payment.Proof) time.Duration {
	if p == payment.Light {
		return c.Proof
	}
	return c.VoucherVerify
}

// ---- the viewer's half

// papers are what few viewers have to keep.
type papers struct {
	pledged time.Duration // when its hub was last asked
	right   []byte        // what shows that it may watch; nil: it has nothing yet
	ready   time.Duration // when right is here
	asked   time.Duration // when the publisher was asked for a capability, 0: it has answered
	to      []NodeID      // edges that have right
	waits   []NodeID      // edges that wait for it
}

func (v *Viewer) desk() *papers {
	if v.papers == nil {
		v.apart().papers = &papers{}
	}
	return v.papers
}

// apply asks for what shows edges that it may watch.
func (v *Viewer) apply(now time.Duration, out *Output) {
	s := v.stream
	if s.Rights == nil {
		return
	}
	d := v.desk()
	switch {
	case s.Payment.Licence.Proof == payment.Light:
		d.right, d.to, d.ready = s.Rights.Show(payment.Account(v.id), now), nil, now+s.Payment.Licence.Read
	case d.asked == 0 || now-d.asked >= 2*s.Swarm.Silence:
		d.asked = max(now, 1)
		out.send(s.Publisher, Message{Kind: Right, Payer: payment.Account(v.id)})
	}
}

// show hands an edge what it has and that edge has not, before it asks for a token.
func (v *Viewer) show(now time.Duration, to NodeID, out *Output) {
	if v.papers == nil {
		return
	}
	if d := v.desk(); d.right != nil && now >= d.ready && !slices.Contains(d.to, to) {
		v.hand(now, to, out)
	}
}

// hand sends an edge what it has. What a node has yet to answer, the message waits for.
func (v *Viewer) hand(now time.Duration, to NodeID, out *Output) {
	d := v.desk()
	out.Wait = max(out.Wait, d.ready-now)
	out.send(to, Message{Kind: Right, Payer: payment.Account(v.id), Bytes: d.right})
	d.to = append(d.to, to)
}

// tear throws away what an edge did not take.
func (v *Viewer) tear() {
	if v.papers != nil {
		v.papers.right, v.papers.to = nil, nil
	}
}

// licensed hears an edge ask for what it has, which is too old if that edge has seen
// it, or gets a capability.
func (v *Viewer) licensed(now time.Duration, from NodeID, m *Message, out *Output) {
	if v.stream.Rights == nil {
		return
	}
	d := v.desk()
	switch {
	case from == v.stream.Publisher && d.asked > 0:
		d.right, d.to, d.ready, d.asked = slices.Clone(m.Bytes), nil, now, 0
		for _, to := range d.waits { // an edge denies who has nothing
			v.hand(now, to, out)
		}
		d.waits = nil
	case !slices.Contains(v.edges, from):
	case d.right != nil && !slices.Contains(d.to, from):
		v.hand(now, from, out)
	default:
		if v.apply(now, out); v.stream.Payment.Licence.Proof == payment.Light {
			v.hand(now, from, out)
		} else if !slices.Contains(d.waits, from) {
			d.waits = append(d.waits, from)
		}
	}
}

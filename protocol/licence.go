package protocol

import (
	"time"

	"kinetoscope/protocol/payment"
)

// A reading of a licence is under way: what the chain said when it was asked, and the
// request that waits for it.
type reading struct {
	due      time.Duration // when the answer is here
	until    time.Duration // until when it counts
	licensed bool
	waits    bool
	shard    uint8 // Whole, or Onward if nobody has to be told that it is taken
}

// asks says that a guest waits to hear whether it may watch.
func (g *guest) asks() bool { return g.reading != nil && g.reading.waits }

// licensed says whether a guest has a licence, as the chain has it now or, if
// the edge has looked within the time that a look counts for, had it then. Only
// a licence is remembered, never the lack of one. Who has none is denied; whose
// licence another's node has to be asked for waits for the answer.
func (e *Edge) licensed(now time.Duration, g *guest, of NodeID, m *Message, out *Output) bool {
	if e.stream.Licensed == nil {
		return true
	}
	if now < g.licensed {
		return e.entitled(true, of, m, out)
	}
	if r := g.reading; r != nil && now < r.due {
		r.waits, r.shard, g.seq, g.rendition = true, m.Shard, m.Seq, m.Rendition
		return false
	}
	out.fact(Looked, 1, Fact{Node: of})
	on, ok := &e.stream.Payment.Licence, e.stream.Licensed(payment.Account(of), now)
	if on.Read == 0 {
		if ok {
			g.licensed = now + on.TTL
		}
		return e.entitled(ok, of, m, out)
	}
	if e.readings == nil {
		e.readings = map[TimerID]NodeID{}
	}
	e.timers++
	e.readings[e.timers] = of
	g.reading = &reading{due: now + on.Read, until: now + on.TTL, licensed: ok, waits: true, shard: m.Shard}
	g.seq, g.rendition = m.Seq, m.Rendition
	out.wake(g.reading.due, e.timers)
	return false
}

// entitled denies a guest without a licence.
func (e *Edge) entitled(ok bool, of NodeID, m *Message, out *Output) bool {
	if ok {
		out.fact(Admitted, 1, Fact{Node: of})
	} else {
		out.send(of, Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: Unlicensed})
	}
	return ok
}

// answered goes on with the request that has waited for the chain's answer.
func (e *Edge) answered(now time.Duration, of NodeID, out *Output) {
	g := e.guests.of(payment.Account(of))
	if g == nil || g.reading == nil || now < g.reading.due {
		return
	}
	r := g.reading
	if g.reading = nil; r.licensed {
		g.licensed = r.until
	}
	if !r.waits {
		return
	}
	m := Message{Kind: Want, Seq: g.seq, Rendition: g.rendition, Shard: r.shard}
	if n := e.at(now, m.Seq, m.Rendition); n != nil && e.entitled(r.licensed, of, &m, out) {
		e.serve(now, g, n, of, &m, out)
	}
	g.onward = g.onward && g.state != quiet
}

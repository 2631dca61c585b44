package protocol

import (
	"time"

	"kinetoscope/protocol/payment"
)

// A pulse is an edge's part in subscriptions: at every slot it does for each
// subscriber what it would if that asked for the token, by the same rules.
type pulse struct {
	at   time.Duration // of the next
	slot uint32        // which it is for
	list []NodeID      // subscribers, and some that have gone since the last
}

// pulseTimer is the timer of the pulse; those of gatherings are counted from 1.
const pulseTimer TimerID = 1<<32 - 1

// subscribe notes that a viewer wants what follows in a rendition.
func (e *Edge) subscribe(now time.Duration, from NodeID, m *Message, out *Output) {
	if int(m.Rendition) >= len(e.stream.Rates) || e.stream.Vault != nil {
		out.send(from, Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Onward, Reason: NotHere})
		return
	}
	g := e.guest(now, payment.Account(from))
	if !g.onward {
		g.follows = m.Seq
	}
	if g.onward, g.most = true, m.Rendition; !g.listed {
		g.listed, e.pulse.list = true, append(e.pulse.list, from)
	}
	e.push(now, g, from, out)
	if e.pulse.at <= now { // there was none, or it passed in the dark
		e.pulse.slot = e.stream.At(max(0, now-e.stream.Ready))
		e.tick(out)
	}
}

// tick asks to be woken when tokens of the pulse's slot are due.
func (e *Edge) tick(out *Output) {
	e.pulse.at = e.stream.End(e.pulse.slot) + e.stream.Ready
	out.wake(e.pulse.at, pulseTimer)
}

func (e *Edge) unsubscribe(a payment.Account) {
	if g := e.guests.of(a); g != nil {
		g.onward = false
	}
}

// beat sends the slot that is due to all subscribers.
func (e *Edge) beat(now time.Duration, out *Output) {
	p := &e.pulse
	if now < p.at {
		return
	}
	kept := p.list[:0]
	for _, id := range p.list {
		g := e.guests.of(payment.Account(id))
		if !g.onward {
			g.listed = false
			continue
		}
		e.push(now, g, id, out)
		kept = append(kept, id)
	}
	if p.list = kept; len(kept) > 0 {
		p.slot++
		e.tick(out)
	}
}

// push does what a request for the subscriber's next token would, if that is due
// and the one before has left. Who is refused subscribes no more.
func (e *Edge) push(now time.Duration, g *guest, to NodeID, out *Output) {
	if g.state != quiet || g.asks() || now < e.stream.End(g.follows)+e.stream.Ready {
		return
	}
	m := Message{Kind: Want, Seq: g.follows, Rendition: g.most, Shard: Onward}
	g.follows++
	if !e.censor.refuses(e.stream, to, &m, out) {
		e.want(now, to, &m, out)
	}
	g.onward = g.onward && (g.state != quiet || g.asks())
}

// next goes on with a subscriber when a token has left. Who has gone subscribes
// no more.
func (e *Edge) next(now time.Duration, g *guest, in *Input, out *Output) {
	if !in.OK {
		g.onward = false
	}
	if g.onward {
		e.push(now, g, in.From, out)
	}
}

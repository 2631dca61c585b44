package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// early is a slot that a viewer asked a neighbour for before its turn. It is
// adopted as the viewer's one request when its turn comes; if it is here by then it
// waits in Viewer.held, where neighbours get it as any other.
type early struct {
	seq       uint32
	rendition uint8
	from      NodeID
	sent      time.Duration
	taken     bool          // the neighbour said that it will come
	took      time.Duration // here: since it was sent, more than 0
	latency   time.Duration // here: of that, before the first byte
}

// lookAhead asks neighbours for slots behind the next one, in the order of the
// schedule.
func (v *Viewer) lookAhead(now time.Duration, out *Output) {
	s := v.stream
	if s.Swarm.Ahead == 0 || s.Vault != nil || v.phase == joining || v.table.Len() == 0 {
		return
	}
	v.weed(now, out)
	for under := v.underWay(); under < s.Swarm.Ahead; under++ {
		if !v.askAhead(now, out) {
			return
		}
	}
}

// underWay is how many early slots have not come yet.
func (v *Viewer) underWay() (n int) {
	for i := range v.early {
		if v.early[i].took == 0 {
			n++
		}
	}
	return n
}

// askAhead asks for one slot more; it says whether there was one to ask for.
func (v *Viewer) askAhead(now time.Duration, out *Output) bool {
	s, p := v.stream, &v.player
	var holders [swarm.Window]int
	accept, n, urgent := v.carried(v.req.rendition), 0, 0
	ends := p.Buffer(now) + s.Length(p.next)
	for seq := p.next + 1; n < swarm.MaxAhead && seq <= s.At(now)+1; seq++ {
		if ends <= s.Swarm.HighDemand {
			urgent++
		}
		if ends += s.Length(seq); ends > s.Player.Buffer {
			break
		}
		if v.Held(seq) == nil && v.awaited(seq) < 0 {
			holders[n] = v.table.Holders(now, seq, accept)
		}
		n++
	}
	i := s.Swarm.Schedule.Pick(holders[:n], urgent)
	if i < 0 {
		return false
	}
	seq := p.next + 1 + uint32(i)
	id, rendition, _ := v.table.Choose(now, seq, v.req.rendition, accept, s.Swarm.Selection, v.draw())
	v.hadItsTurn(now, id)
	own := v.apart()
	own.early = append(own.early, early{seq: seq, rendition: rendition, from: NodeID(id), sent: now})
	out.send(NodeID(id), Message{Kind: Want, Seq: seq, Rendition: rendition, Shard: Whole})
	return true
}

// awaited is the index of the early slot seq, or -1.
func (v *Viewer) awaited(seq uint32) int {
	return slices.IndexFunc(v.early, func(e early) bool { return e.seq == seq })
}

// weed gives up early slots whose turn is over, and those that take too long.
func (v *Viewer) weed(now time.Duration, out *Output) {
	s := v.stream.Swarm
	if len(v.early) == 0 {
		return
	}
	v.early = slices.DeleteFunc(v.early, func(e early) bool {
		late := e.took == 0 && (!e.taken && now >= e.sent+s.Silence || now >= e.sent+s.Patience)
		if late {
			v.table.Rest(uint32(e.from), now+5*s.Silence)
			v.shun(e.from, out)
		}
		if late || e.seq < v.player.next {
			v.discard(&e, out)
			return true
		}
		return false
	})
}

// discard tells of an early slot that is not wanted any more.
func (v *Viewer) discard(e *early, out *Output) {
	if e.took == 0 {
		out.send(e.from, Message{Kind: Drop, Seq: e.seq, Rendition: e.rendition, Shard: Whole})
		return
	}
	if t := v.Held(e.seq); t != nil {
		out.fact(Discarded, int64(t.Size), Fact{Seq: e.seq, Rendition: e.rendition, Source: FromPeer})
	}
}

// stocked is called when a slot's turn has come. If it was asked for before, what was
// asked is the viewer's request now, or its answer is here; otherwise nothing
// happens.
func (v *Viewer) stocked(now time.Duration, out *Output) bool {
	i := v.awaited(v.player.next)
	if i < 0 {
		return false
	}
	e, t := v.early[i], v.Held(v.player.next)
	v.early = slices.Delete(v.early, i, i+1)
	if v.choices()>>e.rendition&1 == 0 || e.took > 0 && t == nil {
		v.discard(&e, out)
		return false
	}
	v.req = request{rendition: e.rendition, accept: 1 << e.rendition, from: e.from, source: FromPeer,
		asked: e.sent, sent: e.sent, began: e.sent}
	v.phase = asking
	if e.taken {
		v.phase = receiving
	}
	v.unlock(false, out)
	if e.took == 0 {
		v.arm(max(now, e.sent+v.stream.Swarm.Silence), out)
		v.lookAhead(now, out)
		return true
	}
	v.req.asked = now - e.took
	v.accept(now, arrival{t, e.took, e.latency}, out)
	return true
}

// foreseeing takes what a neighbour says about an early slot, and says whether
// the message was about one.
func (v *Viewer) foreseeing(now time.Duration, in *Input, out *Output) bool {
	m := in.Msg
	i := slices.IndexFunc(v.early, func(e early) bool {
		return e.seq == m.Seq && e.rendition == m.Rendition && e.from == in.From && e.took == 0
	})
	if i < 0 {
		return false
	}
	switch e := &v.early[i]; m.Kind {
	case Take:
		e.taken = true
		return true
	case Give:
		if v.keepEarly(now, e, m.Token, in.Took, out) {
			break
		}
		fallthrough
	case Deny:
		v.table.Rest(uint32(in.From), now+v.stream.Length(m.Seq)/4)
		v.early = slices.Delete(v.early, i, i+1)
	default:
		return false
	}
	v.lookAhead(now, out)
	return true
}

// keepEarly checks a token that came before its turn and passes it on; it says
// whether the token is sound.
func (v *Viewer) keepEarly(now time.Duration, e *early, t *token.Token, took time.Duration, out *Output) bool {
	if !v.sound(t, out) || t.Seq != e.seq || t.Rendition != e.rendition {
		out.fact(Rejected, 1, Fact{Seq: e.seq, Node: e.from, Source: FromPeer})
		v.shun(e.from, out)
		return false
	}
	v.player.peers.Add(t.Size, took)
	v.clocked(e.from, t.Size, took)
	e.took = max(1, now-e.sent)
	e.latency = max(0, e.took-took)
	v.held[t.Seq%swarm.Window] = t
	v.announce(t, out)
	return true
}

// announce tells neighbours of a token that they do not hold.
func (v *Viewer) announce(t *token.Token, out *Output) {
	sign := v.stream.Protection.Reputation && t.Seq%signOfLife == 0
	if v.subscribes() && !sign {
		return
	}
	for i := range v.table.Len() {
		if !v.traits.Freeloads && (sign || !v.table.Holds(i, t.Seq)) { // who holds the slot does not need it
			out.send(NodeID(v.table.At(i)), v.have(t))
		}
	}
}

// abandonEarly forgets what was asked of a neighbour that has gone.
func (v *Viewer) abandonEarly(id NodeID) {
	if len(v.early) > 0 {
		v.early = slices.DeleteFunc(v.early, func(e early) bool { return e.from == id && e.took == 0 })
	}
}

package protocol

import (
	"math/bits"
	"slices"
	"time"

	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// A subscription is what a viewer gets without asking for each token, of one
// neighbour or of its edge.
type subscription struct {
	from   NodeID // if on
	asked  NodeID // if asking: whom it would rather have it from
	source Source // of from
	on     bool
	asking bool
	most   uint8 // the best rendition that from may send
	vain   uint8 // neighbours that refused, one after the other
	missed uint8 // tokens in a row that came too late
}

// A subscriber is a neighbour that is sent what the viewer gets.
type subscriber struct {
	id    NodeID
	next  uint32 // the slot that it gets next
	sends uint32 // busy: the one that is on its way to it, or leftOut
	most  uint8  // the best rendition that it takes
	busy  bool   // a token is on its way to it
}

// A role is what a viewer is to a swarm of subscriptions.
type role uint8

const (
	undecided role = iota
	leech          // it subscribes to neighbours
	seed           // to its edge, so that fresh tokens enter the swarm everywhere
)

// leftOut is the slot of what was cancelled since its subscriber has it.
const leftOut = 1<<32 - 1

// Limits of subscriptions.
const (
	hop        = 100 * time.Millisecond // how much later a token may be for each viewer that passes it on, so that not all behind one who waits turn to the edge
	deepest    = 12                     // viewers that pass a token on
	mostVain   = 4                      // neighbours that are asked for one slot
	mostMissed = 2                      // tokens in a row that may be late
	retry      = 8                      // every so many segments a viewer looks for a neighbour that has a better rendition
	refusal    = 2                      // for how many segments a neighbour is left alone that refused
	estrange   = 30                     // for how many one that was too slow
)

// subscribes says whether tokens come unasked.
func (v *Viewer) subscribes() bool {
	return v.stream.pushes && v.stream.Vault == nil && len(v.edges) > 0
}

// attend sees to it that the next slot, which is due at ready, comes by itself:
// it keeps its subscription, or takes one. It is looked after when the token is late.
func (v *Viewer) attend(now, ready time.Duration, out *Output) {
	p, sub := &v.player, &v.sub
	v.req = request{began: ready, asked: ready, sent: ready}
	v.reckon(now)
	v.phase = attending
	turn := (p.next+uint32(v.id))%retry == 0
	if turn && v.swap == nil { // which looks back
		v.table.Forget(now, p.next)
	}
	switch {
	case !sub.on && !sub.asking:
		v.subscribe(now, out)
	case !sub.on:
	case sub.on && sub.source == FromEdge:
		if sub.most != v.req.rendition {
			sub.most = v.req.rendition
			out.send(sub.from, v.onward(Want, sub.most))
		}
	default:
		if most := v.most(); most < sub.most && int(most) < int(p.last) || most > sub.most {
			sub.most = most
			out.send(sub.from, v.onward(Want, most))
		}
		if int(p.last) < int(v.req.rendition) && turn && !sub.asking {
			sub.vain = mostVain - 1
			v.prefer(now, out)
		}
	}
	v.watch(now, ready, out)
}

// reckon chooses the rendition of the next token, and those that it takes of neighbours,
// by what it has in its buffer now.
func (v *Viewer) reckon(now time.Duration) {
	chosen, _ := v.abr.Choose(&v.player.memory, v.view(now, v.stream.Length(v.player.next)))
	fit := v.choices()
	v.req.rendition = nearestAllowed(chosen, fit)
	v.req.accept = v.carried(v.req.rendition) & fit
}

// watch has the viewer look when the next token, which is due at ready, should
// have come; at once when it is due, if nobody is going to send it.
func (v *Viewer) watch(now, ready time.Duration, out *Output) {
	s, at := v.stream, max(now, ready)
	if v.sub.on || v.sub.asking {
		at += max(s.Swarm.Silence/2, min(s.Swarm.PeerWait, v.player.Buffer(now)-(at-now)-s.Swarm.Urgent)) + time.Duration(v.depth)*hop
	}
	v.arm(at, out)
}

// most is the best rendition that the viewer takes of a neighbour.
func (v *Viewer) most() uint8 { return uint8(bits.Len16(v.req.accept|1) - 1) }

// onward is a message about the tokens from the next one on.
func (v *Viewer) onward(k MsgKind, rendition uint8) Message {
	return Message{Kind: k, Seq: v.player.next, Rendition: rendition, Shard: Onward}
}

// subscribe asks a neighbour or, if this viewer is one of those that keep the swarm
// fresh, its edge. Who finds nobody asks the edge for this token alone, when it must.
func (v *Viewer) subscribe(now time.Duration, out *Output) {
	v.sub = subscription{}
	if v.role == undecided {
		v.role = leech
		if v.stream.Swarm.Neighbours == 0 || v.draw().Float64() < float64(v.stream.Swarm.SeedShare) {
			v.role = seed
		}
	}
	if v.role == seed {
		v.deepen(now, 0, out)
		v.sub = subscription{on: true, source: FromEdge, from: v.edges[v.home], most: v.req.rendition}
		out.send(v.sub.from, v.onward(Want, v.sub.most))
		return
	}
	if !v.prefer(now, out) {
		v.deepen(now, 0, out)
	}
}

// prefer asks a neighbour for a subscription, and says whether there is one to
// ask. Only who had the token before the viewer will agree, so that a circle hardly
// closes; whom nobody follows need not say when it came.
func (v *Viewer) prefer(now time.Duration, out *Output) bool {
	id, ok := v.table.Awake(now, v.draw())
	if !ok || v.sub.vain >= mostVain {
		return false
	}
	m := v.onward(Want, v.most())
	if len(v.followers) > 0 {
		m.Wait = max(1, milliseconds(now-v.came))
	}
	v.sub.asking, v.sub.asked = true, NodeID(id)
	v.table.Rest(id, now+refusal*v.stream.Length(v.player.next))
	out.send(NodeID(id), m)
	return true
}

// unsubscribe ends what comes unasked.
func (v *Viewer) unsubscribe(out *Output) {
	if v.sub.on {
		out.send(v.sub.from, v.onward(Drop, v.sub.most))
	}
	if v.sub.asking {
		out.send(v.sub.asked, v.onward(Drop, v.sub.most))
	}
	v.sub = subscription{}
}

// subscribed hears the answer of a neighbour that was asked for a subscription,
// or that an existing one has ended.
func (v *Viewer) subscribed(now time.Duration, from NodeID, m *Message, out *Output) {
	sub := &v.sub
	switch {
	case sub.asking && from == sub.asked && m.Kind == Take:
		if sub.asking = false; sub.on && int(m.Rendition) <= int(v.player.last) {
			out.send(from, v.onward(Drop, m.Rendition)) // it has nothing better
			return
		}
		if sub.on {
			out.send(sub.from, v.onward(Drop, sub.most))
		}
		*sub = subscription{on: true, from: from, source: FromPeer, most: v.most()}
		v.table.Rest(uint32(from), now)
		v.deepen(now, int(m.Wait)+1, out)
	case m.Kind == Take && sub.on && from == sub.from:
		v.deepen(now, int(m.Wait)+1, out)
	case m.Kind == Take:
		out.send(from, v.onward(Drop, m.Rendition)) // too late: it was given up
	case sub.asking && from == sub.asked:
		sub.asking = false
		if sub.vain++; !v.prefer(now, out) && !sub.on && v.phase == attending {
			v.deepen(now, 0, out)
			v.watch(now, v.req.asked, out)
		}
	case sub.on && from == sub.from && sub.source == FromEdge:
		if v.phase == attending {
			v.refused(now, m, out)
		}
	case sub.on && from == sub.from:
		v.sub = subscription{}
		if v.phase == attending {
			v.plan(now, out)
		}
	}
}

// deepen notes how many viewers stand between this one and a server, and tells
// those behind it. A circle counts up until somebody leaves it.
func (v *Viewer) deepen(now time.Duration, depth int, out *Output) {
	if depth >= deepest {
		v.table.Rest(uint32(v.sub.from), now+refusal*v.stream.Length(v.player.next))
		v.unsubscribe(out)
		if depth = 0; v.phase == attending {
			v.plan(now, out)
		}
	}
	if v.depth == uint8(depth) {
		return
	}
	v.depth = uint8(depth)
	for i := range v.followers {
		m := v.onward(Take, 0)
		m.Wait = uint16(depth)
		out.send(v.followers[i].id, m)
	}
}

// abandoned forgets what was subscribed to of a neighbour that has gone, and that
// it subscribed.
func (v *Viewer) abandoned(id NodeID) {
	v.unfollow(id)
	if s := &v.sub; s.asking && s.asked == id {
		s.asking = false
	}
	if s := &v.sub; s.on && s.source == FromPeer && s.from == id {
		v.sub = subscription{}
	}
}

// refused hears from an edge why it does not send the next token.
func (v *Viewer) refused(now time.Duration, m *Message, out *Output) {
	v.req.from, v.req.source = v.sub.from, v.sub.source
	v.unsubscribe(out)
	v.firstAsked(now)
	v.denied(now, m, out)
}

// lacks looks for a token that should have come by now. If it is on its way, it may
// take as long as one that was asked for.
func (v *Viewer) lacks(now time.Duration, in *Input, out *Output) {
	end := max(v.req.asked, v.came) + v.stream.Swarm.Patience
	if v.sub.on && now < end && in.Coming != nil && in.Coming(v.sub.from) {
		v.arm(min(end, max(now+v.stream.Swarm.Silence, v.player.EmptyAt()-v.stream.Swarm.Urgent)), out)
		return
	}
	v.missed(now, out)
}

// missed turns to the edge for a token that should have come.
func (v *Viewer) missed(now time.Duration, out *Output) {
	s := &v.sub
	if s.missed++; s.missed >= mostMissed || !s.on || s.source == FromEdge {
		if s.source == FromPeer && s.on {
			v.table.Rest(uint32(s.from), now+estrange*v.stream.Length(v.player.next))
		}
		v.unsubscribe(out)
	} else {
		m := v.onward(Want, s.most)
		m.Seq++
		out.send(s.from, m)
	}
	v.req.began = now
	v.reckon(now)
	v.sub.vain = 0
	if !v.probeNext(now, out) {
		v.askEdge(now, out)
	}
}

// probeNext asks a neighbour whether it has the next token, and says whether
// there was one to ask.
func (v *Viewer) probeNext(now time.Duration, out *Output) bool {
	id, ok := v.table.Awake(now, v.draw())
	if !ok || v.sub.vain >= mostVain || v.player.Buffer(now) < v.stream.Swarm.Urgent/2 {
		return false
	}
	v.sub.vain++
	v.table.Rest(id, now+v.stream.Length(v.player.next))
	if v.player.Buffer(now) > v.stream.Swarm.Urgent {
		v.req.rendition = v.most()
	}
	v.ask(now, NodeID(id), FromPeer, out)
	return true
}

// pushed takes a token that came unasked. One that is not next comes too late.
func (v *Viewer) pushed(now time.Duration, t *token.Token, took time.Duration, out *Output) {
	s, sub := v.stream, &v.sub
	if t.Seq != v.player.next || v.phase != attending && v.phase != pacing {
		return
	}
	if v.choices()>>t.Rendition&1 == 0 || t.Rendition > max(sub.most, v.req.rendition) {
		v.missed(now, out)
		return
	}
	sub.missed = 0
	v.req.rendition, v.req.from, v.req.source = t.Rendition, sub.from, sub.source
	v.req.began = now - took
	v.req.sent = max(v.req.sent, now-took-s.Swarm.Silence)
	if sub.source == FromPeer && took > t.Duration/2 { // too slow to lean on
		v.table.Rest(uint32(sub.from), now+estrange*t.Duration)
		v.unsubscribe(out)
	}
	v.unlock(false, out)
	v.take(now, t, took, out)
}

// ---- the other half: what it sends unasked

// admit answers a neighbour that would be sent what the viewer gets.
func (v *Viewer) admit(now time.Duration, from NodeID, m *Message, out *Output) {
	i := v.follower(from)
	if i >= 0 {
		f := &v.followers[i]
		if f.most = m.Rendition; m.Seq > f.next { // it has what was to come from elsewhere
			f.next = m.Seq
		}
		if f.busy && f.sends < m.Seq {
			out.cancel(from, uploadID(from, f.sends))
			f.sends = leftOut
		}
		v.feed(i, out)
		return
	}
	p := &v.player
	answer := Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Onward, Reason: Busy}
	before := v.Held(m.Seq) != nil || m.Seq <= p.next+1 && m.Wait == 0 || m.Seq == p.next && milliseconds(now-v.came) > m.Wait
	switch {
	case v.traits.Freeloads || !v.subscribes() || v.sub.from == from || !v.table.Has(uint32(from)) ||
		!before || v.depth+1 >= deepest || int(p.last) > int(m.Rendition):
		answer.Reason = NotHere
	case len(v.followers) < v.stream.Swarm.Uploads-int(v.overrated):
		answer.Kind, answer.Reason, answer.Rendition, answer.Wait = Take, 0, uint8(max(0, p.last)), uint16(v.depth)
		v.followers = append(v.followers, subscriber{id: from, next: m.Seq, most: m.Rendition})
	}
	out.send(from, answer)
	if answer.Kind == Take {
		v.feed(len(v.followers)-1, out)
	}
}

func (v *Viewer) follower(id NodeID) int {
	return slices.IndexFunc(v.followers, func(s subscriber) bool { return s.id == id })
}

// unfollow sends a neighbour nothing more.
func (v *Viewer) unfollow(id NodeID) {
	if i := v.follower(id); i >= 0 {
		v.followers = slices.Delete(v.followers, i, i+1)
	}
}

// feed sends a subscriber its next token, if that is here and the one before has
// left. Who lags too far behind, or takes no such rendition, is let go.
func (v *Viewer) feed(i int, out *Output) {
	f := &v.followers[i]
	t, newest := v.Held(f.next), v.player.next
	switch {
	case f.busy && newest >= f.next+swarm.Window-1:
		v.overrated = min(v.overrated+1, swarm.MaxUploads)
		v.letGo(i, Busy, out)
	case f.busy || t == nil && f.next >= newest:
	case t == nil || t.Rendition > f.most:
		v.letGo(i, NotHere, out)
	default:
		f.busy, f.sends, f.next = true, f.next, f.next+1
		if !v.traits.Withholds {
			v.upload(f.id, t, out)
		}
	}
}

// letGo ends a subscription that was granted.
func (v *Viewer) letGo(i int, why Reason, out *Output) {
	f := &v.followers[i]
	out.send(f.id, Message{Kind: Deny, Seq: f.next, Rendition: f.most, Shard: Onward, Reason: why})
	v.followers = slices.Delete(v.followers, i, i+1)
}

// uploaded hears that a token has left, or was lost with who was to get it.
func (v *Viewer) uploaded(in *Input, out *Output) {
	v.uploading--
	i := v.follower(in.From)
	switch {
	case i < 0:
	case !in.OK && v.followers[i].sends != leftOut:
		v.followers = slices.Delete(v.followers, i, i+1)
	default:
		v.followers[i].busy = false
		v.feed(i, out)
	}
}

// upload sends a neighbour a token.
func (v *Viewer) upload(to NodeID, t *token.Token, out *Output) {
	t = v.spoiled(t)
	v.uploading++
	out.bulk(to, uploadID(to, t.Seq), Message{Kind: Give, Seq: t.Seq, Rendition: t.Rendition, Token: t})
	out.fact(Served, int64(t.Size), Fact{Node: to, Seq: t.Seq, Rendition: t.Rendition})
}

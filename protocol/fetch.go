package protocol

import (
	"time"

	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// plan decides what to do when nothing is being fetched.
func (v *Viewer) plan(now time.Duration, out *Output) {
	s, p := v.stream, &v.player
	v.phase = pacing
	v.report(now, out)
	if v.over() {
		out.fact(Finished, 1, Fact{Span: p.Buffer(now)})
		return
	}
	next := s.slot(p.next)
	if v.trails(now, next.start) {
		if ahead := s.Entry(s.At(now - v.live.Delay)); ahead > p.next {
			out.fact(Skipped, int64(ahead-p.next), Fact{Seq: p.next, Span: s.Start(ahead) - s.Start(p.next)})
			if p.next = ahead; p.before == fetched {
				p.before = unknown
			}
		}
		next = s.slot(p.next)
	}
	length, ready := next.length, next.start+next.length+s.Ready
	if over := p.Buffer(now) + length - s.Player.Buffer; over > 0 && p.Playing() {
		v.abr.Waited(&p.memory, over)
		v.arm(now+over, out)
		return
	}
	if v.subscribes() && (now < ready || p.Buffer(now) > s.Swarm.Urgent) && !v.hopeless() {
		v.attend(now, ready, out)
		return
	}
	if s.Vault == nil && now < ready {
		v.abr.Waited(&p.memory, ready-now)
		v.arm(ready, out)
		return
	}
	if v.hopeless() {
		v.pass(now, out)
		v.plan(now, out)
		return
	}
	if v.stocked(now, out) {
		return
	}
	chosen, wait := v.abr.Choose(&p.memory, v.view(now, length))
	if v.improve(now, chosen, out) {
		return
	}
	if wait > 0 && p.Playing() { // and then it chooses anew
		v.arm(now+wait, out)
		return
	}
	if v.fit()>>chosen&1 == 0 {
		out.fact(Avoided, 1, Fact{Seq: p.next, Rendition: uint8(chosen)})
	}
	v.req = request{began: now, rendition: nearestAllowed(chosen, v.choices())}
	v.req.accept = v.carried(v.req.rendition) & v.choices()
	v.fetch(now, out)
	v.lookAhead(now, out)
}

// view is what a choice goes by, of the next segment, which is so long.
func (v *Viewer) view(now, length time.Duration) abr.View {
	p := &v.player
	view := abr.View{Buffer: p.Buffer(now), BufferMax: v.reach(), Segment: length, Throughput: p.estimate.Rate(),
		Last: int(p.last), Watched: int(p.watched), Pace: p.Pace()}
	if v.stream.Vault == nil && p.Playing() {
		view.Behind, view.Target = max(0, p.behind(v.stream)), v.live.Delay
	}
	return view
}

// overdue says that playback has fallen too far behind live to go on slot by
// slot.
func (v *Viewer) overdue(now time.Duration) bool { return v.trails(now, v.stream.Start(v.player.next)) }

// trails says so of a next slot that starts then.
func (v *Viewer) trails(now, next time.Duration) bool {
	return v.stream.Vault == nil && now-next > v.live.Behind
}

// fetch turns to a neighbour that holds the token, waits for one to hold it, or
// turns to an edge.
func (v *Viewer) fetch(now time.Duration, out *Output) {
	s := v.stream
	if v.table.Len() > 0 && v.draw().Float64() >= float64(s.Swarm.SeedShare) {
		if v.askPeer(now, out) {
			return
		}
		if wait := min(s.Swarm.PeerWait, v.player.Buffer(now)-s.Swarm.Urgent); wait > 0 && !v.subscribes() {
			v.phase = waiting
			v.arm(now+wait, out)
			return
		}
	}
	v.askEdge(now, out)
}

// askPeer asks a neighbour that holds the token, if there is one. Another
// rendition than the chosen one will do if neighbours are fast enough for it.
func (v *Viewer) askPeer(now time.Duration, out *Output) bool {
	id, rendition, ok := v.table.Choose(now, v.player.next, v.req.rendition, v.req.accept, v.stream.Swarm.Selection, v.draw())
	if ok {
		v.req.rendition = rendition
		v.ask(now, NodeID(id), FromPeer, out)
		v.hadItsTurn(now, id)
	}
	return ok
}

// hadItsTurn notes that a neighbour has been asked, where they are asked in turn.
func (v *Viewer) hadItsTurn(now time.Duration, id uint32) {
	if v.stream.Swarm.Selection == swarm.RoundRobin {
		v.table.Score(id, ms(now))
	}
}

func (v *Viewer) ask(now time.Duration, of NodeID, source Source, out *Output) {
	v.phase = asking
	v.firstAsked(now)
	v.req.from, v.req.source, v.req.sent = of, source, now
	if v.chart != nil && source == FromEdge {
		v.patient(now)
	}
	if source == FromEdge {
		v.show(now, of, out)
	}
	out.send(of, v.about(Want))
	v.unlock(false, out)
	v.arm(now+v.stream.Swarm.Silence, out)
}

// firstAsked notes when the slot was first asked for.
func (v *Viewer) firstAsked(now time.Duration) {
	if v.req.asked == 0 {
		v.req.asked = now
	}
}

func (v *Viewer) about(k MsgKind) Message {
	return Message{Kind: k, Seq: v.player.next, Rendition: v.req.rendition, Shard: Whole}
}

// askEdge asks the edge in use or, when all were tried in vain, the providers.
func (v *Viewer) askEdge(now time.Duration, out *Output) {
	s := v.stream
	switch {
	case v.overdue(now) && s.Entry(s.At(now-v.live.Delay)) > v.player.next:
		v.plan(now, out)
	case int(v.req.tried) < len(v.edges) && (s.Swarm.Servers != swarm.FromStorage || s.Coder == nil):
		v.reconsider(now, out)
		v.ask(now, v.edges[v.home], FromEdge, out)
	case s.Coder == nil || v.req.unpaid || v.req.crowded > 0: // nobody else to ask: once more from the start, a little later
		v.phase = pacing
		v.arm(now+v.later(now), out)
	default:
		v.req.tried = 0
		v.phase, v.req.source = gathering, FromProviders
		v.firstAsked(now)
		v.unlock(false, out)
		if v.apart().gather = new(gather); v.suspects == nil {
			v.suspects = new(suspects)
		}
		v.gather.begin(now, s, v.id, v.suspects, v.player.next, v.req.rendition, nil, out)
		v.arm(v.gather.next(now, s, v.id), out)
	}
}

// later is how long a viewer waits before it asks once more from the start:
// edges may not have heard yet of a virtual channel that is open, or have no
// room.
func (v *Viewer) later(now time.Duration) time.Duration {
	s := v.stream
	if v.req.crowded > 0 {
		return max(s.Swarm.Silence, v.req.crowded-now)
	}
	if v.req.unpaid && v.payer.Anchored() {
		return s.answering(s.Publisher, v.id)
	}
	return max(s.Swarm.Silence, s.Length(v.player.next)/2)
}

// nextEdge makes the next edge the one that serves and is paid.
func (v *Viewer) nextEdge() { v.home = uint16((int(v.home) + 1) % len(v.edges)) }

// elsewhere turns to the next edge; the one that serves is also paid.
func (v *Viewer) elsewhere() {
	v.req.tried++
	if len(v.edges) > 0 {
		v.nextEdge()
	}
}

// answer takes what a holder says to the request under way; anything else is
// late and not needed any more.
func (v *Viewer) answer(now time.Duration, in *Input, out *Output) {
	m := in.Msg
	switch {
	case v.phase == swapping && v.swapped(now, in, out) || len(v.early) > 0 && v.foreseeing(now, in, out):
		return
	case m.Shard == Onward && (m.Kind == Take || m.Kind == Deny):
		v.subscribed(now, in.From, m, out)
		return
	case v.sub.on && in.From == v.sub.from && m.Kind == Give && !v.wanted(in):
		v.pushed(now, m.Token, in.Took, out)
		return
	case v.sub.on && in.From == v.sub.from && m.Kind == Deny && v.phase == attending && m.Seq == v.player.next:
		v.refused(now, m, out)
		return
	}
	if m.Kind == Take && v.phase == asking && v.subscribes() && v.req.source == FromPeer && in.From == v.req.from &&
		m.Seq == v.player.next && m.Rendition < v.req.rendition && v.choices()>>m.Rendition&1 != 0 {
		v.req.rendition = m.Rendition // the best that the neighbour has
	}
	if m.Seq != v.player.next || m.Rendition != v.req.rendition {
		return
	}
	if m.Kind == Deny && m.Reason == Locked {
		if len(v.edges) > 0 && in.From == v.edges[v.home] && !v.latch().here {
			v.locked(now, true, out)
		}
		return
	}
	if v.phase == gathering {
		v.part(now, in.From, m, out)
		return
	}
	if in.From != v.req.from || v.phase != asking && v.phase != receiving {
		return
	}
	switch m.Kind {
	case Take:
		v.phase = receiving
		if v.abr.Abandons() {
			v.arm(now+lookEvery, out)
		}
	case Deny:
		v.denied(now, m, out)
	case Give:
		v.take(now, m.Token, in.Took, out)
	}
}

// wanted says that a token comes since the viewer asked for it.
func (v *Viewer) wanted(in *Input) bool {
	return (v.phase == asking || v.phase == receiving) && in.From == v.req.from &&
		in.Msg.Seq == v.player.next && in.Msg.Rendition == v.req.rendition
}

// denied turns to the next holder.
func (v *Viewer) denied(now time.Duration, m *Message, out *Output) {
	s, why := v.stream, m.Reason
	if v.req.source == FromPeer {
		v.table.Rest(uint32(v.req.from), now+s.Length(v.player.next)/4)
		if v.player.Buffer(now) > s.Swarm.Urgent && v.askPeer(now, out) || v.subscribes() && v.probeNext(now, out) {
			return
		}
		v.askEdge(now, out)
		return
	}
	if why == Unpaid { // it may not have seen the newest payment; others may
		v.req.unpaid = true
		v.remind(now, v.req.from, out)
	}
	if why == Unlicensed { // a matter of a block or two, and providers ask nobody
		v.req.unpaid = true
		v.tear()
	}
	if why == Busy { // it comes again when the first of those it asked may have room
		again := now + time.Duration(m.Wait)*time.Millisecond
		if v.req.crowded == 0 || again < v.req.crowded {
			v.req.crowded = again
		}
	}
	v.elsewhere()
	v.askEdge(now, out)
}

// silent turns away from a holder that does not answer.
func (v *Viewer) silent(now time.Duration, out *Output) {
	out.send(v.req.from, v.about(Drop))
	if v.req.source == FromPeer {
		v.tellDirectory(Message{Kind: Gone, Seq: uint32(v.req.from)}, out)
		v.forget(now, v.req.from, out)
	} else {
		v.elsewhere()
	}
	v.askEdge(now, out)
}

func (v *Viewer) hedge(now time.Duration, out *Output) {
	if v.overdue(now) || now-v.req.began > slowest*v.stream.Swarm.Patience ||
		!v.gather.hedge(now, v.stream, v.id, v.suspects, out) {
		v.req.began = now
		v.askEdge(now, out)
		return
	}
	v.arm(v.gather.next(now, v.stream, v.id), out)
}

func (v *Viewer) part(now time.Duration, from NodeID, m *Message, out *Output) {
	v.gather.hear(from, m, v.stream, v.suspects)
	if t := v.gather.settle(now, v.stream, v.id, v.suspects, out); t != nil {
		v.gather = nil
		v.accept(now, arrival{token: t}, out)
	}
}

// take checks a token that arrived whole.
func (v *Viewer) take(now time.Duration, t *token.Token, took time.Duration, out *Output) {
	if !v.sound(t, out) || t.Seq != v.player.next || t.Rendition != v.req.rendition {
		out.fact(Rejected, 1, Fact{Seq: v.player.next, Node: v.req.from, Source: v.req.source})
		if v.req.source == FromPeer {
			v.shun(v.req.from, out)
			v.forget(now, v.req.from, out)
		} else {
			v.elsewhere()
		}
		v.unsubscribe(out)
		v.askEdge(now, out)
		return
	}
	v.player.estimate.Add(t.Size, took)
	v.measured(now, t.Size, took, out)
	since := now - v.req.sent
	if v.req.source == FromPeer {
		v.player.peers.Add(t.Size, took)
		if took > t.Duration/2 { // too slow to lean on
			v.table.Rest(uint32(v.req.from), now+slowRest*t.Duration)
		}
	}
	v.accept(now, arrival{t, since, max(0, since-took)}, out)
}

// slowRest is for how many segments a slow neighbour is left alone.
const slowRest = 4

// An arrival is a token that has come.
type arrival struct {
	token   *token.Token
	took    time.Duration // since the request, 0 if it was gathered
	latency time.Duration // of that, before the first byte
}

// accept plays, announces and pays for a token that was found good.
func (v *Viewer) accept(now time.Duration, a arrival, out *Output) {
	t := a.token
	if !v.shows(&t.Header) {
		v.waste(now, t, out)
		return
	}
	if !v.opens(now, a, out) {
		return
	}
	if v.lock != nil {
		v.lock.pending = arrival{}
	}
	s, p := v.stream, &v.player
	length := s.Length(t.Seq)
	out.fact(Fetched, int64(t.Size), Fact{Source: v.req.source, Node: v.req.from, Rendition: t.Rendition, Seq: t.Seq, Span: now + out.CPU - v.req.asked})
	out.fact(Played, int64(t.Size), Fact{Source: v.req.source, Rendition: t.Rendition, Seq: t.Seq, Span: length})
	p.last, p.before = int8(t.Rendition), fetched
	p.watched = min(p.watched+1, 1<<15)
	p.next = t.Seq + 1
	v.exhibit(now, out)
	if v.swap != nil {
		v.swap.stack(ahead{seq: t.Seq, rendition: t.Rendition, bytes: int64(t.Size), source: v.req.source, length: length})
	}
	p.push(now+out.CPU, v.joined, length, s, out)
	v.abr.Fetched(&p.memory, abr.Download{Rung: int(t.Rendition), Size: t.Size, Got: t.Size,
		Took: a.took, Latency: a.latency, Segment: length, Buffer: p.Buffer(now)})
	if p.Playing() && s.Vault == nil {
		p.catchUp(now+out.CPU, v.live, s)
		out.fact(Behind, 1+int64(max(p.Pace(), -p.Pace())), Fact{Span: p.behind(s)})
	}
	v.purge(now, t.Seq, out)
	if told := v.Held(t.Seq) == t; !told {
		v.held[t.Seq%swarm.Window] = t
		v.announce(t, out)
	}
	v.came = now
	for i := len(v.followers) - 1; i >= 0; i-- {
		v.feed(i, out)
	}
	v.pay(now, t.Seq, out)
	v.plan(now, out)
}

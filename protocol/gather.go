package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/token"
)

// A gather collects enough shards of one token to rebuild it: the k nearest
// first, then others as soon as an answer is overdue or a shard is slow. Such
// hedged requests cost little and cut the tail (Dean and Barroso, The Tail at
// Scale, CACM 2013).
type gather struct {
	seq       uint32
	rendition uint8
	began     time.Duration
	nodes     []NodeID // who keeps which shard
	state     []shardState
	asked     []time.Duration // when each shard was asked for
	shards    [][]byte
	got       int
	header    *token.Token  // of the first part
	heard     int           // shards that had come or were promised at the last hedge
	hedged    time.Duration // when that was
	vain      time.Duration // spent without hearing of a shard
}

type shardState uint8

const (
	unasked  shardState = iota
	asked               // no answer yet
	promised            // the provider said it will come
	arrived
	silent  // no answer in time; one may still come
	refused // denied or of no use
)

// maxVain is after how many hedges in vain a gather gives up.
const maxVain = 8

// begin asks for the first k shards of those who keep them; nil are those that
// the placement names.
func (g *gather) begin(now time.Duration, s *Stream, me NodeID, p *suspects, seq uint32, rendition uint8, keepers []NodeID, out *Output) {
	n := s.Coder.N()
	if keepers == nil {
		keepers = s.Place(seq, rendition)
	}
	*g = gather{seq: seq, rendition: rendition, began: now, nodes: slices.Clone(keepers),
		state: make([]shardState, n), asked: make([]time.Duration, n), shards: make([][]byte, n), hedged: now}
	g.ask(now, s, me, p, out)
}

// move turns to new keepers of the shards that have not come.
func (g *gather) move(keepers []NodeID) {
	for i, n := range keepers {
		if g.nodes[i] != n && g.state[i] != arrived {
			g.nodes[i], g.state[i] = n, unasked
		}
	}
}

// ask requests as many shards as are still missing, beyond those promised, and
// a few more if the storage section says so. Who has been silent for long gets
// a request beside these, to see whether it is back.
func (g *gather) ask(now time.Duration, s *Stream, me NodeID, p *suspects, out *Output) {
	pending := g.got
	for i, st := range g.state {
		if st == promised || st == asked && !p.silent(g.nodes[i]) {
			pending++
		}
	}
	for ; pending < s.Coder.K()+s.Storage.Extra; pending++ {
		i := g.nearest(now, s, me, p)
		if i < 0 {
			return
		}
		g.want(now, i, out)
	}
	for i, st := range g.state {
		if st == unasked && p.probe(g.nodes[i], now) {
			g.want(now, i, out)
		}
	}
}

func (g *gather) want(now time.Duration, i int, out *Output) {
	g.state[i], g.asked[i] = asked, now
	out.send(g.nodes[i], Message{Kind: Want, Seq: g.seq, Rendition: g.rendition, Shard: uint8(i)})
}

// nearest is the best shard not asked for yet: of a provider above suspicion,
// then by distance, then by index.
func (g *gather) nearest(now time.Duration, s *Stream, me NodeID, p *suspects) int {
	best, bad, far := -1, false, time.Duration(0)
	for i, st := range g.state {
		if st != unasked || g.nodes[i] == Nobody {
			continue
		}
		b, f := p.has(g.nodes[i], now), s.Apart(me, g.nodes[i])
		if best < 0 || bad && !b || b == bad && f < far {
			best, bad, far = i, b, f
		}
	}
	return best
}

// next is when the gatherer should look again: when the next answer is overdue
// or a promised shard is slow.
func (g *gather) next(now time.Duration, s *Stream, me NodeID) time.Duration {
	at := now + s.Swarm.Hedge
	for i, st := range g.state {
		switch due := g.asked[i] + s.Swarm.Hedge; {
		case st == asked:
			at = min(at, g.due(i, s, me))
		case st == promised && due > now:
			at = min(at, due)
		}
	}
	return at
}

// due is when the answer to a request should be here.
func (g *gather) due(i int, s *Stream, me NodeID) time.Duration {
	return g.asked[i] + s.answering(me, g.nodes[i])
}

// overdue makes suspects of those who have not answered in time.
func (g *gather) overdue(now time.Duration, s *Stream, me NodeID, p *suspects) {
	for i, st := range g.state {
		if st == asked && now >= g.due(i, s, me) {
			g.state[i] = silent
			p.hush(g.nodes[i], now)
		}
	}
}

// hedge is called when the asker has waited long enough: the silent become
// suspects and others are asked. It reports whether there is still hope.
func (g *gather) hedge(now time.Duration, s *Stream, me NodeID, p *suspects, out *Output) bool {
	g.overdue(now, s, me, p)
	g.ask(now, s, me, p, out)
	heard, slow := g.got, false
	for i, st := range g.state {
		if st == promised {
			heard++
			slow = slow || now >= g.asked[i]+s.Swarm.Hedge
		}
	}
	if heard > g.heard { // of 80 providers, half of them dark, it takes many rounds to find 29
		g.heard = heard
	} else {
		g.vain += now - g.hedged
	}
	g.hedged = now
	if i := g.nearest(now, s, me, p); i >= 0 && slow { // one more, beside those that are slow
		g.want(now, i, out)
	}
	if g.exhausted() { // start over: a provider may have come back
		for i, st := range g.state {
			if st == refused || st == silent {
				g.state[i] = unasked
			}
		}
	}
	return g.vain < maxVain*s.Swarm.Hedge
}

// exhausted says that nothing is on its way and nothing is left to ask.
func (g *gather) exhausted() bool {
	for i, st := range g.state {
		if g.nodes[i] != Nobody && (st == unasked || st == asked || st == promised) {
			return false
		}
	}
	return true
}

// blame suspects everybody whose shard went into a token that is not the
// publisher's: which of them lied cannot be seen.
func (g *gather) blame(now time.Duration, p *suspects) {
	for i, st := range g.state {
		if st == arrived {
			p.blame(g.nodes[i], now)
		}
	}
}

// hear takes a provider's answer. A shard under a header that the publisher did
// not sign is refused at once.
func (g *gather) hear(from NodeID, m *Message, s *Stream, p *suspects) {
	if m.Seq != g.seq || m.Rendition != g.rendition || int(m.Shard) >= len(g.nodes) || g.nodes[m.Shard] != from {
		return
	}
	if m.Kind == Part && (m.Token.Seq != g.seq || m.Token.Rendition != g.rendition) {
		return // a genuine header of another token
	}
	p.heard(from)
	i := int(m.Shard)
	switch m.Kind {
	case Take:
		if g.state[i] == asked || g.state[i] == silent {
			g.state[i] = promised
		}
	case Deny:
		if g.state[i] != arrived {
			g.state[i] = refused
		}
	case Part:
		if g.state[i] != arrived && m.Token.CheckHeader(s.Key) == nil {
			g.state[i] = arrived
			g.shards[i] = m.Bytes
			g.got++
			if g.header == nil {
				g.header = m.Token
			}
		}
	}
}

// rebuild decodes the token once k shards are there and checks it whole. It
// charges the processor for both.
func (g *gather) rebuild(s *Stream, out *Output) (*token.Token, error) {
	p := s.rebuilds.find(g.shards)
	if p == nil || p.Len() != int(g.header.Size) {
		bytes, err := s.Coder.Decode(g.shards, int(g.header.Size))
		if err != nil {
			return nil, err
		}
		p = token.NewPayload(bytes)
		if known := g.header.Payload; known != nil && known.ID() == p.ID() {
			p = known // an engine that passes bytes by reference keeps them once
		}
		s.rebuilds.keep(g.shards, p)
	}
	out.CPU += s.CPU.coding(p.Len()) + s.verifying(p.Len())
	whole := g.header
	if whole.Payload != p {
		whole = whole.With(p)
	}
	return whole, whole.Check(s.Key)
}

// settle is called when a shard has come: it is the token once k shards give it.
// If what they give is not the publisher's, whose fault that is cannot be seen:
// everybody is asked anew, those providers last.
func (g *gather) settle(now time.Duration, s *Stream, me NodeID, p *suspects, out *Output) *token.Token {
	if g.got < s.Coder.K() {
		return nil
	}
	t, err := g.rebuild(s, out)
	if err != nil {
		out.fact(Rejected, 1, Fact{Seq: g.seq, Rendition: g.rendition, Node: Nobody})
		g.blame(now, p)
		g.begin(now, s, me, p, g.seq, g.rendition, g.nodes, out)
		return nil
	}
	g.overdue(now, s, me, p)
	out.fact(Gathered, int64(t.Size), Fact{Seq: g.seq, Rendition: g.rendition, Span: now - g.began})
	return t
}

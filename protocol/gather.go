package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/token"
)

// A gather collects enough shards of one token to rebuild it: the k nearest
// first, then whatever is left when some stay silent.
type gather struct {
	seq       uint32
	rendition uint8
	began     time.Duration
	nodes     []NodeID // who keeps which shard
	state     []shardState
	shards    [][]byte
	got       int
	header    *token.Token // of the first part
	rounds    int          // in vain
	heard     int          // shards that had come or were promised at the last hedge
}

type shardState uint8

const (
	unasked  shardState = iota
	asked               // no answer yet
	promised            // the provider said it will come
	arrived
	refused // denied, silent or of no use
)

// maxRounds bounds how often a gather asks anew in vain before it gives up.
const maxRounds = 8

// suspects remembers providers that stayed silent, so that they are asked last.
type suspects struct {
	until []time.Duration // by NodeID
}

// suspicion is how long a silent provider is avoided.
const suspicion = 10 * time.Second

func (p *suspects) add(id NodeID, now time.Duration) {
	if n := int(id) + 1 - len(p.until); n > 0 {
		p.until = append(p.until, make([]time.Duration, n)...)
	}
	p.until[id] = now + suspicion
}

func (p *suspects) has(id NodeID, now time.Duration) bool {
	return int(id) < len(p.until) && now < p.until[id]
}

// begin asks for the first k shards of those who keep them; nil are those that
// the placement names.
func (g *gather) begin(now time.Duration, s *Stream, me NodeID, p *suspects, seq uint32, rendition uint8, keepers []NodeID, out *Output) {
	n := s.Coder.N()
	if keepers == nil {
		keepers = s.Place(seq, rendition)
	}
	*g = gather{seq: seq, rendition: rendition, began: now, nodes: slices.Clone(keepers),
		state: make([]shardState, n), shards: make([][]byte, n)}
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
// a few more if the storage section says so.
func (g *gather) ask(now time.Duration, s *Stream, me NodeID, p *suspects, out *Output) {
	pending := g.got
	for _, st := range g.state {
		if st == asked || st == promised {
			pending++
		}
	}
	for ; pending < s.Coder.K()+s.Storage.Extra; pending++ {
		i := g.nearest(now, s, me, p)
		if i < 0 {
			return
		}
		g.state[i] = asked
		out.send(g.nodes[i], Message{Kind: Want, Seq: g.seq, Rendition: g.rendition, Shard: uint8(i)})
	}
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

// hedge is called when the asker has waited long enough: the silent become
// suspects and others are asked. It reports whether there is still hope.
func (g *gather) hedge(now time.Duration, s *Stream, me NodeID, p *suspects, out *Output) bool {
	heard := g.got
	for i, st := range g.state {
		switch st {
		case asked:
			p.add(g.nodes[i], now)
			g.state[i] = refused
		case promised:
			heard++
		}
	}
	g.ask(now, s, me, p, out)
	if heard > g.heard { // of 80 providers, half of them dark, it takes many rounds to find 29
		g.heard = heard
	} else {
		g.rounds++
	}
	if i := g.nearest(now, s, me, p); i >= 0 && g.waits() { // one more, beside those that are slow
		g.state[i] = asked
		out.send(g.nodes[i], Message{Kind: Want, Seq: g.seq, Rendition: g.rendition, Shard: uint8(i)})
	}
	if g.exhausted() { // start over: a provider may have come back
		for i, st := range g.state {
			if st == refused {
				g.state[i] = unasked
			}
		}
	}
	return g.rounds < maxRounds
}

// waits says that some shard was promised and has not come.
func (g *gather) waits() bool {
	for _, st := range g.state {
		if st == promised {
			return true
		}
	}
	return false
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
			p.add(g.nodes[i], now)
		}
	}
}

// hear takes a provider's answer. A shard under a header that the publisher did
// not sign is refused at once.
func (g *gather) hear(from NodeID, m *Message, s *Stream) {
	if m.Seq != g.seq || m.Rendition != g.rendition || int(m.Shard) >= len(g.nodes) || g.nodes[m.Shard] != from {
		return
	}
	if m.Kind == Part && (m.Token.Seq != g.seq || m.Token.Rendition != g.rendition) {
		return // a genuine header of another token
	}
	i := int(m.Shard)
	switch m.Kind {
	case Take:
		if g.state[i] == asked {
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
	bytes, err := s.Coder.Decode(g.shards, int(g.header.Size))
	if err != nil {
		return nil, err
	}
	out.CPU += s.CPU.coding(len(bytes)) + s.verifying(len(bytes))
	p := token.NewPayload(bytes)
	if known := g.header.Payload; known != nil && known.ID() == p.ID() {
		p = known // an engine that passes bytes by reference keeps them once
	}
	whole := g.header.With(p)
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
	out.fact(Gathered, int64(t.Size), Fact{Seq: g.seq, Rendition: g.rendition, Span: now - g.began})
	return t
}

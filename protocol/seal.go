package protocol

import (
	"crypto/sha256"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// A sealed stream: payloads are encrypted under one key for each token. The
// publisher gives edges the keys of a slot with its end. A viewer asks the edge
// that it pays, ahead of or beside the payload, wherever that comes from; the
// edge grants keys within its credit, and it is the key that is paid for. So
// neighbours pass on bytes that are of no use to who does not pay.

// secret is what the publisher of s derives all keys from.
func (p *Publisher) secret() *token.Secret {
	s := token.Secret(sha256.Sum256(append([]byte("secret of a sealed stream\n"), p.key.Seed()...)))
	return &s
}

// seal encrypts a payload for its place, if the stream is sealed.
func (p *Publisher) seal(h token.Header, payload *token.Payload) (token.Header, *token.Payload) {
	if !p.stream.Tokens.Sealed {
		return h, payload
	}
	sealed, closed, err := token.SealPayload(p.secret(), h, payload)
	if err != nil {
		panic("protocol: " + err.Error()) // the driver has checked what it streams
	}
	return sealed, closed
}

// Key opens the token of a slot and rendition of a sealed stream.
func (p *Publisher) Key(seq uint32, rendition uint8) token.TokenKey {
	return p.secret().TokenKey(p.stream.ID, seq, rendition)
}

// hand gives every edge the keys of a slot.
func (p *Publisher) hand(seq uint32, out *Output) {
	if !p.stream.Tokens.Sealed {
		return
	}
	for r := range p.title {
		if piece := p.Piece(seq, uint8(r)); piece.Hold || !piece.Flags.Billable() {
			continue
		}
		key := p.Key(seq, uint8(r))
		for _, e := range p.stream.Edges {
			out.send(e, Message{Kind: Key, Seq: seq, Rendition: uint8(r), Bytes: key[:]})
		}
	}
}

// ---- edge

// A keyring is the newest keys that an edge was given.
type keyring struct {
	keys map[uint64]token.TokenKey // by tokenKey; looked up, never walked
	end  uint32                    // one more than the newest slot
}

func (k *keyring) add(seq uint32, rendition uint8, b []byte, renditions int) {
	if k.keys == nil {
		k.keys = map[uint64]token.TokenKey{}
	}
	k.keys[tokenKey(seq, rendition)] = token.TokenKey(b)
	for ; k.end <= seq; k.end++ {
		for r := range renditions {
			if k.end >= keepSlots {
				delete(k.keys, tokenKey(k.end-keepSlots, uint8(r)))
			}
		}
	}
}

// keyed keeps a key of the publisher and grants it to who has asked for it.
func (e *Edge) keyed(now time.Duration, from NodeID, m *Message, out *Output) {
	s := e.stream
	if from != s.Publisher || int(m.Rendition) >= len(s.Rates) || m.Seq > s.At(now)+1 || m.Seq+keepSlots < e.keyring.end {
		return
	}
	e.keyring.add(m.Seq, m.Rendition, m.Bytes, len(s.Rates))
	for _, a := range e.guests.accounts {
		if g := e.guests.of(a); g.waits == tokenKey(m.Seq, m.Rendition)+1 {
			e.grant(now, g, NodeID(a), m.Seq, m.Rendition, out)
		}
	}
}

// unlock grants a key, now or when it comes, or says why not.
func (e *Edge) unlock(now time.Duration, from NodeID, m *Message, out *Output) {
	s := e.stream
	if live := s.At(now); int(m.Rendition) >= len(s.Rates) || m.Seq > live+1 || live-min(m.Seq, live) >= keepSlots-2 {
		out.send(from, Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: Locked})
		return
	}
	g := e.guest(now, payment.Account(from))
	e.meet(now, g, payment.Account(from), out)
	e.grant(now, g, from, m.Seq, m.Rendition, out)
}

// grant sends a key, if it is there and the guest is within its credit. A slot
// is paid for once, whatever its rendition.
func (e *Edge) grant(now time.Duration, g *guest, to NodeID, seq uint32, rendition uint8, out *Output) {
	s := e.stream
	key, there := e.keyring.keys[tokenKey(seq, rendition)]
	due, own := s.Price(seq), e.apart(g)
	if own.unlocked == seq+1 {
		due = 0
	}
	switch {
	case due > 0 && e.owes(now, g, due, out):
		own.waits = 0
		out.send(to, Message{Kind: Deny, Seq: seq, Rendition: rendition, Shard: Whole, Reason: Locked})
		out.fact(Denied, 1, Fact{Node: to, Seq: seq})
	case !there:
		own.waits = tokenKey(seq, rendition) + 1
	default:
		own.waits, own.unlocked = 0, seq+1
		g.Served += due
		out.send(to, Message{Kind: Key, Seq: seq, Rendition: rendition, Bytes: key[:]})
	}
}

// ---- viewer

// A lock is what a viewer of a sealed stream knows of the key to the token that
// it is fetching.
type lock struct {
	of      uint64         // tokenKey + 1 of what was asked for, 0: nothing
	pending arrival        // has come and waits for the key
	key     token.TokenKey //
	tried   int16          // edges that were asked
	here    bool           // key is
}

// latch is the viewer's lock, which those of streams that are not sealed never need.
func (v *Viewer) latch() *lock {
	if v.lock == nil {
		v.apart().lock = new(lock)
	}
	return v.lock
}

// unlock asks the edge that is paid for the key to the token that is being
// fetched, unless that is done.
func (v *Viewer) unlock(again bool, out *Output) {
	if !v.stream.Tokens.Sealed || len(v.edges) == 0 {
		return
	}
	of := tokenKey(v.player.next, v.req.rendition) + 1
	if v.latch().of == of && !again {
		return
	}
	next := lock{of: of, pending: v.latch().pending, tried: 1}
	if again {
		next.tried += v.latch().tried
	}
	*v.latch() = next
	out.send(v.edges[v.home], Message{Kind: Unlock, Seq: v.player.next, Rendition: v.req.rendition})
}

// keyed takes the key that was asked for.
func (v *Viewer) keyed(now time.Duration, m *Message, out *Output) {
	if v.latch().of != tokenKey(m.Seq, m.Rendition)+1 || m.Seq != v.player.next || v.latch().here {
		return
	}
	v.latch().here, v.latch().key = true, token.TokenKey(m.Bytes)
	if v.phase == unlocking && m.Rendition == v.req.rendition {
		v.accept(now, v.latch().pending, out)
	}
}

// opens says whether a token that was found good can be read: it is not sealed,
// or its key is here and fits. If not, the viewer waits for the key.
func (v *Viewer) opens(now time.Duration, a arrival, out *Output) bool {
	t := a.token
	if t.Flags&token.Sealed == 0 {
		return true
	}
	if v.latch().here && v.latch().of == tokenKey(t.Seq, t.Rendition)+1 {
		out.CPU += v.stream.CPU.Cipher.Time(t.Size)
		if _, err := t.Open(&v.latch().key); err == nil {
			return true
		}
		out.fact(Rejected, 1, Fact{Seq: t.Seq, Node: v.edges[v.home], Source: FromEdge})
		v.nextEdge()
	}
	v.phase, v.latch().pending = unlocking, a
	v.unlock(v.latch().here, out)
	v.arm(now+v.stream.Swarm.Silence, out)
	return false
}

// locked turns to the next edge for the key: the one asked has denied it or says
// nothing. What was paid may not have reached it. Each edge is asked once while
// the payload is on its way; after that, one after the other and not at once.
func (v *Viewer) locked(now time.Duration, denied bool, out *Output) {
	s := v.stream
	if v.overdue(now) && s.Entry(s.At(now-v.live.Delay)) > v.player.next {
		v.plan(now, out)
		return
	}
	if denied && v.payer.Promised() > 0 {
		v.transfer(v.edges[v.home], false, out)
	}
	switch {
	case denied && v.phase == unlocking:
		v.arm(now+s.Swarm.Silence/2, out)
		return
	case denied && int(v.latch().tried) >= len(v.edges):
		return
	}
	v.nextEdge()
	v.unlock(true, out)
	if v.phase == unlocking {
		v.arm(now+s.Swarm.Silence, out)
	}
}

package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// A mending is a shard that a provider makes anew: it gathers the token from
// those who keep the other shards.
type mending struct {
	gather
	shard uint8
	timer TimerID
}

// maxMendings bounds the shards that one provider makes at the same time.
const maxMendings = 1 << 10

// moved hears who keeps a token's shards. If this provider is one of them and
// lacks its shard, it makes it.
func (p *Provider) moved(now time.Duration, in *Input, out *Output) {
	m := in.Msg
	nodes := p.stream.keepers(m.Bytes)
	i := slices.Index(nodes, p.id)
	if in.From != p.stream.Publisher || i < 0 || int(m.Rendition) >= len(p.stream.Rates) {
		return
	}
	if p.lies || p.held[shardKey(m.Seq, m.Rendition, uint8(i))] != nil {
		out.send(in.From, Message{Kind: Keep, Seq: m.Seq, Rendition: m.Rendition, Shard: uint8(i)})
		return
	}
	key := tokenKey(m.Seq, m.Rendition)
	if p.mending[key] != nil || len(p.mending) >= maxMendings {
		return
	}
	nodes[i] = Nobody
	w := &mending{shard: uint8(i)}
	p.mending[key] = w
	w.begin(now, p.stream, p.id, &p.suspects, m.Seq, m.Rendition, nodes, out)
	p.arm(now, w, out)
}

func (p *Provider) arm(now time.Duration, w *mending, out *Output) {
	p.timers++
	w.timer = p.timers
	p.timed = append(p.timed, timed{w.timer, tokenKey(w.seq, w.rendition)})
	out.wake(now+p.stream.Swarm.Hedge, w.timer)
}

// timed is a timer that is set for a mending, and the key of that.
type timed struct {
	timer TimerID
	key   uint64
}

// wake asks others for shards that are late, or gives up: the publisher will
// ask somebody again. Timers come in the order in which they were set; those
// that were missed in the dark take their mendings with them.
func (p *Provider) wake(now time.Duration, id TimerID, out *Output) {
	for len(p.timed) > 0 && p.timed[0].timer <= id {
		t := p.timed[0]
		p.timed = p.timed[1:]
		w := p.mending[t.key]
		switch {
		case w == nil || w.timer != t.timer:
		case t.timer == id && w.hedge(now, p.stream, p.id, &p.suspects, out):
			p.arm(now, w, out)
		default:
			delete(p.mending, t.key)
		}
	}
}

// part takes a shard, or an answer, from another provider.
func (p *Provider) part(now time.Duration, in *Input, out *Output) {
	m := in.Msg
	w := p.mending[tokenKey(m.Seq, m.Rendition)]
	if w == nil {
		return
	}
	w.hear(in.From, m, p.stream, &p.suspects)
	t := w.settle(now, p.stream, p.id, &p.suspects, out)
	if t == nil {
		return
	}
	delete(p.mending, tokenKey(m.Seq, m.Rendition))
	p.made(t, w.shard, out)
}

// made keeps a shard of a token that was found good.
func (p *Provider) made(t *token.Token, shard uint8, out *Output) {
	out.CPU += p.stream.CPU.coding(t.Payload.Len())
	bytes := p.stream.Coder.Encode(t.Payload.Bytes())[shard]
	p.keep(&Message{Kind: Part, Seq: t.Seq, Rendition: t.Rendition, Shard: shard, Token: t, Bytes: bytes}, out)
}

// prove answers a challenge: with the proof, or with nothing if the shard is
// not here. A liar makes something up.
func (p *Provider) prove(in *Input, out *Output) {
	m := in.Msg
	if in.From != p.stream.Publisher || len(m.Bytes) != nonceSize {
		return
	}
	answer := Message{Kind: Prove, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard}
	var shard []byte
	if m.Shard != Whole && !p.lies {
		held := p.held[shardKey(m.Seq, m.Rendition, m.Shard)]
		if held == nil {
			out.send(in.From, answer)
			return
		}
		shard = held.Bytes
	}
	out.CPU += p.stream.CPU.hashing(len(shard))
	sum := storage.Proof(m.Bytes, shard)
	answer.Bytes = sum[:]
	out.send(in.From, answer)
}

// drop forgets a shard that another provider keeps.
func (p *Provider) drop(in *Input, out *Output) {
	key := shardKey(in.Msg.Seq, in.Msg.Rendition, in.Msg.Shard)
	if held := p.held[key]; held != nil && in.From == p.stream.Publisher {
		out.fact(Stored, -int64(len(held.Bytes)), Fact{Seq: held.Seq, Rendition: held.Rendition})
		p.remove(key)
	}
}

// Lie makes a provider drop what it has and from then on pretend: it says that
// it keeps what it is sent, promises what it is asked for, and has nothing. Who
// stops lying starts empty.
func (p *Provider) Lie(lies bool) {
	p.lies, p.size = lies, 0
	clear(p.held)
	clear(p.mending)
}

// Lies says that the provider pretends.
func (p *Provider) Lies() bool { return p.lies }

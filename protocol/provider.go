package protocol

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// A Provider keeps shards for a while and hands them out. It needs to
// understand neither video nor payment.
type Provider struct {
	stream *Stream
	id     NodeID
	held   map[uint64]*Message // shards by shardKey; looked up, never walked
	order  []uint64            // of arrival, for forgetting
	parked map[uint64][]NodeID // who waits for a shard that has not come yet
	asked  []uint64            // keys of parked, in the order of their first request
	newest uint32
	size   unit.Size // of all in held

	mending  map[uint64]*mending // by tokenKey; looked up, never walked
	timed    []timed             // in the order of their timers
	timers   TimerID
	suspects suspects
	lies     bool
	censor   Censor
}

// keepSlots is how many slots a provider or an edge keeps behind the newest.
const keepSlots = 64

// park notes that somebody waits for a shard, once.
func (p *Provider) park(key uint64, who NodeID) {
	list, known := p.parked[key]
	if !known {
		p.asked = append(p.asked, key)
	}
	if len(list) < maxParked && !slices.Contains(list, who) {
		p.parked[key] = append(list, who)
	}
}

// maxParked bounds the shards that are waited for at one provider.
const maxParked = 1 << 14

// NewProvider makes the provider id of s.
func NewProvider(s *Stream, id NodeID) *Provider {
	p := &Provider{stream: s, id: id, held: map[uint64]*Message{}, parked: map[uint64][]NodeID{}, mending: map[uint64]*mending{}}
	if s.Vault != nil {
		p.size = s.Vault.Share()
	}
	return p
}

func shardKey(seq uint32, rendition, shard uint8) uint64 {
	return uint64(seq)<<16 | uint64(rendition)<<8 | uint64(shard)
}

// Shard is what the provider holds of a token, or nil.
func (p *Provider) Shard(seq uint32, rendition, shard uint8) []byte {
	if m := p.held[shardKey(seq, rendition, shard)]; m != nil {
		return m.Bytes
	}
	return nil
}

// Size is what the provider's shards take.
func (p *Provider) Size() unit.Size { return p.size }

// Step stores what the publisher sends, answers requests and challenges, and
// makes shards anew.
func (p *Provider) Step(now time.Duration, in *Input, out *Output) {
	if in.Kind == Wake {
		p.wake(now, in.Timer, out)
	}
	if in.Kind != Deliver {
		return
	}
	switch m := in.Msg; m.Kind {
	case Part:
		if in.From != p.stream.Publisher {
			p.part(now, in, out)
		} else if p.held[shardKey(m.Seq, m.Rendition, m.Shard)] == nil {
			shard := *m
			p.keep(&shard, out)
		}
	case Take, Deny:
		p.part(now, in, out)
	case Want:
		if !p.censor.refuses(p.stream, in.From, m, out) {
			p.serve(in, out)
		}
	case Drop:
		p.drop(in, out)
	case Audit:
		p.prove(in, out)
	case Moved:
		p.moved(now, in, out)
	}
}

// keep stores a shard and says so.
func (p *Provider) keep(m *Message, out *Output) {
	key := shardKey(m.Seq, m.Rendition, m.Shard)
	out.send(p.stream.Publisher, Message{Kind: Keep, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard})
	if p.lies {
		return
	}
	p.remove(key)
	p.held[key] = m
	p.size += unit.Size(len(m.Bytes))
	p.order = append(p.order, key)
	p.newest = max(p.newest, m.Seq)
	p.forget()
	out.fact(Stored, int64(len(m.Bytes)), Fact{Seq: m.Seq, Rendition: m.Rendition})
	for _, to := range p.parked[key] {
		out.bulk(to, 0, *m)
	}
	delete(p.parked, key)
}

// forget drops what is older than keepSlots.
func (p *Provider) forget() {
	n := 0
	for n < len(p.order) && uint32(p.order[n]>>16)+keepSlots < p.newest {
		p.remove(p.order[n])
		n++
	}
	p.order = p.order[:copy(p.order, p.order[n:])]
	for n = 0; n < len(p.asked) && uint32(p.asked[n]>>16)+keepSlots < p.newest; n++ {
		delete(p.parked, p.asked[n])
	}
	p.asked = p.asked[:copy(p.asked, p.asked[n:])]
}

// remove drops a shard, if it is there.
func (p *Provider) remove(key uint64) {
	if m := p.held[key]; m != nil {
		p.size -= unit.Size(len(m.Bytes))
		delete(p.held, key)
	}
}

func (p *Provider) serve(in *Input, out *Output) {
	m := in.Msg
	key := shardKey(m.Seq, m.Rendition, m.Shard)
	answer := Message{Kind: Take, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard}
	have := p.held[key]
	if have == nil {
		have = p.shelved(m)
	}
	switch {
	case p.lies:
		out.send(in.From, answer)
	case have != nil:
		out.send(in.From, answer)
		out.bulk(in.From, 0, *have)
	case m.Seq >= p.newest && m.Seq-p.newest < keepSlots && len(p.parked) < maxParked: // it may still come
		out.send(in.From, answer)
		p.park(key, in.From)
	default:
		answer.Kind, answer.Reason = Deny, NotHere
		out.send(in.From, answer)
	}
}

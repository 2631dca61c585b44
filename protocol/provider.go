package protocol

import (
	"slices"
	"time"
)

// A Provider keeps shards for a while and hands them out. It needs to
// understand neither video nor payment.
type Provider struct {
	stream *Stream
	held   map[uint64]*Message // shards by shardKey; looked up, never walked
	order  []uint64            // of arrival, for forgetting
	parked map[uint64][]NodeID // who waits for a shard that has not come yet
	asked  []uint64            // keys of parked, in the order of their first request
	newest uint32
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

// NewProvider makes a provider of s.
func NewProvider(s *Stream) *Provider {
	return &Provider{stream: s, held: map[uint64]*Message{}, parked: map[uint64][]NodeID{}}
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

// Step stores what the publisher sends and answers requests.
func (p *Provider) Step(now time.Duration, in *Input, out *Output) {
	if in.Kind != Deliver {
		return
	}
	switch in.Msg.Kind {
	case Part:
		p.store(in, out)
	case Want:
		p.serve(in, out)
	}
}

func (p *Provider) store(in *Input, out *Output) {
	m := *in.Msg
	key := shardKey(m.Seq, m.Rendition, m.Shard)
	if in.From != p.stream.Publisher || p.held[key] != nil {
		return
	}
	p.held[key] = &m
	p.order = append(p.order, key)
	p.newest = max(p.newest, m.Seq)
	p.forget()
	out.fact(Stored, int64(len(m.Bytes)), Fact{Seq: m.Seq, Rendition: m.Rendition})
	out.send(in.From, Message{Kind: Keep, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard})
	for _, to := range p.parked[key] {
		out.bulk(to, 0, m)
	}
	delete(p.parked, key)
}

// forget drops what is older than keepSlots.
func (p *Provider) forget() {
	n := 0
	for n < len(p.order) && uint32(p.order[n]>>16)+keepSlots < p.newest {
		delete(p.held, p.order[n])
		n++
	}
	p.order = p.order[:copy(p.order, p.order[n:])]
	for n = 0; n < len(p.asked) && uint32(p.asked[n]>>16)+keepSlots < p.newest; n++ {
		delete(p.parked, p.asked[n])
	}
	p.asked = p.asked[:copy(p.asked, p.asked[n:])]
}

func (p *Provider) serve(in *Input, out *Output) {
	m := in.Msg
	key := shardKey(m.Seq, m.Rendition, m.Shard)
	answer := Message{Kind: Take, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard}
	have := p.held[key]
	switch {
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

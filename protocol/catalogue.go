package protocol

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/token"
)

// A Vault is a catalogue of titles on demand: every token of it, sealed before
// anybody comes, and who keeps which shard from then on. Title i has the slots from
// i x Slots on, so that a slot and a rendition name a token of a catalogue as they do of a
// live stream. The same pictures stand for every title; under another slot they
// are another token, for caches as for everybody.
//
// It makes a token when it is first looked at and remembers it: nodes share one
// Vault, and what they get does not depend on who asked before.
type Vault struct {
	Titles uint32
	Slots  uint32 // of each title
	stream *Stream
	key    ed25519.PrivateKey
	title  [][]Piece
	tokens map[uint32][]*token.Token // of each slot, by rendition; looked up, never walked
	shards map[*token.Payload][][]byte
}

// NewVault seals a catalogue of s, which is prepared and has a Coder.
func NewVault(s *Stream, key ed25519.PrivateKey, title [][]Piece, titles, slots uint32) *Vault {
	return &Vault{Titles: titles, Slots: slots, stream: s, key: key, title: title,
		tokens: map[uint32][]*token.Token{}, shards: map[*token.Payload][][]byte{}}
}

// has says whether there is such a slot.
func (v *Vault) has(seq uint32) bool { return seq < v.Titles*v.Slots }

// Token is what was sealed for a slot and rendition, nil if the catalogue ends
// before.
func (v *Vault) Token(seq uint32, rendition uint8) *token.Token {
	if !v.has(seq) || int(rendition) >= len(v.title) {
		return nil
	}
	list := v.tokens[seq]
	if list == nil {
		list = v.seal(seq)
		v.tokens[seq] = list
	}
	return list[rendition]
}

func (v *Vault) seal(seq uint32) []*token.Token {
	s := v.stream
	headers, payloads := make([]token.Header, len(v.title)), make([]*token.Payload, len(v.title))
	for r := range v.title {
		p := v.title[r][int(seq)%len(s.Slots)]
		headers[r] = token.Header{Stream: s.ID, Seq: seq, Rendition: uint8(r), Flags: p.Flags, Duration: s.Length(seq), Config: p.Config}
		payloads[r] = p.Payload
	}
	list, err := token.Sign(v.key, headers, payloads)
	if err != nil {
		panic(fmt.Sprintf("protocol: slot %d of a catalogue cannot be signed: %v", seq, err))
	}
	return list
}

// part is one shard of a token, nil if it is none that node keeps.
func (v *Vault) part(node NodeID, m *Message) *Message {
	t := v.Token(m.Seq, m.Rendition)
	if t == nil || int(m.Shard) >= v.stream.Coder.N() || v.stream.Place(m.Seq, m.Rendition)[m.Shard] != node {
		return nil
	}
	shards := v.shards[t.Payload]
	if shards == nil {
		shards = v.stream.Coder.Encode(t.Payload.Bytes())
		v.shards[t.Payload] = shards
	}
	return &Message{Kind: Part, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard, Token: t, Bytes: shards[m.Shard]}
}

// Share is what one of the providers keeps of the catalogue, if all keep the same.
func (v *Vault) Share() unit.Size {
	var bytes unit.Size
	for seq := range v.Slots {
		for r := range v.title {
			bytes += unit.Size(v.title[r][int(seq)%len(v.stream.Slots)].Payload.Len())
		}
	}
	s := v.stream
	return bytes * unit.Size(v.Titles) * unit.Size(s.Coder.N()) / unit.Size(s.Coder.K()) / unit.Size(max(1, len(s.Providers)))
}

// over says that a viewer of a catalogue has fetched its title to the end.
func (v *Viewer) over() bool {
	c := v.stream.Vault
	return c != nil && v.player.next == (v.traits.Title+1)*c.Slots
}

// reach is how much can be in the buffer at most: of a live stream no more than
// how far behind live it is watched.
func (v *Viewer) reach() time.Duration {
	if v.stream.Vault != nil {
		return v.stream.Player.Buffer
	}
	return min(v.stream.Player.Buffer, v.live.Delay)
}

// open says whether a token may be asked for: of a live stream one of the newest
// slots, of a catalogue any.
func (e *Edge) open(seq, live uint32) bool {
	if c := e.stream.Vault; c != nil {
		return c.has(seq)
	}
	return seq <= live+1 && live-min(seq, live) < keepSlots-2
}

// shelved is a shard of a catalogue that the provider keeps, or nil.
func (p *Provider) shelved(m *Message) *Message {
	if c := p.stream.Vault; c != nil {
		return c.part(p.id, m)
	}
	return nil
}

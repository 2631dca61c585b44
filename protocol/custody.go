package protocol

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// custody is what the publisher knows of the shards it gave away: who keeps
// which, who has said so, and who does not answer. It challenges providers to
// prove that they hold what they said they store, and has shards made anew
// whose keepers fail.
type custody struct {
	stream  *Stream
	key     ed25519.PrivateKey  // nonces are made of it
	tokens  map[uint64]*placing // by tokenKey; looked up, never walked
	oldest  uint32              // slots oldest <= seq < next are in tokens
	next    uint32
	keepers []keeper // of Stream.Providers, in the same order
	nonces  uint64   // made so far
}

// A placing is a token in the care of providers.
type placing struct {
	nodes  []NodeID // who keeps which shard
	acked  []bool
	asked  []time.Duration // when each was asked to keep its shard
	shards [][]byte        // what proofs are checked against
	whole  bool            // every shard has been acknowledged once
	anew   []bool          // shards that were made anew
}

// A keeper is a provider as the publisher knows it.
type keeper struct {
	open      bool // a challenge waits for its answer
	asked     time.Duration
	seq       uint32
	rendition uint8
	shard     uint8  // Whole: it keeps nothing yet and only has to answer
	bytes     []byte // of the shard
	nonce     []byte
	silent    bool      // the last challenge was not answered in time
	liar      bool      // an answer was wrong: it is trusted with nothing any more
	stale     []Message // Drops of shards that others were asked to keep, for when they do and it is back
}

func newCustody(s *Stream, key ed25519.PrivateKey) custody {
	return custody{stream: s, key: key, tokens: map[uint64]*placing{}, keepers: make([]keeper, len(s.Providers))}
}

// usable says that a provider can be given shards.
func (c *custody) usable(at int) bool { return !c.keepers[at].silent && !c.keepers[at].liar }

// spread sends the shards of a new token to its providers. Who repairs leaves
// out those known to be gone, and tells the edges.
func (c *custody) spread(now time.Duration, t *token.Token, shards [][]byte, out *Output) {
	s := c.stream
	nodes := s.Place(t.Seq, t.Rendition)
	pl := &placing{nodes: nodes, acked: make([]bool, len(nodes)), asked: make([]time.Duration, len(nodes)),
		anew: make([]bool, len(nodes)), shards: shards}
	c.tokens[tokenKey(t.Seq, t.Rendition)] = pl
	c.next = t.Seq + 1
	if s.Storage.Repair != storage.Never {
		c.avoid(t, pl, out)
	}
	for i, n := range pl.nodes {
		pl.asked[i] = now
		out.bulk(n, 0, Message{Kind: Part, Seq: t.Seq, Rendition: t.Rendition, Shard: uint8(i), Token: t, Bytes: shards[i]})
	}
}

// avoid puts others in the place of providers that are known to be gone.
func (c *custody) avoid(t *token.Token, pl *placing, out *Output) {
	s := c.stream
	var held, gone []int
	for i, n := range pl.nodes {
		if at := s.spots[n]; c.usable(at) {
			held = append(held, at)
		} else {
			gone = append(gone, i)
		}
	}
	moved := false
	for _, i := range gone {
		if at := s.placer.Spare(tokenKey(t.Seq, t.Rendition), held, c.usable); at >= 0 {
			held, moved = append(held, at), true
			pl.nodes[i] = s.Providers[at]
		}
	}
	if moved {
		c.announce(t.Seq, t.Rendition, pl, out)
	}
}

// announce tells the edges who keeps a token that is not where they would look.
func (c *custody) announce(seq uint32, rendition uint8, pl *placing, out *Output) {
	list := appendNodes(nil, pl.nodes)
	for _, e := range c.stream.Edges {
		out.send(e, Message{Kind: Moved, Seq: seq, Rendition: rendition, Bytes: list})
	}
}

// kept takes an acknowledgement. Who stored what meanwhile another has been
// asked to keep need not keep it once the other does.
func (c *custody) kept(in *Input, out *Output) {
	m := in.Msg
	pl := c.tokens[tokenKey(m.Seq, m.Rendition)]
	at, provider := c.stream.spots[in.From]
	if !provider || pl == nil || int(m.Shard) >= len(pl.nodes) {
		return
	}
	if pl.nodes[m.Shard] != in.From {
		k := &c.keepers[at]
		k.replaced(m.Seq, m.Rendition, m.Shard)
		c.relieve(in.From, k, out)
		return
	}
	if pl.acked[m.Shard] {
		return
	}
	pl.acked[m.Shard] = true
	if pl.anew[m.Shard] {
		c.announce(m.Seq, m.Rendition, pl, out)
	}
	if !pl.whole && !slices.Contains(pl.acked, false) {
		pl.whole = true
		out.fact(Placed, 1, Fact{Seq: m.Seq, Rendition: m.Rendition})
	}
}

// forget lets go of tokens that providers do not keep any more.
func (c *custody) forget() {
	for ; c.oldest+keepSlots < c.next; c.oldest++ {
		for r := range c.stream.Rates {
			delete(c.tokens, tokenKey(c.oldest, uint8(r)))
		}
	}
}

// challenge asks every provider that owes no answer to prove that it holds one
// of the shards that it acknowledged.
func (c *custody) challenge(now time.Duration, out *Output) {
	for at := range c.keepers {
		k := &c.keepers[at]
		if k.open || k.liar {
			continue
		}
		c.nonces++
		k.open, k.asked, k.nonce = true, now, c.nonce()
		c.choose(at, k)
		out.send(c.stream.Providers[at], Message{Kind: Audit, Seq: k.seq, Rendition: k.rendition, Shard: k.shard, Bytes: k.nonce})
	}
}

// nonceSize is the length of a challenge.
const nonceSize = 16

// nonce is a number that nobody can know before: it is made of the signing key.
func (c *custody) nonce() []byte {
	h := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(c.key.Seed()), c.nonces))
	return h[:nonceSize]
}

// choose picks one of the shards that a provider acknowledged, by the nonce.
func (c *custody) choose(at int, k *keeper) {
	k.seq, k.rendition, k.shard, k.bytes = 0, 0, Whole, nil
	count, draw := uint64(0), binary.BigEndian.Uint64(k.nonce)
	me := c.stream.Providers[at]
	c.each(func(seq uint32, r uint8, pl *placing) {
		i := slices.Index(pl.nodes, me)
		if i < 0 || !pl.acked[i] {
			return
		}
		count++
		if draw = draw*6364136223846793005 + 1442695040888963407; (draw>>32)%count == 0 { // reservoir of one
			k.seq, k.rendition, k.shard, k.bytes = seq, r, uint8(i), pl.shards[i]
		}
	})
}

// newest is the shard that a provider acknowledged last: of the newest token, the
// one with most bytes.
func (c *custody) newest(provider NodeID) (shard []byte, seq uint32, rendition, number uint8) {
	c.each(func(s uint32, r uint8, pl *placing) {
		i := slices.Index(pl.nodes, provider)
		if i >= 0 && pl.acked[i] && (s > seq || len(pl.shards[i]) > len(shard)) {
			shard, seq, rendition, number = pl.shards[i], s, r, uint8(i)
		}
	})
	return shard, seq, rendition, number
}

// each walks the tokens in order.
func (c *custody) each(f func(uint32, uint8, *placing)) {
	for seq := c.oldest; seq < c.next; seq++ {
		for r := range c.stream.Rates {
			if pl := c.tokens[tokenKey(seq, uint8(r))]; pl != nil {
				f(seq, uint8(r), pl)
			}
		}
	}
}

// proof judges the answer to a challenge. Who says that it has lost the shard
// has lost this one; who says otherwise and is wrong is trusted no more.
func (c *custody) proof(now time.Duration, in *Input, out *Output) {
	at, known := c.stream.spots[in.From]
	m := in.Msg
	if !known {
		return
	}
	k := &c.keepers[at]
	if !k.open || m.Seq != k.seq || m.Rendition != k.rendition || m.Shard != k.shard {
		return
	}
	k.open = false
	out.CPU += c.stream.CPU.hashing(len(k.bytes))
	want := storage.Proof(k.nonce, k.bytes)
	if bytes.Equal(m.Bytes, want[:]) {
		k.silent = false
		c.relieve(in.From, k, out)
		return
	}
	out.fact(Failed, 1, Fact{Node: in.From, Seq: k.seq, Rendition: k.rendition})
	if k.liar = len(m.Bytes) > 0; k.liar {
		return
	}
	if pl := c.tokens[tokenKey(k.seq, k.rendition)]; pl != nil && int(k.shard) < len(pl.nodes) && pl.nodes[k.shard] == in.From {
		pl.acked[k.shard], pl.asked[k.shard] = false, now-c.stream.Storage.Detect
	}
}

// look notes who has not answered in time, and has made anew what is due.
func (c *custody) look(now time.Duration, out *Output) {
	s := c.stream
	for at := range c.keepers {
		if k := &c.keepers[at]; k.open && now >= k.asked+s.Storage.Detect {
			k.open, k.silent = false, true
			out.fact(Failed, 1, Fact{Node: s.Providers[at], Seq: k.seq, Rendition: k.rendition})
		}
	}
	if s.Storage.Repair != storage.Never {
		c.each(func(seq uint32, r uint8, pl *placing) { c.repair(now, seq, r, pl, out) })
	}
}

// repair finds new keepers for the shards of a token that are gone, if that is
// due. Each makes its shard itself from k others, and checks what it has got
// against the publisher's signature, so that nobody need trust anybody.
func (c *custody) repair(now time.Duration, seq uint32, rendition uint8, pl *placing, out *Output) {
	s := c.stream
	var held, missing []int
	sources := slices.Repeat([]NodeID{Nobody}, len(pl.nodes))
	live := 0
	for i, n := range pl.nodes {
		at := s.spots[n]
		switch {
		case c.usable(at) && pl.acked[i]:
			live++
			sources[i] = n
			held = append(held, at)
		case c.usable(at) && now < pl.asked[i]+s.Storage.Detect: // on its way
			held = append(held, at)
		default:
			missing = append(missing, i)
		}
	}
	if live < s.Storage.Needed() || !s.Storage.Due(len(held)) {
		return
	}
	for _, i := range missing {
		at := s.placer.Spare(tokenKey(seq, rendition), held, c.usable)
		if at < 0 {
			return
		}
		held = append(held, at)
		c.entrust(now, seq, rendition, pl, i, s.Providers[at])
		list := slices.Clone(sources)
		list[i] = pl.nodes[i]
		out.send(pl.nodes[i], Message{Kind: Moved, Seq: seq, Rendition: rendition, Bytes: appendNodes(nil, list)})
	}
}

// entrust makes a provider the keeper of a shard.
func (c *custody) entrust(now time.Duration, seq uint32, rendition uint8, pl *placing, i int, to NodeID) {
	if from := pl.nodes[i]; from != to && pl.acked[i] {
		c.keepers[c.stream.spots[from]].replaced(seq, rendition, uint8(i))
	}
	pl.nodes[i], pl.acked[i], pl.asked[i], pl.anew[i] = to, false, now, true
}

// replaced notes that another was asked to keep a shard that this one has.
func (k *keeper) replaced(seq uint32, rendition, shard uint8) {
	same := func(m Message) bool { return m.Seq == seq && m.Rendition == rendition && m.Shard == shard }
	if !slices.ContainsFunc(k.stale, same) {
		k.stale = append(k.stale, Message{Kind: Drop, Seq: seq, Rendition: rendition, Shard: shard})
	}
}

// relieve tells a provider to drop the shards that others have acknowledged since. Until
// then it may be the only one that has them, and what it keeps again is not dropped.
func (c *custody) relieve(n NodeID, k *keeper, out *Output) {
	k.stale = slices.DeleteFunc(k.stale, func(drop Message) bool {
		pl := c.tokens[tokenKey(drop.Seq, drop.Rendition)]
		switch {
		case pl == nil: // too old for anybody to keep
			return true
		case !pl.acked[drop.Shard]:
			return false
		case pl.nodes[drop.Shard] != n:
			out.send(n, drop)
		}
		return true
	})
}

// appendNodes encodes a list of keepers: four bytes each.
func appendNodes(b []byte, nodes []NodeID) []byte {
	for _, n := range nodes {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// keepers decodes such a list; nil if it is none of a token of s.
func (s *Stream) keepers(b []byte) []NodeID {
	if s.Coder == nil || len(b) != 4*s.Coder.N() {
		return nil
	}
	nodes := make([]NodeID, 0, s.Coder.N())
	for ; len(b) > 0; b = b[4:] {
		n := NodeID(binary.BigEndian.Uint32(b))
		if _, known := s.spots[n]; !known && n != Nobody {
			return nil
		}
		nodes = append(nodes, n)
	}
	return nodes
}

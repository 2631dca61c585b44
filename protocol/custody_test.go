package protocol

import (
	"crypto/ed25519"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol/storage"
)

// A shard that is given to another keeper is dropped by the one before when the other has
// acknowledged it and not sooner: until then nobody else may have it.
func TestDropWaitsForTheNewKeeper(t *testing.T) {
	s := stageOf(0, 5, 0, "repairs").stream
	first, second, third := s.Providers[0], s.Providers[3], s.Providers[4]
	shard := []byte("shard")
	begin := func() (custody, *placing) {
		c := newCustody(s, ed25519.NewKeyFromSeed(make([]byte, 32)))
		pl := &placing{nodes: slices.Clone(s.Providers[:3]), acked: []bool{true, true, true}, asked: make([]time.Duration, 3),
			anew: make([]bool, 3), shards: [][]byte{shard, shard, shard}}
		c.tokens[tokenKey(0, 0)], c.next = pl, 1
		return c, pl
	}
	keep := func(c *custody, from NodeID) []NodeID {
		var out Output
		c.kept(&Input{From: from, Msg: &Message{Kind: Keep}}, &out)
		return drops(&out)
	}
	prove := func(c *custody, from NodeID) []NodeID {
		var out Output
		k := &c.keepers[s.spots[from]]
		k.open, k.seq, k.rendition, k.shard, k.bytes, k.nonce = true, 0, 0, Whole, shard, []byte("nonce")
		proof := storage.Proof(k.nonce, shard)
		c.proof(0, &Input{From: from, Msg: &Message{Kind: Prove, Shard: Whole, Bytes: proof[:]}}, &out)
		return drops(&out)
	}
	want := func(when string, got []NodeID, want ...NodeID) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s %v are told to drop the shard, not %v", when, got, want)
		}
	}

	c, pl := begin()
	c.entrust(0, 0, 0, pl, 0, second)
	want("before the new keeper has it", prove(&c, first))
	want("when it says so", keep(&c, second))
	want("when the one before is back", prove(&c, first), first)
	want("later", prove(&c, first))

	c, pl = begin()
	c.entrust(0, 0, 0, pl, 0, second)
	c.entrust(0, 0, 0, pl, 0, third)
	want("when the one between has it, the newest not yet", keep(&c, second))
	keep(&c, third)
	want("when the newest has it", append(prove(&c, first), prove(&c, second)...), first, second)

	c, pl = begin()
	c.entrust(0, 0, 0, pl, 0, second)
	keep(&c, second)
	c.entrust(0, 0, 0, pl, 0, first)
	keep(&c, first)
	want("when the shard is back with its first keeper", append(prove(&c, first), prove(&c, second)...), second)
}

// drops are those whom an output tells to drop something.
func drops(out *Output) (to []NodeID) {
	for _, s := range out.Sends {
		if s.Msg.Kind == Drop {
			to = append(to, s.To)
		}
	}
	return to
}

package protocol

import (
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// farm is a stream with providers 2 to 7 around node 0, of whom 6 and 7 are far
// away, and with four of six shards to gather.
func farm(t *testing.T) *Stream {
	s := &Stream{Rates: []unit.Rate{1e6}, Slots: []time.Duration{time.Second}, Swarm: swarm.Default(), Host: DefaultHost(), Payment: payment.Default(),
		Storage: storage.Config{Scheme: storage.ReedSolomon, K: 4, N: 6, Placement: storage.Domains},
		Region:  []uint8{0, 0, 0, 0, 0, 0, 1, 1},
		Distance: [][]time.Duration{{10 * time.Millisecond, 100 * time.Millisecond},
			{100 * time.Millisecond, 10 * time.Millisecond}}}
	var err error
	if s.Coder, err = storage.New(s.Storage); err != nil {
		t.Fatal(err)
	}
	for id := NodeID(2); id < 8; id++ {
		s.Providers = append(s.Providers, id)
		s.Spots = append(s.Spots, storage.Spot{Node: uint32(id), Domain: uint32(id)})
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// A gathering whose neighbours are dark turns to others as soon as an answer
// from there is overdue, long before the hedge; the next one knows whom not to
// ask, tries them beside the others after a while, and trusts them again once
// they answer.
func TestSilentProvidersAreWorkedAround(t *testing.T) {
	s, p := farm(t), &suspects{}
	dark := []NodeID{3, 4}
	nodes := []NodeID{2, 3, 4, 5, 6, 7}
	var g gather
	var out Output
	asked := func() (ids []NodeID) {
		for _, m := range out.Sends {
			ids = append(ids, m.To)
			if !slices.Contains(dark, m.To) {
				g.hear(m.To, &Message{Kind: Take, Seq: g.seq, Shard: m.Msg.Shard}, s, p)
			}
		}
		out.Reset()
		return ids
	}
	for _, step := range []struct {
		at    time.Duration
		look  bool
		asked []NodeID
	}{
		{at: 0, asked: []NodeID{2, 3, 4, 5}},
		{at: 160 * time.Millisecond, look: true, asked: []NodeID{6, 7}}, // 6 × 10 ms + 100 ms
		{at: time.Second, asked: []NodeID{2, 5, 6, 7}},
		{at: 9 * time.Second, asked: []NodeID{2, 5, 6, 7}},
		{at: 11 * time.Second, asked: []NodeID{2, 5, 6, 7, 3, 4}}, // to see whether they are back
		{at: 12 * time.Second, asked: []NodeID{2, 5, 6, 7}},
		{at: 22 * time.Second, asked: []NodeID{2, 5, 6, 7, 3, 4}},
		{at: 23 * time.Second, asked: []NodeID{2, 3, 4, 5}},
	} {
		if step.at == 22*time.Second {
			dark = nil
		}
		if step.look {
			if at := g.next(0, s, 0); at != step.at {
				t.Errorf("the next look is at %v, not %v", at, step.at)
			}
			g.hedge(step.at, s, 0, p, &out)
		} else {
			g.begin(step.at, s, 0, p, 1, 0, nodes, &out)
		}
		if ids := asked(); !slices.Equal(ids, step.asked) {
			t.Errorf("at %v %v were asked, not %v", step.at, ids, step.asked)
		}
	}
}

// A provider whose shard was bad is avoided for a while, whatever it says.
func TestTheBlamedAreAvoidedWhateverTheySay(t *testing.T) {
	var p suspects
	p.blame(5, time.Second)
	p.heard(5)
	if !p.has(5, 2*time.Second) || p.probe(5, time.Hour) || p.has(5, time.Second+suspicion) {
		t.Error("a suspect of bad shards is one until the time is over, and is not probed")
	}
}

// Who gets the same shards as another computes nothing anew and is charged the
// same; equal bytes elsewhere, and others, are decoded for themselves.
func TestTheSameShardsAreDecodedOnce(t *testing.T) {
	s := farm(t)
	s.CPU = DefaultCosts()
	payload := make([]byte, 4000)
	rebuild := func(shards [][]byte) (*token.Payload, time.Duration) {
		var out Output
		g := gather{header: &token.Token{Header: token.Header{Size: 4000}}, shards: slices.Clone(shards)}
		whole, _ := g.rebuild(s, &out)
		return whole.Payload, out.CPU
	}
	shards := s.Coder.Encode(payload)[:4]
	shards = append(shards, nil, nil)
	first, cost := rebuild(shards)
	if again, charged := rebuild(shards); again != first || charged != cost {
		t.Errorf("%p for %v, then %p for %v", first, cost, again, charged)
	}
	for i := range 4 {
		other := slices.Clone(shards)
		other[i] = slices.Clone(other[i])
		if p, _ := rebuild(other); p == first || p.ID() != first.ID() {
			t.Error("a copy of a shard gives no payload of its own")
		}
		other[i] = slices.Clone(other[i])
		other[i][7] ^= 1
		if p, _ := rebuild(other); p.ID() == first.ID() {
			t.Error("a changed shard gives the same payload")
		}
	}
}

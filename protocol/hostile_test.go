package protocol

import (
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// FuzzStep throws messages, as they may come off a wire, from anybody at every
// role in the midst of a stream. Nobody may panic or hang.
func FuzzStep(f *testing.F) {
	for _, m := range messages(f) {
		f.Add(m.Append(nil), uint8(0))
		f.Add(m.Append(nil), uint8(4))
	}
	far := Message{Kind: Have, Seq: 1<<32 - 1, Rendition: 255}
	f.Add(far.Append(nil), uint8(6))
	for _, b := range [][]byte{nil, {9}, {1, 255, 255, 255, 255}, {0, 0, 0, 0, 5, 255, 0, 0, 0}} {
		m := Message{Kind: Found, Bytes: b}
		f.Add(m.Append(nil), uint8(134))
	}
	f.Fuzz(func(t *testing.T, b []byte, from uint8) {
		m, _, err := Parse(b)
		if err != nil {
			return
		}
		var s *stage
		if s = busy(); from > 127 {
			s = busy("dht")
		}
		var out Output
		for id, n := range s.nodes {
			for _, who := range []NodeID{NodeID(int(from) % len(s.nodes)), s.stream.Publisher, s.stream.Directory, s.stream.Edges[0]} {
				out.Reset()
				msg := m
				n.Step(6*time.Second, &Input{Kind: Deliver, From: who, Msg: &msg}, &out)
				for _, send := range out.Sends {
					if int(send.To) >= len(s.nodes) && m.Kind != Welcome {
						t.Fatalf("node %d sends to nobody (%d) on %v", id, send.To, m.Kind)
					}
				}
			}
		}
		s.run(8*time.Second, nil)
	})
}

// busy is a stage on which a stream has run for 6 s with two viewers; its shards
// are watched over.
func busy(traits ...string) *stage {
	s := stageOf(2, 4, 2, append(traits, "repairs")...)
	s.stream.Swarm.Ahead = 2
	s.push(0, s.stream.Publisher, Input{Kind: Start})
	for i := range 2 {
		s.push(4*time.Second, NodeID(len(s.nodes)-1-i), Input{Kind: Start})
	}
	s.run(6*time.Second, nil)
	return s
}

// What a stranger says does not close a viewer's channel, nor does it reach the
// publisher's books.
func TestStrangersCannotPayForOthers(t *testing.T) {
	s := busy()
	edge, viewer, stranger := s.stream.Edges[0], NodeID(len(s.nodes)-1), NodeID(len(s.nodes)-2)
	var out Output
	forged := payment.NewVoucher(signer{}.Channel(payment.Account(viewer), 0), 1<<60)
	m := Message{Kind: Pay, Payer: payment.Account(viewer), Voucher: &forged, Last: true}
	s.nodes[edge].Step(6*time.Second, &Input{Kind: Deliver, From: stranger, Msg: &m}, &out)
	if len(out.Sends)+len(out.Facts) > 0 {
		t.Errorf("an edge acts on a stranger's payment: %v", out.Facts)
	}
	for _, from := range []NodeID{stranger, edge} {
		out.Reset()
		s.nodes[s.stream.Publisher].Step(6*time.Second, &Input{Kind: Deliver, From: from, Msg: &m}, &out)
		if len(out.Txs) > 0 {
			t.Errorf("an unsigned payment from node %d closes a channel", from)
		}
	}
}

// Who says goodbye and stays gets nothing more: what it has promised is being
// collected, and nothing that it promises later.
func TestWhoSaysGoodbyeIsServedNoMore(t *testing.T) {
	for _, last := range []bool{false, true} {
		s := busy()
		id, viewer := s.stream.Edges[0], NodeID(len(s.nodes)-1)
		edge := s.nodes[id].(*Edge)
		var out Output
		best := edge.guest(6*time.Second, payment.Account(viewer)).Best
		pay := Message{Kind: Pay, Payer: payment.Account(viewer), Voucher: &best, Last: last}
		edge.Step(6*time.Second, &Input{Kind: Deliver, From: viewer, Msg: &pay}, &out)
		out.Reset()
		ask := Message{Kind: Want, Seq: s.stream.At(6 * time.Second), Shard: Whole}
		edge.Step(6*time.Second, &Input{Kind: Deliver, From: viewer, Msg: &ask}, &out)
		want := map[bool]MsgKind{false: Take, true: Deny}[last]
		if answer := out.Sends[0].Msg; answer.Kind != want || last && answer.Reason != Unpaid {
			t.Errorf("last %v: the edge answers %v, %v", last, answer.Kind, answer.Reason)
		}
	}
}

// A warning counts by the publisher's signature alone: a forged one, or a
// genuine one of another slot, makes nobody skip anything.
func TestForgedWarningsAreRefused(t *testing.T) {
	s := busy()
	id := NodeID(len(s.nodes) - 1)
	v := s.nodes[id].(*Viewer)
	seq := v.player.next
	genuine := s.nodes[s.stream.Edges[0]].(*Edge).slots[(seq-1)%keepSlots*2].token.With(nil)
	forged := genuine.With(nil)
	forged.Seq, forged.Flags = seq, token.Undecodable
	for _, w := range []Warning{{Tokens: []*token.Token{genuine}}, {Tokens: []*token.Token{forged}}, {}} {
		var out Output
		m := Message{Kind: Warn, Seq: seq, Rendition: uint8(len(w.Tokens)), Warning: &w}
		v.Step(6*time.Second, &Input{Kind: Deliver, From: s.stream.Edges[0], Msg: &m}, &out)
		if len(out.Facts) != 1 || out.Facts[0].Kind != Rejected || v.fit() != 3 || v.player.next != seq {
			t.Errorf("%d headers: %v, renditions %b of slot %d are fit", len(w.Tokens), out.Facts, v.fit(), seq)
		}
	}
}

// A genuine shard of another slot is not taken for one of this.
func TestReplayedShardIsRefused(t *testing.T) {
	s := busy()
	st := s.stream
	g := gather{seq: 5, rendition: 0, nodes: []NodeID{2, 3, 4}, state: make([]shardState, 3), shards: make([][]byte, 3)}
	p := s.nodes[st.Providers[0]].(*Provider)
	for _, held := range p.order {
		m := *p.held[held]
		if m.Seq == 5 {
			continue
		}
		m.Seq, m.Rendition = 5, 0 // the frame lies, the header does not
		g.hear(g.nodes[m.Shard], &m, st, &suspects{})
	}
	if g.got != 0 {
		t.Errorf("%d shards of other slots were taken", g.got)
	}
}

// A viewer that asks a neighbour in vain tells the directory, which proposes
// that one to nobody any more until it says Hello again.
func TestDirectoryLearnsWhoIsGone(t *testing.T) {
	s := stageOf(3, 0, 2, "direct", "central")
	first := NodeID(len(s.nodes) - 3)
	var out Output
	asker := s.nodes[first+1].(*Viewer)
	asker.phase, asker.req, asker.edges = asking, request{from: first, source: FromPeer}, s.stream.Edges
	asker.Step(6*time.Second, &Input{Kind: Wake}, &out)
	var gone *Message
	for i := range out.Sends {
		if m := out.Sends[i].Msg; out.Sends[i].To == s.stream.Directory && m.Kind == Gone {
			gone = &m
		}
	}
	if gone == nil || gone.Kind != Gone || NodeID(gone.Seq) != first {
		t.Fatalf("nothing is said of the silent neighbour: %v", out.Sends)
	}
	proposed := func(msgs ...Input) []NodeID {
		d := NewDirectory(s.stream, rand.New(rand.NewPCG(1, 1)))
		for _, in := range append(msgs, Input{Kind: Deliver, From: first + 2, Msg: &Message{Kind: Hello}}) {
			out.Reset()
			d.Step(0, &in, &out)
		}
		return out.Sends[0].Msg.Welcome.Peers
	}
	hello := Input{Kind: Deliver, From: first, Msg: &Message{Kind: Hello}}
	report := Input{Kind: Deliver, From: first + 1, Msg: gone}
	if p := proposed(hello); len(p) != 1 {
		t.Errorf("who is there is proposed: %v", p)
	}
	if p := proposed(hello, report); len(p) != 0 {
		t.Errorf("who is gone is not: %v", p)
	}
	if p := proposed(hello, report, hello); len(p) != 1 {
		t.Errorf("who says Hello again is: %v", p)
	}
}

// A token that was found good speaks for itself alone: one of the same slot with other
// bytes, or another header, is checked, and what each takes of a processor stays.
func TestGoodTokensSpeakForThemselves(t *testing.T) {
	l, _, _ := listening(func(*swarm.Config) {})
	good := l.token(4)
	takes := l.s.stream.verifying(good.Payload.Len())
	flipped := good.With(good.Payload.Flip(0))
	unsigned := good.With(good.Payload)
	unsigned.Sig[0] ^= 1
	for i, c := range []struct {
		of   *token.Token
		want bool
	}{{flipped, false}, {good, true}, {good, true}, {flipped, false}, {unsigned, false}, {good.With(good.Payload), true}, {flipped, false}, {good, true}} {
		l.out.Reset()
		if got := l.sound(c.of, &l.out); got != c.want || l.out.CPU != takes {
			t.Errorf("look %d: %v in %v, want %v in %v", i, got, l.out.CPU, c.want, takes)
		}
	}
}

package protocol

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// A listener is one viewer, who hears what a test says, and what it asks for.
type listener struct {
	*Viewer
	s   *stage
	out Output
	now time.Duration
}

// listening is a viewer at 10 s, 6 s behind live, that waits for slot 4 from its edge, beside two
// neighbours: both announce slots 5 and 6, the second also 7.
func listening(swarming func(*swarm.Config)) (*listener, NodeID, NodeID) {
	s := stageOf(3, 0, 2, "direct", "central")
	s.stream.Player.Buffer = 8 * time.Second
	swarming(&s.stream.Swarm)
	chooser, err := abr.New(s.stream.Player, s.stream.Rates)
	if err != nil {
		panic(err)
	}
	me := NodeID(len(s.nodes) - 1)
	v := NewViewer(s.stream, &Live{Delay: 6 * time.Second, Behind: 20 * time.Second}, me, chooser, *rand.NewPCG(3, 3), Traits{})
	l := &listener{Viewer: v, s: s, now: 10 * time.Second}
	l.Step(l.now, &Input{Kind: Start}, &l.out)
	l.hears(s.stream.Directory, Message{Kind: Welcome, Welcome: &Invitation{Edges: s.stream.Edges}})
	a, b := me-2, me-1
	for _, n := range []NodeID{a, b} {
		l.hears(n, Message{Kind: Link})
	}
	l.out.Reset()
	for _, h := range []struct {
		of  NodeID
		seq uint32
	}{{a, 5}, {b, 5}, {a, 6}, {b, 6}, {b, 7}} {
		l.hears(h.of, Message{Kind: Have, Seq: h.seq})
	}
	return l, a, b
}

func (l *listener) hears(from NodeID, m Message) {
	l.Step(l.now, &Input{Kind: Deliver, From: from, Msg: &m, Took: time.Millisecond}, &l.out)
}

// wants lists the slots that were asked of neighbours since the last call.
func (l *listener) wants() (slots []uint32) {
	for _, m := range l.out.Sends {
		if m.Msg.Kind == Want && m.To != l.s.stream.Edges[0] {
			slots = append(slots, m.Msg.Seq)
		}
	}
	l.out.Reset()
	return slots
}

func (l *listener) token(seq uint32) *token.Token {
	p := l.s.nodes[l.s.stream.Publisher].(*Publisher)
	h := token.Header{Stream: 7, Seq: seq, Duration: time.Second, Flags: token.Independent}
	list, err := token.Sign(p.key, []token.Header{h}, []*token.Payload{token.NewPayload([]byte{byte(seq)})})
	if err != nil {
		panic(err)
	}
	return list[0]
}

func TestSchedulesAskAhead(t *testing.T) {
	for _, c := range []struct {
		by     swarm.Schedule
		demand time.Duration
		ahead  int
		want   []uint32 // as neighbours announce 5, 5, 6, 6, 7
		then   []uint32 // when the first has come
	}{
		{swarm.Deadline, 0, 0, nil, nil},
		{swarm.Deadline, 0, 1, []uint32{5}, []uint32{6}},
		{swarm.Rarest, 0, 1, []uint32{5}, []uint32{7}},
		{swarm.Mixed, time.Second, 1, []uint32{5}, []uint32{7}}, // 5 plays in a second, 6 in two
		{swarm.Mixed, 2 * time.Second, 1, []uint32{5}, []uint32{6}},
		{swarm.Deadline, 0, 3, []uint32{5, 6, 7}, nil},
	} {
		l, a, b := listening(func(s *swarm.Config) { s.Schedule, s.HighDemand, s.Ahead = c.by, c.demand, c.ahead })
		if got := l.wants(); !slices.Equal(got, c.want) {
			t.Errorf("%s, %d ahead: asks for %v, want %v", c.by, c.ahead, got, c.want)
		}
		for _, from := range []NodeID{a, b} { // one of them was asked
			l.hears(from, Message{Kind: Give, Seq: 5, Token: l.token(5)})
		}
		if got := l.wants(); !slices.Equal(got, c.then) {
			t.Errorf("%s, %d ahead: then asks for %v, want %v", c.by, c.ahead, got, c.then)
		}
	}
}

// awaiting is a viewer that has asked its edge for slot 4 and a neighbour for slot 5.
func awaiting(t *testing.T) (*listener, NodeID) {
	t.Helper()
	l, a, b := listening(func(s *swarm.Config) { s.Ahead = 1 })
	for _, m := range l.out.Sends {
		if m.Msg.Kind == Want && m.Msg.Seq == 5 {
			l.out.Reset()
			return l, m.To
		}
	}
	t.Fatalf("neither %d nor %d was asked", a, b)
	return nil, 0
}

// What came before its turn is announced at once and played in its turn.
func TestEarlySlotsPlayInTheirTurn(t *testing.T) {
	l, b := awaiting(t)
	l.hears(b, Message{Kind: Give, Seq: 5, Token: l.token(5)})
	if l.player.next != 4 || l.Held(5) == nil {
		t.Fatalf("next is %d, slot 5 held: %v", l.player.next, l.Held(5) != nil)
	}
	l.hears(l.s.stream.Edges[0], Message{Kind: Give, Seq: 4, Token: l.token(4)})
	if l.player.next != 6 || l.player.Buffer(l.now).Round(10*time.Millisecond) != 2*time.Second {
		t.Errorf("next is %d, the buffer has %v", l.player.next, l.player.Buffer(l.now))
	}
	var played []uint32
	for _, f := range l.out.Facts {
		if f.Kind == Played {
			played = append(played, f.Seq)
		}
	}
	if !slices.Equal(played, []uint32{4, 5}) {
		t.Errorf("played %v", played)
	}
}

// What is still under way when its turn comes is waited for, and not asked for
// again.
func TestEarlySlotsAreAdopted(t *testing.T) {
	l, b := awaiting(t)
	l.hears(b, Message{Kind: Take, Seq: 5, Shard: Whole})
	l.hears(l.s.stream.Edges[0], Message{Kind: Give, Seq: 4, Token: l.token(4)})
	if l.phase != receiving || l.req.from != b {
		t.Fatalf("phase %d, from %d, want it from %d", l.phase, l.req.from, b)
	}
	for _, m := range l.out.Sends {
		if m.Msg.Kind == Want && m.Msg.Seq == 5 {
			t.Error("asks for slot 5 again")
		}
	}
	l.hears(b, Message{Kind: Give, Seq: 5, Token: l.token(5)})
	if l.player.next != 6 {
		t.Errorf("next is %d", l.player.next)
	}
}

// Corrupt, silent and leaving neighbours cost a request, and no more.
func TestEarlySlotsGoWrong(t *testing.T) {
	for name, wrong := range map[string]func(*listener, NodeID){
		"corrupt": func(l *listener, b NodeID) {
			k := l.token(5)
			l.hears(b, Message{Kind: Give, Seq: 5, Token: k.With(k.Payload.Flip(0))})
		},
		"another": func(l *listener, b NodeID) { l.hears(b, Message{Kind: Give, Seq: 5, Token: l.token(6)}) },
		"denied":  func(l *listener, b NodeID) { l.hears(b, Message{Kind: Deny, Seq: 5, Shard: Whole}) },
		"gone":    func(l *listener, b NodeID) { l.hears(b, Message{Kind: Bye}) },
		"silent": func(l *listener, b NodeID) {
			l.now += l.s.stream.Swarm.Silence
			l.hears(b, Message{Kind: Have, Seq: 3})
		},
	} {
		l, b := awaiting(t)
		wrong(l, b)
		if l.Held(5) != nil || l.awaited(5) >= 0 && l.early[l.awaited(5)].from == b {
			t.Errorf("%s: slot 5 is here (%v) or still waited for: %v", name, l.Held(5) != nil, l.early)
		}
		l.out.Reset()
		l.hears(l.s.stream.Edges[0], Message{Kind: Give, Seq: 4, Token: l.token(4)})
		if l.player.next != 5 {
			t.Errorf("%s: next is %d", name, l.player.next)
		}
	}
}

// A liar that is sending announces as if it were idle.
func TestLiarsReportToBeIdle(t *testing.T) {
	for lies, busy := range map[bool]uint8{false: 2, true: 0} {
		l, _, _ := listening(func(s *swarm.Config) { s.Selection = swarm.Price })
		l.apart().traits.Lies, l.uploading = lies, 2
		if told := l.have(l.token(4)).Busy; told != busy {
			t.Errorf("lies %v: reports %d tokens under way, due are %d", lies, told, busy)
		}
	}
}

// Who is asked before its turn counts as asked, and what it sends as a measurement:
// where neighbours are asked in turn, or by throughput, the other one is tried next.
func TestEarlySlotsCountForTheSelection(t *testing.T) {
	for _, by := range []swarm.Selection{swarm.RoundRobin, swarm.Throughput} {
		l, a, b := listening(func(s *swarm.Config) { s.Ahead, s.Selection = 1, by })
		var asked []NodeID
		for _, seq := range []uint32{5, 6} { // both hold both
			for _, m := range l.out.Sends {
				if m.Msg.Kind == Want && m.Msg.Seq == seq {
					asked = append(asked, m.To)
				}
			}
			l.hears(asked[len(asked)-1], Message{Kind: Give, Seq: seq, Token: l.token(seq)})
		}
		if len(asked) != 2 || asked[0] == asked[1] {
			t.Errorf("%s: of %v and %v asks %v", by, a, b, asked)
		}
	}
}

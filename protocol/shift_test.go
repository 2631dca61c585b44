package protocol

import (
	"testing"
	"time"

	"kinetoscope/protocol/swarm"
)

// An edge that sends 1 MB for half of the time at 1 MB/s has half a second to
// send on average; it says so at the end of a period, as old as that.
func TestGaugeReportsWhatWaits(t *testing.T) {
	g := &gauge{sizes: map[SendID]int{}}
	const every = time.Second
	look := func(at time.Duration) time.Duration { g.look(at, every, 8_000_000); return g.report }
	now := time.Duration(0)
	for id := SendID(1); id <= 40; id++ {
		look(now)
		g.begins(id, 1_000_000)
		now += time.Second
		look(now)
		g.left(id, true)
		now += time.Second
	}
	if got := look(now); got < 250*time.Millisecond || got > 750*time.Millisecond {
		t.Errorf("half of the time 1 s to send: the report says %v", got)
	}
	g.begins(99, 1_000_000)
	if fresh := look(now + every - 1); fresh != look(now) {
		t.Errorf("the report changes within a period, to %v", fresh)
	}
	if got := look(now + 30*time.Second); got < 5*time.Second {
		t.Errorf("what has been stuck for 30 s is reported as %v", got)
	}
	g.left(99, false)
	if got := look(now + 100*time.Second); got > time.Millisecond || g.under != 0 || len(g.sizes) != 0 {
		t.Errorf("an edge with nothing to do reports %v, with %d bytes under way", got, g.under)
	}
}

// Who moves in turn goes round all of its edges before it comes back to one.
func TestEdgesInTurn(t *testing.T) {
	l, _, _ := listening(func(s *swarm.Config) { s.Selection = swarm.RoundRobin })
	l.edges = []NodeID{2, 3, 4, 5}
	l.apart().chart = &chart{}
	var been []uint16
	for range 12 {
		been = append(been, l.home)
		l.now += time.Second
		l.chart.slow = true
		l.move(l.now, &l.out)
	}
	for i := 4; i < len(been); i++ {
		if been[i] != been[i-4] {
			t.Fatalf("of four edges in turn: %v", been)
		}
	}
}

// choosing is a viewer that is served by the first of four edges and chooses among them.
func choosing(by swarm.Selection) *listener {
	l, _, _ := listening(func(s *swarm.Config) { s.Selection, s.Sense, s.Jitter = by, time.Second, 0 })
	l.edges = []NodeID{2, 3, 4, 5}
	l.home, l.apart().chart = 0, &chart{}
	return l
}

// Of what edges have been measured to deliver the fastest is taken, and before that those of which nothing is known.
func TestTheFastestEdge(t *testing.T) {
	l := choosing(swarm.Throughput)
	for i, took := range []time.Duration{4 * time.Second, 3 * time.Second, time.Second, 2 * time.Second} {
		l.home, l.req.source, l.req.sent = uint16(i), FromEdge, l.now
		l.measured(l.now, 1e6, took, &l.out)
		if i == 2 {
			l.chart.slow = true
			if l.move(l.now, &l.out); l.home != 3 {
				t.Errorf("moves to edge %d, but edge 3 was not tried", l.home)
			}
		}
	}
	l.home, l.chart.slow = 0, true
	if l.move(l.now, &l.out); l.home != 2 {
		t.Errorf("moves to edge %d, want 2", l.home)
	}
}

// Who goes by reports asks all edges, or its own and two more; it leaves one that only says that it is congested for
// one that is less than half as loaded, and as many guests leave as are too many.
func TestReportsOfEdges(t *testing.T) {
	for by, want := range map[swarm.Selection]int{swarm.LeastLoad: 4, swarm.Price: 4, swarm.TwoChoices: 3, swarm.Throughput: 0} {
		l := choosing(by)
		l.out.Reset()
		if l.probe(l.now, &l.out); len(l.out.Sends) != want || want == 3 && (l.out.Sends[0].To != 2 || l.out.Sends[1].To == 2 || l.out.Sends[2].To == 2 || l.out.Sends[1].To == l.out.Sends[2].To) {
			t.Errorf("%s: asks %v, want %d", by, l.out.Sends, want)
		}
	}
	for other, want := range map[uint32]uint16{1501: 0, 1499: 1} {
		l := choosing(swarm.LeastLoad)
		l.chart.scores = [swarm.MaxEdges]uint32{3000, other, 9000, 9000}
		if l.move(l.now, &l.out); l.home != want {
			t.Errorf("loads of 3000 and %d: at edge %d, want %d", other, l.home, want)
		}
	}
	leave, l := 0, choosing(swarm.LeastLoad)
	for range 2000 { // a load of 4 s, where 1 s is bearable: three in four are too many
		l.chart.sensed = false
		if l.told(l.now, 2, &Message{Kind: Load, Wait: 4000}, &l.out); l.chart.sensed {
			leave++
		}
	}
	if leave < 1400 || leave > 1600 {
		t.Errorf("%d of 2000 leave, want three in four", leave)
	}
}

// Of two choices neither is an edge that was not asked lately, however idle it once was.
func TestTwoChoicesAreFresh(t *testing.T) {
	l := choosing(swarm.TwoChoices)
	for range 50 {
		l.out.Reset()
		l.home, l.apart().chart = 0, &chart{}
		l.probe(l.now, &l.out)
		for _, s := range l.out.Sends {
			l.told(l.now, s.To, &Message{Kind: Load, Wait: 500 - uint16(s.To)}, &l.out)
		}
		l.chart.slow = true
		better := max(l.out.Sends[1].To, l.out.Sends[2].To)
		if l.move(l.now, &l.out); l.edges[l.home] != better {
			t.Fatalf("moves to edge %d, of %d and %d", l.edges[l.home], l.out.Sends[1].To, l.out.Sends[2].To)
		}
	}
}

// Who moves in vain rests twice as long each time, up to sixteen times.
func TestRestsAfterMovesInVain(t *testing.T) {
	l := choosing(swarm.Throughput)
	for _, want := range []time.Duration{8, 16, 32, 64, 64} { // s: slots of 1 s
		l.slowed(l.now)
		if rest := want * time.Second; l.rested(l.now+rest-1) || !l.rested(l.now+rest) {
			t.Errorf("after %d moves it does not rest for %v", l.chart.vain, rest)
		}
	}
}

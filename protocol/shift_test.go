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

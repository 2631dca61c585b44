package netem

import (
	"strings"
	"testing"
	"time"
)

func TestDark(t *testing.T) {
	n := network(t, plain(), access(8*mbit, 8*mbit), access(8*mbit, 8*mbit), access(8*mbit, 8*mbit))
	check := func(what string, got, want Tally) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
		if err := n.Check(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	n.SendBulk(0, 0, 1, 2_000_000, 1, 11)
	n.SendBulk(0, 2, 1, 250_000, 1, 12) // both at half of node 1's downlink
	var got []Arrival
	n.Advance(500*ms, func(a Arrival) { got = append(got, a) })
	if len(got) != 1 || got[0].ID != 12 {
		t.Fatalf("arrivals %+v", got)
	}
	at, ok := n.SendControl(500*ms, 0, 1, 100, 2)
	if !ok {
		t.Fatal("node 1 is there")
	}
	check("under way", n.Total(1), Tally{Sent: 250_000, InFlight: 250_000})

	var lost []uint64
	n.SetDown(time.Second, 1, true, func(id uint64) { lost = append(lost, id) })
	if len(lost) != 1 || lost[0] != 11 || n.Up(1) || !n.Up(0) {
		t.Errorf("lost %v", lost)
	}
	check("aborted", n.Total(1), Tally{Sent: 1_000_000, Lost: 750_000, InFlight: 250_000})
	if n.Arrive(2, 1, 250_000, 1) || n.Arrive(0, 1, 100, 2) {
		t.Error("a dark node has received", at)
	}
	check("vanished", n.Total(1), Tally{Sent: 1_000_000, Lost: 1_000_000})
	if _, ok := n.SendControl(time.Second, 0, 1, 100, 2); ok {
		t.Error("a dark node is sent to")
	}
	if _, ok := n.SendControl(time.Second, 1, 0, 100, 2); ok {
		t.Error("a dark node sends")
	}
	if id := n.SendBulk(time.Second, 0, 1, 100, 2, 1); id != 0 {
		t.Error("a dark node takes a transfer")
	}
	check("control", n.Total(2), Tally{Sent: 300, Lost: 300})
	n.SetDown(time.Second, 1, false, nil)
	if _, ok := n.SendControl(time.Second, 0, 1, 100, 2); !ok {
		t.Error("node 1 is back")
	}
	n.Arrive(0, 1, 100, 2)
	check("back", n.Total(2), Tally{Sent: 400, Delivered: 100, Lost: 300})
	if n.Sent(0) != 750_300 || n.Received(1) != 100 {
		t.Errorf("node 0 sent %v, node 1 received %v", n.Sent(0), n.Received(1))
	}
}

func TestCancel(t *testing.T) {
	n := network(t, plain(), access(8*mbit, 8*mbit), access(8*mbit, 8*mbit))
	id := n.SendBulk(0, 0, 1, 1_000_000, 0, 1)
	other := n.SendBulk(0, 0, 1, 1_000_000, 0, 2)
	if got := n.Cancel(time.Second, id); got != 500_000 {
		t.Errorf("%d bytes had left, want 500000", got)
	}
	if got := n.Cancel(time.Second, id); got != 0 {
		t.Errorf("cancelled twice: %d bytes", got)
	}
	if at, _ := n.Next(); at != 1500*ms {
		t.Errorf("the other completes at %v, want 1.5s", at)
	}
	n.Advance(2*time.Second, func(a Arrival) { n.Arrive(a.From, a.To, a.Size, a.Traffic) })
	again := n.SendBulk(2*time.Second, 0, 1, 1_000_000, 0, 3) // in the memory of one before
	if n.Cancel(2*time.Second, other) != 0 || n.Cancel(2*time.Second, 0) != 0 {
		t.Error("an ended transfer was cancelled")
	}
	if n.Cancel(3*time.Second, again) != 1_000_000-0 {
		t.Error("the transfer was complete but for its last event")
	}
	if want := (Tally{Sent: 2_500_000, Delivered: 1_000_000, Lost: 1_500_000}); n.Total(0) != want {
		t.Errorf("total %+v, want %+v", n.Total(0), want)
	}
	if err := n.Check(); err != nil {
		t.Error(err)
	}
}

// Check sees each rule broken on purpose.
func TestCheckSees(t *testing.T) {
	breaks := []struct {
		want string
		do   func(n *Network)
	}{
		{"bytes sent", func(n *Network) { n.traffic[1].sent++ }},
		{"are in flight", func(n *Network) { n.inFlight[1]-- }},
		{"are in flight", func(n *Network) { n.Arrive(0, 1, 1, 1); n.Arrive(0, 1, 100, 1) }},
		{"nodes count", func(n *Network) { n.nodes[0].sent++ }},
		{"nodes count", func(n *Network) { n.nodes[1].received++ }},
		{"carries", func(n *Network) { n.links[n.nodes[0].open[0]-1].rate /= 2 }},
		{"is timed by", func(n *Network) { n.flows[0].home = n.open(n.route(1, 0)).link[0] }},
	}
	for _, b := range breaks {
		n := network(t, plain(), access(8*mbit, 8*mbit), access(8*mbit, 8*mbit))
		n.SendBulk(0, 0, 1, 1_000_000, 0, 1)
		n.SendControl(0, 0, 1, 100, 1)
		if err := n.Check(); err != nil {
			t.Fatal(err)
		}
		b.do(n)
		if err := n.Check(); err == nil || !strings.Contains(err.Error(), b.want) {
			t.Errorf("got %v, want %q", err, b.want)
		}
	}
}

func TestMisuse(t *testing.T) {
	tests := []struct {
		want string
		do   func(n *Network)
	}{
		{"netem: 5B from node 1 to node 1", func(n *Network) { n.SendBulk(0, 1, 1, 5, 0, 0) }},
		{"netem: 0B from node 0 to node 1", func(n *Network) { n.SendControl(0, 0, 1, 0, 0) }},
		{"netem: time goes back from 1s to 0s", func(n *Network) { n.tick(time.Second); n.Cancel(0, 0) }},
		{"netem: 1h0m0s skips the completion at 5µs", func(n *Network) {
			n.SendBulk(0, 0, 1, 5, 0, 0)
			n.SendControl(time.Hour, 0, 1, 5, 0)
		}},
		{"netem: node 1 gets 0bit/s up, 1Mbit/s down: rates are positive", func(n *Network) { n.SetRates(0, 1, 0, mbit) }},
	}
	for _, tt := range tests {
		n := network(t, plain(), access(8*mbit, 8*mbit), access(8*mbit, 8*mbit))
		func() {
			defer func() {
				if got := recover(); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}()
			tt.do(n)
		}()
	}
}

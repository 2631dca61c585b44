package netem

import (
	"testing"
	"time"
)

// begin has the server's sender to a viewer remember a window that has been cut,
// and how long its last packets waited.
func (n *Network) begin(to int32, window float64, waited time.Duration) {
	c, _ := n.connect(n.now, 0, to)
	*c.sender(0, to) = congestion{window, true}.memory()
	*c.waited(0, to) = uint16(waited / waitUnit)
}

// rates are those of the viewers in Mbit/s.
func (n *Network) rates(flows []FlowID) (list []float64) {
	n.settle()
	for _, id := range flows {
		list = append(list, n.rateOf(&n.flows[uint32(id)])*8e3)
	}
	return list
}

// Who has a larger window has more of the queue and so of the link, which is
// full all the same; whoever is left when it has ended gets what it had.
func TestLargeWindowsEndFirst(t *testing.T) {
	n := served(t, 30*mbit, 2, 2, 2)
	for to, window := range []float64{120, 60, 60} {
		n.SetRates(0, int32(to+1), 1000*mbit, 1000*mbit)
		n.begin(int32(to+1), window, 0)
	}
	n.Advance(time.Second, nil)
	var flows []FlowID
	for to := range int32(3) {
		flows = append(flows, n.SendBulk(time.Second, 0, to+1, 1_000_000, 0, uint64(to)))
	}
	got := n.rates(flows)
	if sum := got[0] + got[1] + got[2]; sum < 29.99 || sum > 30.01 {
		t.Errorf("they get %.2f Mbit/s, %.2f together: want 30", got, sum)
	}
	if got[0] < 12.5 || got[0] > 15 || got[1] != got[2] { // windows grow by one a round trip, which brings them nearer to each other
		t.Errorf("they get %.2f Mbit/s, want somewhat less than 15, 7.5 and 7.5", got)
	}
	first, _ := n.Next()
	n.Advance(first, func(a Arrival) {
		if a.ID != 0 {
			t.Errorf("viewer %d has all first", a.ID+1)
		}
	})
	if got := n.rates(flows[1:]); got[0] < 14.99 || got[1] < 14.99 {
		t.Errorf("the others get %.2f Mbit/s then, want 15 each", got)
	}
	last := time.Duration(0)
	n.Advance(time.Minute, func(Arrival) { last = n.now })
	if want := time.Second + 800*ms; last < want || last > want+ms {
		t.Errorf("the last ends at %v; the link has sent all at %v", last, want)
	}
}

// Transfers that fit their windows have of the queue what pacing let them put
// there: half as much whose last round trip was twice as long.
func TestBurstsArePaced(t *testing.T) {
	n := served(t, 10*mbit, 2, 2)
	rtt := n.RTT(0, 1)
	n.begin(1, 30, 0)
	n.begin(2, 30, rtt)
	n.Advance(time.Second, nil)
	var flows []FlowID
	for to := range int32(2) {
		flows = append(flows, n.SendBulk(time.Second, 0, to+1, 39_000, 0, uint64(to)))
	}
	if got := n.rates(flows); got[0]/got[1] < 1.99 || got[0]/got[1] > 2.01 {
		t.Errorf("they get %.2f Mbit/s, want twice as much the first", got)
	}
	n.Advance(time.Minute, func(Arrival) {})
	c, _ := n.connect(n.now, 0, 2)
	// 78 kB take 62.4 ms, and pacing let the last packets go after two thirds of 2 rtt * 4/5.
	if got, want := time.Duration(*c.waited(0, 2))*waitUnit, 62400*us-8*rtt/5; got < want-ms || got > want+ms {
		t.Errorf("the sender remembers a wait of %v, want %v", got, want)
	}
}

// A link that changes its rate is apportioned anew.
func TestApportionFollowsRates(t *testing.T) {
	n := served(t, 10*mbit, 2, 2)
	n.begin(1, 100, 0)
	n.begin(2, 50, 0)
	n.Advance(time.Second, nil)
	var flows []FlowID
	for to := range int32(2) {
		flows = append(flows, n.SendBulk(time.Second, 0, to+1, 3_000_000, 0, uint64(to)))
	}
	before := n.rates(flows)
	n.SetRates(time.Second, 0, 20*mbit, 20*mbit)
	if after := n.rates(flows); after[1] < 1.9*before[1] {
		t.Errorf("with twice the rate they get %.2f Mbit/s after %.2f", after, before)
	}
}

// The acknowledgements of the last round open the window as well.
func TestLastRoundOpensWindow(t *testing.T) {
	c := congestion{window: 300}
	c.fly(290, &way{rate: 25e-6, rtt: 1e7, queue: 1e8}, &dice{})
	if c.window <= 300 {
		t.Errorf("the window is %.0f packets after a round that nearly filled it, was 300", c.window)
	}
}

package netem

import (
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// served is a server in Europe, endpoint 0, with that uplink, and viewers with
// links to spare in the given regions.
func served(t *testing.T, up unit.Rate, regions ...int) *Network {
	t.Helper()
	server := access(100*mbit, 1000*mbit)
	server.Region, server.Up = 2, up
	ends := []Endpoint{server}
	for _, r := range regions {
		e := access(1000*mbit, 100*mbit)
		e.Region = r
		ends = append(ends, e)
	}
	return network(t, Config{Startup: true, Queue: 100 * ms}, ends...)
}

// everybody asks for so much once every two seconds, so many times: took[k][i]
// is how long viewer i waited the k-th time.
func (n *Network) rounds(size unit.Size, times int) (took [][]time.Duration) {
	for i := range n.nodes[1:] {
		n.SendControl(n.now, 0, int32(i+1), 100, 0)
	}
	for k := range times {
		begun := time.Duration(k+1) * 2 * time.Second
		row := make([]time.Duration, len(n.nodes)-1)
		n.Advance(begun, nil)
		for i := range row {
			n.SendBulk(begun, 0, int32(i+1), size, 0, uint64(i))
		}
		n.Advance(begun+2*time.Second-1, func(a Arrival) { row[a.ID] = a.At - begun })
		took = append(took, row)
	}
	return took
}

// Who is far away gets less than who is near, as its window comes round less
// often; each alone would have waited the same but for the distance.
func TestTheFarWaitLonger(t *testing.T) {
	const near, far = 2, 0
	row := served(t, 30*mbit, near, near, near, far).rounds(250_000, 5)[4]
	alone := served(t, 30*mbit, far).rounds(250_000, 5)[4][0]
	if first := slices.Max(row[:3]); row[3] < first+100*ms {
		t.Errorf("the far viewer waits %v and the near ones up to %v: want 100ms more at least", row[3], first)
	}
	if row[3] < alone+100*ms {
		t.Errorf("the far viewer waits %v among others and %v alone", row[3], alone)
	}
	if equal := 267 * ms; row[3] < equal+150*ms {
		t.Errorf("the far viewer waits %v, an equal share takes %v on the link alone", row[3], equal)
	}
}

// Slow start ends for all when they have filled the queue together, and with it
// their windows stay small: the further away the smaller.
func TestSlowStartEndsTogether(t *testing.T) {
	n := served(t, 30*mbit, 2, 2, 2, 2)
	n.rounds(500_000, 2)
	alone := served(t, 30*mbit, 2)
	alone.rounds(500_000, 2)
	window := func(n *Network, to int32) congestion {
		c, _ := n.connect(n.now, 0, to)
		return c.sender(0, to).congestion()
	}
	most := window(alone, 1).window
	for to := range int32(4) {
		if c := window(n, to+1); !c.avoids || c.window >= most {
			t.Errorf("the window to viewer %d among four is %.0f packets (slow start over: %t), alone %.0f", to+1, c.window, c.avoids, most)
		}
	}
}

// What a newcomer spills cuts the windows of those who stand there too, each
// once at most, and in proportion to what it sends.
func TestSpillCutsOthers(t *testing.T) {
	cut := 0
	const stands = 20_000
	n := served(t, 30*mbit, 2)
	l := n.open(n.route(0, 1)).link[0]
	for i := range stands {
		c, _ := n.connect(n.now, 0, 1)
		*c.sender(0, 1) = congestion{100, true}.memory()
		f := &flow{size: 1, to: 1, stand: stand{fate: uint64(i)}}
		n.gather(f, l, 100, 1e8, 1) // 1e-6 packets a nanosecond
		n.crowds[l].spilt += 0.5e6  // half a packet of them is lost
		n.scatter(f)
		if c, _ := n.connect(n.now, 0, 1); c.sender(0, 1).congestion().window == 70 {
			cut++
		}
	}
	if want := int(0.3935 * stands); cut < want-200 || cut > want+200 { // 1 - exp(-1/2), and three standard deviations
		t.Errorf("%d of %d windows were cut, want %d", cut, stands, want)
	}
}

// What becomes of a transfer whose end has gone dark, or which ends long after
// anything else was sent, makes no connection and keeps none.
func TestSpillMakesNoConnection(t *testing.T) {
	n := served(t, 30*mbit, 2)
	f, l := &flow{size: 1, to: 1}, n.open(n.route(0, 1)).link[0]
	for range 2 {
		n.gather(f, l, 100, 1e8, 1)
		n.crowds[l].spilt += 1e9
		n.scatter(f)
		if n.connected(n.now, 0, 1) != nil || n.connections.size() > 0 {
			t.Error("a connection is there that nobody has made")
		}
	}
	n.connect(n.now, 0, 1)
	made := n.connections.find(n.pairOf(0, 1)).used
	n.now += time.Minute
	n.calm(0, 1, func(float64) float64 { return 50 })
	if c := n.connections.find(n.pairOf(1, 0)); c == nil || c.used != made || c.sender(0, 1).congestion().window != 50 {
		t.Errorf("the connection is %+v, made in tick %d", c, made)
	}
}

// Whoever comes and goes, and however it ends, leaves nothing behind.
func TestCrowdsEmpty(t *testing.T) {
	n := served(t, 5*mbit, 2, 0, 4)
	n.SendControl(0, 0, 1, 100, 0)
	var last FlowID
	for i := range int32(3) {
		last = n.SendBulk(0, 0, i+1, 400_000, 0, uint64(i))
	}
	n.Advance(50*ms, nil)
	n.Cancel(50*ms, last)
	n.SetDown(60*ms, 1, true, func(uint64) {})
	n.Advance(time.Minute, func(Arrival) {})
	for l, c := range n.crowds {
		if c.count != 0 || c.demand != 0 || c.window != 0 || c.bytes != 0 || c.since != 0 {
			t.Errorf("link %d keeps %+v", l, c)
		}
	}
	if n.hush(); len(n.closed) != len(n.links) {
		t.Errorf("%d of %d links are closed", len(n.closed), len(n.links))
	}
}

// Queue and window by hand: two windows of 100 packets, 100 ms apart there and
// back, on a link of 1,000 packets a second fill 100 packets of way and 100 of
// queue.
func TestPressByHand(t *testing.T) {
	p := press{rate: 1e-6, equal: 0.5e-6, demand: 1e-6, window: 100, lasts: 1e8, queue: 2e8,
		grown: stand{demand: demandUnit / 1_000_000, window: 100 * windowUnit}}
	if got := p.delay(0, 100, 1e8, everybody); got < 0.99e8 || got > 1.01e8 {
		t.Errorf("packets wait %.1f ms, want 100", got/1e6)
	}
	p.queue = 5e6
	if got := p.delay(0, 100, 1e8, everybody); got != 5e6 {
		t.Errorf("packets wait %.1f ms in a queue of 5", got/1e6)
	}
	if got := p.room(1e8, 1e8); got < 99.9 || got > 100.1 { // 100 on the way and 100 in the queue, less 100
		t.Errorf("there is room for %.1f packets, want 100", got)
	}
	// For the 100 ms that the other has to send, which take it 200 here, half as
	// fast; the rest at its own rate.
	if got := p.slowed(1e-6*packetWire, 200*packetWire, 1e8, 1e8) / packetWire; got < 0.66e-6 || got > 0.67e-6 {
		t.Errorf("a transfer of 200 packets goes at %.0f packets a second, want 667", got*1e9)
	}
	still := press{rate: 1e-6, equal: 0.5e-6}
	if got := still.room(1e8, 1e8); got < 99.9 || got > 100.1 {
		t.Errorf("beside those who send nothing there is room for %v packets, want 100", got)
	}
	if got := p.spill(20, 100, 1e8); got != 10 || p.spilt != 20/2e-6 {
		t.Errorf("of 20 packets too many %d are its own, and %g are lost for each a nanosecond", got, p.spilt)
	}
}

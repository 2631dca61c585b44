package netem

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
)

// A Traffic says what kind of bytes a message or transfer carries. The driver
// gives the numbers their meaning; they are below MaxTraffic.
type Traffic uint8

// MaxTraffic is how many kinds of traffic there may be.
const MaxTraffic = 4

// A Tally counts bytes by what became of them. What left a sender is
// delivered, lost or in flight: Sent == Delivered + Lost + InFlight. A
// transfer that runs counts nothing yet: its bytes leave when it completes or
// is cut short.
type Tally struct {
	Sent, Delivered, Lost, InFlight unit.Size
}

// tally is a Tally whose InFlight follows from the rest.
type tally struct{ sent, delivered, lost int64 }

func (t *tally) public() Tally {
	return Tally{unit.Size(t.sent), unit.Size(t.delivered), unit.Size(t.lost), unit.Size(t.sent - t.delivered - t.lost)}
}

// Sent is how many bytes have left a node.
func (n *Network) Sent(node int32) unit.Size { return unit.Size(n.nodes[node].sent) }

// Received is how many bytes were delivered to a node.
func (n *Network) Received(node int32) unit.Size { return unit.Size(n.nodes[node].received) }

// Total is the tally of one kind of traffic.
func (n *Network) Total(t Traffic) Tally { return n.traffic[t].public() }

// A Measure compares what the network did with what it was configured to do.
// All fields are sums.
type Measure struct {
	Messages    int64         // control messages sent to a node that was there
	Resent      int64         // control messages that lost a packet at least once
	LossDue     float64       // how many should have, if packets are lost independently
	Blocked     int64         // control messages that waited until the ends reached each other
	Relayed     unit.Size     // of messages and transfers that went over a relay
	Jitters     int64         // delays drawn
	JitterDue   float64       // sum of their configured means, ns
	JitterSum   float64       // sum of those drawn, ns
	JitterRatio float64       // sum of those drawn, each divided by its mean
	JitterDev   float64       // sum of the squares of those
	Floor       time.Duration // their configured time: propagation and serialisation
	Delay       time.Duration // their time to delivery
	Transfers   int64         // transfers that completed
	Bytes       unit.Size     // in them
	IdleTime    time.Duration // what they would have taken alone
	SharedTime  time.Duration // what they took on the links
	Fallbacks   int64         // times that relaxation was given up for progressive filling
	Evaluations int64         // water levels computed
}

// jitter counts a delay drawn around a mean.
func (m *Measure) jitter(mean, drawn float64) {
	m.Jitters++
	m.JitterDue += mean
	m.JitterSum += drawn
	m.JitterRatio += drawn / mean
	m.JitterDev += float64((drawn / mean) * (drawn / mean))
}

// Measured is the measure so far.
func (n *Network) Measured() Measure {
	m := n.measure
	m.Fallbacks, m.Evaluations = n.fallbacks, n.evaluations
	return m
}

// lose accounts bytes that left a sender and will not arrive.
func (n *Network) lose(from int32, t Traffic, size int64) {
	n.nodes[from].sent += size
	n.traffic[t].sent += size
	n.traffic[t].lost += size
}

// launch accounts bytes that have left a sender and are on their way.
func (n *Network) launch(from, to int32, t Traffic, size int64) {
	if _, ok := n.Relay(from, to); ok {
		n.measure.Relayed += unit.Size(size)
	}
	n.nodes[from].sent += size
	n.traffic[t].sent += size
	n.inFlight[t] += size
}

// Arrive accounts the delivery of a message or transfer, which the driver
// reports when its time has come, and says whether the receiver is there to
// take it. What reaches a dark endpoint is lost.
func (n *Network) Arrive(from, to int32, size unit.Size, t Traffic) bool {
	n.inFlight[t] -= int64(size)
	if !n.Up(to) {
		n.traffic[t].lost += int64(size)
		return false
	}
	n.traffic[t].delivered += int64(size)
	n.nodes[to].received += int64(size)
	return true
}

// Check reports the first broken rule of conservation: for each kind of
// traffic bytes sent are delivered, lost or in flight, senders and receivers
// count the same, and no link carries more than its rate. An
// error is a bug of the network or of its driver. It looks at every node and
// flow, so a driver calls it now and then.
func (n *Network) Check() error {
	n.settle()
	var byTraffic, byNode tally
	for i := range n.traffic {
		t := &n.traffic[i]
		if got := t.sent - t.delivered - t.lost; got != n.inFlight[i] || got < 0 {
			return fmt.Errorf("netem: traffic %d: %d bytes sent - %d delivered - %d lost = %d, but %d are in flight", i, t.sent, t.delivered, t.lost, got, n.inFlight[i])
		}
		byTraffic.sent += t.sent
		byTraffic.delivered += t.delivered
		byTraffic.lost += t.lost
	}
	for i := range n.nodes {
		byNode.sent += n.nodes[i].sent
		byNode.delivered += n.nodes[i].received
	}
	if byNode.sent != byTraffic.sent || byNode.delivered != byTraffic.delivered {
		return fmt.Errorf("netem: nodes count %d bytes sent and %d received, kinds of traffic %+v", byNode.sent, byNode.delivered, byTraffic)
	}
	return n.checkLinks()
}

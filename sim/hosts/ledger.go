package hosts

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"weak"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/token"
	"kinetoscope/sim"
)

// A ledger counts the bytes of messages by what became of them, as the flow
// engine does: sent = delivered + lost + in flight, for each node and for each
// kind of traffic.
type ledger struct {
	nodes   []netem.Tally
	traffic [netem.MaxTraffic]netem.Tally
	arrived unit.Size
	relayed unit.Size // of arrived: over a relay
	due     unit.Size // of arrived: between nodes that cannot reach each other without one, by the topology
}

func (l *ledger) both(from int32, t netem.Traffic, do func(*netem.Tally)) {
	do(&l.nodes[from])
	do(&l.traffic[t])
}

func (l *ledger) launch(from int32, t netem.Traffic, size unit.Size) {
	l.both(from, t, func(x *netem.Tally) { x.Sent += size; x.InFlight += size })
}

func (l *ledger) deliver(from int32, t netem.Traffic, size unit.Size) {
	l.both(from, t, func(x *netem.Tally) { x.Delivered += size; x.InFlight -= size })
}

func (l *ledger) lose(from int32, t netem.Traffic, size unit.Size) {
	l.both(from, t, func(x *netem.Tally) { x.Lost += size; x.InFlight -= size })
}

// check holds that what is in flight by the books is what is under way.
func (l *ledger) check(under unit.Size) error {
	var traffic, nodes netem.Tally
	add := func(sum *netem.Tally, x netem.Tally) {
		sum.Sent, sum.Delivered, sum.Lost, sum.InFlight = sum.Sent+x.Sent, sum.Delivered+x.Delivered, sum.Lost+x.Lost, sum.InFlight+x.InFlight
	}
	for _, x := range l.traffic {
		if x.InFlight < 0 {
			return fmt.Errorf("hosts: %+v: more arrived than was sent", x)
		}
		add(&traffic, x)
	}
	for _, x := range l.nodes {
		add(&nodes, x)
	}
	if traffic != nodes || traffic.InFlight != under || traffic.Sent != traffic.Delivered+traffic.Lost+traffic.InFlight {
		return fmt.Errorf("hosts: kinds of traffic count %+v, nodes %+v, and %v are under way", traffic, nodes, under)
	}
	return nil
}

// book does the books for an event and says whether it is to be reported.
func (n *carrier) book(e *event) bool {
	switch {
	case e.knocks != 0:
		n.knock(e.from, e.to, e.knocks)
		return false
	case e.news == sim.Came && e.msg == nil:
		n.garbled++
		return false
	case e.news == sim.Came:
		known := e.msg.Kind.Bulk() && n.bookBulk(e) || !e.msg.Kind.Bulk() && n.bookControl(e)
		if known {
			n.bookRelay(e)
		}
		return known
	case e.bulk == nil: // a lane that cannot reach its peer
		if l := n.nodes[e.from].lanes[e.to]; l != nil {
			n.forget(l)
		}
		return false
	case e.news == sim.Left:
		if e.bulk.cancelled {
			return false
		}
		e.bulk.left = true
		n.ledger.launch(e.from, e.bulk.traffic, e.bulk.size)
		return true
	}
	return n.bookEnd(e)
}

// bookRelay counts what has come by whether a relay passed it on, and whether
// one had to.
func (n *carrier) bookRelay(e *event) {
	size := netem.OnWire(unit.Size(e.size))
	n.ledger.arrived += size
	if e.relayed {
		n.ledger.relayed += size
	}
	if _, must := n.topology.Relay(e.from, e.to); must {
		n.ledger.due += size
	}
}

// bookEnd ends a bulk message: it has arrived, as bookBulk heard, or is lost.
func (n *carrier) bookEnd(e *event) bool {
	b := e.bulk
	v := &n.nodes[b.from]
	if i := slices.Index(v.bulks, b); i >= 0 {
		v.bulks = slices.Delete(v.bulks, i, i+1)
	}
	if n.bulks[b.flow] == nil {
		return false
	}
	delete(n.bulks, b.flow)
	if b.left {
		n.ledger.lose(b.from, b.traffic, b.size)
		return false
	}
	part := b.size * unit.Size(e.size) / unit.Size(b.length)
	n.ledger.launch(b.from, b.traffic, part)
	n.ledger.lose(b.from, b.traffic, part)
	return !b.cancelled
}

// bookBulk finds the message that has come among those under way.
func (n *carrier) bookBulk(e *event) bool {
	for _, b := range n.nodes[e.from].bulks {
		if b.to == e.to && b.length == e.size && n.bulks[b.flow] != nil && b.left {
			delete(n.bulks, b.flow)
			up, _ := n.topology.Rates(b.from)
			_, down := n.topology.Rates(b.to)
			n.achieved.transfer(b.size, min(up, down), n.now-b.begun-n.topology.OneWay(b.from, b.to))
			return true
		}
	}
	return false
}

// bookControl takes the message that has come off those under way on its lane;
// what was put before it and has not come is lost.
func (n *carrier) bookControl(e *event) bool {
	l := n.nodes[e.from].lanes[e.to]
	if l == nil {
		return false
	}
	i := slices.IndexFunc(l.outstanding, func(r record) bool { return bytes.Equal(r.frame, e.frame) })
	if i < 0 {
		return false
	}
	for _, r := range l.outstanding[:i] {
		n.ledger.lose(l.from, r.traffic, r.size)
	}
	n.achieved.message(n.topology.OneWay(l.from, l.to), n.now-l.outstanding[i].at)
	l.outstanding = l.outstanding[i+1:]
	return true
}

// A library keeps one copy of each payload that is in use, under the hash of
// its bytes: a thousand viewers do not hold a thousand copies. The hash of
// every payload that comes is taken of the bytes that came.
type library map[token.ID]weak.Pointer[token.Payload]

// share replaces the payload of a message by the copy that is known, and says
// whether there was one.
func (l library) share(m *protocol.Message) bool {
	if m.Token == nil || m.Token.Payload == nil {
		return false
	}
	id := m.Token.Payload.ID()
	if known := l[id].Value(); known != nil {
		m.Token.Payload = known
		return true
	}
	l[id] = weak.Make(m.Token.Payload)
	return false
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

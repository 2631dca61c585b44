package hosts

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
)

// A carrier is the sim.Carrier: a host for each node that is there, on one
// fabric. The loop of the run owns it; the goroutines of lanes reach it only
// by post.
type carrier struct {
	ctx      context.Context // of the run; from outside of the bubble: looked at, never waited for
	topology *netem.Topology
	fabric   *packet.Fabric
	settle   func()
	err      error // what stopped the network early

	nodes    []node
	numbers  map[peer.ID]int32
	bulks    map[netem.FlowID]*bulk
	flows    netem.FlowID // begun so far
	begun    bool
	agenda   agenda
	now      time.Duration
	limit    time.Duration // of the Next that runs
	events   []event       // not yet reported
	ledger   ledger
	achieved achieved
	payloads library
	buffers  buffers
	notes    []string
	garbled  int // messages that were none

	mu      sync.Mutex
	inbox   []event
	reading map[pair][]*reading // bulk messages that come, by who sends to whom
	hosts   sync.WaitGroup
}

// A node is one participant and its host.
type node struct {
	identity
	present bool
	door
	strayed  bool             // it has moved, and those whose connections it had accepted do not know
	host     host.Host        // nil: not there, or not yet
	dialer   *dialer          // of the host
	socket   *packet.Conn     // of a host with QUIC
	listener *packet.Listener // of a host with TCP
	lanes    map[int32]*lane  // that it sends on, by receiver
	bulks    []*bulk          // that it sends, in the order in which they began
}

// linger is how long a host that closes waits for what it said last to leave.
const linger = 3 * time.Second

// build prepares a network on a site. Hosts are made when their nodes come.
func build(ctx context.Context, site *sim.Site, over scenarios.Transport, settle func()) (*carrier, error) {
	n := &carrier{ctx: ctx, settle: settle, topology: site.Topology, fabric: packet.New(site.Topology, site.Packets, site.Draw),
		numbers: map[peer.ID]int32{}, bulks: map[netem.FlowID]*bulk{}, reading: map[pair][]*reading{}, payloads: library{}}
	n.nodes = make([]node, site.Topology.Nodes())
	n.ledger.nodes = make([]netem.Tally, len(n.nodes))
	for i := range n.nodes {
		who, err := identify(site.Seed, int32(i), over)
		if err != nil {
			return nil, err
		}
		n.nodes[i].identity = who
		n.numbers[who.id] = int32(i)
		n.nodes[i].present = true // as in every network, until it is said to be away
	}
	return n, n.enclose()
}

// Up reports whether a node is there.
func (n *carrier) Up(node int32) bool { return n.nodes[node].present }

// Control hands a message to the lane between two nodes, now or when it leaves.
func (n *carrier) Control(now, leave time.Duration, l *sim.Letter) (time.Duration, bool) {
	frame := n.encode(l)
	r := record{frame: frame, size: l.Size, traffic: l.Traffic}
	if leave <= now {
		n.say(l.From, l.To, r)
		return 0, false
	}
	from, to := l.From, l.To
	n.agenda.add(leave, func() { n.say(from, to, r) })
	return 0, false
}

// encode is what a message is on its stream. The accounts must say the same.
func (n *carrier) encode(l *sim.Letter) []byte {
	var frame []byte
	if l.Msg.Kind.Bulk() {
		frame = n.buffers.take(int(l.Msg.Size()))[:0]
	}
	frame = l.Msg.Append(frame)
	if real := netem.OnWire(unit.Size(len(frame))); real != l.Size {
		n.fail(fmt.Errorf("hosts: a %v of %d bytes takes %v on the network, and is accounted as %v", l.Msg.Kind, len(frame), real, l.Size))
	}
	return frame
}

// say puts a message on the control lane of two nodes.
func (n *carrier) say(from, to int32, r record) {
	sender := &n.nodes[from]
	n.ledger.launch(from, r.traffic, r.size)
	if !sender.present || !n.ready(from) {
		n.ledger.lose(from, r.traffic, r.size)
		return
	}
	l := sender.lanes[to]
	if l == nil || l.dialer != sender.dialer {
		if l != nil {
			n.forget(l)
		}
		l = newLane(n, from, to)
		sender.lanes[to] = l
	}
	r.at = n.now
	l.outstanding = append(l.outstanding, r)
	l.put(r.frame)
}

// Bulk starts a message on a stream of its own, now or when it leaves.
func (n *carrier) Bulk(now, leave time.Duration, l *sim.Letter) (netem.FlowID, bool) {
	if !n.nodes[l.From].present || !n.ready(l.From) {
		return 0, false
	}
	n.flows++
	b := newBulk(n, n.flows, l)
	n.bulks[b.flow] = b
	n.nodes[l.From].bulks = append(n.nodes[l.From].bulks, b)
	frame := n.encode(l)
	if leave <= now {
		b.begin(frame)
	} else {
		n.agenda.add(leave, func() { b.begin(frame) })
	}
	return b.flow, true
}

// Cancel resets the stream of a bulk message.
func (n *carrier) Cancel(_ time.Duration, flow netem.FlowID) {
	if b := n.bulks[flow]; b != nil && !b.left {
		b.cancel()
	}
}

// Carried is how many bytes of a bulk message have come.
func (n *carrier) Carried(_ time.Duration, flow netem.FlowID) unit.Size {
	b := n.bulks[flow]
	if b == nil {
		return 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.reading[pair{b.from, b.to}] {
		if r.whole == b.length {
			return unit.Size(r.got.Load())
		}
	}
	return 0
}

// fail stops the network: the error is that of the run.
func (n *carrier) fail(err error) {
	if n.err == nil {
		n.err = err
	}
}

// Next runs fabric and hosts until they have something to report or limit has
// come.
func (n *carrier) Next(limit time.Duration) time.Duration {
	if n.now = n.fabric.Now(); limit <= n.now || n.err != nil {
		return sim.Never
	}
	n.limit = limit
	n.begin()
	if err := n.fabric.Run(n.ctx, n.settle, n); err != nil {
		n.fail(err)
	}
	if len(n.events) == 0 {
		return sim.Never
	}
	return n.now
}

// Step is the network's turn in the fabric's loop.
func (n *carrier) Step(now time.Duration) (next time.Duration, done bool) {
	n.now = now
	n.agenda.due(now)
	n.collect()
	if len(n.events) > 0 || now >= n.limit || n.err != nil {
		return now, true
	}
	return min(n.limit, n.agenda.next()), false
}

// post tells the loop of something. Goroutines of lanes call it.
func (n *carrier) post(e event) {
	n.mu.Lock()
	n.inbox = append(n.inbox, e)
	n.mu.Unlock()
	n.fabric.Wake()
}

// collect takes what has been posted, in an order that does not depend on who
// was first, does the books, and keeps what is to be reported.
func (n *carrier) collect() {
	n.mu.Lock()
	inbox := n.inbox
	n.inbox = nil
	n.mu.Unlock()
	slices.SortStableFunc(inbox, event.compare)
	for i := range inbox {
		e := &inbox[i]
		if n.book(e) {
			n.events = append(n.events, *e)
		}
	}
}

// Advance reports what has happened.
func (n *carrier) Advance(_ time.Duration, tell func(*sim.News)) {
	for i := range n.events {
		e := &n.events[i]
		news := sim.News{Kind: e.news, Took: e.took}
		if e.bulk != nil {
			news.ID = e.bulk.id
		}
		if e.news == sim.Came {
			if n.payloads.share(e.msg) {
				n.buffers.give(e.frame)
			}
			news.Letter = sim.Letter{From: e.from, To: e.to, Size: netem.OnWire(unit.Size(e.size)), Msg: e.msg}
		}
		tell(&news)
	}
	clear(n.events)
	n.events = n.events[:0]
}

// Arrive accounts a delivery.
func (n *carrier) Arrive(from, to int32, size unit.Size, t netem.Traffic) bool {
	if !n.Up(to) {
		n.ledger.lose(from, t, size)
		return false
	}
	n.ledger.deliver(from, t, size)
	return true
}

// Sent is what a node sent.
func (n *carrier) Sent(node int32) unit.Size { return n.ledger.nodes[node].Sent }

// Total is what was sent of one kind of traffic.
func (n *carrier) Total(t netem.Traffic) netem.Tally { return n.ledger.traffic[t] }

// Relayed is how many of the bytes that arrived came over relays.
func (n *carrier) Relayed() unit.Size { return n.ledger.relayed }

// Check compares the books with what is under way, and the fabric's.
func (n *carrier) Check() error {
	if n.err != nil {
		return n.err
	}
	t := n.fabric.Tally()
	if err := t.Check(); err != nil {
		return err
	}
	var under unit.Size
	for i := range n.nodes {
		for _, to := range sortedKeys(n.nodes[i].lanes) {
			for _, r := range n.nodes[i].lanes[to].outstanding {
				under += r.size
			}
		}
	}
	for _, b := range n.bulks {
		if b.left {
			under += b.size
		}
	}
	return n.ledger.check(under)
}

// Notes say what carried the run.
func (n *carrier) Notes() []string {
	t := n.fabric.Tally()
	notes := append(n.notes,
		"executed: every message went over real libp2p hosts ("+n.stack()+"), over a packet fabric in virtual time",
		statistical,
		n.achieved.note(&t),
		fmt.Sprintf("the hosts sent %d packets of %.1f MB in all, %d were dropped; the accounts below hold the protocol's messages alone",
			t.Packets[packet.Sent], float64(t.Bytes[packet.Sent])/1e6, t.Dropped()))
	if l := &n.ledger; l.due > 0 || l.relayed > 0 {
		notes = append(notes, fmt.Sprintf("self-check of relays: %.1f %% of the bytes that arrived came over one, and %.1f %% were between nodes that cannot do without",
			100*float64(l.relayed)/float64(l.arrived), 100*float64(l.due)/float64(l.arrived)))
	}
	if n.garbled > 0 {
		notes = append(notes, fmt.Sprintf("%d messages could not be read and were thrown away", n.garbled))
	}
	return append(notes, errata.notes()...)
}

// stack is what is under the streams.
func (n *carrier) stack() string {
	if len(n.nodes) > 0 && n.nodes[0].over == scenarios.TCP {
		return "TCP with CUBIC, Noise, Yamux"
	}
	return "QUIC, TLS 1.3"
}

// statistical says how far runs of one seed lie apart: what was measured of 500
// transfers of 50 hosts with 2 % loss (docs/explanation/engines.md).
const statistical = "statistical: where the machine has other work, a seed gives the same packets only up to the order in which goroutines ran; figures move by about 1 %, single transfers by more"

// close ends all hosts and waits for them.
func (n *carrier) close() {
	for i := range n.nodes {
		v := &n.nodes[i]
		v.present = false
		n.abandon(v, func(uint64) {})
		n.quit(v)
	}
	n.hosts.Wait()
}

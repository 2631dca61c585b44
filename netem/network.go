package netem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/internal/hugepages"
	"kinetoscope/internal/unit"
)

// A Network carries messages and transfers between endpoints. An endpoint is
// named by its index in the list that New was given. Time may stand still
// between calls but never go back, and no call may skip a time that Next
// names. It is not safe for concurrent use.
type Network struct {
	*Topology
	nodes       []node
	trunks      []int32 // as node.open, of links between regions
	order       moments // when the last message of each kind arrives, so that the next does not overtake it
	connections recent[connection]
	opening     moments // when handshakes are over
	share

	traffic  [MaxTraffic]tally
	inFlight [MaxTraffic]int64 // counted apart from traffic
	measure  Measure
	batch    []int32
	bursts   [][MaxTraffic]Burst // of each sender; nil until something is lost in bursts
	crowds   []crowd             // of each record of a link; nil without start-up
	found    press               // the crowd that was looked at last
	parked   []int32             // transfers whose ends do not reach each other for now
	arrivals []Arrival
	begun    []begun
	endsSoon func(step int, id uint64, from, to int32) // for a driver that wants to know; else nil
}

// A begun is a transfer of this instant, whose share is not yet known.
type begun struct {
	flow int32
	seq  uint32
	pauses
	rtt float64
}

// A node is what sending to and from it takes, one cache line.
type node struct {
	key            uint64
	rate           [2]float64         // of the uplink and of the downlink, bytes a nanosecond
	open           [2]int32           // where the records of both are, plus one; 0: that link is closed
	count          [MaxTraffic]uint32 // messages and transfers so far
	sent, received int64              // bytes
}

// An Arrival is a transfer whose last byte has left the sender.
type Arrival struct {
	ID       uint64 // as given to SendBulk
	From, To int32
	Size     unit.Size
	Traffic  Traffic
	At       time.Duration // when the receiver has all of it
	OneWay   time.Duration // between the two, by the topology of now
}

// A FlowID names a running transfer. Zero names none.
type FlowID uint64

// New builds a network of the endpoints of t. Each endpoint's source of random
// numbers, of which one is drawn, comes from draw with the purpose "delivery".
func New(t *Topology, draw func(purpose string, entity uint64) *rand.Rand) *Network {
	n := &Network{Topology: t, nodes: hugepages.Slice(make([]node, len(t.ends))), trunks: make([]int32, len(t.backbone.rates))}
	for i := range t.ends {
		up, down := t.Rates(int32(i))
		rate := [2]float64{bytesPerNano(max(1, up)), bytesPerNano(max(1, down))} // nothing is on a link without a rate
		n.nodes[i] = node{key: draw("delivery", t.Key(int32(i))).Uint64(), rate: rate}
	}
	all := uint64(len(n.nodes)) * uint64(len(n.nodes))
	n.order.init(all * MaxTraffic)
	n.connections.init(all, 3, func(now time.Duration, c *connection) bool { return c.isOver(tickAt(now)) })
	n.opening.init(all)
	n.share.init(len(n.nodes) >= manyNodes)
	if n.cfg.Startup {
		n.crowds = []crowd{}
	}
	return n
}

// A fate is the random part of one message or transfer.
type fate struct{ key, number uint64 }

// nextFate counts one more message or transfer of a sender and kind of
// traffic.
func (n *Network) nextFate(from int32, t Traffic) fate {
	s := &n.nodes[from]
	s.count[t]++
	return fate{s.key, (uint64(s.count[t])*drawTraffic + uint64(t)) * drawUses}
}

func (f fate) draw(use uint64) float64 { return uniform(hash(f.key, f.number+use)) }

// jitter draws a delay above the floor.
func (n *Network) jitter(f fate, mean float64) time.Duration {
	if mean == 0 {
		return 0
	}
	d := n.cfg.delay(mean, f.draw(drawJitter))
	n.measure.jitter(mean, float64(d))
	return d
}

// SendControl sends a small message on the control lane and says when it
// arrives; the driver calls Arrive then. It is not ok if an end is dark, or if
// the ends will not reach each other for longer than a connection lasts: the
// message is lost, and the sender is not told. Messages of one kind of traffic
// from one node to another arrive in the order sent.
func (n *Network) SendControl(now time.Duration, from, to int32, size unit.Size, t Traffic) (at time.Duration, ok bool) {
	n.enter(now, from, to, size)
	f := n.nextFate(from, t)
	opens := now
	if !n.Reaches(from, to) {
		if opens = n.Opens(now, from, to); opens-now > idleTimeout {
			n.lose(from, t, int64(size))
			return 0, false
		}
	}
	p := n.path(from, to)
	floor := n.oneWay(from, to, p) + n.serial(from, to, size)
	delay := floor + n.jitter(f, p.jitter) + n.queueing(from, to, f)
	if n.cfg.Startup {
		_, wait := n.connect(now, from, to)
		delay += wait
	}
	if p.loss > 0 {
		packets := (int64(size) + packetPayload - 1) / packetPayload
		n.measure.LossDue += anyLost(packets, p.loss)
		if k := n.resends(now, from, to, t, f, packets, p); k > 0 {
			n.measure.Resent++
			delay += n.probe(from, to, p) * (1<<k - 1)
		}
	}
	if opens > now {
		n.measure.Blocked++
		delay += n.blocked(now, opens, from, to, n.probe(from, to, p))
	}
	at = n.order.after(now, n.directed(from, to, t), now+max(delay, 1))
	n.launch(from, to, t, int64(size))
	n.measure.Messages++
	n.measure.Floor += floor
	n.measure.Delay += at - now
	return at, true
}

// serial is the time that a message takes over both access links alone.
func (n *Network) serial(from, to int32, size unit.Size) time.Duration {
	return time.Duration(math.Ceil(float64(size) * (1/n.nodes[from].rate[0] + 1/n.nodes[to].rate[1])))
}

// SendBulk starts a transfer on the bulk lane. Advance reports it under id
// when its last byte has left. If an end is dark, or the ends will not reach
// each other for longer than a connection lasts, nothing is sent, and the
// FlowID is zero; the sender is not told.
func (n *Network) SendBulk(now time.Duration, from, to int32, size unit.Size, t Traffic, id uint64) FlowID {
	n.enter(now, from, to, size)
	fate := n.nextFate(from, t)
	reaches := n.Reaches(from, to)
	if !reaches && !n.lasts(now, from, to) {
		return 0
	}
	p, oneWay, rtt := n.span(from, to)
	i := n.newFlow()
	f := &n.flows[i]
	f.id, f.from, f.to, f.size, f.start, f.traffic = id, from, to, int64(size), now, t
	f.oneWay, f.extra = oneWay, oneWay+n.jitter(fate, p.jitter)
	f.route = n.open(n.route(from, to))
	flight, trip := n.embark(now, from, to, f, fate, p, rtt)
	if !reaches {
		n.parked = append(n.parked, i)
		for _, l := range f.links() {
			n.empty(l)
		}
		return f.name(i)
	}
	n.join(i)
	if n.cfg.Startup {
		n.apportion(f.stand.link)
		n.begun = append(n.begun, begun{i, f.seq, flight.pauses, trip})
	}
	return f.name(i)
}

// Delay makes all of a transfer arrive by so much later.
func (n *Network) Delay(id FlowID, by time.Duration) {
	if id != 0 {
		n.flows[uint32(id)].extra += by
	}
}

// name is how a driver knows a flow.
func (f *flow) name(i int32) FlowID { return FlowID(uint64(f.seq)<<32 | uint64(i)) }

// settle makes the shares right of all that has begun, ended or changed at this
// instant. Everything that reads a share or moves time on comes after it.
func (n *Network) settle() {
	if n.isSettled() {
		return
	}
	n.share.settle()
	for i := range n.begun {
		b := &n.begun[i]
		if f := &n.flows[b.flow]; f.seq == b.seq {
			rate := infinite
			for _, l := range f.links() {
				k := &n.links[l]
				rate = min(rate, k.rate, k.level)
			}
			if f.cap < f.most { // the queue's doing
				rate = min(rate, f.cap)
			}
			f.extra += time.Duration(b.stall(rate/packetWire, b.rtt))
		}
	}
	n.begun = n.begun[:0]
	if len(n.emptied) > 0 {
		n.closeEmpty()
	}
}

// Cancel ends a transfer before its time and says how many of its bytes had
// left the sender; they are lost. It does nothing to one that has ended.
func (n *Network) Cancel(now time.Duration, id FlowID) unit.Size {
	n.tick(now)
	i := int32(uint32(id))
	if id == 0 || n.flows[i].seq != uint32(id>>32) {
		return 0
	}
	if n.unlist(i) {
		return unit.Size(n.drop(i))
	}
	return unit.Size(n.cut(i))
}

// Carried is how many bytes of a transfer have reached the receiver, if what is on the
// way moves at the present rate; 0 of one that has ended. Waiting at its start, which
// is added to its end, does not show.
func (n *Network) Carried(now time.Duration, id FlowID) unit.Size {
	n.tick(now)
	n.settle()
	f := &n.flows[uint32(id)]
	if id == 0 || f.seq != uint32(id>>32) {
		return 0
	}
	left := n.remaining(f)
	if f.home != nowhere {
		left += n.rateOf(f) * float64(n.OneWay(f.from, f.to))
	}
	return unit.Size(carried(f.size, left))
}

// cut takes a transfer off its links and accounts what it has carried.
func (n *Network) cut(i int32) int64 {
	f := &n.flows[i]
	done := carried(f.size, n.remaining(f))
	n.lose(f.from, f.traffic, done)
	n.depart(i)
	return done
}

// carried is how many whole bytes of a transfer have left if so many are left.
func carried(size int64, left float64) int64 {
	return min(max(size-int64(math.Ceil(left)), 0), size)
}

// SetDown makes a node dark or brings it back. The transfers of a node that
// goes dark end at once, what they carried is lost, and abort, which must not
// call the network, is told their ids in the order in which they began. For a
// node that comes back abort may be nil.
func (n *Network) SetDown(now time.Duration, node int32, down bool, abort func(id uint64)) {
	n.tick(now)
	n.SetDark(node, down)
	e := &n.ends[node]
	e.since = max(e.since, tickAt(now))
	if !down {
		return
	}
	e.since = tickAt(now) + 1 // what was used by now is broken too
	n.batch = n.batch[:0]
	for _, l := range [2]int32{uplink(node), downlink(node)} {
		for _, s := range n.slots(l) {
			n.batch = append(n.batch, s.flow)
		}
	}
	for _, i := range n.parked {
		if f := &n.flows[i]; f.from == node || f.to == node {
			n.batch = append(n.batch, i)
		}
	}
	n.sortBatch()
	for _, i := range n.batch {
		id := n.flows[i].id
		if n.unlist(i) {
			n.drop(i)
		} else {
			n.cut(i)
		}
		abort(id)
	}
}

// SetRates changes the access of a node; both rates are positive.
func (n *Network) SetRates(now time.Duration, node int32, up, down unit.Rate) {
	n.tick(now)
	n.Topology.SetRates(node, up, down)
	n.follow(node)
}

// Next is the time of the next completion, or reports false if nothing on the
// bulk lane ever completes as things stand.
func (n *Network) Next() (time.Duration, bool) {
	if !n.isSettled() {
		n.settle()
	}
	if h := &n.agenda; h.known {
		return h.heap[top].at, true
	}
	a, ok := n.next()
	return a.at, ok
}

// Advance moves time on and emits each transfer whose last byte has left by
// then, in the order of that time, then of their beginning. emit must not call
// Advance.
func (n *Network) Advance(now time.Duration, emit func(Arrival)) {
	for {
		at, ok := n.Next()
		if !ok || at > now {
			break
		}
		n.now = at
		n.takeDue()
		n.sortBatch()
		n.arrivals = n.arrivals[:0]
		for _, i := range n.batch {
			n.arrivals = append(n.arrivals, n.complete(i))
		}
		for _, a := range n.arrivals {
			emit(a)
		}
	}
	n.tick(now)
}

// takeDue moves every flow that is complete by now into the batch.
func (n *Network) takeDue() {
	n.batch = n.batch[:0]
	for {
		a, ok := n.next()
		switch {
		case !ok || a.at > n.now:
			return
		case a.who < 0:
			n.dismiss(^a.who)
			n.batch = append(n.batch, ^a.who)
			continue
		}
		for k := &n.links[a.who]; k.timed > 0 && k.comesDue() <= n.now; {
			i := k.dues[0].flow
			n.dismiss(i)
			n.batch = append(n.batch, i)
		}
	}
}

// complete ends a transfer whose last byte has left.
func (n *Network) complete(i int32) Arrival {
	f := &n.flows[i]
	from, to := f.from, f.to
	n.launch(from, to, f.traffic, f.size)
	n.measure.Transfers++
	n.measure.Bytes += unit.Size(f.size)
	n.measure.IdleTime += time.Duration(math.Ceil(float64(f.size) / min(f.most, n.alone(f))))
	n.measure.SharedTime += n.now - f.start
	a := Arrival{f.id, from, to, unit.Size(f.size), f.traffic, n.now + f.extra, f.oneWay}
	if n.isAnother {
		a.OneWay = n.OneWay(from, to)
	}
	if n.crowds != nil {
		n.linger(f)
	}
	n.depart(i)
	return a
}

// depart takes a flow off its links and out of its crowd.
func (n *Network) depart(i int32) {
	f := &n.flows[i]
	stand := f.stand
	n.scatter(f)
	n.leave(i)
	if stand.demand > 0 {
		n.apportion(stand.link)
	}
}

// sortBatch puts the flows of the batch in the order of their beginning.
func (n *Network) sortBatch() {
	slices.SortFunc(n.batch, func(a, b int32) int {
		if int32(n.flows[a].seq-n.flows[b].seq) < 0 {
			return -1
		}
		return 1
	})
}

// enter checks what every send must hold.
func (n *Network) enter(now time.Duration, from, to int32, size unit.Size) {
	if from == to || size <= 0 {
		panic(fmt.Sprintf("netem: %v from node %d to node %d", size, from, to))
	}
	n.tick(now)
}

// tick moves time on to now, which skips no completion.
func (n *Network) tick(now time.Duration) {
	if now < n.now {
		panic(fmt.Sprintf("netem: time goes back from %v to %v", n.now, now))
	}
	if now == n.now {
		return
	}
	if !n.isSettled() {
		n.settle()
	}
	if len(n.agenda.heap) > top && n.agenda.heap[top].at < now {
		if a, ok := n.next(); ok && a.at < now {
			panic(fmt.Sprintf("netem: %v skips the completion at %v", now, a.at))
		}
	}
	n.now = now
}

// Package sim plays a scenario in virtual time: a discrete-event engine around
// the protocol's state machines, the emulated network and the chain. It counts
// what happens and checks the invariants.
//
// One run is one goroutine and one sequence of events; the same scenario, seed
// and version give the same bytes on any machine. It leaves out wall-clock
// time, files, and running many seeds (cmd/kscope does that).
package sim

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"kinetoscope/internal/hugepages"
	"kinetoscope/protocol"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/payment"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// Run plays s once with the given seed; ladder is what s.Video names. It
// returns early with ctx's error when ctx is done. A *Broken error says that an
// invariant did not hold, which is a bug of ours.
func Run(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64) (run *result.Run, err error) {
	engine := func(site *Site) (Carrier, error) {
		f := newFlows(site)
		f.notes = unheeded(&s)
		return f, nil
	}
	return RunOn(ctx, engine, s, ladder, seed)
}

// RunOn is Run over the network of another engine.
func RunOn(ctx context.Context, engine Engine, s scenarios.Scenario, ladder *media.Ladder, seed uint64) (run *result.Run, err error) {
	w := &world{scenario: s, seed: seed}
	defer w.blameTo(&run, &err)
	if w, err = newWorld(engine, s, ladder, seed); err != nil {
		return nil, err
	}
	return w.run(ctx)
}

func (w *world) run(ctx context.Context) (run *result.Run, err error) {
	defer w.blameTo(&run, &err)
	defer w.disband()
	if err := w.play(ctx, forever); err != nil {
		return nil, err
	}
	w.settled()
	return w.measure(), nil
}

// An order is what an event of the queue asks of the loop.
type order uint8

const (
	toStart   order = iota // a node begins
	toDeliver              // a message arrives; arg is its parcel
	toHear                 // a small message arrives, which travels in the event
	toWake                 // a timer; arg is its id
	toRing                 // the one timer that counts, or a look whether it has been put off
	toLaunch               // a bulk message leaves that was held back; arg is its parcel
	toCancel               // a bulk send was cancelled; arg is its parcel
	toStop                 // a viewer leaves
	toVanish               // a viewer leaves without a word
	toGiveUp               // a viewer leaves if it has seen no picture yet
	toTire                 // a viewer leaves if its picture has stood still for too long
	toSeek                 // a viewer jumps in its title
	toZap                  // a viewer goes over to another title
	toFinish               // a viewer has seen its title to the end, unless it has jumped since; arg counts its jumps
	toDarken               // a fault begins; arg is its index
	toRelight              // a fault ends
	toAct                  // attackers and attacked do what they have in mind
	toSell                 // the asset is sold; arg is the sale's index
	toRevoke               // the owner takes a viewer's licence back
	toTurn                 // a trace changes rates
	toRejoin               // the gap of a move is over; arg is the fault's index
	toSample               // a bucket of the timeline is full
	toFrame                // what is measured begins or ends; arg is 0 or 1
	toEnd                  // the stream is over
	toReport               // the edges hand in their payments
	toCollect              // the publisher closes its books
	toRedeem               // hubs take what they are owed to the chain
)

// checkEvery is how many events pass between two looks at the context and at the heap.
const checkEvery = 1 << 14

// play is the loop: take the earliest of chain, network and queue, let it
// happen, carry out what the node wants. It stops before what lies behind until.
func (w *world) play(ctx context.Context, until time.Duration) error {
	for !w.over() {
		if w.events%checkEvery == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			hugepages.Heap()
		}
		w.events++
		block, flow, event := w.next()
		switch at := min(block, flow, event); {
		case at > until || at == forever:
			return nil
		case at == block:
			w.now = at
			w.mine()
		case at == flow:
			w.now = at
			w.flow()
		default:
			e, _ := w.queue.pop()
			w.now = at
			w.foresee()
			w.handle(e)
		}
	}
	return nil
}

// forever is when what never happens happens.
const forever = time.Duration(math.MaxInt64)

// next says when the chain, the network and the queue want to go on.
func (w *world) next() (block, flow, event time.Duration) {
	block = forever
	if w.chain != nil {
		block = w.chain.Next()
	}
	event, ok := w.queue.peek()
	if !ok {
		event = forever
	}
	return block, w.net.Next(min(block, event)), event
}

// over says that the stream has ended and all money is where it belongs, or
// that settling takes too long.
func (w *world) over() bool {
	if !w.collecting && w.now <= w.end {
		return false
	}
	return w.collecting && w.queue.len() == 0 && (w.chain == nil || w.collector.Phase() == payment.Done && w.posted() && w.hubsDone()) && w.calm() ||
		w.now > w.end+w.settleWithin() && w.calm()
}

func (w *world) handle(e event) {
	switch order(e.kind) {
	case toHear:
		w.hear(&e)
	case toStart:
		w.begin(protocol.NodeID(e.node))
	case toDeliver:
		w.deliver(int32(e.arg))
	case toWake:
		w.wake(protocol.NodeID(e.node), protocol.TimerID(e.arg))
	case toRing:
		w.ring(protocol.NodeID(e.node))
	case toLaunch:
		w.launch(int32(e.arg), w.now)
	case toCancel:
		w.sent(int32(e.arg), false)
	case toStop, toVanish:
		w.stop(protocol.NodeID(e.node), order(e.kind) == toVanish)
	case toGiveUp:
		w.giveUp(protocol.NodeID(e.node))
	case toTire:
		w.tire(protocol.NodeID(e.node))
	case toSeek, toZap:
		w.jump(protocol.NodeID(e.node), order(e.kind))
	case toFinish:
		if w.jumps(protocol.NodeID(e.node)) == e.arg {
			w.stop(protocol.NodeID(e.node), false)
		}
	case toDarken, toRelight:
		w.fault(int(e.arg), order(e.kind) == toDarken)
	case toAct:
		w.act()
	case toSell:
		w.sell(int(e.arg))
	case toRevoke:
		w.revoke(protocol.NodeID(e.node))
	case toTurn:
		w.turn()
	case toRejoin:
		w.rejoin(int(e.arg))
	case toSample:
		w.sample()
	case toFrame:
		w.frame(int(e.arg))
	case toEnd:
		w.finish()
	case toRedeem:
		w.each(w.hubIDs(), protocol.Stop)
	case toReport:
		w.absent = slices.DeleteFunc(slices.Clone(w.stream.Edges), func(id protocol.NodeID) bool {
			return w.dark[id] == 0 && !w.topology.Apart(int32(id), int32(w.stream.Publisher))
		})
		w.each(w.stream.Edges, protocol.Stop)
		w.push(w.now+grace, toCollect, 0, 0)
	case toCollect:
		w.collect()
	}
}

// collect ends the collecting, unless payments are still to come.
func (w *world) collect() {
	n := w.stream.Terms.Needs()
	down := n.Direct && w.holding()
	if down {
		w.lastDown = w.now
	}
	if down || (n.Every || n.Direct) && w.chain.Busy() && w.now < max(w.end, w.lastDown)+settleLimit/2 {
		w.push(w.now+w.scenario.Ledger.BlockTime, toCollect, 0, 0)
		return
	}
	w.collecting = true
	if len(w.brokers) > 0 {
		w.push(w.now+2*grace, toRedeem, 0, 0)
	}
	w.in = protocol.Input{Kind: protocol.Stop}
	w.step(w.stream.Publisher)
}

// holding says that edges which redeem by themselves are down, and may hold money that is
// not theirs until they are back.
func (w *world) holding() bool {
	return slices.ContainsFunc(w.stream.Edges, func(id protocol.NodeID) bool { return w.dark[id] > 0 || w.halted[id] > 0 })
}

// step tells a node w.in and carries out what it wants.
func (w *world) step(id protocol.NodeID) {
	if len(w.halted) > 0 && w.halted[id] > 0 {
		w.hold(id)
		return
	}
	if !w.net.Up(int32(id)) {
		return
	}
	w.out.Reset()
	w.stepped = id
	w.nodes[id].Step(w.now, &w.in, &w.out)
	w.route(id)
}

func (w *world) each(ids []protocol.NodeID, k protocol.InputKind) {
	for _, id := range ids {
		w.in = protocol.Input{Kind: k}
		w.step(id)
	}
}

func (w *world) push(at time.Duration, o order, node protocol.NodeID, arg uint64) {
	w.enqueue(at, uint32(o), node, arg)
}

func (w *world) enqueue(at time.Duration, kind uint32, node protocol.NodeID, arg uint64) {
	w.queue.push(max(at, w.now), kind, uint32(node), arg)
	if n := w.queue.len(); n > w.limit {
		w.broken("queue", "%d events wait, more than %d for each node", n, eventsPerNode)
	}
}

// begin starts a node; a viewer only now has a link.
func (w *world) begin(id protocol.NodeID) {
	if v := w.visitor(id); v != nil {
		w.nodes[id] = w.arrival(id, v)
		w.place(id, Here)
		if v.joined = true; !v.is(sybil) {
			w.current().joined++
		}
		w.grant(id)
		w.settleIn(int(id - w.viewerID(0)))
	}
	w.in = protocol.Input{Kind: protocol.Start}
	w.step(id)
}

// stop ends a viewer's visit: politely, or without anybody hearing of it.
func (w *world) stop(id protocol.NodeID, abrupt bool) {
	v := w.visitor(id)
	if v.left || !v.joined {
		return
	}
	w.out.Reset()
	w.in = protocol.Input{Kind: protocol.Stop}
	w.nodes[id].Step(w.now, &w.in, &w.out)
	how := Gone
	if abrupt || w.halted[id] > 0 { // a process that stands still says nothing
		how = Vanished
		w.out.Sends, w.out.Txs = w.out.Sends[:0], w.out.Txs[:0]
	}
	w.route(id)
	v.left, v.leave = true, w.now
	if w.now < w.end { // who is there at the end counts to the end
		if !v.is(sybil) {
			w.current().left++
		}
		if v.started {
			w.current().quit++
		}
	}
	w.place(id, how) // what it said last is on its way; what it was sending ends
	w.nodes[id] = absent{}
	w.alarms[id].looked = forever
}

// giveUp ends the visit of a viewer whose patience is over and who has not seen
// a picture.
func (w *world) giveUp(id protocol.NodeID) {
	if v := w.visitor(id); !v.started && !v.left {
		v.tired = tiredOfStart
		w.stop(id, v.is(abrupt))
		w.retry(id)
	}
}

// finish ends the stream: every viewer goes, then edges and publisher close
// their books.
func (w *world) finish() {
	w.survey()
	for i := range w.viewers {
		w.stop(w.viewerID(i), false)
	}
	w.push(w.now+grace, toReport, 0, 0)
}

// grace is how long messages may be under way when the stream has ended.
const grace = 5 * time.Second

// settleLimit is how long the chain may take to settle after the stream.
const settleLimit = 6 * time.Hour

// settleWithin is that and, with hubs, the time that closings take which follow one
// another from the collector's to the viewer's.
func (w *world) settleWithin() time.Duration {
	d := settleLimit
	if w.stream.Terms.Needs().Virtual {
		for hop := range w.scenario.Payment.Hub.Hops + 1 {
			d += w.scenario.Payment.Hub.HubPeriod(hop)
		}
	}
	return d
}

// eventsPerNode bounds the queue: timers and messages of one node that wait at
// the same time, on average.
const eventsPerNode = 256

// A Broken error says which invariant did not hold, and how to see it again.
type Broken struct {
	Invariant string
	Detail    string
	Scenario  string
	Variant   string
	Seed      uint64
	At        time.Duration
	Command   string // how to see it again; filled in by the command
}

// Error names the invariant and the command that reproduces the failure.
func (b *Broken) Error() string {
	again := b.Command
	if again == "" {
		again = fmt.Sprintf("kscope run %s --variant %s --seed %d", b.Scenario, b.Variant, b.Seed)
	}
	return fmt.Sprintf("invariant %q is broken at %v: %s\nThis is a bug in kscope. It happens again with:\n  %s",
		b.Invariant, b.At, b.Detail, again)
}

// broken stops the run.
func (w *world) broken(invariant, format string, args ...any) {
	panic(&Broken{Invariant: invariant, Detail: fmt.Sprintf(format, args...)})
}

// blameTo catches a panic and makes it the error.
func (w *world) blameTo(run **result.Run, err *error) {
	if p := recover(); p != nil {
		*run, *err = nil, w.blame(p)
	}
}

// blame turns a panic into an error that says where it happened.
func (w *world) blame(p any) error {
	b, ok := p.(*Broken)
	if !ok {
		b = &Broken{Invariant: "no panic", Detail: fmt.Sprint(p)}
	}
	b.Scenario, b.Variant, b.Seed, b.At = w.scenario.Name, w.scenario.Variant, w.seed, w.now
	return b
}

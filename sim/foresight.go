package sim

import (
	"kinetoscope/internal/prefetch"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/swarm"
)

// A foresight is how far what comes next is known to be on its way from memory.
// With many viewers nearly every event is about one whose lines are not at hand,
// and a run would wait for them most of the time. The queue says which events come
// next, so their lines are asked for before they happen: first where a node is,
// then the node, then what it points to. Nothing is read early that could change,
// and no result depends on it.
type foresight struct {
	fill                 int // of the queue, that this is about
	far, mid, near, next int // events of its run before these are dealt with
}

// How many events ahead each step looks: as many as happen while memory answers.
const (
	farAhead  = 24
	midAhead  = 16
	nearAhead = 10
	nextAhead = 5
)

// manyNodes are more than stay at hand: with fewer, to ask for what the ends of
// transfers will touch costs more than it saves.
const manyNodes = 1 << 12

// A foreseer is a carrier that can be told of whom the run will speak soon.
type foreseer interface {
	Foresee(node int32)
	ForeseePair(from, to int32, t netem.Traffic)
	ForeseeBulk(from, to int32)
	ForeseeEnds(tell func(step int, id uint64, from, to int32))
}

// foresee deals with the events that have come into sight.
func (w *world) foresee() {
	s, q := &w.sight, &w.queue
	if w.seer == nil {
		return
	}
	if s.fill != q.fills {
		*s = foresight{q.fills, q.next, q.next, q.next, q.next}
	}
	for end := min(q.next+farAhead, len(q.run)); s.far < end; s.far++ {
		w.foreseeFar(&q.run[s.far])
	}
	for end := min(q.next+midAhead, len(q.run)); s.mid < end; s.mid++ {
		w.foreseeMid(&q.run[s.mid])
	}
	for end := min(q.next+nearAhead, len(q.run)); s.near < end; s.near++ {
		w.foreseeNear(&q.run[s.near])
	}
	for end := min(q.next+nextAhead, len(q.run)); s.next < end; s.next++ {
		w.foreseeNext(&q.run[s.next])
	}
}

// foreseeFar asks for what an event's numbers lead to.
func (w *world) foreseeFar(e *event) {
	switch order(e.kind) {
	case toRing:
		if prefetch.Line(&w.alarms[e.node]); w.stream.Swarm.Delivery == swarm.Push { // nearly all have been put off
			return
		}
	case toDeliver:
		prefetch.All(&w.parcels[e.arg])
	case toHear:
	default:
		return
	}
	prefetch.Line(&w.nodes[e.node])
	w.seer.Foresee(int32(e.node))
}

// foreseeMid asks for the node itself.
func (w *world) foreseeMid(e *event) {
	if g, a := w.asks(e); g != nil {
		g.Foresee(a)
		return
	}
	switch v := w.awaited(e); {
	case v == nil:
	case announces(e):
		v.ForeseeHave()
	case w.stream.Swarm.Delivery == swarm.Push:
		v.ForeseePushed()
	default:
		v.Foresee()
	}
	if order(e.kind) != toDeliver {
		return
	}
	if p := &w.parcels[e.arg]; p.msg.Kind == protocol.Give {
		if v := w.visitor(p.to); v != nil {
			prefetch.All(v)
		}
	}
}

// foreseeNear asks for what the node points to.
func (w *world) foreseeNear(e *event) {
	if g, a := w.asks(e); g != nil {
		g.ForeseeGuest(a)
		return
	}
	v := w.awaited(e)
	if v == nil {
		return
	}
	if announces(e) {
		v.ForeseePeer(protocol.NodeID(e.kind >> 8))
		return
	}
	v.ForeseeTable()
}

// foreseeNext asks for those to whom a viewer hands on what comes, or tells of it.
func (w *world) foreseeNext(e *event) {
	if order(e.kind) != toDeliver || w.parcels[e.arg].msg.Kind != protocol.Give {
		return
	}
	if v := w.awaited(e); v != nil {
		if w.stream.Swarm.Delivery == swarm.Push { // and hand the token on
			v.Foreseen(func(to protocol.NodeID) { w.seer.ForeseeBulk(int32(e.node), int32(to)) })
			return
		}
		v.Foreseen(func(to protocol.NodeID) { w.seer.ForeseePair(int32(e.node), int32(to), classControl) })
	}
}

// foreseeEnd asks for what the end of a transfer will touch, step by step: its parcel
// and where its sender is, the sender, and what that points to.
func (w *world) foreseeEnd(step int, id uint64, from, to int32) {
	if step == 0 {
		prefetch.All(&w.parcels[id])
		prefetch.Line(&w.incoming[to])
		prefetch.Line(&w.nodes[from])
		return
	}
	switch v, _ := w.nodes[from].(*protocol.Viewer); {
	case v == nil:
	case step == 1:
		v.ForeseeSent()
	default:
		v.ForeseeTable()
	}
}

// announces says that an event is an announcement, the most frequent one.
func announces(e *event) bool {
	return order(e.kind) == toHear && noted(e.arg).Kind == protocol.Have
}

// asks says which edge an event is a guest's word to, nil if it is none.
func (w *world) asks(e *event) (*protocol.Edge, payment.Account) {
	if !w.isEdge(protocol.NodeID(e.node)) {
		return nil, 0
	}
	g, _ := w.nodes[e.node].(*protocol.Edge)
	switch order(e.kind) {
	case toHear:
		return g, payment.Account(e.kind >> 8)
	case toDeliver:
		return g, payment.Account(w.parcels[e.arg].from)
	}
	return nil, 0
}

// isEdge says whether a node is an edge.
func (w *world) isEdge(id protocol.NodeID) bool {
	first := w.viewerID(0)
	return id < first && int(id) >= int(first)-len(w.edges)
}

// awaited is the viewer that an event will step, nil if it is none.
func (w *world) awaited(e *event) *protocol.Viewer {
	switch order(e.kind) {
	case toRing:
		if w.alarms[e.node].at > e.at {
			return nil
		}
	case toHear, toDeliver:
	default:
		return nil
	}
	v, _ := w.nodes[e.node].(*protocol.Viewer)
	return v
}

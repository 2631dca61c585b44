package sim

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/scenarios"
)

// An upset is what faults of the network do to nodes: who stands still, what
// they hear when they go on, and where those live who have moved.
type upset struct {
	halted map[protocol.NodeID]int              // how many crashes and freezes hold a process
	frozen map[protocol.NodeID]int              // how many freezes
	held   map[protocol.NodeID][]protocol.Input // what it will hear
	abodes map[protocol.NodeID]netem.Endpoint   // of nodes that have moved once
	caught [][]protocol.NodeID                  // by fault: whose process it stopped
	on     []bool                               // by fault
	batch  []int32
	turns  time.Duration // when traces change rates next
	turned []protocol.NodeID
}

func newUpset(faults int) upset {
	return upset{halted: map[protocol.NodeID]int{}, frozen: map[protocol.NodeID]int{}, held: map[protocol.NodeID][]protocol.Input{},
		abodes: map[protocol.NodeID]netem.Endpoint{}, caught: make([][]protocol.NodeID, faults), on: make([]bool, faults), turns: forever}
}

// picked draws whom a fault of the network concerns, in the order of their
// numbers.
func (w *world) picked(i int, f scenarios.Fault) (ids []protocol.NodeID) {
	draw := stream(w.seed, "fault", uint64(i))
	regions, classes := netem.Regions(), w.scenario.Network.AccessClasses()
	for _, id := range w.candidates(f, draw.Perm) {
		e := w.topology.Endpoint(int32(id))
		if named(f.Regions, regions[e.Region]) && named(f.Classes, classes[e.Class].Name) &&
			(f.Share == 0 || draw.Float64() < float64(f.Share)) {
			ids = append(ids, id)
		}
	}
	return ids
}

// named says whether a name is in a list, or the list is empty.
func named(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }

// candidates lists the nodes that a fault may concern, before regions, classes
// and shares.
func (w *world) candidates(f scenarios.Fault, perm func(int) []int) (ids []protocol.NodeID) {
	switch f.Of {
	case scenarios.OfProviders:
		return sorted(within(f, w.scenario.Providers, w.stream.Providers, perm))
	case scenarios.OfEdges:
		return sorted(within(f, w.scenario.Edges.Fleet(), w.stream.Edges, perm))
	case scenarios.OfDirectory:
		return []protocol.NodeID{directoryID}
	case scenarios.OfPublisher:
		return []protocol.NodeID{publisherID}
	}
	first := directoryID
	if f.Of == scenarios.OfViewers {
		first = w.viewerID(0)
	}
	if f.Of == scenarios.OfHubs {
		return w.hubIDs()
	}
	last := w.viewerID(len(w.viewers))
	if f.Of == scenarios.OfViewers && f.Operators > 0 {
		return w.customers(f, perm)
	}
	if f.Of == scenarios.OfAll {
		last += protocol.NodeID(len(w.brokers))
	}
	for id := first; id < last; id++ {
		ids = append(ids, id)
	}
	return ids
}

// customers lists the viewers of the operators that a fault takes. Who is whose
// is drawn by who it is, the same in every variant.
func (w *world) customers(f scenarios.Fault, perm func(int) []int) (ids []protocol.NodeID) {
	operators, hit := w.scenario.Population.Operators, f.Chosen
	if len(hit) == 0 {
		hit = perm(operators)[:f.Operators]
	}
	for i := range w.viewers {
		id := w.viewerID(i)
		if slices.Contains(hit, stream(w.seed, "operator", w.topology.Key(int32(id))).IntN(operators)) {
			ids = append(ids, id)
		}
	}
	return ids
}

// sorted puts nodes into the order of their numbers.
func sorted(ids []protocol.NodeID) []protocol.NodeID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}

// within lists the machines of a fleet in the failure domains that a fault
// takes; all of them if it names no number of domains.
func within(f scenarios.Fault, fleet scenarios.Fleet, all []protocol.NodeID, perm func(int) []int) (ids []protocol.NodeID) {
	level, n := f.Within()
	if n == 0 {
		return all
	}
	hit := f.Chosen
	if len(hit) == 0 {
		have := fleet.Domains(level)
		hit = perm(have)[:min(n, have)]
	}
	for _, domain := range hit {
		for i, id := range all {
			if fleet.Domain(level, i) == domain {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// upsets begins or ends a fault of the network.
func (w *world) upsets(i int, begins bool) {
	f := w.scenario.Faults[i]
	w.on[i] = begins
	switch f.Kind {
	case scenarios.Partition:
		if begins {
			w.topology.Cut(i, w.numbers(w.darkness[i]), f.Way.Direction(), w.now+f.For)
		} else {
			w.topology.Heal(i)
		}
		w.changed(w.darkness[i])
	case scenarios.Degrade:
		if begins {
			w.topology.Degrade(i, slices.Clone(w.numbers(w.darkness[i])), f.Degradation())
		} else {
			w.topology.Repair(i)
		}
		w.changed(w.darkness[i])
	case scenarios.Move:
		w.move(i)
	case scenarios.Crash, scenarios.Freeze:
		if begins {
			w.halt(i)
		} else {
			w.goOn(i)
		}
	}
}

// numbers names nodes as the topology does; the list is good until the next
// call.
func (w *world) numbers(ids []protocol.NodeID) []int32 {
	w.batch = w.batch[:0]
	for _, id := range ids {
		w.batch = append(w.batch, int32(id))
	}
	return w.batch
}

// changed tells the network that the topology is another one at these nodes.
func (w *world) changed(ids []protocol.NodeID) {
	w.abort(func(abort func(uint64)) { w.net.Changed(w.now, w.numbers(ids), abort) })
	for _, id := range ids {
		w.uplink(id)
	}
}

// turn moves traces on, and tells the network whose rates have changed.
func (w *world) turn() {
	if w.now != w.turns { // an earlier one was put into the queue since
		return
	}
	w.turns = forever
	w.turned = w.turned[:0]
	w.topology.Turn(w.now, func(node int32) { w.turned = append(w.turned, protocol.NodeID(node)) })
	w.changed(w.turned)
	w.nextTurn()
}

// nextTurn puts the next change of a trace into the queue, as long as the
// stream runs.
func (w *world) nextTurn() {
	if at := w.topology.NextTurn(); at < min(w.end, w.turns) {
		w.turns = at
		w.push(at, toTurn, 0, 0)
	}
}

// halt stops the processes of those whom a crash or freeze finds there. A
// crash ends their connections too.
func (w *world) halt(i int) {
	f := w.scenario.Faults[i]
	for _, id := range w.darkness[i] {
		if !w.present(id) {
			continue
		}
		w.caught[i] = append(w.caught[i], id)
		w.halted[id]++
		if f.Kind == scenarios.Freeze {
			w.frozen[id]++
			w.topology.Freeze(int32(id), w.now+f.For)
		} else if w.dark[id]++; w.dark[id] == 1 {
			w.place(id, Vanished)
		}
	}
	w.changed(w.caught[i])
}

// goOn lets processes run again: they hear what they have missed.
func (w *world) goOn(i int) {
	freeze := w.scenario.Faults[i].Kind == scenarios.Freeze
	for _, id := range w.caught[i] {
		if freeze {
			if w.frozen[id]--; w.frozen[id] == 0 {
				w.topology.Thaw(int32(id))
			}
		} else if w.dark[id]--; w.dark[id] == 0 && w.present(id) {
			w.place(id, Here)
		}
	}
	w.changed(w.caught[i])
	for _, id := range w.caught[i] {
		if w.halted[id]--; w.halted[id] > 0 {
			continue
		}
		delete(w.halted, id)
		missed := w.held[id]
		delete(w.held, id)
		for k := range missed {
			w.in = missed[k]
			w.step(id)
		}
	}
}

// present says whether a node is there, as far as it knows itself.
func (w *world) present(id protocol.NodeID) bool {
	v := w.visitor(id)
	return v == nil || v.joined && !v.left
}

// mostHeld is how many inputs wait for a process that stands still; a kernel's
// buffers are bounded too.
const mostHeld = 4096

// hold keeps what a process that stands still will hear when it goes on.
func (w *world) hold(id protocol.NodeID) {
	if len(w.held[id]) == mostHeld {
		return
	}
	in := w.in
	if in.Msg != nil {
		m := *in.Msg
		if m.Voucher != nil {
			v := *m.Voucher
			m.Voucher = &v
		}
		in.Msg = &m
	}
	if in.Receipt != nil {
		r := *in.Receipt
		in.Receipt = &r
	}
	w.held[id] = append(w.held[id], in)
}

// move gives each node of a fault the access that it has now: that of the
// latest move that is on, or its own. Its address is another one, so flows to
// and from it end, and for a while nothing reaches it.
func (w *world) move(i int) {
	f := w.scenario.Faults[i]
	for _, id := range w.darkness[i] {
		home, ok := w.abodes[id]
		if !ok {
			home = w.topology.Endpoint(int32(id))
			w.abodes[id] = home
		}
		online := w.present(id) && w.dark[id] == 0
		if online {
			w.place(id, Moving)
		}
		w.topology.Move(w.now, int32(id), w.abode(id, home))
		if online {
			w.place(id, Moved)
		}
	}
	if f.Gap > 0 {
		w.topology.Cut(i, w.numbers(w.darkness[i]), netem.Apart, w.now+f.Gap)
		w.push(w.now+f.Gap, toRejoin, 0, uint64(i))
	}
	w.changed(w.darkness[i])
	w.nextTurn()
}

// abode is how a node is connected that lives at home.
func (w *world) abode(id protocol.NodeID, home netem.Endpoint) netem.Endpoint {
	for k := len(w.on) - 1; k >= 0; k-- {
		f := &w.scenario.Faults[k]
		if _, there := slices.BinarySearch(w.darkness[k], id); !w.on[k] || f.Kind != scenarios.Move || !there {
			continue
		}
		class, err := w.scenario.Network.Class(f.To)
		if err != nil {
			panic(err) // the scenario was checked
		}
		home.Class, home.Up, home.Down = class, unit.Rate(0), unit.Rate(0)
		break
	}
	return home
}

// rejoin ends the gap of a move.
func (w *world) rejoin(i int) {
	w.topology.Heal(i)
	w.changed(w.darkness[i])
}

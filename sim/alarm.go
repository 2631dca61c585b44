package sim

import (
	"time"

	"kinetoscope/protocol"
)

// An alarm is the one timer of a node that counts. A viewer puts it off with every
// segment, some seconds before it would go off, so only one event waits for each node:
// one that comes too early looks when the alarm is now, and waits on.
type alarm struct {
	at     time.Duration
	looked time.Duration // when the event that waits for it comes, not after at; or forever
	id     protocol.TimerID
}

// silent is so many alarms that are not set.
func silent(nodes int) []alarm {
	all := make([]alarm, nodes)
	for i := range all {
		all[i].looked = forever
	}
	return all
}

// setAlarm makes a timer the only one of a node.
func (w *world) setAlarm(node protocol.NodeID, t protocol.Timer) {
	a := &w.alarms[node]
	a.at, a.id = max(t.At, w.now), t.ID
	if a.at < a.looked { // what waits for a later time finds that it is not meant
		a.looked = a.at
		w.push(a.at, toRing, node, 0)
	}
}

// ring is the time of an event for a node's alarm.
func (w *world) ring(node protocol.NodeID) {
	switch a := &w.alarms[node]; {
	case a.looked != w.now: // another came in its place
	case a.at > w.now:
		a.looked = a.at
		w.push(a.at, toRing, node, 0)
	default:
		a.looked = forever
		w.wake(node, a.id)
	}
}

// wake tells a node that a timer is due.
func (w *world) wake(node protocol.NodeID, id protocol.TimerID) {
	w.in = protocol.Input{Kind: protocol.Wake, Timer: id, Coming: w.coming}
	if w.chooser.Abandons() {
		w.progress(node)
	}
	w.step(node)
}

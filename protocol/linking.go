package protocol

import (
	"slices"
	"time"
)

// A linking is who was asked to be a neighbour and has not answered, which is for a
// moment: it is let go when all have.
type linking struct {
	ids []NodeID
	at  time.Duration // when they were asked
}

// link asks somebody to be a neighbour.
func (v *Viewer) link(now time.Duration, id NodeID, out *Output) {
	if v.linking == nil {
		v.linking = new(linking)
	}
	v.linking.ids, v.linking.at = append(v.linking.ids, id), now
	out.send(id, Message{Kind: Link})
}

// awaiting is who was asked and has not answered.
func (l *linking) awaiting() []NodeID {
	if l == nil {
		return nil
	}
	return l.ids
}

// linked hears an answer.
func (v *Viewer) linked(from NodeID) {
	l := v.linking
	if l == nil {
		return
	}
	if l.ids = slices.DeleteFunc(l.ids, func(p NodeID) bool { return p == from }); len(l.ids) == 0 {
		v.linking = nil
	}
}

// report tells the directory who did not answer in time.
func (v *Viewer) report(now time.Duration, out *Output) {
	l := v.linking
	if l == nil || now-l.at < 2*v.stream.Swarm.Silence {
		return
	}
	for _, p := range l.ids {
		v.tellDirectory(Message{Kind: Gone, Seq: uint32(p)}, out)
	}
	v.linking = nil
}

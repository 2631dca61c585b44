package protocol

import (
	"encoding/binary"
	"time"

	"kinetoscope/protocol/swarm"
)

// lonely looks for more neighbours when few are left: it asks one of those
// left, if viewers gossip, else the directory, as it does when nobody is.
func (v *Viewer) lonely(now time.Duration, out *Output) {
	if n := v.table.Len(); v.stream.Swarm.Discovery == swarm.ByGossip && n > 0 {
		v.asked = now
		out.send(NodeID(v.table.At(v.draw().IntN(n))), Message{Kind: Meet})
		return
	}
	if v.mesh != nil && v.phase != joining {
		v.asked, v.mesh.again = now, now
		return
	}
	v.greet(now, out)
}

// introduce tells a neighbour of the others.
func (v *Viewer) introduce(to NodeID, out *Output) {
	if !v.table.Has(uint32(to)) {
		return
	}
	m := Message{Kind: Known}
	for i := range v.table.Len() {
		if id := v.table.At(i); id != uint32(to) {
			m.Bytes = binary.BigEndian.AppendUint32(m.Bytes, id)
		}
	}
	out.send(to, m)
}

// met asks those whom a neighbour knows to be neighbours too, as many as there
// is room for.
func (v *Viewer) met(now time.Duration, from NodeID, m *Message, out *Output) {
	if !v.table.Has(uint32(from)) || v.linking != nil {
		return
	}
	room := v.stream.Swarm.Neighbours - v.table.Len()
	for b := m.Bytes; len(b) >= 4 && room > 0; b = b[4:] {
		id := binary.BigEndian.Uint32(b)
		if NodeID(id) == v.id || v.table.Has(id) || int(id) >= len(v.stream.Region) {
			continue
		}
		room--
		v.link(now, NodeID(id), out)
	}
}

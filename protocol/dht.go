package protocol

import (
	"encoding/binary"
	"slices"
	"time"

	"kinetoscope/protocol/swarm"
)

// A mesh is a node's part of the hash table that names neighbours when there is no directory:
// Kademlia, with the rules of BitTorrent's (BEP 5). Viewers and edges are its nodes; edges are
// where newcomers enter, since everybody knows their addresses. Who watches is stored under one
// key, the stream's, at the nodes nearest to it.
type mesh struct {
	contacts swarm.Contacts
	watchers []watcher     // told to this node, oldest first
	lookup   *swarm.Lookup // under way
	since    time.Duration // when it began
	waits    []inquiry     // whom it has asked
	found    []NodeID      // who watches, as it has heard
	asked    int           // nodes, in all
	again    time.Duration // when to look again
}

type watcher struct {
	id    NodeID
	until time.Duration
}

type inquiry struct {
	of  NodeID
	due time.Duration
}

const (
	maxWatchers = 64               // that one node remembers; the newest
	maxNamed    = 16               // of them, in one answer
	watching    = time.Minute      // how long a node is taken to watch after it said so
	renewal     = 30 * time.Second // how often it says so
)

// newMesh is nil where nobody needs it.
func newMesh(s *Stream, id NodeID) *mesh {
	if s.Swarm.Discovery != swarm.ByDHT {
		return nil
	}
	return &mesh{contacts: swarm.NewContacts(uint32(id))}
}

// streamKey is where who watches the stream is stored.
func (s *Stream) streamKey() swarm.Position { return swarm.Scatter(s.ID) }

// hear takes a message of the hash table.
func (h *mesh) hear(now time.Duration, s *Stream, me NodeID, in *Input, out *Output) {
	switch m := in.Msg; m.Kind {
	case Find:
		h.contacts.Add(uint32(in.From))
		out.send(in.From, Message{Kind: Found, Bytes: h.answer(now, s, in.From)})
	case Store:
		h.store(now, in.From)
	case Found:
		h.heard(s, me, in.From, m.Bytes)
	}
}

// answer is the nodes nearest to the key, and those who watch, without who asks: how many nodes,
// and four bytes each.
func (h *mesh) answer(now time.Duration, s *Stream, asks NodeID) []byte {
	near := h.contacts.Closest(nil, s.streamKey())
	near = slices.DeleteFunc(near, func(id uint32) bool { return NodeID(id) == asks })
	b := []byte{byte(len(near))}
	for _, id := range near {
		b = binary.BigEndian.AppendUint32(b, id)
	}
	h.watchers = slices.DeleteFunc(h.watchers, func(w watcher) bool { return now >= w.until })
	n := len(h.watchers)
	first := 0 // another part for each who asks
	if n > maxNamed {
		first = int(swarm.PositionOf(uint32(asks)) % swarm.Position(n))
	}
	for k := range min(n, maxNamed) {
		if w := h.watchers[(first+k)%n]; w.id != asks {
			b = binary.BigEndian.AppendUint32(b, uint32(w.id))
		}
	}
	return b
}

// store remembers that a node watches.
func (h *mesh) store(now time.Duration, id NodeID) {
	h.watchers = slices.DeleteFunc(h.watchers, func(w watcher) bool { return w.id == id || now >= w.until })
	if len(h.watchers) == maxWatchers {
		h.watchers = h.watchers[1:]
	}
	h.watchers = append(h.watchers, watcher{id, now + watching})
}

// heard takes an answer to a lookup.
func (h *mesh) heard(s *Stream, me, from NodeID, b []byte) {
	if h.lookup == nil || len(b) == 0 || (len(b)-1)%4 != 0 || int(b[0]) > (len(b)-1)/4 || !h.lookup.Replied(uint32(from)) {
		return
	}
	h.contacts.Add(uint32(from))
	h.waits = slices.DeleteFunc(h.waits, func(q inquiry) bool { return q.of == from })
	nodes := int(b[0])
	for b = b[1:]; len(b) > 0; b = b[4:] {
		id := NodeID(binary.BigEndian.Uint32(b))
		switch nodes--; {
		case int(id) >= len(s.Region) || id == me:
		case nodes >= 0:
			h.lookup.Hear(uint32(id))
		case !slices.Contains(h.found, id):
			h.found = append(h.found, id)
		}
	}
}

// look begins a lookup by way of what the node knows.
func (h *mesh) look(now time.Duration, s *Stream, entries []NodeID) {
	h.lookup, h.since, h.asked, h.again = swarm.NewLookup(s.streamKey()), now, 0, now+renewal
	h.found, h.waits = h.found[:0], h.waits[:0]
	for _, id := range h.contacts.Closest(nil, s.streamKey()) {
		h.lookup.Hear(id)
	}
	for _, e := range entries {
		h.lookup.Hear(uint32(e))
	}
}

// walk goes on with the lookup. When it ends it says so, and the node tells those it has found
// that it watches.
func (h *mesh) walk(now time.Duration, s *Stream, me NodeID, out *Output) (done bool) {
	h.waits = slices.DeleteFunc(h.waits, func(q inquiry) bool {
		late := now >= q.due
		if late && h.lookup.Mute(uint32(q.of)) {
			h.contacts.Remove(uint32(q.of))
		}
		return late
	})
	for id, ok := h.lookup.Next(); ok; id, ok = h.lookup.Next() {
		h.asked++
		h.waits = append(h.waits, inquiry{NodeID(id), now + s.Swarm.Silence})
		out.send(NodeID(id), Message{Kind: Find})
	}
	if !h.lookup.Done() {
		return false
	}
	for _, id := range h.lookup.Found(nil) {
		out.send(NodeID(id), Message{Kind: Store})
	}
	out.fact(Searched, int64(h.asked), Fact{Span: now - h.since})
	h.lookup = nil
	return true
}

// ---- viewer

// wander goes on with a viewer's lookup, or begins one when it is time to say again that it watches.
func (v *Viewer) wander(now time.Duration, out *Output) {
	h := v.mesh
	if h == nil || v.phase == joining || v.gone || v.stream.Swarm.Neighbours == 0 {
		return
	}
	if h.lookup == nil {
		if now < h.again {
			return
		}
		h.look(now, v.stream, v.edges)
	}
	if h.walk(now, v.stream, v.id, out) {
		v.acquaint(now, out)
	}
}

// acquaint asks some of those who watch to be neighbours.
func (v *Viewer) acquaint(now time.Duration, out *Output) {
	h := v.mesh
	room := v.stream.Swarm.Neighbours - v.table.Len() - len(v.linking.awaiting())
	v.draw().Shuffle(len(h.found), func(a, b int) { h.found[a], h.found[b] = h.found[b], h.found[a] })
	for _, id := range h.found {
		if room > 0 && !v.table.Has(uint32(id)) && !v.shuns(id) && !slices.Contains(v.linking.awaiting(), id) {
			room--
			v.link(now, id, out)
		}
	}
}

// greet asks to be let in: the directory or, where there is none, the edges one after the other,
// the nearest first.
func (v *Viewer) greet(now time.Duration, out *Output) {
	v.asked = now
	s := v.stream
	if v.mesh == nil {
		out.send(s.Directory, Message{Kind: Hello})
		return
	}
	order := nearest(s, int(s.Region[v.id]))
	out.send(s.Edges[order[int(v.knocks)%len(order)]], Message{Kind: Hello})
	v.knocks++
}

// tellDirectory tells it something, where there is one.
func (v *Viewer) tellDirectory(m Message, out *Output) {
	if v.mesh == nil {
		out.send(v.stream.Directory, m)
	}
}

// invites says whether a viewer may be let in by from.
func (v *Viewer) invites(from NodeID) bool {
	if v.mesh == nil {
		return from == v.stream.Directory
	}
	return slices.Contains(v.stream.Edges, from)
}

// ---- edge

// welcome lets a newcomer in where there is no directory: it names edges within reach of the
// nearest one, another one first for each who asks, then the nearest of the others.
func (e *Edge) welcome(to NodeID, out *Output) {
	s := e.stream
	if e.mesh == nil || int(to) >= len(s.Region) {
		return
	}
	region := int(s.Region[to])
	order := nearest(s, region)
	dist := func(i int) time.Duration { return s.Distance[region][s.Region[s.Edges[order[i]]]] }
	near := 1
	for near < len(order) && dist(near) <= dist(0)+s.Swarm.Reach {
		near++
	}
	first := int(swarm.PositionOf(uint32(to)) % swarm.Position(near))
	w := &Invitation{Edges: []NodeID{s.Edges[order[first]]}, About: s.Description()}
	for i := 0; i < len(order) && len(w.Edges) < s.Swarm.Edges; i++ {
		if i != first {
			w.Edges = append(w.Edges, s.Edges[order[i]])
		}
	}
	out.send(to, Message{Kind: Welcome, Welcome: w})
}

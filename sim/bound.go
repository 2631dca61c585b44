package sim

import (
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
)

// A supply is what could have been uploaded so far, whoever had asked for it:
// the uplinks of those who were there, over time. No swarm gives more. In the
// fluid model a source with the uplink u_s and N viewers with the uplinks u_i
// give each viewer min(u_s, (u_s + sum of u_i)/N) at most (Kumar and Ross,
// "Peer-Assisted File Distribution: The Minimum Distribution Time", 2006).
//
// Floats will do: the bound is an estimate from above, and decides nothing
// but whether a run is wrong.
type supply struct {
	uplinks []unit.Rate // of each node that is there
	since   time.Duration
	source  pipe // the publisher: each byte that a viewer shows has left it once
	all     pipe // who gives tokens to viewers: providers, edges, viewers
}

// A pipe is a rate and what has gone through it at most, in bits.
type pipe struct {
	rate    unit.Rate
	carried float64
}

func newSupply(nodes int) supply { return supply{uplinks: make([]unit.Rate, nodes)} }

// elapse moves time on to now.
func (s *supply) elapse(now time.Duration) {
	d := (now - s.since).Seconds()
	s.source.carried += float64(s.source.rate) * d
	s.all.carried += float64(s.all.rate) * d
	s.since = now
}

// uplink notes that a node that is there has another uplink, or that it has come or gone.
func (w *world) uplink(id protocol.NodeID) {
	var up unit.Rate
	if w.net.Up(int32(id)) {
		up, _ = w.topology.Capacity(int32(id))
	}
	s := &w.supply
	if up == s.uplinks[id] {
		return
	}
	s.elapse(w.now)
	switch w.roleOf(id) {
	case rolePublisher:
		s.source.rate += up - s.uplinks[id]
	case roleProvider, roleEdge, roleViewer:
		s.all.rate += up - s.uplinks[id]
	}
	s.uplinks[id] = up
}

// bounded holds what no swarm can exceed: no viewer has shown more than left
// the publisher, all together no more than all uplinks carry, and of every
// token the first copy among N viewers comes from a server, so that neighbours
// give at most 1 - 1/N of the bytes.
func (w *world) bounded() {
	servers := w.got[protocol.FromEdge] + w.got[protocol.FromProviders]
	total := servers + w.got[protocol.FromPeer]
	if n := int64(w.watchers); total > n*servers {
		w.broken("the first copy is a server's", "%d viewers got %d bytes from each other and only %d from servers", n, w.got[protocol.FromPeer], servers)
	}
	s := &w.supply
	s.elapse(w.now)
	if w.stream.Vault == nil && 8*float64(w.most) > s.source.carried {
		w.broken("fluid bound", "a viewer has shown %d bytes, the publisher's uplink carries %.0f", w.most, s.source.carried/8)
	}
	if 8*float64(total) > s.all.carried {
		w.broken("fluid bound", "viewers have shown %d bytes, all uplinks together carry %.0f", total, s.all.carried/8)
	}
}

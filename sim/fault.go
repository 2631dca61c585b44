package sim

import (
	"slices"

	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// victims draws whom a fault takes, the same in every variant.
func (w *world) victims(i int, f scenarios.Fault) (ids []protocol.NodeID) {
	fleet, all := w.scenario.Providers, w.stream.Providers
	if f.Of == scenarios.OfEdges {
		fleet, all = w.scenario.Edges.Fleet(), w.stream.Edges
	}
	if f.Kind.OfNetwork() {
		return w.picked(i, f)
	}
	if f.Kind == scenarios.Censorship && f.Share == 0 || f.Kind == scenarios.Blackout {
		return within(f, fleet, all, stream(w.seed, "fault", uint64(i)).Perm)
	}
	switch f.Kind {
	case scenarios.Errors, scenarios.Lies, scenarios.Censorship:
		draw := stream(w.seed, "fault", uint64(i))
		for _, id := range all {
			if draw.Float64() < float64(f.Share) {
				ids = append(ids, id)
			}
		}
	case scenarios.Removal:
		for _, k := range inTurn(w.seed+uint64(i), f.Nodes, len(all)) {
			ids = append(ids, all[k])
		}
	}
	return ids
}

// inTurn is m of n machines. Turns from 1 to n begin with each in order, and the
// others follow it directly; each further n turns move the others on by one, so
// that n(n-1) turns meet every pair. A run's first removal is the turn of its
// seed, the second the next, and so on.
func inTurn(turn uint64, m, n int) (chosen []int) {
	first, round := int((turn-1)%uint64(n)), int((turn-1)/uint64(n)%uint64(n))
	for j := range min(m, n) {
		at := first
		if j > 0 {
			at += 1 + (round+j-1)%(n-1)
		}
		chosen = append(chosen, at%n)
	}
	return chosen
}

// fault begins or ends a fault.
func (w *world) fault(i int, begins bool) {
	if begins {
		w.recoverable()
		w.survey()
		w.strike(i)
	}
	if w.scenario.Faults[i].Kind.OfNetwork() {
		w.upsets(i, begins)
		w.failing(i, begins)
		return
	}
	for _, id := range w.darkness[i] {
		switch {
		case w.scenario.Faults[i].Kind == scenarios.Lies:
			w.lie(id, begins)
		case w.scenario.Faults[i].Kind == scenarios.Censorship:
			w.censor(i, id, begins)
		case begins:
			if w.dark[id]++; w.dark[id] == 1 {
				w.place(id, Dark)
			}
		default:
			if w.scenario.Faults[i].Wiped {
				w.wipe(id)
			}
			if w.dark[id]--; w.dark[id] == 0 { // no other fault holds it
				w.place(id, Here)
				w.catchUp(id)
				if slices.Contains(w.absent, id) { // it hands in what it has all the same
					w.each([]protocol.NodeID{id}, protocol.Stop)
				}
			}
		}
	}
	w.failing(i, begins)
}

// lie makes a provider drop its shards and pretend, or be honest again.
func (w *world) lie(id protocol.NodeID, begins bool) {
	p := w.providers[id-firstProvider]
	if begins {
		w.lying[id]++
	} else {
		w.lying[id]--
	}
	if lies := w.lying[id] > 0; lies != p.Lies() {
		if p.Lie(lies); w.dealers != nil && lies {
			w.dealers[id-firstProvider].began = w.now
		}
		w.dropped[id] = true
	}
}

// censor makes a machine refuse, or serve again.
func (w *world) censor(i int, id protocol.NodeID, begins bool) {
	var c protocol.Censor
	for r, name := range netem.Regions() {
		if begins && named(w.scenario.Faults[i].Regions, name) {
			c = c.Of(r).Only(w.scenario.Faults[i].Titles)
		}
	}
	if w.roleOf(id) == roleEdge {
		w.edges[int(id-firstProvider)-len(w.providers)].Censor(c)
		return
	}
	w.providers[id-firstProvider].Censor(c)
}

// wipe lets a provider forget what it stores.
func (w *world) wipe(id protocol.NodeID) {
	p := w.providers[id-firstProvider]
	p.Lie(p.Lies())
	w.dropped[id] = true
}

// catchUp lets an edge that was dark read on the chain what channels were opened
// meanwhile, and what became of its own redemptions.
func (w *world) catchUp(id protocol.NodeID) {
	if w.roleOf(id) != roleEdge {
		return
	}
	for i := range w.opened {
		if from := w.opened[i].From; w.roleOf(protocol.NodeID(from)) == roleEdge && from != payment.Account(id) {
			continue
		}
		w.in = protocol.Input{Kind: protocol.Confirm, Receipt: &w.opened[i]}
		w.step(id)
	}
}

// measureRecovery looks at the timeline from the first fault on.
func (w *world) measureRecovery(r *result.Run) {
	if len(w.scenario.Faults) == 0 {
		return
	}
	begin := w.end
	for _, f := range w.scenario.Faults {
		begin = min(begin, f.At)
	}
	low, recovered := 1.0, begin
	for i, p := range r.Series {
		end := min(p.At+w.bucket, w.end)
		if end <= begin || p.Joined == 0 || i == len(r.Series)-1 { // at the very end everybody goes
			continue
		}
		playing := float64(p.Playing) / float64(p.Joined)
		if low = min(low, playing); playing < wellEnough {
			recovered = min(end+w.bucket, w.end)
		}
	}
	r.Values[result.PlayingLow], r.Values[result.RecoveryTime] = low, (recovered - begin).Seconds()
}

// wellEnough is the share of viewers that plays when a fault is overcome.
const wellEnough = 0.95

package netem

import (
	"fmt"
	"math"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// Never is the time of what does not happen.
const Never = time.Duration(math.MaxInt64)

// MaxCuts is how many cuts a topology tells apart.
const MaxCuts = 64

// A Direction says what a cut stops.
type Direction uint8

// Directions of a cut.
const (
	Both  Direction = iota // whatever crosses it
	Out                    // what those inside send to those outside
	In                     // what those outside send to those inside
	Apart                  // whatever those inside send or get, among themselves too
)

// A cut is a partition: some nodes inside, all others outside.
type cut struct {
	open, out, in, apart bool
	heals                time.Duration
}

// Cut stops what crosses from the nodes inside to all others, or back, until
// the cut with that id, below MaxCuts, is healed. As far as is known now that
// will be at heals.
func (t *Topology) Cut(id int, inside []int32, d Direction, heals time.Duration) {
	if t.cuts[id].open {
		panic(fmt.Sprintf("netem: cut %d is open already", id))
	}
	t.cuts[id] = cut{true, d != In, d != Out, d == Apart, heals}
	if d == Apart {
		t.apart |= 1 << id
	}
	if t.sides == nil {
		t.sides = make([]uint64, len(t.ends))
	}
	for _, node := range inside {
		t.sides[node] |= 1 << id
	}
}

// Heal ends a cut.
func (t *Topology) Heal(id int) {
	t.cuts[id] = cut{}
	t.apart &^= 1 << id
	for i := range t.sides {
		t.sides[i] &^= 1 << id
	}
}

// Freeze stops the process of a node while its kernel keeps the connections:
// nothing leaves it, and what comes waits in its sockets. As far as is known
// now that will be until thaw.
func (t *Topology) Freeze(node int32, thaw time.Duration) {
	if t.thaws == nil {
		t.thaws = map[int32]time.Duration{}
	}
	t.ends[node].frozen, t.thaws[node] = true, thaw
}

// Thaw lets the process of a node go on.
func (t *Topology) Thaw(node int32) { t.ends[node].frozen = false }

// Frozen reports whether the process of a node stands still.
func (t *Topology) Frozen(node int32) bool { return t.ends[node].frozen }

// Reaches reports whether bytes pass from one node to another: neither is dark
// or frozen, no cut lies between them, and both have a rate.
func (t *Topology) Reaches(from, to int32) bool {
	a, b := &t.ends[from], &t.ends[to]
	return !a.dark && !b.dark && !a.frozen && !b.frozen && a.up > 0 && b.down > 0 && (t.sides == nil || t.between(from, to) == 0)
}

// Apart reports whether a cut stops what goes from one node to another.
func (t *Topology) Apart(from, to int32) bool {
	return t.sides != nil && t.sides[from] != t.sides[to] && t.between(from, to) > 0
}

// between is when the last of the cuts heals that stop what goes from one node to
// another; zero if none does.
func (t *Topology) between(from, to int32) time.Duration {
	if t.sides == nil {
		return 0
	}
	var heals time.Duration
	a, b := t.sides[from], t.sides[to]
	if a == b && a&t.apart == 0 {
		return 0
	}
	for id := range t.cuts {
		c, bit := &t.cuts[id], uint64(1)<<id
		if c.open && (c.out && a&^b&bit != 0 || c.in && b&^a&bit != 0 || c.apart && (a|b)&bit != 0) {
			heals = max(heals, c.heals)
		}
	}
	return heals
}

// Opens is when bytes will pass from one node to another, as far as is known
// now: now if they do, Never if an end is dark.
func (t *Topology) Opens(now time.Duration, from, to int32) time.Duration {
	a, b := &t.ends[from], &t.ends[to]
	if a.dark || b.dark {
		return Never
	}
	at := max(now, t.between(from, to))
	for _, node := range [2]int32{from, to} {
		if t.ends[node].frozen {
			at = max(at, t.thaws[node])
		}
	}
	if a.up == 0 {
		at = t.passes(at, from)
	}
	if b.down == 0 {
		at = t.passes(at, to)
	}
	return at
}

// passes is when the trace of a node has rates again, not before at.
func (t *Topology) passes(at time.Duration, node int32) time.Duration {
	c := t.courses[t.ends[node].class]
	offset := t.offset(c, node)
	if at = c.opens(at + offset); at < Never {
		at -= offset
	}
	return at
}

// A Degradation is what goes wrong with an access without ending it.
type Degradation struct {
	Rate    float64       // what is left of both rates, above 0 and up to 1
	Latency time.Duration // one-way time that it adds
	Loss    unit.Ratio    // share of packets that it loses, in each direction, beside those of the class
}

// A worn is a degradation and whom it concerns.
type worn struct {
	id    int
	nodes []int32
	Degradation
}

// A wear is what all degradations of an access add up to.
type wear struct {
	left    float64 // of the rates
	latency time.Duration
	kept    float64 // share of packets
}

var unworn = wear{left: 1, kept: 1}

// Degrade makes the access of nodes worse until the degradation of that id is
// repaired. Several of one node add up.
func (t *Topology) Degrade(id int, nodes []int32, d Degradation) {
	if t.wear == nil {
		t.wear = make([]wear, len(t.ends))
		for i := range t.wear {
			t.wear[i] = unworn
		}
	}
	t.worn, t.isAnother = append(t.worn, worn{id, nodes, d}), true
	t.wearOut()
}

// Repair ends a degradation.
func (t *Topology) Repair(id int) {
	t.worn = slices.DeleteFunc(t.worn, func(w worn) bool { return w.id == id })
	t.wearOut()
	if len(t.worn) == 0 {
		t.wear = nil
	}
}

// wearOut adds up the degradations of every node.
func (t *Topology) wearOut() {
	for i := range t.wear {
		t.wear[i] = unworn
	}
	for _, d := range t.worn {
		for _, node := range d.nodes {
			w := &t.wear[node]
			w.left = float64(w.left * d.Rate)
			w.latency += d.Latency
			w.kept = float64(w.kept * (1 - float64(d.Loss)))
		}
	}
}

// rate is what is left of a rate: nothing of nothing, else at least a bit a
// second.
func (w *wear) rate(r unit.Rate) unit.Rate {
	if r == 0 {
		return 0
	}
	return max(1, unit.Rate(math.Round(float64(r)*w.left)))
}

// path adds the wear of one end.
func (w *wear) path(p path) path {
	p.latency += w.latency
	p.loss = 1 - float64((1-p.loss)*w.kept)
	return p
}

package protocol

import "time"

// An Admission names what an edge does with a newcomer that it has no room for.
type Admission string

// Admissions.
const (
	AdmitAll   Admission = "none"  // everybody is served, each with less
	AdmitFloor Admission = "floor" // who would push the promised rate below the lowest rendition is sent away
)

// Names lists the admissions.
func (Admission) Names() []string { return []string{string(AdmitAll), string(AdmitFloor)} }

// UnmarshalText accepts the names in Names.
func (a *Admission) UnmarshalText(b []byte) error { return choose(a, b, a.Names()) }

// doorSlots is over how many slots an edge looks back to see what its guests
// ask for: long enough that one who gets most from neighbours counts for the part that it
// asks for here, short enough to see who has gone.
const doorSlots = 4

// headroom is what an edge keeps of its uplink for headers, packets sent again
// and segments above the mean: a fifth.
const headroom = 5

// A door counts how many viewers an edge serves at a time. Who came within the
// last doorSlots slots counts whole, since nothing is known of it yet; the
// others count by what they ask for, a viewer being one request a slot.
type door struct {
	at    uint32 // the slot now
	came  [doorSlots]uint32
	asked [doorSlots]uint32
}

// turn moves on to slot at and forgets what is too old.
func (d *door) turn(at uint32) {
	for n := min(at-d.at, doorSlots); n > 0; n-- {
		d.came[(at-n+1)%doorSlots], d.asked[(at-n+1)%doorSlots] = 0, 0
	}
	d.at = at
}

// note counts a request of a guest that was let in at a slot.
func (d *door) note(since uint32) {
	if d.at-since >= doorSlots {
		d.asked[d.at%doorSlots]++
	}
}

// enter counts a newcomer.
func (d *door) enter() { d.came[d.at%doorSlots]++ }

// inside is how many viewers are served, in parts of doorSlots.
func (d *door) inside() (n uint64) {
	for i := range d.came {
		n += doorSlots*uint64(d.came[i]) + uint64(d.asked[i])
	}
	return n
}

// full says that a newcomer would be sent away: the edge's uplink, divided among
// those inside and one more, must carry the lowest rendition.
func (e *Edge) full(now time.Duration) bool {
	s := e.stream
	if s.Service.Admission != AdmitFloor {
		return false
	}
	e.door.turn(s.At(now))
	inside := max(e.door.inside(), doorSlots*uint64(e.busy)) // guests that are kept waiting ask less
	return uint64(s.Rates[0])*(inside+doorSlots) > doorSlots*uint64(s.Service.Up-s.Service.Up/headroom)
}

// admits says whether a guest is let in, or has been.
func (e *Edge) admits(now time.Duration, g *guest) bool {
	s := e.stream
	if s.Service.Admission != AdmitFloor {
		return true
	}
	e.door.turn(s.At(now))
	if !g.admitted {
		if e.full(now) {
			return false
		}
		g.admitted, e.apart(g).since = true, e.door.at
		e.door.enter()
	}
	e.door.note(g.since)
	return true
}

// turnAway tells a newcomer that there is no room, and when to ask again.
func (e *Edge) turnAway(now time.Duration, from NodeID, answer Message, out *Output) {
	answer.Reason, answer.Wait = Busy, milliseconds(e.comeBack(now))
	out.send(from, answer)
	out.fact(TurnedAway, 1, Fact{Node: from, Seq: answer.Seq})
}

// milliseconds is a time as a message has it, the most that fits for longer ones.
func milliseconds(d time.Duration) uint16 { return uint16(min(d/time.Millisecond, 1<<16-1)) }

// ms is a time of a run as what there is much of keeps it.
func ms(d time.Duration) uint32 { return uint32(d / time.Millisecond) }

// comeBack is when one who was sent away may ask again: half of what the door
// looks back, since before that little can have changed.
func (e *Edge) comeBack(now time.Duration) time.Duration {
	return doorSlots / 2 * e.stream.Length(e.stream.At(now))
}

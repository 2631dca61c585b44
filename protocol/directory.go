package protocol

import (
	"math/rand/v2"
	"time"

	"kinetoscope/protocol/swarm"
)

// A Directory tells a newcomer which edges are near and who else watches. It
// keeps no content and takes no money.
type Directory struct {
	stream      *Stream
	draw        *rand.Rand
	roster      *swarm.Roster
	assigned    []int          // viewers sent to each edge, by index in stream.Edges
	home        map[NodeID]int // the edge that a viewer was sent to
	byDist      [][]int
	description []byte
	reports     map[NodeID]uint8 // with reputation: how often each was complained of
	sample      []uint32
}

// NewDirectory makes the directory of a stream; draw picks neighbours.
func NewDirectory(s *Stream, draw *rand.Rand) *Directory {
	d := &Directory{stream: s, draw: draw, roster: swarm.NewRoster(len(s.Distance)),
		assigned: make([]int, len(s.Edges)), home: map[NodeID]int{}, reports: map[NodeID]uint8{}, description: s.Description()}
	for r := range s.Distance {
		d.byDist = append(d.byDist, nearest(s, r))
	}
	return d
}

// nearest sorts the edges by their distance from region r, in order of index
// where equal.
func nearest(s *Stream, r int) []int {
	order := make([]int, len(s.Edges))
	for i := range order {
		order[i] = i
		for k := i; k > 0 && s.Distance[r][s.Region[s.Edges[order[k]]]] < s.Distance[r][s.Region[s.Edges[order[k-1]]]]; k-- {
			order[k], order[k-1] = order[k-1], order[k]
		}
	}
	return order
}

// Step answers a Hello and forgets who says Bye or is said to be gone.
func (d *Directory) Step(now time.Duration, in *Input, out *Output) {
	if in.Kind != Deliver {
		return
	}
	switch in.Msg.Kind {
	case Hello:
		d.welcome(in.From, out)
	case Bye:
		d.forget(in.From)
	case Gone:
		d.reported(NodeID(in.Msg.Seq))
		d.forget(NodeID(in.Msg.Seq))
	}
}

// forget takes a viewer off the list. One that is wrongly said to be gone loses
// nothing but newcomers' requests to be its neighbour, until its next Hello.
func (d *Directory) forget(id NodeID) {
	d.roster.Remove(uint32(id))
	if e, ok := d.home[id]; ok {
		d.assigned[e]--
		delete(d.home, id)
	}
}

// outcastAfter is how many complaints make a viewer an outcast.
const outcastAfter = 3

// reported notes a complaint, if complaints count. A viewer that is complained
// of by mistake still has the edges.
func (d *Directory) reported(id NodeID) {
	if d.stream.Protection.Reputation && d.reports[id] < outcastAfter {
		d.reports[id]++
	}
}

func (d *Directory) welcome(to NodeID, out *Output) {
	s := d.stream
	region := int(s.Region[to])
	d.sample = d.sample[:0]
	outcast := d.reports[to] >= outcastAfter
	if s.Swarm.Neighbours > 0 && !outcast {
		d.sample = d.roster.Sample(d.sample, uint32(to), region, s.Swarm.Neighbours, s.Swarm.Local, d.draw)
	}
	w := &Invitation{Edges: d.edges(to, region), About: d.description}
	for _, p := range d.sample {
		w.Peers = append(w.Peers, NodeID(p))
	}
	if !outcast {
		d.roster.Add(uint32(to), region)
	}
	out.send(to, Message{Kind: Welcome, Welcome: w})
}

// edges names the edge within reach that the fewest viewers were sent to,
// then the nearest of the others.
func (d *Directory) edges(to NodeID, region int) (list []NodeID) {
	s, order := d.stream, d.byDist[region]
	if len(order) == 0 {
		return nil
	}
	dist := func(i int) time.Duration { return s.Distance[region][s.Region[s.Edges[i]]] }
	first := order[0]
	for _, e := range order {
		if dist(e) <= dist(order[0])+s.Swarm.Reach && d.assigned[e] < d.assigned[first] {
			first = e
		}
	}
	if _, known := d.home[to]; !known { // a viewer that asks for more neighbours stays where it is
		d.home[to] = first
		d.assigned[first]++
	}
	list = append(list, s.Edges[first])
	for _, e := range order {
		if e != first && len(list) < s.Swarm.Edges {
			list = append(list, s.Edges[e])
		}
	}
	return list
}

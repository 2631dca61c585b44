package protocol

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/protocol/swarm"
)

// A Directory tells a newcomer which edges are near and who else watches. It
// keeps no content and takes no money.
type Directory struct {
	stream      *Stream
	draw        *rand.Rand
	roster      *swarm.Roster
	assigned    []int               // viewers sent to each edge, by index in stream.Edges
	home        []uint32            // by viewer: the index of the edge it was sent to, from 1 on; 0: none
	lists       map[[2]int][]NodeID // of edges, by region and the first of them; looked up, never walked
	byDist      [][]int             // of each region: edges, the nearest first
	placed      [][]int             // of each region: where in byDist an edge is
	least       []*swarm.Least      // of each region: of the edges within reach; nil if there are no edges
	description []byte
	reports     map[NodeID]uint8 // with reputation: how often each was complained of
	sample      []uint32
}

// NewDirectory makes the directory of a stream; draw picks neighbours.
func NewDirectory(s *Stream, draw *rand.Rand) *Directory {
	d := &Directory{stream: s, draw: draw, roster: swarm.NewRoster(len(s.Distance)),
		assigned: make([]int, len(s.Edges)), home: make([]uint32, len(s.Region)), lists: map[[2]int][]NodeID{}, reports: map[NodeID]uint8{}, description: s.Description()}
	for r := range s.Distance {
		d.rank(r)
	}
	return d
}

// rank sorts the edges by their distance from region r, and counts whom those within
// reach were sent.
func (d *Directory) rank(r int) {
	s, order := d.stream, nearest(d.stream, r)
	placed, within := make([]int, len(order)), 0
	for i, e := range order {
		placed[e] = i
		if s.away(r, e) <= s.away(r, order[0])+s.Swarm.Reach {
			within = i + 1
		}
	}
	var least *swarm.Least
	if within > 0 {
		least = swarm.NewLeast(d.assigned, order[:within])
	}
	d.byDist, d.placed, d.least = append(d.byDist, order), append(d.placed, placed), append(d.least, least)
}

// away is how far edge e is from region r.
func (s *Stream) away(r, e int) time.Duration { return s.Distance[r][s.Region[s.Edges[e]]] }

// assign changes how many viewers were sent to edge e.
func (d *Directory) assign(e, by int) {
	d.assigned[e] += by
	for r, l := range d.least {
		if i := d.placed[r][e]; i < l.Players() {
			l.Changed(i)
		}
	}
}

// nearest sorts the edges by their distance from region r, in order of index
// where equal.
func nearest(s *Stream, r int) []int {
	order := make([]int, len(s.Edges))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.away(r, a), s.away(r, b)) })
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
	if int(id) < len(d.home) && d.home[id] > 0 {
		d.assign(int(d.home[id]-1), -1)
		d.home[id] = 0
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
// then the nearest of the others; all whom it names first share the list.
func (d *Directory) edges(to NodeID, region int) (list []NodeID) {
	s, order := d.stream, d.byDist[region]
	if len(order) == 0 {
		return nil
	}
	first := d.least[region].First()
	if d.home[to] == 0 { // a viewer that asks for more neighbours stays where it is
		d.home[to] = uint32(first) + 1
		d.assign(first, 1)
	}
	of := [2]int{region, first}
	if list = d.lists[of]; list != nil {
		return list
	}
	list = append(list, s.Edges[first])
	for _, e := range order[:min(len(order), s.Swarm.Edges)] {
		if e != first && len(list) < s.Swarm.Edges {
			list = append(list, s.Edges[e])
		}
	}
	d.lists[of] = list
	return list
}

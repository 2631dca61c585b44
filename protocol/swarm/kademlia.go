package swarm

import (
	"math/bits"
	"slices"
)

// A Position is where a node or a key stands in the hash table; how far apart two are is
// their exclusive or (Maymounkov and Mazieres, Kademlia, IPTPS 2002). Kademlia has 160
// bits; 64 keep any crowd apart.
type Position uint64

// PositionOf is where a node stands, as if by a hash of its address.
func PositionOf(id uint32) Position { return Scatter(uint64(id) + 1) }

// Scatter is the position of a key: the finaliser of SplitMix64.
func Scatter(x uint64) Position {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return Position(x ^ x>>31)
}

// Parameters of the hash table, as BitTorrent's (BEP 5) has them; a lookup asks Alpha at the
// same time, as Kademlia's.
const (
	BucketSize = 8
	Alpha      = 3
)

// Contacts are the nodes that one node of the hash table knows: of those that share their
// first i bits with it, and not the next, up to BucketSize. Who came first stays until it
// is found to be gone, since who has stayed long stays longer.
type Contacts struct {
	self    Position
	buckets [][]uint32 // by i
}

// NewContacts is an empty list of the node id.
func NewContacts(id uint32) Contacts { return Contacts{self: PositionOf(id)} }

// Add notes a node, if its bucket has room.
func (c *Contacts) Add(id uint32) {
	i := c.bucket(id)
	if i == 64 { // itself
		return
	}
	for len(c.buckets) <= i {
		c.buckets = append(c.buckets, nil)
	}
	if b := c.buckets[i]; len(b) < BucketSize && !slices.Contains(b, id) {
		c.buckets[i] = append(b, id)
	}
}

// Remove forgets a node that does not answer.
func (c *Contacts) Remove(id uint32) {
	if i := c.bucket(id); i < len(c.buckets) {
		c.buckets[i] = slices.DeleteFunc(c.buckets[i], func(x uint32) bool { return x == id })
	}
}

func (c *Contacts) bucket(id uint32) int { return bits.LeadingZeros64(uint64(c.self ^ PositionOf(id))) }

// Closest appends to dst up to BucketSize nodes, the nearest to key first.
func (c *Contacts) Closest(dst []uint32, key Position) []uint32 {
	var near []uint32
	for _, b := range c.buckets {
		near = append(near, b...)
	}
	slices.SortFunc(near, func(a, b uint32) int { return nearer(a, b, key) })
	return append(dst, near[:min(len(near), BucketSize)]...)
}

// nearer compares two nodes by how far they are from key.
func nearer(a, b uint32, key Position) int {
	switch x, y := PositionOf(a)^key, PositionOf(b)^key; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// A Lookup walks towards a key: of the nodes it has heard of it asks the nearest that it has
// not asked, Alpha at a time, until the BucketSize nearest have answered.
type Lookup struct {
	key  Position
	list []candidate // nearest first
}

type candidate struct {
	id    uint32
	state step
}

type step uint8

const (
	heardOf step = iota
	inquired
	replied
	mute
)

// NewLookup begins one.
func NewLookup(key Position) *Lookup { return &Lookup{key: key} }

// Hear notes a node that somebody named.
func (l *Lookup) Hear(id uint32) {
	at, known := slices.BinarySearchFunc(l.list, id, func(c candidate, id uint32) int { return nearer(c.id, id, l.key) })
	if !known {
		l.list = slices.Insert(l.list, at, candidate{id: id})
	}
}

// Next is the node to ask now, if any: it counts as asked from then on.
func (l *Lookup) Next() (id uint32, ok bool) {
	asked := 0
	for i := range l.list {
		if l.list[i].state == inquired {
			asked++
		}
	}
	if asked >= Alpha {
		return 0, false
	}
	for i := range l.nearest() {
		if c := &l.list[i]; c.state == heardOf {
			c.state = inquired
			return c.id, true
		}
	}
	return 0, false
}

// nearest is how much of the list the lookup looks at: up to the BucketSize-th that is not mute.
func (l *Lookup) nearest() int {
	live := 0
	for i := range l.list {
		if l.list[i].state == mute {
			continue
		}
		if live++; live == BucketSize {
			return i + 1
		}
	}
	return len(l.list)
}

// Replied notes an answer, and Mute that none has come; both say whether the node
// was being asked.
func (l *Lookup) Replied(id uint32) bool { return l.turn(id, replied) }

// Mute notes that a node does not answer.
func (l *Lookup) Mute(id uint32) bool { return l.turn(id, mute) }

func (l *Lookup) turn(id uint32, to step) bool {
	for i := range l.list {
		if c := &l.list[i]; c.id == id && c.state == inquired {
			c.state = to
			return true
		}
	}
	return false
}

// Done says that the nearest have all answered.
func (l *Lookup) Done() bool {
	for _, c := range l.list[:l.nearest()] {
		if c.state == heardOf || c.state == inquired {
			return false
		}
	}
	return true
}

// Found appends the nearest that have answered, up to BucketSize.
func (l *Lookup) Found(dst []uint32) []uint32 {
	n := 0
	for _, c := range l.list {
		if c.state == replied && n < BucketSize {
			dst = append(dst, c.id)
			n++
		}
	}
	return dst
}

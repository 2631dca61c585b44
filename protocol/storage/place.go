package storage

import (
	"cmp"
	"math"
	"slices"
)

// A Spot is a place for a shard: one provider and where it stands.
type Spot struct {
	Node     uint32 // no two spots have the same
	Operator uint32 // who runs the site
	Domain   uint32 // what fails together: a site, a network, a power feed
	Rack     uint32 // in the site; no two sites have one of the same number, unless all have
	Region   int    //
	Weight   uint32 // how much it takes, in thousandths of an ordinary one; 0 is 1000
}

// weight is how many thousandths of an ordinary one a spot takes.
func (s *Spot) weight() uint32 {
	if s.Weight == 0 {
		return ordinary
	}
	return s.Weight
}

const ordinary = 1000

// A Placer chooses spots for the shards of tokens. Its choice is a pure
// function of what it was made of and does not depend on the order of the
// spots: whoever knows the key finds the shards without asking. It never
// changes and may be shared.
//
// When a spot goes away, only its place in a token's set is taken by another
// spot. Which of the set holds which shard may change with it: who repairs has
// to remember what is where.
type Placer struct {
	config Config
	spots  []Spot
	key    uint64
	ring   []point // Ring: the points of all spots, by hash
	groups []group // of each spot
	kinds  int     // numbers of groups in all
}

// A point is one of a spot's virtual nodes on the hash ring.
type point struct {
	hash uint64
	node uint32
	at   int // index of the spot
}

// pointsOnRing is how many virtual nodes an ordinary spot has. The part of the ring that
// falls to a spot then varies by 1/sqrt(256), 6 %.
const pointsOnRing = 256

// NewPlacer makes the placer of a valid configuration over spots; key tells
// streams apart.
func NewPlacer(c Config, spots []Spot, key uint64) *Placer {
	p := &Placer{config: c, spots: spots, key: key}
	p.groups, p.kinds = groups(c, spots)
	if c.Placement == Ring {
		for at, s := range spots {
			for v := range max(1, uint64(pointsOnRing)*uint64(s.weight())/ordinary) {
				p.ring = append(p.ring, point{hash: mix(mix(key^mix(v)) ^ uint64(s.Node)), node: s.Node, at: at})
			}
		}
		slices.SortFunc(p.ring, before)
	}
	return p
}

func before(a, b point) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.node, b.node)) }

// Place chooses a spot for each of the token's shards: shard i goes to
// spots[result[i]]. The spots are distinct, so that there are only as many as
// spots if those are fewer than shards.
func (p *Placer) Place(token uint64) []int {
	n := min(p.config.Shards(), len(p.spots))
	chosen := make([]int, 0, n)
	if n == 0 {
		return chosen
	}
	order := p.order(token)
	if p.config.Placement == Random || p.config.Placement == Ring {
		return append(chosen, order[:n]...)
	}
	for t := p.tally(nil); len(chosen) < n; {
		at := p.next(order, t, nil)
		t.add(p.spots[at], at)
		chosen = append(chosen, at)
	}
	return chosen
}

// Spare chooses a spot for one more shard of a token whose other shards are
// held by the given spots. It is the one that Place would come to next among
// those that are usable; -1 if there is none.
func (p *Placer) Spare(token uint64, held []int, usable func(int) bool) int {
	if p.config.Placement == Ring {
		return p.next(p.order(token), p.tally(held), usable)
	}
	taken, beside := make([]bool, len(p.spots)), make([]int, p.kinds)
	for _, at := range held {
		taken[at] = true
		for _, g := range p.groups[at] {
			beside[g]++
		}
	}
	best, fewest, first := -1, 0, point{}
	for at := range p.spots {
		if taken[at] || usable != nil && !usable(at) {
			continue
		}
		g := p.groups[at]
		n := lexical(beside[g[0]], beside[g[1]], beside[g[2]])
		if best >= 0 && n > fewest {
			continue
		}
		if r := p.rank(token, at); best < 0 || n < fewest || before(r, first) < 0 {
			best, fewest, first = at, n, r
		}
	}
	return best
}

// A group is the numbers of what a spot belongs to, in the order in which a placement
// keeps shards apart, counted from 0 over all of them.
type group [3]uint32

// groups numbers what every spot belongs to; all are 0 where placement does not ask.
func groups(c Config, spots []Spot) (list []group, n int) {
	seen := map[[2]uint64]uint32{}
	number := func(level, x uint64) uint32 {
		key := [2]uint64{level, x}
		if _, known := seen[key]; !known {
			seen[key] = uint32(len(seen))
		}
		return seen[key]
	}
	for _, s := range spots {
		switch c.Placement {
		case Domains:
			list = append(list, group{number(0, uint64(s.Operator)), number(1, uint64(s.Domain)), number(2, uint64(s.Rack))})
		case Regions:
			list = append(list, group{number(0, uint64(s.Region)), number(1, uint64(s.Domain)), number(2, uint64(s.Rack))})
		default:
			list = append(list, group{number(0, 0), number(1, 0), number(2, 0)})
		}
	}
	return list, len(seen)
}

// order is the spots in the order in which a token prefers them.
func (p *Placer) order(token uint64) []int {
	switch p.config.Placement {
	case Ring:
		return p.walk(mix(p.key ^ mix(token)))
	case Random, Domains, Regions:
		return p.ranked(token)
	}
	panic("storage: an unknown placement: " + string(p.config.Placement))
}

// ranked sorts the spots by a hash of key, token and node: rendezvous hashing
// (Thaler and Ravishankar 1998). The hash is that of an exponential time whose rate is
// the spot's weight, so that each comes first in proportion to it (Schindelhauer and
// Schomaker 2005).
func (p *Placer) ranked(token uint64) []int {
	ranks := make([]point, len(p.spots))
	for i := range p.spots {
		ranks[i] = p.rank(token, i)
	}
	slices.SortFunc(ranks, before)
	order := make([]int, len(ranks))
	for i, r := range ranks {
		order[i] = r.at
	}
	return order
}

// rank is where a spot comes in the order of a token.
func (p *Placer) rank(token uint64, at int) point {
	s := &p.spots[at]
	return point{hash: heavy(mix(mix(p.key^mix(token))^uint64(s.Node)), s.Weight), node: s.Node, at: at}
}

// heavy is the rank of a spot with that hash and weight. Ranks of ordinary spots are in
// the order of their hashes. Logarithms are rounded so that machines agree.
func heavy(hash uint64, weight uint32) uint64 {
	if weight == 0 {
		return hash
	}
	const grid = 1 << 32
	late := -math.Round(math.Log1p(-(float64(hash>>11)+0.5)/(1<<53))*grid) / grid
	return math.Float64bits(late * ordinary / float64(weight))
}

// walk goes once round the ring from a hash and notes every spot when it is met
// first: consistent hashing (Karger et al. 1997) with the successor list and the
// virtual nodes of Dynamo (DeCandia et al. 2007).
func (p *Placer) walk(from uint64) []int {
	order := make([]int, 0, len(p.spots))
	met := make([]bool, len(p.spots))
	start, _ := slices.BinarySearchFunc(p.ring, from, func(q point, h uint64) int { return cmp.Compare(q.hash, h) })
	for i := 0; len(order) < len(p.spots); i++ {
		if at := p.ring[(start+i)%len(p.ring)].at; !met[at] {
			met[at] = true
			order = append(order, at)
		}
	}
	return order
}

// A tally is where shards of one token are so far.
type tally struct {
	taken    []bool // by spot
	domain   map[uint32]int
	operator map[uint32]int
	rack     map[uint32]int
	region   map[int]int
}

func (p *Placer) tally(held []int) *tally {
	t := &tally{taken: make([]bool, len(p.spots)), operator: map[uint32]int{}, domain: map[uint32]int{}, rack: map[uint32]int{}, region: map[int]int{}}
	for _, at := range held {
		t.add(p.spots[at], at)
	}
	return t
}

func (t *tally) add(s Spot, at int) {
	t.taken[at] = true
	t.operator[s.Operator]++
	t.domain[s.Domain]++
	t.rack[s.Rack]++
	t.region[s.Region]++
}

// next is the first usable spot in order that holds nothing: under Domains the
// first of those whose operator holds the fewest shards, then whose domain does,
// then whose rack does; under Regions the region comes first.
func (p *Placer) next(order []int, t *tally, usable func(int) bool) int {
	best, fewest := -1, 0
	for _, at := range order {
		if t.taken[at] || usable != nil && !usable(at) {
			continue
		}
		n := 0
		switch s := p.spots[at]; p.config.Placement {
		case Domains:
			n = lexical(t.operator[s.Operator], t.domain[s.Domain], t.rack[s.Rack])
		case Regions:
			n = lexical(t.region[s.Region], t.domain[s.Domain], t.rack[s.Rack])
		}
		if best < 0 || n < fewest {
			best, fewest = at, n
		}
		if fewest == 0 {
			break
		}
	}
	return best
}

// lexical is a number that sorts as numbers of shards do, the first counting
// most.
func lexical(numbers ...int) (n int) {
	for _, x := range numbers {
		n = n*(MaxShards+1) + x
	}
	return n
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood 2014): a
// permutation of 64-bit numbers in which every input bit moves every output
// bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

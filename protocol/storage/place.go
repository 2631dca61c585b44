package storage

import (
	"cmp"
	"slices"
)

// A Spot is a place for a shard: one provider and where it stands.
type Spot struct {
	Node   uint32 // no two spots have the same
	Domain uint32 // what fails together: a site, a network, a power feed
	Region int    //
}

// Place chooses a spot for each of the token's shards: shard i goes to
// spots[result[i]]. The spots are distinct, so that there are only as many as
// spots if those are fewer than c.Shards().
//
// The choice is a pure function of the arguments that does not depend on the
// order of spots: whoever knows the key finds the shards without asking. A
// spot's rank is a hash of key, token and node (rendezvous hashing, Thaler and
// Ravishankar 1998), so that the load is even over many tokens. When a spot
// goes away, only its place in the set is taken by another, but for Ring, where
// most sets change. Which of the set holds which shard may change with it: who
// repairs has to remember what is where.
func Place(c Config, token uint64, spots []Spot, key uint64) []int {
	n := min(c.Shards(), len(spots))
	switch c.Placement {
	case Random:
		return ranked(spots, key, token)[:n]
	case Ring:
		return around(spots, key, token, n)
	case Domains:
		return apart(spots, ranked(spots, key, token), n, false)
	case Regions:
		return apart(spots, ranked(spots, key, token), n, true)
	}
	panic("storage: an unknown placement: " + string(c.Placement))
}

// ranked is the spots in the order of their hash for the token.
func ranked(spots []Spot, key, token uint64) []int {
	type rank struct {
		hash uint64
		node uint32
		at   int
	}
	ranks := make([]rank, len(spots))
	for i, s := range spots {
		ranks[i] = rank{hash: mix(mix(key^mix(token)) ^ uint64(s.Node)), node: s.Node, at: i}
	}
	slices.SortFunc(ranks, func(a, b rank) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return cmp.Compare(a.node, b.node)
	})
	order := make([]int, len(ranks))
	for i, r := range ranks {
		order[i] = r.at
	}
	return order
}

// around is n neighbours on a ring. All tokens share the ring, a shuffle of
// the spots; each starts somewhere else. There are only as many sets of
// providers as spots, so that few sets of failures lose anything, and each
// loses much (Cidon et al., Copysets, 2013).
func around(spots []Spot, key, token uint64, n int) []int {
	ring := ranked(spots, key, ringToken)
	if n == 0 {
		return nil
	}
	start := mix(key^mix(token)) % uint64(len(ring))
	return append(ring[start:], ring[:start]...)[:n]
}

// ringToken stands for the ring in the hash that orders it.
const ringToken = 0x72696e67

// apart takes n spots one by one: each time the first in order among those
// whose domain holds the fewest shards so far or, if regions come first, whose
// region does and then whose domain does.
func apart(spots []Spot, order []int, n int, regions bool) []int {
	chosen := make([]int, 0, n)
	taken := make([]bool, len(spots))
	inDomain, inRegion := map[uint32]int{}, map[int]int{}
	for len(chosen) < n {
		best, fewest := -1, 0
		for _, at := range order {
			if taken[at] {
				continue
			}
			held := inDomain[spots[at].Domain] + inRegion[spots[at].Region]*(MaxShards+1)
			if best < 0 || held < fewest {
				best, fewest = at, held
			}
			if fewest == 0 {
				break
			}
		}
		taken[best] = true
		chosen = append(chosen, best)
		inDomain[spots[best].Domain]++
		if regions {
			inRegion[spots[best].Region]++
		}
	}
	return chosen
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

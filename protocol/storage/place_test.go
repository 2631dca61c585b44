package storage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// grid is spots in so many domains of so many nodes; three domains are a region.
func grid(domains, nodes int) []Spot {
	var spots []Spot
	for d := range domains {
		for range nodes {
			spots = append(spots, Spot{Node: uint32(100 + len(spots)), Domain: uint32(d), Region: d / 3})
		}
	}
	return spots
}

func placements() []Placement {
	var list []Placement
	for _, name := range Placement("").Names() {
		list = append(list, Placement(name))
	}
	return list
}

// counts is how many of the chosen spots share each value of by.
func counts(spots []Spot, chosen []int, by func(Spot) int) map[int]int {
	held := map[int]int{}
	for _, at := range chosen {
		held[by(spots[at])]++
	}
	return held
}

func most(held map[int]int) int {
	m := 0
	for _, n := range held {
		m = max(m, n)
	}
	return m
}

func byDomain(s Spot) int { return int(s.Domain) }
func byRegion(s Spot) int { return s.Region }

func TestPlacementConformance(t *testing.T) {
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		for _, spots := range [][]Spot{nil, grid(1, 1), grid(2, 2), grid(6, 1), grid(3, 4), grid(12, 5)} {
			for token := range uint64(200) {
				chosen := Place(c, token, spots, 7)
				if len(chosen) != min(6, len(spots)) {
					t.Fatalf("%s: %d of %d spots", p, len(chosen), len(spots))
				}
				if once := slices.Compact(slices.Sorted(slices.Values(chosen))); len(once) != len(chosen) {
					t.Fatalf("%s: %v takes a spot twice", p, chosen)
				}
				if again := Place(c, token, spots, 7); !slices.Equal(chosen, again) {
					t.Fatalf("%s: %v and then %v", p, chosen, again)
				}
			}
		}
	}
}

func nodes(spots []Spot, chosen []int) []uint32 {
	var list []uint32
	for _, at := range chosen {
		list = append(list, spots[at].Node)
	}
	return list
}

func TestPlacementDoesNotDependOnTheOrderOfSpots(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 9))
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		spots := grid(5, 3)
		shuffled := slices.Clone(spots)
		for token := range uint64(100) {
			draw.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			a, b := nodes(spots, Place(c, token, spots, 3)), nodes(shuffled, Place(c, token, shuffled, 3))
			if !slices.Equal(a, b) {
				t.Fatalf("%s: %v, shuffled %v", p, a, b)
			}
		}
	}
}

func TestKeyAndTokenDecide(t *testing.T) {
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		spots := grid(12, 5)
		distinct := map[string]bool{}
		for token := range uint64(30) {
			distinct[fmt.Sprint(Place(c, token, spots, 1))] = true
			distinct[fmt.Sprint(Place(c, 0, spots, token))] = true
		}
		if len(distinct) < 30 {
			t.Errorf("%s: %d placements of 59", p, len(distinct))
		}
	}
}

// No two shards share a domain while there are domains enough, and else no
// domain holds more than its even part.
func TestDomainsAreKeptApart(t *testing.T) {
	c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: Domains}
	for domains := 1; domains <= 10; domains++ {
		for token := range uint64(300) {
			spots := grid(domains, 6)
			held := counts(spots, Place(c, token, spots, 5), byDomain)
			if bound := (6 + domains - 1) / domains; most(held) > bound {
				t.Fatalf("%d domains: one holds %d of 6, bound %d", domains, most(held), bound)
			}
		}
	}
}

// Domains of unlike size are used as far as they reach.
func TestSmallDomains(t *testing.T) {
	c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: Domains}
	spots := append(grid(1, 20), Spot{Node: 1, Domain: 50}, Spot{Node: 2, Domain: 51}, Spot{Node: 3, Domain: 52})
	for token := range uint64(100) {
		if held := counts(spots, Place(c, token, spots, 5), byDomain); most(held) != 3 || len(held) != 4 {
			t.Fatalf("shards per domain: %v, want 3 in the large one and 1 in each small one", held)
		}
	}
}

func TestRegionsAreKeptApartFirst(t *testing.T) {
	c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: Regions}
	for domains := 3; domains <= 24; domains += 3 { // three domains are a region
		spots := grid(domains, 4)
		for token := range uint64(200) {
			chosen := Place(c, token, spots, 5)
			regions := domains / 3
			if got, bound := most(counts(spots, chosen, byRegion)), (6+regions-1)/regions; got > bound {
				t.Fatalf("%d regions: one holds %d of 6, bound %d", regions, got, bound)
			}
			if got, bound := most(counts(spots, chosen, byDomain)), (6+domains-1)/domains; got > bound {
				t.Fatalf("%d domains: one holds %d of 6, bound %d", domains, got, bound)
			}
		}
	}
}

// Over many tokens each of like providers holds its part within five standard
// deviations of a fair draw.
func TestLoadIsEven(t *testing.T) {
	const tokens = 20000
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		spots := grid(9, 3)
		load := make([]int, len(spots))
		for token := range uint64(tokens) {
			for _, at := range Place(c, token, spots, 11) {
				load[at]++
			}
		}
		part := 6.0 / float64(len(spots))
		bound := 5 * math.Sqrt(tokens*part*(1-part))
		for at, n := range load {
			if math.Abs(float64(n)-tokens*part) > bound {
				t.Errorf("%s: spot %d holds %d shards, even is %.0f +- %.0f", p, at, n, tokens*part, bound)
			}
		}
	}
}

// When a provider goes away, one other joins those that hold the token and
// none leaves, whatever the shape of the domains and regions.
func TestOneProviderReplacesOneThatLeaves(t *testing.T) {
	draw := rand.New(rand.NewPCG(8, 8))
	for _, p := range []Placement{Random, Domains, Regions} {
		for token := range uint64(2000) {
			c := Config{Scheme: Replication, N: 2 + draw.IntN(8), Placement: p}
			var spots []Spot
			domains, regions := 1+draw.IntN(8), 1+draw.IntN(4)
			for i := range 10 + draw.IntN(15) {
				d := draw.IntN(domains)
				spots = append(spots, Spot{Node: uint32(i), Domain: uint32(d), Region: d % regions})
			}
			before := nodes(spots, Place(c, token, spots, 2))
			gone := before[draw.IntN(len(before))]
			left := slices.DeleteFunc(slices.Clone(spots), func(s Spot) bool { return s.Node == gone })
			after := nodes(left, Place(c, token, left, 2))
			for _, node := range before {
				if node != gone && !slices.Contains(after, node) {
					t.Fatalf("%s: %v and, without %d, %v", p, before, gone, after)
				}
			}
		}
	}
}

// A ring has as few sets of providers as it has spots; a random placement has
// nearly one for each token.
func TestRingHasFewSetsOfProviders(t *testing.T) {
	sets := func(p Placement) int {
		seen := map[string]bool{}
		spots := grid(10, 3)
		for token := range uint64(2000) {
			chosen := Place(Config{Scheme: Replication, N: 3, Placement: p}, token, spots, 1)
			slices.Sort(chosen)
			seen[fmt.Sprint(chosen)] = true
		}
		return len(seen)
	}
	if ring, random := sets(Ring), sets(Random); ring != 30 || random < 1000 {
		t.Errorf("%d sets on the ring, %d at random", ring, random)
	}
}

func TestUnknownPlacementIsABug(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown placement places")
		}
	}()
	Place(Config{Scheme: None, Placement: "near"}, 1, grid(1, 1), 1)
}

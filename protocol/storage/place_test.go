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

// place makes a placer for one token.
func place(c Config, token uint64, spots []Spot, key uint64) []int {
	return NewPlacer(c, spots, key).Place(token)
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
			placer := NewPlacer(c, spots, 7)
			for token := range uint64(200) {
				chosen := placer.Place(token)
				if len(chosen) != min(6, len(spots)) {
					t.Fatalf("%s: %d of %d spots", p, len(chosen), len(spots))
				}
				if once := slices.Compact(slices.Sorted(slices.Values(chosen))); len(once) != len(chosen) {
					t.Fatalf("%s: %v takes a spot twice", p, chosen)
				}
				if again := placer.Place(token); !slices.Equal(chosen, again) {
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
			a, b := nodes(spots, place(c, token, spots, 3)), nodes(shuffled, place(c, token, shuffled, 3))
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
			distinct[fmt.Sprint(place(c, token, spots, 1))] = true
			distinct[fmt.Sprint(place(c, 0, spots, token))] = true
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
			held := counts(spots, place(c, token, spots, 5), byDomain)
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
		if held := counts(spots, place(c, token, spots, 5), byDomain); most(held) != 3 || len(held) != 4 {
			t.Fatalf("shards per domain: %v, want 3 in the large one and 1 in each small one", held)
		}
	}
}

func TestRegionsAreKeptApartFirst(t *testing.T) {
	c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: Regions}
	for domains := 3; domains <= 24; domains += 3 { // three domains are a region
		spots := grid(domains, 4)
		for token := range uint64(200) {
			chosen := place(c, token, spots, 5)
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
		placer := NewPlacer(c, spots, 11)
		for token := range uint64(tokens) {
			for _, at := range placer.Place(token) {
				load[at]++
			}
		}
		part := 6.0 / float64(len(spots))
		bound := 5 * math.Sqrt(tokens*part*(1-part))
		if p == Ring { // arcs are uneven besides
			bound += 5 * tokens * part / math.Sqrt(pointsOnRing)
		}
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
	for _, p := range placements() {
		for token := range uint64(500) {
			c := Config{Scheme: Replication, N: 2 + draw.IntN(8), Placement: p}
			var spots []Spot
			domains, regions := 1+draw.IntN(8), 1+draw.IntN(4)
			for i := range 10 + draw.IntN(15) {
				d := draw.IntN(domains)
				spots = append(spots, Spot{Node: uint32(i), Domain: uint32(d), Region: d % regions})
			}
			before := nodes(spots, place(c, token, spots, 2))
			gone := before[draw.IntN(len(before))]
			left := slices.DeleteFunc(slices.Clone(spots), func(s Spot) bool { return s.Node == gone })
			after := nodes(left, place(c, token, left, 2))
			for _, node := range before {
				if node != gone && !slices.Contains(after, node) {
					t.Fatalf("%s: %v and, without %d, %v", p, before, gone, after)
				}
			}
		}
	}
}

// The spots that Spare adds one by one to nothing are those of Place, in its
// order; and where one may not be used, what it takes is what Place takes when
// that one is not there.
func TestSpareGoesOnWherePlaceEnds(t *testing.T) {
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		spots := grid(5, 3)
		for i := range spots { // three operators, two racks in a site
			spots[i].Operator, spots[i].Rack = spots[i].Domain%3, spots[i].Domain*2+uint32(i%2)
		}
		placer := NewPlacer(c, spots, 4)
		for token := range uint64(300) {
			whole := placer.Place(token)
			var held []int
			for range whole {
				held = append(held, placer.Spare(token, held, nil))
			}
			if !slices.Equal(held, whole) {
				t.Fatalf("%s: one by one %v, at once %v", p, held, whole)
			}
			dark := whole[token%6]
			others := slices.DeleteFunc(slices.Clone(whole), func(at int) bool { return at == dark })
			spare := placer.Spare(token, others, func(at int) bool { return at != dark })
			left := slices.Delete(slices.Clone(spots), dark, dark+1)
			want := slices.Sorted(slices.Values(nodes(left, place(c, token, left, 4))))
			got := slices.Sorted(slices.Values(append(nodes(spots, others), spots[spare].Node)))
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %v repaired without %d, placed anew %v", p, got, spots[dark].Node, want)
			}
		}
		if at := placer.Spare(1, nil, func(int) bool { return false }); at != -1 {
			t.Errorf("%s: spot %d is chosen though none may be used", p, at)
		}
	}
}

// On a ring a spot is followed by few others, so that there are fewer sets of
// providers than tokens; at random nearly every token has a set of its own.
func TestRingHasFewerSetsOfProviders(t *testing.T) {
	sets := func(p Placement) int {
		seen := map[string]bool{}
		placer := NewPlacer(Config{Scheme: Replication, N: 3, Placement: p}, grid(10, 3), 1)
		for token := range uint64(20_000) {
			chosen := placer.Place(token)
			slices.Sort(chosen)
			seen[fmt.Sprint(chosen)] = true
		}
		return len(seen)
	}
	if ring, random := sets(Ring), sets(Random); 4*ring > 3*random {
		t.Errorf("%d sets on the ring, %d at random", ring, random)
	}
}

func TestUnknownPlacementIsABug(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown placement places")
		}
	}()
	place(Config{Scheme: None, Placement: "near"}, 1, grid(1, 1), 1)
}

// Over a tree of operators, sites and racks no domain of any level holds more
// than its even part of a token's shards.
func TestTreeIsUsedEvenly(t *testing.T) {
	var spots []Spot
	for i := range 60 { // 4 operators with 3 sites each, with 2 racks each
		site := i % 12
		spots = append(spots, Spot{Node: uint32(i), Operator: uint32(site % 4), Domain: uint32(site), Rack: uint32(site + 12*(i/12%2))})
	}
	c := Config{Scheme: ReedSolomon, K: 10, N: 14, Placement: Domains}
	for token := range uint64(300) {
		chosen := place(c, token, spots, 5)
		for level, of := range map[string]func(Spot) int{
			"operator": func(s Spot) int { return int(s.Operator) }, "site": byDomain, "rack": func(s Spot) int { return int(s.Rack) }} {
			held := counts(spots, chosen, of)
			most := most(held)
			if bound := map[string]int{"operator": 4, "site": 2, "rack": 1}[level]; most > bound {
				t.Fatalf("token %d: one %s holds %d of 14 shards", token, level, most)
			}
		}
	}
}

// A spot that takes three times as much gets three times as many shards, unless
// domains have to share alike.
func TestPlaceByCapacity(t *testing.T) {
	spots := grid(1, 8)
	for i := range spots {
		spots[i].Weight = 500
	}
	spots[3].Weight = 1500
	for _, p := range []Placement{Random, Ring, Domains, Regions} {
		placer := NewPlacer(Config{Scheme: None, Placement: p}, spots, 7)
		held := make([]int, len(spots))
		const tokens = 20_000
		for token := range uint64(tokens) {
			held[placer.Place(token)[0]]++
		}
		part := float64(held[3]) / tokens // three of ten parts; the ring is off by 6 % of each
		if off := math.Abs(part - 0.3); off > 0.015 && p != Ring || off > 0.05 {
			t.Errorf("%s: three tenths of the capacity hold %.3f of the shards", p, part)
		}
	}
}

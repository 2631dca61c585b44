package storage

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// twin counts what is left of each token shard by shard.
func twin(tokens [][]int, k int, gone []int) (lost, last int) {
	for _, homes := range tokens {
		left := 0
		for _, h := range homes {
			if !slices.Contains(gone, h) {
				left++
			}
		}
		if left < k {
			lost++
		}
		if left == k {
			last++
		}
	}
	return lost, last
}

// Small placements, also such that give a holder several shards of a token or
// miss some: everything the census says is what trying all sets says.
func TestCensusAgainstTryingEverything(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 1))
	for range 300 {
		holders, k := 2+draw.IntN(6), 1+draw.IntN(3)
		c := NewCensus(k, holders)
		var tokens [][]int
		for range 1 + draw.IntN(6) {
			var homes []int
			for range draw.IntN(7) {
				homes = append(homes, draw.IntN(holders))
			}
			tokens = append(tokens, homes)
			c.Add(homes)
		}
		one, pair, kill := 0, 0, holders+1
		for m := range holders + 1 {
			subsets(holders, m, func(gone []int) {
				lost, last := twin(tokens, k, gone)
				if l, e := c.Lost(gone...); l != lost || e != last {
					t.Fatalf("%v without %v: %d lost and %d at k, want %d and %d", tokens, gone, l, e, lost, last)
				}
				switch m {
				case 1:
					one = max(one, lost)
				case 2:
					pair = max(pair, lost)
				}
				if lost > 0 {
					kill = min(kill, m)
				}
			})
		}
		if c.WorstOne() != one || c.WorstPair() != pair || c.KillSet() != kill {
			t.Fatalf("%v, k=%d: worst one %d, pair %d, kill set %d; want %d, %d, %d",
				tokens, k, c.WorstOne(), c.WorstPair(), c.KillSet(), one, pair, kill)
		}
		if c.Adversary(1) != one {
			t.Fatalf("%v: the adversary's first choice loses %d, the worst is %d", tokens, c.Adversary(1), one)
		}
		for m := range holders {
			if a, b := c.Adversary(m), c.Adversary(m+1); a > b {
				t.Fatalf("%v: %d removed lose %d, %d lose %d", tokens, m, a, m+1, b)
			}
		}
	}
}

// The adversary looks ahead: no single holder of 2 of 3 loses a token, and two
// chosen well lose all that they share.
func TestAdversaryLooksAhead(t *testing.T) {
	c := NewCensus(2, 6)
	for range 5 {
		c.Add([]int{0, 1, 2})
	}
	for i := range 6 {
		c.Add([]int{i % 6, (i + 3) % 6, (i + 4) % 6})
	}
	if lost := c.Adversary(2); c.WorstOne() != 0 || lost < 5 || lost != c.WorstPair() {
		t.Errorf("the adversary loses %d with two, the worst pair %d, the worst one %d", lost, c.WorstPair(), c.WorstOne())
	}
}

// Code k of n in distinct places can lose n-k of them, whatever the placement.
func TestKillSetOfDistinctPlaces(t *testing.T) {
	for _, p := range placements() {
		for _, code := range field() {
			code.Placement = p
			placer := NewPlacer(code, grid(16, 6), 1)
			c := NewCensus(code.Needed(), 96)
			for token := range uint64(20) {
				c.Add(placer.Place(token))
			}
			if got, want := c.KillSet(), code.Shards()-code.Needed()+1; got != want {
				t.Errorf("%s, %v: %d removals lose a token, want %d", p, code, got, want)
			}
		}
	}
}

func TestCensusOfNothing(t *testing.T) {
	c := NewCensus(4, 10)
	if c.Tokens() != 0 || c.WorstOne() != 0 || c.WorstPair() != 0 || c.Adversary(3) != 0 || c.KillSet() != 11 {
		t.Error("a census of no tokens finds losses")
	}
}

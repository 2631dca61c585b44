package storage

import "slices"

// A Census says which holders have the shards of many tokens, and what is lost
// when holders go away. Holders are numbered from 0; they may be providers or
// the domains that providers stand in.
type Census struct {
	k, holders int
	tokens     [][]uint16 // of each token: how many shards each holder has
	live       []int      // of each token: how many there are
}

// NewCensus makes an empty census of tokens that any k shards give back.
func NewCensus(k, holders int) *Census { return &Census{k: k, holders: holders} }

// Add counts a token whose shards are with the given holders, one entry for
// each shard.
func (c *Census) Add(holders []int) {
	has := make([]uint16, c.holders)
	for _, h := range holders {
		has[h]++
	}
	c.tokens = append(c.tokens, has)
	c.live = append(c.live, len(holders))
}

// Tokens is how many were added.
func (c *Census) Tokens() int { return len(c.tokens) }

// Lost is how many tokens have fewer than k shards once the given holders are
// gone, and how many have exactly k.
func (c *Census) Lost(gone ...int) (lost, last int) {
	for t := range c.tokens {
		switch left := c.left(t, gone); {
		case left < c.k:
			lost++
		case left == c.k:
			last++
		}
	}
	return lost, last
}

// left is how many shards of token t the others than gone have.
func (c *Census) left(t int, gone []int) int {
	n := c.live[t]
	for _, h := range gone {
		n -= int(c.tokens[t][h])
	}
	return n
}

// WorstOne is the most tokens that the loss of one holder loses: all are tried.
func (c *Census) WorstOne() (worst int) {
	for h := range c.holders {
		lost, _ := c.Lost(h)
		worst = max(worst, lost)
	}
	return worst
}

// WorstPair is the most tokens that the loss of two holders loses: all pairs
// are tried.
func (c *Census) WorstPair() (worst int) {
	lost := make([]int, c.holders) // with a gone and each b above it
	for a := range c.holders {
		clear(lost)
		for t, has := range c.tokens {
			bear := c.live[t] - int(has[a]) - c.k // shards that b may have without loss
			for b := a + 1; b < c.holders; b++ {
				if int(has[b]) > bear {
					lost[b]++
				}
			}
		}
		worst = max(worst, slices.Max(lost))
	}
	return worst
}

// Adversary is how many tokens are lost to somebody who sees the placement and
// removes m holders one by one, each time the one that loses most tokens, then
// the one that brings most to their last k shards, to k+1, and so on.
func (c *Census) Adversary(m int) int {
	var gone []int
	for range min(m, c.holders) {
		best, score := -1, []int(nil)
		for h := range c.holders {
			if slices.Contains(gone, h) {
				continue
			}
			if s := c.margins(append(gone, h)); best < 0 || slices.Compare(s, score) > 0 {
				best, score = h, s
			}
		}
		gone = append(gone, best)
	}
	lost, _ := c.Lost(gone...)
	return lost
}

// margins counts tokens by how many shards they can still lose: first those
// that are lost, then those that can lose none, and so on.
func (c *Census) margins(gone []int) []int {
	n := make([]int, c.most()-c.k+2)
	for t := range c.tokens {
		n[max(c.left(t, gone)-c.k+1, 0)]++
	}
	return n
}

// most is the most shards of any token, at least k.
func (c *Census) most() int {
	most := c.k
	for _, n := range c.live {
		most = max(most, n)
	}
	return most
}

// KillSet is the smallest number of holders whose loss loses some token: for
// one token they are those with most of its shards. It is 0 if a token is lost
// already, and one more than there are holders if there is no token.
func (c *Census) KillSet() int {
	least := c.holders + 1
	for t, has := range c.tokens {
		sorted := slices.Clone(has)
		slices.Sort(sorted)
		left, gone := c.live[t], 0
		for left >= c.k {
			gone++
			left -= int(sorted[len(sorted)-gone])
		}
		least = min(least, gone)
	}
	return least
}

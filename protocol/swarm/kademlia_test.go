package swarm

import (
	"math"
	"slices"
	"testing"
)

// A net is nodes that know each other as their lookups have made them.
type net struct {
	nodes map[uint32]*Contacts
	gone  map[uint32]bool
}

// grown is a net into which n nodes came one after the other, each by way of node 0.
func grown(n uint32) *net {
	k := &net{nodes: map[uint32]*Contacts{}, gone: map[uint32]bool{}}
	for id := range n {
		c := NewContacts(id)
		k.nodes[id] = &c
		if id > 0 {
			k.lookup(id, 0, PositionOf(id))
		}
	}
	return k
}

// lookup walks from a first node and says whom it found, how many it asked, and in how many rounds.
func (k *net) lookup(me, first uint32, key Position) (found []uint32, asked, rounds int) {
	l := NewLookup(key)
	l.Hear(first)
	for !l.Done() {
		var round []uint32
		for id, ok := l.Next(); ok; id, ok = l.Next() {
			round = append(round, id)
		}
		rounds++
		for _, id := range round {
			asked++
			if k.gone[id] {
				l.Mute(id)
				k.nodes[me].Remove(id)
				continue
			}
			l.Replied(id)
			for _, c := range k.nodes[id].Closest(nil, key) {
				if c != me {
					l.Hear(c)
				}
			}
			k.nodes[id].Add(me)
			k.nodes[me].Add(id)
		}
	}
	return l.Found(nil), asked, rounds
}

// truth is the nearest of all that are there, found by looking at every one.
func (k *net) truth(me uint32, key Position) (all []uint32) {
	for id := range uint32(len(k.nodes)) {
		if !k.gone[id] && id != me {
			all = append(all, id)
		}
	}
	slices.SortFunc(all, func(a, b uint32) int { return nearer(a, b, key) })
	return all[:min(len(all), BucketSize)]
}

// A lookup finds the nearest nodes of all, as a look at every node does, in no more
// rounds than the number of nodes has bits.
func TestLookupsFindTheNearest(t *testing.T) {
	for _, n := range []uint32{2, 9, 60, 700} {
		k, right, most := grown(n), 0, 0
		const tries = 40
		for i := range uint32(tries) {
			me, key := (i*7+1)%n, Scatter(uint64(i))
			got, _, rounds := k.lookup(me, (me+1)%n, key)
			if slices.Equal(got, k.truth(me, key)) {
				right++
			}
			most = max(most, rounds)
		}
		if limit := 3 + int(math.Log2(float64(n))); right < tries-2 || most > limit {
			t.Errorf("%d nodes: %d of %d lookups are right, in up to %d rounds (limit %d)", n, right, tries, most, limit)
		}
	}
}

// Who has gone is passed over, and forgotten.
func TestLookupsPassOverTheGone(t *testing.T) {
	k := grown(300)
	for id := range uint32(100) {
		k.gone[id*3+2] = true
	}
	right := 0
	for i := range uint32(40) {
		if got, _, _ := k.lookup(0, 1, Scatter(uint64(i))); slices.Contains(got, k.truth(0, Scatter(uint64(i)))[0]) {
			right++
		}
	}
	if right < 36 {
		t.Errorf("%d of 40 lookups find the one nearest of those left", right)
	}
}

func TestContactsAreBounded(t *testing.T) {
	c := NewContacts(0)
	for id := range uint32(10_000) {
		c.Add(id)
	}
	n := 0
	for _, b := range c.buckets {
		if n += len(b); len(b) > BucketSize {
			t.Fatalf("a bucket has %d", len(b))
		}
	}
	if n > 16*BucketSize || n < 8*BucketSize {
		t.Errorf("it knows %d of 10000", n)
	}
	if got := c.Closest(nil, 0); len(got) != BucketSize || slices.Contains(got, 0) {
		t.Errorf("nearest: %v", got)
	}
}

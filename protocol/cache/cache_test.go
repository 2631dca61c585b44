package cache

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

var all = []Policy{LRU, LFU, ARC, WTinyLFU}

// twin is the slow one of a policy.
func twin(p Policy, capacity int) Cache {
	switch p {
	case LRU:
		return &slowLRU{capacity: capacity}
	case LFU:
		return &slowLFU{capacity: capacity}
	case ARC:
		return &slowARC{c: capacity}
	}
	return &slowTiny{capacity: capacity, counts: map[uint64]int{}, period: 10 * minWidth, win: capacity / 100,
		guard: (capacity - capacity/100) / 5 * 4}
}

// Each policy and its twin say and drop the same at every step, of items of any
// size, keep what they say they keep, and never more than fits.
func TestPoliciesAgreeWithTheirTwins(t *testing.T) {
	for _, p := range all {
		for seed := range uint64(20) {
			draw := rand.New(rand.NewPCG(seed, 7))
			capacity := 1 + draw.IntN(4000)
			fast, slow, here := New(p, capacity), twin(p, capacity), map[uint64]bool{}
			for step := range 2000 {
				key := uint64(draw.ExpFloat64() * 20)
				size := 1 + int(key*37%200)
				hit := fast.Get(key)
				if hit != slow.Get(key) || hit != here[key] {
					t.Fatalf("%s, seed %d, step %d: key %d is here: %v, the twin %v, told %v", p, seed, step, key, hit, !hit, here[key])
				}
				if hit {
					continue
				}
				var a, b []uint64
				in := fast.Put(key, size, func(k uint64) { a = append(a, k) })
				if in != slow.Put(key, size, func(k uint64) { b = append(b, k) }) || !slices.Equal(a, b) {
					t.Fatalf("%s, seed %d, step %d: drops %v, the twin %v", p, seed, step, a, b)
				}
				here[key] = true
				for _, k := range a {
					delete(here, k)
				}
				if here[key] = here[key] && in; in != here[key] || fast.Size() != slow.Size() || fast.Size() > capacity {
					t.Fatalf("%s, seed %d, step %d: %d bytes of %d are kept, %d by the twin", p, seed, step, fast.Size(), capacity, slow.Size())
				}
			}
		}
	}
}

// ratio is how many of the requests for Zipf-distributed items of the same size
// hit, with room for a share of a thousand of them.
func ratio(p Policy, share float64, scan bool) float64 {
	const items, size = 1000, 16 << 10
	draw := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(draw, 1.1, 1, items-1)
	c, hits, asked := New(p, int(share*items)*size), 0, 0
	for step := range 40_000 {
		key := zipf.Uint64()
		if scan && step%2 == 0 { // every other request is for something that nobody asks for again
			key = uint64(items + step)
		} else {
			asked++
		}
		hit := c.Get(key)
		if !hit {
			c.Put(key, size, func(uint64) {})
		}
		if hit {
			hits++
		}
	}
	return float64(hits) / float64(asked)
}

// What each policy is for: counting beats order of use where popularity is
// stable, and a scan does not sweep out what is popular.
func TestPoliciesDoWhatTheyAreFor(t *testing.T) {
	for _, scan := range []bool{false, true} {
		lru, lfu, arc, tiny := ratio(LRU, 0.05, scan), ratio(LFU, 0.05, scan), ratio(ARC, 0.05, scan), ratio(WTinyLFU, 0.05, scan)
		if tiny <= lru || arc <= lru || lfu <= lru {
			t.Errorf("scan %v: LRU hits %.3f, LFU %.3f, ARC %.3f, W-TinyLFU %.3f", scan, lru, lfu, arc, tiny)
		}
		if scan && tiny < lru+0.05 {
			t.Errorf("W-TinyLFU hits %.3f under a scan, LRU %.3f", tiny, lru)
		}
	}
	for _, p := range all {
		if few, many := ratio(p, 0.02, false), ratio(p, 0.2, false); few >= many {
			t.Errorf("%s hits %.3f with room for 2 %% and %.3f for 20 %%", p, few, many)
		}
	}
}

func TestNames(t *testing.T) {
	var p Policy
	for _, n := range p.Names() {
		if err := p.UnmarshalText([]byte(n)); err != nil || string(p) != n {
			t.Errorf("%q: %v, %v", n, p, err)
		}
	}
	if p.UnmarshalText([]byte("clock")) == nil {
		t.Error("clock is no policy")
	}
}

func ExampleNew() {
	c := New(LRU, 300)
	for _, key := range []uint64{1, 2, 3, 4} {
		c.Put(key, 100, func(gone uint64) { fmt.Println(gone, "is dropped for", key) })
	}
	fmt.Println(c.Get(1), c.Get(4))
	// Output:
	// 1 is dropped for 4
	// false true
}

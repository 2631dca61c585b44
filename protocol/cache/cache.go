// Package cache decides what an edge keeps when it cannot keep everything.
//
// A [Cache] knows keys and sizes, not bytes: who uses it holds these and drops
// what it is told to. Capacity is in bytes. Keys name a title, a slot and a rendition, and
// not content, for the reason that ARCHITECTURE.md gives (decision 10).
//
// It leaves out asking once for what many want at the same time, which the edge
// does, and times of expiry: a token never changes.
package cache

import (
	"fmt"
	"strings"
)

// A Policy names a rule of what to keep.
type Policy string

// Policies.
const (
	Ring     Policy = "ring"      // the newest slots of a live stream, whatever is asked for; the edge does without a Cache
	LRU      Policy = "lru"       // what was used last
	LFU      Policy = "lfu"       // what was used most often since it came
	ARC      Policy = "arc"       // Megiddo and Modha, ARC: A Self-Tuning, Low Overhead Replacement Cache, FAST 2003
	WTinyLFU Policy = "w-tinylfu" // Einziger, Friedman and Manes, TinyLFU: A Highly Efficient Cache Admission Policy, ACM ToS 13(4), 2017
)

// Names lists the policies.
func (Policy) Names() []string {
	return []string{string(Ring), string(LRU), string(LFU), string(ARC), string(WTinyLFU)}
}

// UnmarshalText accepts the names in Names.
func (p *Policy) UnmarshalText(b []byte) error {
	for _, n := range p.Names() {
		if n == string(b) {
			*p = Policy(n)
			return nil
		}
	}
	return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(p.Names(), ", "))
}

// A Cache is what is kept, by key.
type Cache interface {
	// Get says whether key is kept. It counts as a use.
	Get(key uint64) bool
	// Put offers what was missed, of so many bytes, calls drop for everything that
	// is kept no more, and says whether key is kept now.
	Put(key uint64, size int, drop func(key uint64)) bool
	// Size is how many bytes are kept.
	Size() int
}

// New makes an empty cache of capacity bytes. Ring is none.
func New(p Policy, capacity int) Cache {
	switch p {
	case LRU:
		return newLRU(capacity)
	case LFU:
		return newLFU(capacity)
	case ARC:
		return newARC(capacity)
	case WTinyLFU:
		return newTiny(capacity)
	}
	panic(fmt.Sprintf("cache: %q needs no cache", p))
}

// An item is one key in a chain.
type item struct {
	key        uint64
	size       int
	in         *chain
	prev, next *item
}

// A chain is items in the order of their last use.
type chain struct {
	newest, oldest *item
	size           int
}

// put makes i the newest.
func (c *chain) put(i *item) {
	i.in, i.prev, i.next = c, nil, c.newest
	if c.newest != nil {
		c.newest.prev = i
	} else {
		c.oldest = i
	}
	c.newest = i
	c.size += i.size
}

// out takes i out of the chain that it is in.
func (i *item) out() *item {
	c := i.in
	if i.prev != nil {
		i.prev.next = i.next
	} else {
		c.newest = i.next
	}
	if i.next != nil {
		i.next.prev = i.prev
	} else {
		c.oldest = i.prev
	}
	c.size -= i.size
	i.in, i.prev, i.next = nil, nil, nil
	return i
}

// ---- LRU

type lru struct {
	capacity int
	at       map[uint64]*item // looked up, never walked
	kept     chain
}

func newLRU(capacity int) *lru { return &lru{capacity: capacity, at: map[uint64]*item{}} }

func (c *lru) Size() int { return c.kept.size }

func (c *lru) Get(key uint64) bool {
	i := c.at[key]
	if i != nil {
		c.kept.put(i.out())
	}
	return i != nil
}

func (c *lru) Put(key uint64, size int, drop func(uint64)) bool {
	if c.Get(key) {
		return true
	}
	if size > c.capacity {
		return false
	}
	for c.kept.size+size > c.capacity {
		i := c.kept.oldest.out()
		delete(c.at, i.key)
		drop(i.key)
	}
	i := &item{key: key, size: size}
	c.at[key] = i
	c.kept.put(i)
	return true
}

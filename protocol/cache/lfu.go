package cache

import "container/heap"

// lfu keeps what was used most often since it came; of two that were used as
// often, what was used last.
type lfu struct {
	capacity, size int
	uses           uint64 // in all, the clock
	at             map[uint64]*counted
	order          order
}

type counted struct {
	key         uint64
	size, index int
	count, used uint64
}

// order is a heap with the next to be dropped in front.
type order []*counted

func (o order) Len() int { return len(o) }
func (o order) Less(a, b int) bool {
	return o[a].count < o[b].count || o[a].count == o[b].count && o[a].used < o[b].used
}
func (o order) Swap(a, b int) {
	o[a], o[b] = o[b], o[a]
	o[a].index, o[b].index = a, b
}
func (o *order) Push(x any) {
	c := x.(*counted)
	c.index = len(*o)
	*o = append(*o, c)
}
func (o *order) Pop() any {
	last := (*o)[len(*o)-1]
	*o = (*o)[:len(*o)-1]
	return last
}

func newLFU(capacity int) *lfu { return &lfu{capacity: capacity, at: map[uint64]*counted{}} }

func (c *lfu) Size() int { return c.size }

func (c *lfu) Get(key uint64) bool {
	i := c.at[key]
	if i == nil {
		return false
	}
	c.uses++
	i.count, i.used = i.count+1, c.uses
	heap.Fix(&c.order, i.index)
	return true
}

func (c *lfu) Put(key uint64, size int, drop func(uint64)) bool {
	if c.Get(key) {
		return true
	}
	if size > c.capacity {
		return false
	}
	for c.size+size > c.capacity {
		i := heap.Pop(&c.order).(*counted)
		c.size -= i.size
		delete(c.at, i.key)
		drop(i.key)
	}
	c.uses++
	i := &counted{key: key, size: size, count: 1, used: c.uses}
	c.at[key] = i
	c.size += size
	heap.Push(&c.order, i)
	return true
}

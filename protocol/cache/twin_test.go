package cache

import "slices"

// Slow and obvious twins: lists of keys that are searched from end to end.

type kept struct {
	key         uint64
	size        int
	count, used int
}

type shelf []kept // oldest first

func (s shelf) size() (n int) {
	for _, k := range s {
		n += k.size
	}
	return n
}

func (s shelf) find(key uint64) int {
	return slices.IndexFunc(s, func(k kept) bool { return k.key == key })
}

// take removes and returns what is at i.
func (s *shelf) take(i int) kept {
	k := (*s)[i]
	*s = slices.Delete(*s, i, i+1)
	return k
}

type slowLRU struct {
	capacity int
	s        shelf
}

func (c *slowLRU) Size() int { return c.s.size() }

func (c *slowLRU) Get(key uint64) bool {
	i := c.s.find(key)
	if i >= 0 {
		c.s = append(c.s, c.s.take(i))
	}
	return i >= 0
}

func (c *slowLRU) Put(key uint64, size int, drop func(uint64)) bool {
	if c.Get(key) || size > c.capacity {
		return size <= c.capacity
	}
	for c.Size()+size > c.capacity {
		drop(c.s.take(0).key)
	}
	c.s = append(c.s, kept{key: key, size: size})
	return true
}

type slowLFU struct {
	capacity, clock int
	s               shelf
}

func (c *slowLFU) Size() int { return c.s.size() }

func (c *slowLFU) Get(key uint64) bool {
	i := c.s.find(key)
	if i >= 0 {
		c.clock++
		c.s[i].count++
		c.s[i].used = c.clock
	}
	return i >= 0
}

func (c *slowLFU) Put(key uint64, size int, drop func(uint64)) bool {
	if c.Get(key) || size > c.capacity {
		return size <= c.capacity
	}
	for c.Size()+size > c.capacity {
		worst := 0
		for i, k := range c.s {
			if w := c.s[worst]; k.count < w.count || k.count == w.count && k.used < w.used {
				worst = i
			}
		}
		drop(c.s.take(worst).key)
	}
	c.clock++
	c.s = append(c.s, kept{key, size, 1, c.clock})
	return true
}

// slowARC has the names of the paper: T1, T2, B1, B2 and p.
type slowARC struct {
	c, p           int
	t1, t2, b1, b2 shelf
}

func (a *slowARC) Size() int { return a.t1.size() + a.t2.size() }

func (a *slowARC) Get(key uint64) bool {
	for _, t := range []*shelf{&a.t1, &a.t2} {
		if i := t.find(key); i >= 0 {
			k := t.take(i)
			a.t2 = append(a.t2, k)
			return true
		}
	}
	return false
}

func (a *slowARC) Put(key uint64, size int, drop func(uint64)) bool {
	if a.Get(key) || size > a.c {
		return size <= a.c
	}
	to, inB2 := &a.t1, false
	if i := a.b1.find(key); i >= 0 {
		a.p, to = min(a.c, a.p+max(size, size*a.b2.size()/a.b1.size())), &a.t2
		a.b1.take(i)
	} else if i := a.b2.find(key); i >= 0 {
		a.p, to, inB2 = max(0, a.p-max(size, size*a.b1.size()/a.b2.size())), &a.t2, true
		a.b2.take(i)
	}
	for a.Size()+size > a.c {
		t, b := &a.t2, &a.b2
		if n := a.t1.size(); len(a.t2) == 0 || n > 0 && (n > a.p || inB2 && n == a.p) {
			t, b = &a.t1, &a.b1
		}
		k := t.take(0)
		*b = append(*b, k)
		drop(k.key)
	}
	*to = append(*to, kept{key: key, size: size})
	for a.t1.size()+a.b1.size() > a.c && len(a.b1) > 0 {
		a.b1.take(0)
	}
	for a.Size()+a.b1.size()+a.b2.size() > 2*a.c && len(a.b2) > 0 {
		a.b2.take(0)
	}
	return true
}

// slowTiny counts exactly, in a map, what the sketch counts approximately.
type slowTiny struct {
	capacity                  int
	window, probation, inUse  shelf
	counts                    map[uint64]int
	added, period, win, guard int
}

func (c *slowTiny) Size() int { return c.window.size() + c.probation.size() + c.inUse.size() }

func (c *slowTiny) Get(key uint64) bool {
	c.counts[key] = min(15, c.counts[key]+1)
	if c.added++; c.added == c.period {
		c.added /= 2
		for k := range c.counts {
			c.counts[k] /= 2
		}
	}
	if i := c.window.find(key); i >= 0 {
		c.window = append(c.window, c.window.take(i))
		return true
	}
	if i := c.inUse.find(key); i >= 0 {
		c.inUse = append(c.inUse, c.inUse.take(i))
		return true
	}
	i := c.probation.find(key)
	if i >= 0 {
		c.inUse = append(c.inUse, c.probation.take(i))
		for c.inUse.size() > c.guard {
			c.probation = append(c.probation, c.inUse.take(0))
		}
	}
	return i >= 0
}

func (c *slowTiny) Put(key uint64, size int, drop func(uint64)) bool {
	for _, s := range []shelf{c.window, c.probation, c.inUse} {
		if s.find(key) >= 0 {
			return true
		}
	}
	room := c.capacity - c.win
	if size > room {
		return false
	}
	c.window = append(c.window, kept{key: key, size: size})
	in := true
	for c.window.size() > c.win {
		k := c.window.take(0)
		for c.probation.size()+c.inUse.size()+k.size > room {
			from := &c.probation
			if len(c.probation) == 0 {
				from = &c.inUse
			}
			if c.counts[k.key] <= c.counts[(*from)[0].key] {
				drop(k.key)
				in = in && k.key != key
				k.size = -1
				break
			}
			drop(from.take(0).key)
		}
		if k.size >= 0 {
			c.probation = append(c.probation, k)
		}
	}
	return in
}

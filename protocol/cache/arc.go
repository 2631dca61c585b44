package cache

// arc keeps what was used once lately (once) and what was used more often
// (often), remembers as much of what it dropped of either (onceGone, oftenGone), and
// moves the border between them to where it missed. Sizes are bytes where the paper counts
// pages.
type arc struct {
	capacity, border                 int // border: bytes that once should have
	at                               map[uint64]*item
	once, often, onceGone, oftenGone chain
}

func newARC(capacity int) *arc { return &arc{capacity: capacity, at: map[uint64]*item{}} }

func (c *arc) Size() int { return c.once.size + c.often.size }

func (c *arc) Get(key uint64) bool {
	i := c.at[key]
	if i == nil || i.in == &c.onceGone || i.in == &c.oftenGone {
		return false
	}
	c.often.put(i.out())
	return true
}

func (c *arc) Put(key uint64, size int, drop func(uint64)) bool {
	if c.Get(key) {
		return true
	}
	if size > c.capacity {
		return false
	}
	i, to := c.at[key], &c.often
	again := i != nil && i.in == &c.oftenGone
	switch {
	case i == nil:
		i, to = &item{key: key, size: size}, &c.once
		c.at[key] = i
	case again:
		c.border = max(0, c.border-step(size, c.onceGone.size, c.oftenGone.size))
		i.out()
	default:
		c.border = min(c.capacity, c.border+step(size, c.oftenGone.size, c.onceGone.size))
		i.out()
	}
	for c.Size()+size > c.capacity {
		c.replace(again, drop)
	}
	i.size = size
	to.put(i)
	c.trim()
	return true
}

// step is how far the border moves: further if the list where it missed is the
// shorter one.
func step(size, other, here int) int {
	return max(size, int(int64(size)*int64(other)/int64(max(1, here))))
}

// replace drops the oldest of one of the two.
func (c *arc) replace(again bool, drop func(uint64)) {
	from, to := &c.often, &c.oftenGone
	if c.once.size > 0 && (c.often.size == 0 || c.once.size > c.border || again && c.once.size == c.border) {
		from, to = &c.once, &c.onceGone
	}
	i := from.oldest.out()
	to.put(i)
	drop(i.key)
}

// trim forgets what is remembered beyond one capacity of what was used once, and
// two of all.
func (c *arc) trim() {
	for c.once.size+c.onceGone.size > c.capacity && c.onceGone.size > 0 {
		delete(c.at, c.onceGone.oldest.out().key)
	}
	for c.Size()+c.onceGone.size+c.oftenGone.size > 2*c.capacity && c.oftenGone.size > 0 {
		delete(c.at, c.oftenGone.oldest.out().key)
	}
}

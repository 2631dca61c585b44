package cache

// tiny is W-TinyLFU with Caffeine's proportions: what comes goes through a
// window of 1 % in the order of use; what falls out of it must have been asked for
// more often than what would have to go for it. The rest is in two parts: what was used
// since it got there has 80 %.
type tiny struct {
	capacity, windowed, protected int
	at                            map[uint64]*item
	window, probation, used       chain
	sketch                        *sketch
}

func newTiny(capacity int) *tiny {
	windowed := capacity / 100
	return &tiny{capacity: capacity, windowed: windowed, protected: (capacity - windowed) / 5 * 4,
		at: map[uint64]*item{}, sketch: newSketch(capacity / typical)}
}

// typical is the size of an item for which the sketch is made: of smaller ones it
// remembers fewer.
const typical = 16 << 10

func (c *tiny) Size() int { return c.window.size + c.main() }

func (c *tiny) main() int { return c.probation.size + c.used.size }

func (c *tiny) Get(key uint64) bool {
	c.sketch.add(key)
	i := c.at[key]
	if i == nil {
		return false
	}
	to := i.in
	if to == &c.probation {
		to = &c.used
	}
	to.put(i.out())
	for c.used.size > c.protected {
		c.probation.put(c.used.oldest.out())
	}
	return true
}

func (c *tiny) Put(key uint64, size int, drop func(uint64)) bool {
	if c.at[key] != nil {
		return true
	}
	if size > c.capacity-c.windowed {
		return false
	}
	i := &item{key: key, size: size}
	c.at[key] = i
	c.window.put(i)
	for c.window.size > c.windowed {
		c.admit(c.window.oldest.out(), drop)
	}
	return c.at[key] != nil
}

// admit lets a candidate in, or drops it.
func (c *tiny) admit(i *item, drop func(uint64)) {
	for c.main()+i.size > c.capacity-c.windowed {
		victim := c.probation.oldest
		if victim == nil {
			victim = c.used.oldest
		}
		if c.sketch.count(i.key) <= c.sketch.count(victim.key) {
			c.drop(i, drop)
			return
		}
		c.drop(victim.out(), drop)
	}
	c.probation.put(i)
}

func (c *tiny) drop(i *item, drop func(uint64)) {
	delete(c.at, i.key)
	drop(i.key)
}

// A sketch counts how often keys were asked for, approximately and never too low
// (count-min, Cormode and Muthukrishnan 2005), up to 15; when it has counted ten times its
// width, all counts are halved, so that what was popular once is forgotten.
type sketch struct {
	rows  [4][]uint8
	added int
}

// Limits of a sketch's width.
const (
	minWidth = 1 << 8
	maxWidth = 1 << 20
)

func newSketch(items int) *sketch {
	width := minWidth
	for width < items && width < maxWidth {
		width *= 2
	}
	s := &sketch{}
	for r := range s.rows {
		s.rows[r] = make([]uint8, width)
	}
	return s
}

// at is where a row counts a key: bits of splitmix64 of the key and the row.
func (s *sketch) at(row int, key uint64) *uint8 {
	x := key + uint64(row+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return &s.rows[row][(x^x>>31)&uint64(len(s.rows[row])-1)]
}

const most = 15

func (s *sketch) add(key uint64) {
	for r := range s.rows {
		if n := s.at(r, key); *n < most {
			*n++
		}
	}
	if s.added++; s.added < 10*len(s.rows[0]) {
		return
	}
	s.added /= 2
	for r := range s.rows {
		for i := range s.rows[r] {
			s.rows[r][i] /= 2
		}
	}
}

func (s *sketch) count(key uint64) uint8 {
	n := uint8(most)
	for r := range s.rows {
		n = min(n, *s.at(r, key))
	}
	return n
}

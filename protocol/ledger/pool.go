package ledger

import (
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A price is what a transaction offers for one gas: at most tip to the
// proposer, and at most cap in all, in wei; tip <= cap.
type price struct{ tip, cap uint64 }

// edge is the highest base fee at which a transaction pays its whole tip.
func (p price) edge() uint64 { return p.cap - p.tip }

// A slot is one waiting transaction.
type slot struct {
	tx     payment.Tx
	price  price
	gas    uint64        // limit
	seq    uint64        // arrival, from 1 on; 0 in a free slot
	since  time.Duration // submitted
	other  *call         // what it does, if that is no payment.Tx
	forced bool          // its bytes are on the first layer already
	toll   unit.Wei      // what that cost
	next   int32         // the same sender's next one, or the next free slot; none ends the chain
	place  int           // of a head in its class
}

const none = -1

// keptSlots is how many slots an empty pool keeps.
const keptSlots = 256

// A line is one sender's waiting transactions, oldest first. Only the first is
// a candidate: the later ones have higher nonces.
type line struct{ first, last int32 }

// A head is the first of a line.
type head struct {
	seq uint64
	id  int32
}

// A class is all heads of one price. Senders that offer the same wait together,
// so that a change of the base fee moves classes, not transactions.
type class struct {
	price price
	heads ordered[head] // by arrival
	rich  bool
	place [2]int // in its side's two heaps
}

func (c *class) seq() uint64 { return c.heads.items[0].seq }

// A side is the classes that are rich, or those that are not, in two orders:
// best is what pays most, edge is what a moving base fee takes away first.
type side struct{ best, edge ordered[*class] }

func newSide(best, edge func(a, b *class) bool) side {
	return side{
		best: ordered[*class]{less: best, placed: func(c *class, at int) { c.place[0] = at }},
		edge: ordered[*class]{less: edge, placed: func(c *class, at int) { c.place[1] = at }},
	}
}

func (s *side) add(c *class)    { s.best.push(c); s.edge.push(c) }
func (s *side) remove(c *class) { s.best.remove(c.place[0]); s.edge.remove(c.place[1]) }

// A pool holds the transactions that wait for a block, ordered by what they
// pay the proposer, most first, then by arrival; one sender's stay in order.
//
// A class is rich while the base fee is at most its edge: it pays its tip. Above
// the edge it pays what is left of its cap. The first order does not depend on
// the base fee, and neither does the second, so nothing is sorted anew when the
// fee moves: only the classes whose edge it crosses change sides. A block costs
// O(log waiting) for each transaction taken, however many wait.
type pool struct {
	limit   int
	count   int
	seq     uint64
	base    uint64 // base fee that the sides are split for
	slots   []slot
	free    int32
	lines   []line // by account
	classes map[price]*class
	rich    side
	tight   side
	skipped []int32 // heads set aside until unskip
}

func newPool(limit, accounts int) *pool {
	p := &pool{limit: limit, seq: 1, free: none, lines: make([]line, accounts), classes: map[price]*class{}}
	for i := range p.lines {
		p.lines[i] = line{none, none}
	}
	p.rich = newSide(
		func(a, b *class) bool {
			return a.price.tip > b.price.tip || a.price.tip == b.price.tip && a.seq() < b.seq()
		},
		func(a, b *class) bool { return a.price.edge() < b.price.edge() })
	p.tight = newSide(
		func(a, b *class) bool {
			return a.price.cap > b.price.cap || a.price.cap == b.price.cap && a.seq() < b.seq()
		},
		func(a, b *class) bool { return a.price.edge() > b.price.edge() })
	return p
}

// add queues s behind its sender's others and says where it is, or none when
// the pool is full.
func (p *pool) add(s slot) int32 {
	if p.count >= p.limit {
		return none
	}
	s.seq = p.seq
	p.seq++
	id := p.put(s)
	l := &p.lines[s.tx.From]
	if l.first == none {
		l.first = id
		p.offer(id)
	} else {
		p.slots[l.last].next = id
	}
	l.last = id
	return id
}

// restore puts what was taken in front of its sender's others again, at the
// place in the order that it had by arrival, however full the pool is, and says
// where it is.
func (p *pool) restore(s slot) int32 {
	id := p.put(s)
	l := &p.lines[s.tx.From]
	if l.first == none {
		l.last = id
	} else {
		p.retract(l.first)
		p.slots[id].next = l.first
	}
	l.first = id
	p.offer(id)
	return id
}

// put stores s where there is room.
func (p *pool) put(s slot) int32 {
	s.next = none
	p.count++
	id := p.free
	if id == none {
		p.slots = append(p.slots, s)
		return int32(len(p.slots) - 1)
	}
	p.free = p.slots[id].next
	p.slots[id] = s
	return id
}

// find is where from's transaction of a number waits, or none.
func (p *pool) find(from payment.Account, id uint32) int32 {
	at := p.lines[from].first
	for at != none && p.slots[at].tx.ID != id {
		at = p.slots[at].next
	}
	return at
}

// holds says whether what came in as number seq still waits at id.
func (p *pool) holds(id int32, seq uint64) bool {
	return int(id) < len(p.slots) && p.slots[id].seq == seq
}

// raise changes what the transaction at id offers.
func (p *pool) raise(id int32, offer price) {
	s := &p.slots[id]
	if p.lines[s.tx.From].first != id {
		s.price = offer
		return
	}
	p.retract(id)
	s.price = offer
	p.offer(id)
}

// offer makes the head id a candidate.
func (p *pool) offer(id int32) {
	s := &p.slots[id]
	h := head{s.seq, id}
	c := p.classes[s.price]
	if c == nil {
		c = &class{price: s.price, rich: p.base <= s.price.edge()}
		c.heads.less = func(a, b head) bool { return a.seq < b.seq }
		c.heads.placed = func(h head, at int) { p.slots[h.id].place = at }
		c.heads.push(h)
		p.classes[s.price] = c
		p.side(c).add(c)
		return
	}
	c.heads.push(h)
	p.side(c).best.fix(c.place[0])
}

func (p *pool) side(c *class) *side {
	if c.rich {
		return &p.rich
	}
	return &p.tight
}

// reprice tells the pool the base fee of the block to be built.
func (p *pool) reprice(base uint64) {
	p.base = base
	for len(p.rich.edge.items) > 0 && p.rich.edge.items[0].price.edge() < base {
		p.move(p.rich.edge.items[0])
	}
	for len(p.tight.edge.items) > 0 && p.tight.edge.items[0].price.edge() >= base {
		p.move(p.tight.edge.items[0])
	}
}

func (p *pool) move(c *class) {
	p.side(c).remove(c)
	c.rich = !c.rich
	p.side(c).add(c)
}

// best is the class whose first head comes next, or nil if nobody who waits can
// pay the base fee.
func (p *pool) best() *class {
	var a, b *class
	if len(p.rich.best.items) > 0 {
		a = p.rich.best.items[0]
	}
	if len(p.tight.best.items) > 0 && p.tight.best.items[0].price.cap >= p.base {
		b = p.tight.best.items[0]
	}
	if a == nil || b == nil {
		return either(a, b)
	}
	if tip := b.price.cap - p.base; tip > a.price.tip || tip == a.price.tip && b.seq() < a.seq() {
		return b
	}
	return a
}

func either(a, b *class) *class {
	if a != nil {
		return a
	}
	return b
}

// peek is the transaction that comes next, or nil.
func (p *pool) peek() *slot {
	c := p.best()
	if c == nil {
		return nil
	}
	return &p.slots[c.heads.items[0].id]
}

// take removes what peek gave and makes its sender's next one a candidate.
func (p *pool) take() {
	p.unlink(p.withdraw())
}

// unlink frees the slot of a head that is no candidate any more.
func (p *pool) unlink(id int32) slot {
	s := &p.slots[id]
	was := *s
	l := &p.lines[s.tx.From]
	l.first = s.next
	if l.first == none {
		l.last = none
	} else {
		p.offer(l.first)
	}
	*s = slot{next: p.free}
	p.free = id
	p.count--
	if p.count == 0 && cap(p.slots) > keptSlots { // a crowd has come and is served
		p.slots, p.free = nil, none
	}
	return was
}

// drop takes a head out, for good, and makes its sender's next one a candidate.
func (p *pool) drop(id int32) slot {
	p.retract(id)
	return p.unlink(id)
}

// skip sets aside what peek gave, and so its sender, until unskip.
func (p *pool) skip() { p.skipped = append(p.skipped, p.withdraw()) }

// unskip brings back what was set aside.
func (p *pool) unskip() {
	for _, id := range p.skipped {
		p.offer(id)
	}
	p.skipped = p.skipped[:0]
}

// withdraw takes the best head out of its class.
func (p *pool) withdraw() int32 {
	id := p.best().heads.items[0].id
	p.retract(id)
	return id
}

// retract takes a head out of its class, and an empty class out of the pool.
func (p *pool) retract(id int32) {
	c := p.classes[p.slots[id].price]
	if len(c.heads.items) == 1 {
		p.side(c).remove(c)
		delete(p.classes, c.price)
		return
	}
	at := p.slots[id].place
	if c.heads.remove(at); at == 0 {
		p.side(c).best.fix(c.place[0])
	}
}

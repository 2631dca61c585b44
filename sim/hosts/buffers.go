package hosts

import (
	"math/bits"
	"sync"
)

// Buffers are those of bulk messages, used again: half of what a run would
// otherwise take from the heap.
type buffers struct{ bySize sync.Map } // *sync.Pool of *[]byte, by capacity

// take gives out a buffer of a length, with bytes of before in it.
func (p *buffers) take(length int) []byte {
	if b, ok := p.of(coarse(length)).Get().(*[]byte); ok {
		return (*b)[:length]
	}
	return make([]byte, length, coarse(length))
}

// give takes a buffer back that nobody refers to any more.
func (p *buffers) give(b []byte) {
	if cap(b) > 0 && cap(b) == coarse(cap(b)) {
		p.of(cap(b)).Put(&b)
	}
}

func (p *buffers) of(size int) *sync.Pool {
	pool, ok := p.bySize.Load(size)
	if !ok {
		pool, _ = p.bySize.LoadOrStore(size, new(sync.Pool))
	}
	return pool.(*sync.Pool)
}

// coarse is a size rounded up by less than an eighth, so that buffers have few.
func coarse(size int) int {
	step := 1 << max(0, bits.Len(uint(size))-4)
	return (size + step - 1) &^ (step - 1)
}

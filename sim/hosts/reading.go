package hosts

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
	"sync/atomic"
)

// A pair is who sends to whom.
type pair struct{ from, to int32 }

// A reading is a bulk message that comes. It counts what has been read of it.
type reading struct {
	from  io.Reader
	whole int // bytes of its frame; 0: not known yet
	got   atomic.Int64
}

// Read reads on.
func (r *reading) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.got.Add(int64(n))
	return n, err
}

// open makes a message known that comes; the result forgets it.
func (n *carrier) open(p pair, r *reading) (done func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reading[p] = append(n.reading[p], r)
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.reading[p] = slices.DeleteFunc(n.reading[p], func(o *reading) bool { return o == r }); len(n.reading[p]) == 0 {
			delete(n.reading, p)
		}
	}
}

// size notes how long a message is whose first bytes are there. One that is shorter
// than its head is over at once.
func (n *carrier) size(r *reading, from *bufio.Reader) {
	head, _ := from.Peek(4)
	whole, k := binary.Uvarint(head)
	n.mu.Lock()
	defer n.mu.Unlock()
	r.whole = k + int(whole)
}

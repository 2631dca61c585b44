package protocol

import (
	"slices"

	"kinetoscope/protocol/token"
)

// Rebuilds are what the last gatherings of a stream decoded, and of which shards.
// Many edges get the same shards at about the same time, and bytes never change: the
// same ones in memory give the same payload. So that is decoded and hashed once, while
// every node is charged for it. Bytes that were copied, as real hosts do, are not
// recognized.
type rebuilds struct {
	ring [mostRebuilds]rebuilt
	next int
}

// mostRebuilds is more than edges gather at a time: renditions of a slot or two, each of
// some sets of shards.
const mostRebuilds = 128

type rebuilt struct {
	shards  [][]byte
	payload *token.Payload // nil: nothing is kept here
}

// find is what the same shards gave, nil if that is not known.
func (r *rebuilds) find(shards [][]byte) *token.Payload {
	for i := range r.ring {
		if b := &r.ring[i]; b.payload != nil && slices.EqualFunc(b.shards, shards, isSame) {
			return b.payload
		}
	}
	return nil
}

// keep remembers what shards gave, and forgets the oldest.
func (r *rebuilds) keep(shards [][]byte, p *token.Payload) {
	r.ring[r.next] = rebuilt{slices.Clone(shards), p}
	r.next = (r.next + 1) % mostRebuilds
}

// isSame says that two shards are the same bytes in memory.
func isSame(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

package storage

import (
	"fmt"

	"github.com/klauspost/reedsolomon"
)

// rs is a systematic Reed-Solomon code: the first k shards are the payload cut
// in k pieces of equal length, the last of them filled up with zeros, and n-k
// shards of parity follow. Filling needs no mark: Decode is told the size.
type rs struct {
	k, n int
	code reedsolomon.Encoder
}

// newReedSolomon makes a code of valid k and n. The library codes on the
// goroutine that calls it: what runs in parallel here is whole runs.
func newReedSolomon(k, n int) (Coder, error) {
	code, err := reedsolomon.New(k, n-k, reedsolomon.WithMaxGoroutines(1))
	if err != nil {
		return nil, fmt.Errorf("storage: reed-solomon %d of %d: %w", k, n, err)
	}
	return &rs{k: k, n: n, code: code}, nil
}

func (c *rs) K() int { return c.k }
func (c *rs) N() int { return c.n }

// Encode copies only what it must: shards that the payload fills are slices of
// it; a shard that it does not fill and the parity share one new allocation.
func (c *rs) Encode(payload []byte) [][]byte { return c.EncodeInto(nil, payload) }

func (c *rs) Room(size int) int {
	step := ShardSize(c, size)
	return (c.n - size/step) * step
}

func (c *rs) EncodeInto(room, payload []byte) [][]byte {
	if len(payload) == 0 {
		panic("storage: an empty payload")
	}
	size := ShardSize(c, len(payload))
	full := len(payload) / size // shards that the payload fills, at most k
	need := (c.n - full) * size
	if cap(room) < need {
		room = make([]byte, need)
	}
	fresh := room[:need]
	clear(fresh[copy(fresh, payload[full*size:]) : (c.k-full)*size]) // parity is written whole
	shards := make([][]byte, c.n)
	for i := range shards {
		from, at := payload, i*size
		if i >= full {
			from, at = fresh, (i-full)*size
		}
		shards[i] = from[at : at+size : at+size]
	}
	if c.n > c.k {
		if err := c.code.Encode(shards); err != nil {
			panic(fmt.Sprintf("storage: encoding %d bytes as %d of %d: %v", len(payload), c.k, c.n, err))
		}
	}
	return shards
}

// Decode puts the payload together in one new allocation, into which the code
// writes the missing pieces directly.
func (c *rs) Decode(shards [][]byte, size int) ([]byte, error) {
	have, err := gather(c, shards, size)
	if err != nil {
		return nil, err
	}
	step := ShardSize(c, size)
	whole := make([]byte, c.k*step)
	work := make([][]byte, c.n)
	for i := range c.k {
		work[i] = whole[i*step : i*step : (i+1)*step] // empty: to be written
	}
	for _, i := range have {
		if i < c.k {
			work[i] = append(work[i], shards[i]...)
		} else {
			work[i] = shards[i]
		}
	}
	if have[c.k-1] >= c.k { // else all of the payload is there
		if err := c.code.ReconstructData(work); err != nil {
			panic(fmt.Sprintf("storage: decoding %d bytes of %d of %d: %v", size, c.k, c.n, err))
		}
	}
	return whole[:size:size], nil
}

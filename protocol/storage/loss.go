package storage

import (
	"math"

	"kinetoscope/internal/unit"
)

// Loss is the probability that a token cannot be got back when each of its
// shards is gone with probability gone, independently of the others: that of
// fewer than k survivors among n,
//
//	sum over i < k of C(n, i) (1-gone)^i gone^(n-i).
//
// It is for shards that fail one by one; those of one failure domain fail
// together, which placement is there to avoid.
func (c Config) Loss(gone unit.Ratio) float64 {
	k, n := c.Needed(), c.Shards()
	loss, ways := 0.0, 1.0 // ways is C(n, i), below 2^256
	for i := range k {
		loss += ways * math.Pow(1-float64(gone), float64(i)) * math.Pow(float64(gone), float64(n-i))
		ways *= float64(n-i) / float64(i+1)
	}
	return min(loss, 1)
}

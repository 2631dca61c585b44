package storage

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCoding measures payload bytes per second next to a plain copy of
// the payload in the same run.
func BenchmarkCoding(b *testing.B) {
	const size = 1 << 20
	payload := randomBytes(rand.New(rand.NewPCG(7, 7)), size)
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(size)
		to := make([]byte, size)
		for b.Loop() {
			copy(to, payload)
		}
	})
	for _, c := range []Config{{Scheme: Replication, N: 3}, {Scheme: ReedSolomon, K: 4, N: 6},
		{Scheme: ReedSolomon, K: 10, N: 14}, {Scheme: ReedSolomon, K: 29, N: 80}} {
		c.Placement = Ring
		coder := coderOf(b, c)
		shards := coder.Encode(payload)
		b.Run(fmt.Sprintf("%s-%d-%d/encode", c.Scheme, c.Needed(), c.N), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				coder.Encode(payload)
			}
		})
		for _, missing := range []int{0, min(c.Needed(), c.N-c.Needed())} {
			left := append([][]byte(nil), shards...)
			clear(left[:missing])
			b.Run(fmt.Sprintf("%s-%d-%d/decode-%d-missing", c.Scheme, c.Needed(), c.N, missing), func(b *testing.B) {
				b.SetBytes(size)
				for b.Loop() {
					if _, err := coder.Decode(left, size); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	spots := grid(20, 5)
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		b.Run(string(p), func(b *testing.B) {
			token := uint64(0)
			for b.Loop() {
				token++
				Place(c, token, spots, 1)
			}
		})
	}
}

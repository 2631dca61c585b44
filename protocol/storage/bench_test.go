package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/klauspost/reedsolomon"
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
	for _, c := range field() {
		if c.Scheme == ReedSolomon {
			benchmarkCode(b, c, payload)
		}
	}
}

// benchmarkCode measures one code beside the library's bare Encode, which
// allocates nothing and finds the payload cut already.
func benchmarkCode(b *testing.B, c Config, payload []byte) {
	coder := coderOf(b, c)
	shards := coder.Encode(payload)
	measure := func(name string, f func() error) {
		b.Run(fmt.Sprintf("%d+%d/%s", c.K, c.N-c.K, name), func(b *testing.B) {
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	bare, err := reedsolomon.New(c.K, c.N-c.K, reedsolomon.WithMaxGoroutines(1))
	if err != nil {
		b.Fatal(err)
	}
	whole := cloneOf(shards)
	measure("bare", func() error { return bare.Encode(whole) })
	room := make([]byte, coder.Room(len(payload)))
	measure("encode", func() error { coder.EncodeInto(room, payload); return nil })
	measure("encode-anew", func() error { coder.Encode(payload); return nil })
	for _, missing := range []int{0, 1, min(c.K, c.N-c.K)} {
		left := slices.Clone(shards)
		clear(left[:missing])
		measure(fmt.Sprintf("decode-%d-missing", missing), func() error { _, err := coder.Decode(left, len(payload)); return err })
	}
}

func cloneOf(shards [][]byte) [][]byte {
	all := make([][]byte, len(shards))
	for i, s := range shards {
		all[i] = slices.Clone(s)
	}
	return all
}

func BenchmarkPlace(b *testing.B) {
	spots := grid(20, 5)
	for _, p := range placements() {
		c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: p}
		b.Run(string(p), func(b *testing.B) {
			token, placer := uint64(0), NewPlacer(c, spots, 1)
			for b.Loop() {
				token++
				placer.Place(token)
			}
		})
	}
}

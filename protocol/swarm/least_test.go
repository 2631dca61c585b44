package swarm

import (
	"math/rand/v2"
	"testing"
)

// A tournament names whom a walk over all would, whatever changes.
func TestLeastIsTheFirstOfTheSmallest(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 3))
	for n := 1; n < 20; n++ {
		counts := make([]int, 20)
		players := draw.Perm(20)[:n]
		l := NewLeast(counts, players)
		for range 200 {
			first := players[0]
			for _, p := range players {
				if counts[p] < counts[first] {
					first = p
				}
			}
			if got := l.First(); got != first {
				t.Fatalf("of %d: %d with %d, want %d with %d", n, got, counts[got], first, counts[first])
			}
			i := draw.IntN(n)
			counts[players[i]] = draw.IntN(5)
			l.Changed(i)
		}
	}
}

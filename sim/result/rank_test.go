package result

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawnWorlds is worlds of very different levels in which each variant's value
// is that of the world times its factor, with a little noise.
func drawnWorlds(rng *rand.Rand, metric MetricID, factors ...float64) []*Set {
	var worlds []*Set
	for _, level := range []float64{1, 30, 0.2} {
		s := &Set{Seeds: []uint64{1, 2, 3, 4}}
		for v, factor := range factors {
			name := string(rune('a' + v))
			s.Variants = append(s.Variants, Variant{Name: name})
			for _, seed := range s.Seeds {
				r := &Run{Variant: name, Seed: seed, Values: NewValues()}
				r.Values[metric] = level * factor * math.Exp(0.05*rng.NormFloat64())
				s.Runs = append(s.Runs, r)
			}
		}
		worlds = append(worlds, s)
	}
	return worlds
}

func TestRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	worlds := drawnWorlds(rng, Bitrate, 1, 2, 2, 0.5)
	got := Rank(worlds, []MetricID{Bitrate, StartupP50, Events}, 0.05)
	if len(got) != 1 || got[0].Blocks != 12 {
		t.Fatalf("%+v", got)
	}
	wins := []int{got[0].Wins(0), got[0].Wins(1), got[0].Wins(2), got[0].Wins(3)}
	if !slices.Equal(wins, []int{-1, 2, 2, -3}) || got[0].MeanRank[3] != 4 || got[0].MeanRank[0] != 3 {
		t.Errorf("wins %v, ranks %v", wins, got[0].MeanRank)
	}
	worlds[0].Runs[5].Values[Bitrate] = math.NaN() // a world in which one has no value is no block
	if got := Rank(worlds, []MetricID{Bitrate}, 0.05); got[0].Blocks != 11 {
		t.Errorf("%d blocks", got[0].Blocks)
	}
	lower := Rank(drawnWorlds(rng, StartupP50, 1, 2), []MetricID{StartupP50}, 0.05)
	if !lower[0].Beats[0][1] || lower[0].Beats[1][0] {
		t.Errorf("the shorter startup does not win: %+v", lower[0])
	}
}

// Where all variants are the same one of them is said to win in at most one of
// twenty rankings.
func TestRankingsOfEqualsFindNothing(t *testing.T) {
	rng, found := rand.New(rand.NewPCG(5, 6)), 0
	const rounds = 300
	for range rounds {
		r := Rank(drawnWorlds(rng, Bitrate, 1, 1, 1, 1), []MetricID{Bitrate}, 0.05)[0]
		if slices.ContainsFunc(r.Beats, func(row []bool) bool { return slices.Contains(row, true) }) {
			found++
		}
	}
	if most := 25; found > most { // 15 expected at most, + 2.6 sigma
		t.Errorf("%d of %d rankings of equals have a winner", found, rounds)
	}
}

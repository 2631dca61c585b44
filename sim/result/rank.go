package result

import (
	"math"
	"slices"
)

// A Ranking says which variants do better than which others in one metric, over
// all seeds of several Sets with the same variants and seeds: each Set is a
// world of its own kind, and each of its seeds a sample.
type Ranking struct {
	Metric   MetricID
	Variants []string
	MeanRank []float64 // over worlds and seeds, 1 being the best; those that are equal share their ranks
	Blocks   int       // worlds × seeds in which every variant has a value
	Beats    [][]bool  // Beats[a][b]: a does better than b, and not by chance
}

// Wins is how many others a variant beats, less how many beat it.
func (r *Ranking) Wins(variant int) (wins int) {
	for other := range r.Variants {
		if r.Beats[variant][other] {
			wins++
		}
		if r.Beats[other][variant] {
			wins--
		}
	}
	return wins
}

// Rank compares every two variants in each metric that has a better direction
// and applies, paired within world and seed, at a family-wise error of level
// over all these tests (Holm). The Sets must have the same variants.
func Rank(worlds []*Set, metrics []MetricID, level float64) []Ranking {
	var rankings []Ranking
	var tests []Effect // of pairs a < b, in the order of rankings
	for _, id := range metrics {
		columns, _ := blocks(worlds, id)
		if Metrics[id].Better == Neutral || len(columns[0]) < 2 {
			continue
		}
		r := Ranking{Metric: id, Variants: worlds[0].VariantNames(), Blocks: len(columns[0]), MeanRank: meanRanks(columns, Metrics[id].Better)}
		r.Beats = make([][]bool, len(columns))
		for a := range columns {
			r.Beats[a] = make([]bool, len(columns))
			for b := a + 1; b < len(columns); b++ {
				tests = append(tests, NewEffect(id, columns[a], columns[b]))
			}
		}
		rankings = append(rankings, r)
	}
	Holm(tests)
	for _, r := range rankings {
		for a := range r.Variants {
			for b := a + 1; b < len(r.Variants); b++ {
				e := tests[0]
				tests = tests[1:]
				if !(e.Adjusted < level) || e.Change.Mean == 0 {
					continue
				}
				if (e.Change.Mean > 0) == (Metrics[r.Metric].Better == Higher) {
					r.Beats[b][a] = true
				} else {
					r.Beats[a][b] = true
				}
			}
		}
	}
	return rankings
}

// blocks is the values of each variant in the worlds and seeds where all have
// one, and which world each is of.
func blocks(worlds []*Set, id MetricID) (columns [][]float64, world []int) {
	columns = make([][]float64, len(worlds[0].Variants))
	for w, s := range worlds {
		for i := range s.Seeds {
			var row []float64
			for k := range columns {
				row = append(row, s.Runs[k*len(s.Seeds)+i].Values[id])
			}
			if slices.ContainsFunc(row, math.IsNaN) {
				continue
			}
			world = append(world, w)
			for k, v := range row {
				columns[k] = append(columns[k], v)
			}
		}
	}
	return columns, world
}

// meanRanks is the mean over blocks of each column's rank within its block.
func meanRanks(columns [][]float64, better Better) []float64 {
	ranks := make([]float64, len(columns))
	for i := range columns[0] {
		for a := range columns {
			rank := 1.0
			for b := range columns {
				switch x, y := columns[a][i], columns[b][i]; {
				case a == b:
				case x == y:
					rank += 0.5
				case (y > x) == (better == Higher):
					rank++
				}
			}
			ranks[a] += rank / float64(len(columns[0]))
		}
	}
	return ranks
}

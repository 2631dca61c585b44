package result

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Pairing is how much narrower the interval of the difference of two variants
// is because both met the same worlds and seeds.
type Pairing struct {
	A, B    int // the variants, by their place
	Metrics int // that have a value above zero for both in all worlds and seeds
	Sampled Narrowing
	Given   Narrowing
}

// A Narrowing is over metrics, of the width of an interval unpaired ÷ paired:
// Sampled with worlds that might have been others, so that a difference that is
// not the same in all of them widens its interval; Given with the worlds that
// there are, so that only seeds are chance.
type Narrowing struct {
	Median  float64
	Tenfold float64 // share of the metrics for which it is ten or more
}

// Pairings compares every two variants over all worlds and seeds, on the
// logarithms of every metric: the interval of the difference of two independent
// samples (Welch) with those of the differences world by world and seed by
// seed.
func Pairings(worlds []*Set) (list []Pairing) {
	columns, world := make([][][]float64, len(Metrics)), make([][]int, len(Metrics))
	for id := range Metrics {
		columns[id], world[id] = blocks(worlds, MetricID(id))
	}
	for a := range worlds[0].Variants {
		for b := a + 1; b < len(worlds[0].Variants); b++ {
			var sampled, given []float64
			for id := range Metrics {
				if s, g := narrower(columns[id][a], columns[id][b], world[id]); !math.IsNaN(s) && !math.IsNaN(g) {
					sampled, given = append(sampled, s), append(given, g)
				}
			}
			if len(given) > 0 {
				list = append(list, Pairing{A: a, B: b, Metrics: len(given), Sampled: narrowing(sampled), Given: narrowing(given)})
			}
		}
	}
	return list
}

// narrowing sums up one or more gains.
func narrowing(gains []float64) Narrowing {
	slices.Sort(gains)
	ten, _ := slices.BinarySearch(gains, 10)
	return Narrowing{Quantile(gains, 0.5), float64(len(gains)-ten) / float64(len(gains))}
}

// narrower is the width of the interval of the mean log ratio of two columns taken
// as independent ÷ that taken in pairs, with sampled and with given worlds:
// infinite where the ratio is always the same, NaN where a value has no
// logarithm, nothing varies, or a world has one seed.
func narrower(x, y []float64, world []int) (sampled, given float64) {
	var a, b, d []float64
	for i := range x {
		if !(x[i] > 0 && y[i] > 0) {
			return math.NaN(), math.NaN()
		}
		a, b, d = append(a, math.Log(x[i])), append(b, math.Log(y[i])), append(d, math.Log(x[i]/y[i]))
	}
	alone, together, within := width(1, a, b), width(1, d), math.NaN()
	if len(world) > 0 {
		strata := make([][]float64, world[len(world)-1]+1)
		for i, w := range world {
			strata[w] = append(strata[w], d[i])
		}
		strata = slices.DeleteFunc(strata, func(s []float64) bool { return len(s) == 0 })
		within = width(len(strata), strata...)
	}
	return times(alone, together), times(alone, within)
}

// times is one width by another, which may be none.
func times(wide, narrow float64) float64 {
	const nothing = 1e-12 // what rounding leaves
	switch {
	case math.IsNaN(wide) || math.IsNaN(narrow) || wide <= nothing:
		return math.NaN()
	case narrow <= nothing:
		return math.Inf(1)
	}
	return wide / narrow
}

// width is half the 95 % interval of the sum of the means of independent samples,
// each divided by parts, with the degrees of freedom of Welch and
// Satterthwaite; NaN where a sample has fewer than two values.
func width(parts int, samples ...[]float64) float64 {
	var sum, squares float64
	for _, s := range samples {
		if len(s) < 2 {
			return math.NaN()
		}
		e := float64(deviation(s)*deviation(s)) / float64(len(s)) / float64(parts*parts)
		sum += e
		squares += float64(e*e) / float64(len(s)-1)
	}
	if sum == 0 {
		return 0
	}
	t := distuv.StudentsT{Sigma: 1, Nu: sum * sum / squares}
	return float64(math.Sqrt(sum) * t.Quantile(0.5+confidence/2))
}

// deviation is the sample standard deviation.
func deviation(samples []float64) float64 {
	m, sum := mean(samples), 0.0
	for _, v := range samples {
		sum += float64((v - m) * (v - m))
	}
	return math.Sqrt(sum / float64(len(samples)-1))
}

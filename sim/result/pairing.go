package result

import (
	"math"
	"slices"
)

// A Pairing is how much narrower the interval of the difference of two variants
// is because both met the same worlds and seeds.
type Pairing struct {
	A, B    int     // the variants, by their place
	Metrics int     // that have a value above zero for both in all worlds and seeds
	Median  float64 // over these, of the width unpaired ÷ the width paired
	Tenfold float64 // share of them for which that is ten or more
}

// Pairings compares every two variants over all worlds and seeds, on the
// logarithms of every metric: the standard error of the difference of two
// independent samples (Welch) with that of the differences world by world and
// seed by seed.
func Pairings(worlds []*Set) (list []Pairing) {
	columns := make([][][]float64, len(Metrics))
	for id := range Metrics {
		columns[id] = blocks(worlds, MetricID(id))
	}
	for a := range worlds[0].Variants {
		for b := a + 1; b < len(worlds[0].Variants); b++ {
			p := Pairing{A: a, B: b}
			var gains []float64
			for id := range Metrics {
				if g := narrower(columns[id][a], columns[id][b]); !math.IsNaN(g) {
					gains = append(gains, g)
				}
			}
			if p.Metrics = len(gains); p.Metrics == 0 {
				continue
			}
			slices.Sort(gains)
			p.Median = Quantile(gains, 0.5)
			ten, _ := slices.BinarySearch(gains, 10)
			p.Tenfold = float64(len(gains)-ten) / float64(len(gains))
			list = append(list, p)
		}
	}
	return list
}

// narrower is the standard error of the mean log ratio of two columns taken as
// independent ÷ that taken in pairs: infinite where the ratio is always the
// same, NaN where a value has no logarithm or nothing varies.
func narrower(x, y []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	var a, b, d []float64
	for i := range x {
		if !(x[i] > 0 && y[i] > 0) {
			return math.NaN()
		}
		a, b, d = append(a, math.Log(x[i])), append(b, math.Log(y[i])), append(d, math.Log(x[i]/y[i]))
	}
	alone, together := math.Hypot(deviation(a), deviation(b)), deviation(d)
	const nothing = 1e-12 // what rounding leaves
	switch {
	case alone <= nothing:
		return math.NaN()
	case together <= nothing:
		return math.Inf(1)
	}
	return alone / together
}

// deviation is the sample standard deviation.
func deviation(samples []float64) float64 {
	m, sum := mean(samples), 0.0
	for _, v := range samples {
		sum += float64((v - m) * (v - m))
	}
	return math.Sqrt(sum / float64(len(samples)-1))
}

package abr

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// near is whether two rates differ by at most a bit per second, or a part in
// a thousand million.
func near(a, b unit.Rate) bool {
	return math.Abs(float64(a-b)) <= max(1, 1e-9*float64(b))
}

// Computed by hand. In 3 s the fast average keeps 1/2, the slow one
// 2^(-3/8) = 0.7711054. After 1 Mbit/s and then 4 Mbit/s for 3 s each they are
// (0.25*1 + 0.5*4)/0.75 = 3 and (0.1765023*1 + 0.2288946*4)/0.4053965; the
// other way round 2 and (0.1765023*4 + 0.2288946*1)/0.4053965.
func TestEstimateByHand(t *testing.T) {
	var up, down Estimator
	if up.Rate() != 0 {
		t.Error("an estimate from nothing")
	}
	up.Add(375_000, 3*time.Second)
	if got := up.Rate(); !near(got, 1e6) {
		t.Errorf("one download: %v", got)
	}
	up.Add(1_500_000, 3*time.Second)
	if got := float64(up.Rate()); math.Abs(got-2.693855e6) > 50 {
		t.Errorf("a rise: %v, want the slow average", got)
	}
	down.Add(1_500_000, 3*time.Second)
	down.Add(375_000, 3*time.Second)
	if got := down.Rate(); !near(got, 2e6) {
		t.Errorf("a drop: %v, want the fast average", got)
	}
}

// slowEstimate is the definition: each download weighs as much as the decay
// after it and the time it took make it weigh.
func slowEstimate(rates, seconds []float64) float64 {
	best := math.Inf(1)
	for _, half := range []float64{3, 8} {
		sum, weight, after := 0.0, 0.0, 0.0
		for i := len(rates) - 1; i >= 0; i-- {
			w := math.Pow(0.5, after/half) * (1 - math.Pow(0.5, seconds[i]/half))
			sum, weight = sum+w*rates[i], weight+w
			after += seconds[i]
		}
		best = min(best, sum/weight)
	}
	return best
}

func TestEstimateAgainstDefinition(t *testing.T) {
	draw := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		var e Estimator
		var rates, seconds []float64
		for range 1 + draw.IntN(40) {
			n, d := unit.Size(1+draw.IntN(3e6)), time.Duration(1e6+draw.Int64N(9e9))
			e.Add(n, d)
			rates, seconds = append(rates, 8*float64(n)/d.Seconds()), append(seconds, d.Seconds())
		}
		want := slowEstimate(rates, seconds)
		if got := e.Rate(); math.Abs(float64(got)-want) > 1+1e-9*want {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// A steady rate is estimated as itself however it is cut into downloads.
func TestSteadyRate(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 5))
	var e Estimator
	for range 1000 {
		ms := 1 + draw.Int64N(20_000)
		e.Add(unit.Size(125*ms), time.Duration(ms)*time.Millisecond)
		if !near(e.Rate(), 1e6) {
			t.Fatalf("%v", e.Rate())
		}
	}
}

func TestEmptyDownloadsSayNothing(t *testing.T) {
	var e Estimator
	e.Add(0, time.Second)
	e.Add(1000, 0)
	e.Add(-1, -1)
	if e != (Estimator{}) {
		t.Errorf("%+v", e)
	}
}

func TestExtremeDownloads(t *testing.T) {
	for _, test := range []struct {
		n    unit.Size
		d    time.Duration
		want unit.Rate
	}{
		{1, math.MaxInt64, 1},
		{math.MaxInt64, 1, math.MaxInt64/2 + 1},
		{1, 1, 8e9},
		{125, time.Millisecond, 1e6},
	} {
		var e Estimator
		e.Add(test.n, test.d)
		if got := e.Rate(); !near(got, test.want) {
			t.Errorf("%d bytes in %v: %v, want %v", test.n, test.d, got, test.want)
		}
	}
}

func TestHalvingAgainstExp2(t *testing.T) {
	draw := rand.New(rand.NewPCG(6, 6))
	for _, half := range []time.Duration{fastHalf, slowHalf} {
		for _, d := range []time.Duration{1, half - 1, half, half + 1, 10 * half, 1000 * half} {
			checkHalving(t, d, half)
		}
		for range 10_000 {
			checkHalving(t, time.Duration(1+draw.Int64N(int64(time.Minute))), half)
		}
		if halving(half, half) != 0.5 || halving(math.MaxInt64, half) != 0 {
			t.Error("a half-life does not halve, or eternity keeps something")
		}
	}
}

func checkHalving(t *testing.T, d, half time.Duration) {
	t.Helper()
	want := math.Exp2(-float64(d) / float64(half))
	if got := halving(d, half); math.Abs(got-want) > 1e-14*want {
		t.Errorf("0.5^(%v/%v) = %v, want %v", d, half, got, want)
	}
}

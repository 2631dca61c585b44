package storage

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"kinetoscope/internal/unit"
)

// exactLoss is the same sum in exact fractions, by the letter.
func exactLoss(k, n int, gone *big.Rat) *big.Rat {
	power := func(x *big.Rat, e int) *big.Rat {
		p := big.NewRat(1, 1)
		for range e {
			p.Mul(p, x)
		}
		return p
	}
	stays := new(big.Rat).Sub(big.NewRat(1, 1), gone)
	sum := new(big.Rat)
	for i := range k {
		term := new(big.Rat).SetInt(new(big.Int).Binomial(int64(n), int64(i)))
		sum.Add(sum, term.Mul(term, new(big.Rat).Mul(power(stays, i), power(gone, n-i))))
	}
	return sum
}

func TestLossAgainstExactFractions(t *testing.T) {
	for _, c := range every() {
		if c.Shards() > 100 {
			continue // exact fractions take their time
		}
		for _, gone := range []float64{0, 1e-3, 0.05, 0.25, 0.5, 0.9, 1} {
			want, _ := exactLoss(c.Needed(), c.Shards(), new(big.Rat).SetFloat64(gone)).Float64()
			got := c.Loss(unit.Ratio(gone))
			if math.Abs(got-want) > 1e-12*want {
				t.Errorf("%v, %v gone: %v, want %v", c, gone, got, want)
			}
		}
	}
}

// tail is the probability that a binomial variable of so many trials is at
// most (or, mirrored, at least) x, summed term by term.
func tail(trials, x int, p float64, atLeast bool) float64 {
	lg := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	sum := 0.0
	for i := 0; i <= trials; i++ {
		if (atLeast && i >= x) || (!atLeast && i <= x) {
			sum += math.Exp(lg(trials) - lg(i) - lg(trials-i) + float64(i)*math.Log(p) + float64(trials-i)*math.Log(1-p))
		}
	}
	return sum
}

// How often real shards cannot be put together lies where the binomial law
// has 99.9 % of its weight.
func TestLossFrequencyIsBinomial(t *testing.T) {
	const trials = 4000
	draw := rand.New(rand.NewPCG(6, 6))
	payload := randomBytes(draw, 64)
	for _, c := range []Config{{Scheme: None}, {Scheme: Replication, N: 3}, {Scheme: ReedSolomon, K: 4, N: 6},
		{Scheme: ReedSolomon, K: 10, N: 14}, {Scheme: ReedSolomon, K: 29, N: 80}} {
		c.Placement = Random
		coder := coderOf(t, c)
		shards := coder.Encode(payload)
		gone := 0.3
		if c.Shards() == 80 {
			gone = 0.62
		}
		lost := 0
		for range trials {
			left := make([][]byte, len(shards))
			for i := range shards {
				if draw.Float64() >= gone {
					left[i] = shards[i]
				}
			}
			if _, err := coder.Decode(left, len(payload)); err != nil {
				lost++
			}
		}
		p := c.Loss(unit.Ratio(gone))
		low, high := tail(trials, lost, p, false), tail(trials, lost, p, true)
		t.Logf("%v, %v gone: lost %.4f of %d, theory %.4f", c, gone, float64(lost)/trials, trials, p)
		if low < 0.0005 || high < 0.0005 {
			t.Errorf("%v: %d of %d lost, theory %v: tails %v and %v", c, lost, trials, p, low, high)
		}
	}
}

// The table of the documentation is what Loss computes.
func TestLossTableInTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/explanation/redundancy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{{Scheme: None}, {Scheme: Replication, N: 2}, {Scheme: Replication, N: 3},
		{Scheme: ReedSolomon, K: 2, N: 3}, {Scheme: ReedSolomon, K: 4, N: 6}, {Scheme: ReedSolomon, K: 10, N: 14},
		{Scheme: ReedSolomon, K: 17, N: 20}, {Scheme: ReedSolomon, K: 29, N: 80}} {
		row := fmt.Sprintf("| %s | %d | %d | %.2f |", c.Scheme, c.Needed(), c.Shards(), float64(c.Shards())/float64(c.Needed()))
		for _, gone := range []unit.Ratio{0.01, 0.05, 0.1, 0.3} {
			row += fmt.Sprintf(" %.2e |", c.Loss(gone))
		}
		if !strings.Contains(string(doc), row+"\n") {
			t.Errorf("the documentation has no row\n%s", row)
		}
	}
}

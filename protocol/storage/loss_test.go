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
	draw := rand.New(rand.NewPCG(6, 6))
	payload := randomBytes(draw, 64)
	for _, c := range field() {
		for _, gone := range []float64{0.01, 0.05, 0.1, 0.5} {
			frequency(t, c, gone, payload, draw)
		}
	}
}

func frequency(t *testing.T, c Config, gone float64, payload []byte, draw *rand.Rand) {
	const trials = 2000
	coder := coderOf(t, c)
	shards := coder.Encode(payload)
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
	t.Logf("%v, %v gone: lost %.4f of %d, theory %.4g", c, gone, float64(lost)/trials, trials, p)
	if low < 0.0005 || high < 0.0005 {
		t.Errorf("%v: %d of %d lost, theory %v: tails %v and %v", c, lost, trials, p, low, high)
	}
}

// The table of the documentation is what Loss computes.
func TestLossTableInTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/explanation/redundancy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range field() {
		row := fmt.Sprintf("| %s | %d | %d | %.2f |", c.Scheme, c.Needed(), c.Shards(), float64(c.Shards())/float64(c.Needed()))
		for _, gone := range []unit.Ratio{0.01, 0.05, 0.1, 0.3, 0.5} {
			row += fmt.Sprintf(" %.2e |", c.Loss(gone))
		}
		if !strings.Contains(string(doc), row+"\n") {
			t.Errorf("the documentation has no row\n%s", row)
		}
	}
}

// When a known number of providers is gone, the law is hypergeometric; weighted
// with how often that number is gone it is the binomial one again.
func TestLossAmongAveragesToLoss(t *testing.T) {
	const providers = 90
	for _, c := range every() {
		if c.Shards() > providers {
			continue
		}
		for _, gone := range []float64{0.01, 0.05, 0.1, 0.5} {
			mean := 0.0
			for dark := range providers + 1 {
				mean += binomial(providers, dark, gone) * c.LossAmong(dark, providers)
			}
			if want := c.Loss(unit.Ratio(gone)); math.Abs(mean-want) > 1e-9*want+1e-15 {
				t.Errorf("%v, %v gone: %v on average, want %v", c, gone, mean, want)
			}
		}
	}
}

// Counting every choice of dark providers and of homes by hand gives the same.
func TestLossAmongByCounting(t *testing.T) {
	c := Config{Scheme: ReedSolomon, K: 2, N: 4}
	for dark := range 8 {
		all, lost := 0, 0
		subsets(7, 4, func(homes []int) {
			all++
			live := 0
			for _, h := range homes {
				if h >= dark { // the first ones are dark
					live++
				}
			}
			if live < 2 {
				lost++
			}
		})
		if got, want := c.LossAmong(dark, 7), float64(lost)/float64(all); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d of 7 dark: %v, counted %v", dark, got, want)
		}
	}
}

// The test of a number of losses must itself be right: under its own law it
// says 5 % or less at most once in twenty times, and a code that is one shard
// worse than it should be does not pass for it.
func TestSurprise(t *testing.T) {
	c := Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: Random}
	worse := Config{Scheme: ReedSolomon, K: 5, N: 6, Placement: Random}
	const providers, tokens, trials = 40, 60, 400
	draw := rand.New(rand.NewPCG(12, 12))
	for _, gone := range []unit.Ratio{0.05, 0.1, 0.5} {
		small, caught := 0, 0
		for range trials {
			dark := make([]bool, providers)
			for i := range dark {
				dark[i] = draw.Float64() < float64(gone)
			}
			var lost, more int
			for range tokens {
				live := 0
				for _, at := range draw.Perm(providers)[:6] {
					if !dark[at] {
						live++
					}
				}
				lost += int(indicator(live < c.K))
				more += int(indicator(live < worse.K))
			}
			small += int(indicator(c.Surprise(gone, providers, tokens, lost) <= 0.05))
			caught += int(indicator(c.Surprise(gone, providers, tokens, more) <= 0.05))
		}
		if tail(trials, small, 0.05, true) < 0.001 {
			t.Errorf("%v gone: a true law is doubted in %d of %d trials", gone, small, trials)
		}
		if caught < trials/4 || caught < 4*small {
			t.Errorf("%v gone: a worse code is caught in only %d of %d trials", gone, caught, trials)
		}
	}
	if p := c.Surprise(0, providers, tokens, 1); p != 0 {
		t.Errorf("what cannot happen has probability %v", p)
	}
	if p := c.Surprise(0, providers, tokens, 0); p != 1 {
		t.Errorf("what must happen has probability %v", p)
	}
}

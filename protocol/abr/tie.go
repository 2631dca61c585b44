package abr

import "math/big"

// ties says of each rung whether bola-e takes it, rather than a lower one, exactly at
// the level where it begins to gain more. A viewer stands there who has given a download
// up for that rung, and the paper says nothing of it. Sabre leaves it to the last bit of
// its doubles, in milliseconds and kbit/s, and its published figures go by that; so
// this is reckoned in the same steps, with logarithms that are alike on all machines.
func (r *rule) ties(laid float64) []bool {
	rate, utility := make([]float64, len(r.ladder)), make([]float64, len(r.ladder))
	for i := range rate {
		rate[i] = r.ladder[i] / 1000
		utility[i] = exactLog(rate[i]) + (1 - exactLog(rate[0]))
	}
	gp := (utility[len(utility)-1] - 1) / (1000*laid/(1000*enhancedBuffer) - 1)
	if gp == 0 { // one rung: there is nothing to choose
		return []bool{false}
	}
	control := 1000 * enhancedBuffer / gp
	taken := make([]bool, len(rate))
	for i := range taken {
		level, best := 0.0, 0
		for q := range i {
			cross := (float64(rate[i]*utility[q]) - float64(rate[q]*utility[i])) / (rate[i] - rate[q])
			level = max(level, control*(gp+cross))
		}
		gain := func(q int) float64 { return (float64(control*(utility[q]+gp)) - level) / rate[q] }
		for q := range rate {
			if gain(q) > gain(best) {
				best = q
			}
		}
		taken[i] = best >= i
	}
	return taken
}

// exactLog is the natural logarithm of a positive number, rounded once: the
// series of 2 artanh((x-1)/(x+1)), after halving to below 2.
func exactLog(x float64) float64 {
	sum := new(big.Float).SetPrec(logPrecision)
	twos := 0
	for ; x >= 2; x /= 2 {
		twos++
	}
	for ; x < 1; x *= 2 {
		twos--
	}
	sum.Mul(artanh(2), sum.SetInt64(int64(twos)))
	sum.Add(sum, artanh(x))
	near, _ := sum.Float64()
	return near
}

const logPrecision = 120

// artanh is ln x for 1 <= x <= 2.
func artanh(x float64) *big.Float {
	big1 := func(v float64) *big.Float { return new(big.Float).SetPrec(logPrecision).SetFloat64(v) }
	z := big1(0).Quo(big1(0).Sub(big1(x), big1(1)), big1(0).Add(big1(x), big1(1)))
	square, power, sum := big1(0).Mul(z, z), big1(0).Add(z, z), big1(0)
	for odd := 1.0; odd < 80; odd += 2 {
		sum.Add(sum, big1(0).Quo(power, big1(odd)))
		power.Mul(power, square)
	}
	return sum
}

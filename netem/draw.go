package netem

import "math"

// Draws are hashes of a key and a count, not the next of a stream: the n-th
// message of one sender and kind of traffic meets the same fate whatever else
// is sent, and a sender needs one word of state.

// uses of a draw.
const (
	drawJitter = iota
	drawLoss
	drawUses
)

// uses of a draw beside those.
const (
	alsoLate  = iota // whether loss goes with delay
	alsoBurst        // the further packets of a message
	alsoAgain        // the further attempts
	alsoQueue        // each link
	alsoSpill        // whether a queue that overflows loses its packets
)

// also is a number in (0, 1) for another use, of which a message may have
// several.
func (f fate) also(use, i uint64) float64 {
	return uniform(hash(mix(f.key+(use+1)*weyl), f.number*maxAlso+i))
}

// maxAlso is how many draws of one other use a message has.
const maxAlso = 1 << 16

// mix is the finaliser of splitmix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// weyl is the odd step of splitmix64.
const weyl = 0x9e3779b97f4a7c15

// hash mixes a key and a number.
func hash(key, n uint64) uint64 { return mix(mix(n*weyl+weyl) ^ key) }

// uniform is a number in (0, 1) from the upper 53 bits of a hash.
func uniform(h uint64) float64 {
	return (float64(h>>11) + 0.5) * (1.0 / (1 << 53))
}

// exponential is the quantile of the exponential distribution of mean 1 at
// 1-u: -ln(u).
func exponential(u float64) float64 { return -ln(u) }

// ln is the natural logarithm, correct to 1e-15 and the same on every
// processor, which math.Log is not: every product is rounded by itself. It
// sums ln(m) = 2*atanh((m-1)/(m+1)) for m in [sqrt(1/2), sqrt(2)).
func ln(u float64) float64 {
	m, exp := math.Frexp(u)
	if m < math.Sqrt2/2 {
		m *= 2
		exp--
	}
	z := (m - 1) / (m + 1)
	z2 := float64(z * z)
	sum := 0.0
	for _, c := range atanhs { // z*z < 0.03: z2^11 < 1e-16
		sum = float64(sum*z2) + c
	}
	return float64(2*float64(z*sum)) + float64(float64(exp)*math.Ln2)
}

// atanhs are the coefficients of atanh(z)/z in powers of z*z, the highest first.
var atanhs = [...]float64{1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}
